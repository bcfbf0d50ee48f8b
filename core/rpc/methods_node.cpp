// SPDX-License-Identifier: GPL-3.0-or-later
#include "node/log.h"
#include "rpc/methods.h"
#include "rpc/params.h"

#include <QCoreApplication>
#include <QDateTime>

#include <algorithm>

namespace loam::rpc {

using base::Errc;
using Result = base::Result<QJsonObject>;

namespace {

    constexpr std::size_t kMaxPoints = 10'000;
    constexpr std::size_t kSmallNetwork = 16;

    /// Sum of this account's rewards since local midnight.
    base::Amount earnedToday(ledger::Ledger& ledger, const base::PublicKey& account)
    {
        const auto midnight = QDateTime{ QDate::currentDate(), QTime{ 0, 0 } }.toMSecsSinceEpoch();
        const auto history = ledger.history(account, { .offset = 0, .limit = 1000 });
        base::Amount sum;
        for (const ledger::AccountChange& change :
            history ? *history : std::vector<ledger::AccountChange>{}) {
            if (change.time.time_since_epoch().count() < midnight) {
                break;
            }
            if (change.kind == ledger::ChangeKind::Reward) {
                // What vests later was earned today too.
                const auto whole = change.amount.add(change.locked);
                sum = whole ? sum.add(*whole).value_or(sum) : sum;
            }
        }
        return sum;
    }

    Result metrics(node::Node& node, const QJsonObject& params)
    {
        TRY_ASSIGN(const std::string name, requiredText(params, "name"));
        const qint64 since = params.value(QLatin1String{ "since" }).toInteger();
        QJsonArray points;
        if (name == "earned") {
            TRY_ASSIGN(auto* session, sessionOf(node));
            TRY_ASSIGN(const auto history,
                session->ledger().history(node.identity().publicKey(),
                    { .offset = 0,
                        .limit = kMaxPoints,
                        .order = ledger::AuditOrder::OldestFirst }));
            base::Amount sum;
            for (const ledger::AccountChange& change : history) {
                if (change.kind != ledger::ChangeKind::Reward
                    || seconds(change.time) < static_cast<double>(since)) {
                    continue;
                }
                sum = sum.add(change.amount.add(change.locked).value_or(change.amount))
                          .value_or(sum);
                // A plot needs a number; the exact sum is the wallet's to show.
                points.append(
                    QJsonArray{ seconds(change.time), static_cast<double>(sum.micro()) / 1e6 });
            }
        } else {
            TRY_ASSIGN(const auto found,
                node.store().metrics(
                    name, base::UnixTime{ std::chrono::seconds{ since } }, kMaxPoints));
            for (const node::MetricPoint& point : found) {
                points.append(QJsonArray{ seconds(point.time), point.value });
            }
        }
        const QString unit = name == "loss" ? QStringLiteral("nats/byte")
            : name == "earned"              ? QStringLiteral("LOAM")
                                            : QStringLiteral("tokens/s");
        return QJsonObject{ { QStringLiteral("points"), points },
            { QStringLiteral("unit"), unit } };
    }

} // namespace

QJsonObject statusOf(node::Node& node)
{
    QJsonObject status = contributionOf(node);
    status[QLatin1String{ "id" }] = text(node.identity().address());
    status[QLatin1String{ "address" }] = text(node.identity().address());
    status[QLatin1String{ "version" }] = QStringLiteral(LOAM_VERSION);
    status[QLatin1String{ "locked" }] = !node.identity().isUnlocked();
    status[QLatin1String{ "home" }] = text(node.home().root.string());
    status[QLatin1String{ "loss" }] = node.training().value(QLatin1String{ "loss" }).toDouble();
    const bool works = node.decision().state == node::WorkState::Working;
    status[QLatin1String{ "tokens_per_second" }]
        = works ? node.training().value(QLatin1String{ "tokens_per_second" }).toDouble() : 0.0;
    node::NetworkSession* session = node.session();
    if (session == nullptr) {
        for (const char* key : { "network", "network_name", "run", "audit_root", "params_hash" }) {
            status[QLatin1String{ key }] = QString{};
        }
        for (const char* key : { "height", "peers", "validators", "round", "audit_size" }) {
            status[QLatin1String{ key }] = 0;
        }
        for (const char* key : { "balance", "vesting", "earned_today" }) {
            status[QLatin1String{ key }] = QStringLiteral("0");
        }
        status[QLatin1String{ "is_validator" }] = false;
        status[QLatin1String{ "small_network" }] = false;
        return status;
    }
    ledger::Ledger& ledger = session->ledger();
    const ledger::Account account = ledger.account(node.identity().publicKey());
    const node::RoundDriver::Snapshot round = session->rounds().snapshot();
    const swarm::Traffic traffic = session->swarm().totals();
    const std::size_t validators = ledger.validatorSet().members.size();
    status[QLatin1String{ "network" }] = hexText(ledger.networkId().view());
    status[QLatin1String{ "network_name" }] = text(ledger.genesis().name);
    status[QLatin1String{ "height" }] = number(ledger.height());
    status[QLatin1String{ "tip_time" }] = seconds(ledger.tipTime());
    status[QLatin1String{ "state_root" }] = hexText(ledger.stateRoot().view());
    status[QLatin1String{ "peers" }] = static_cast<qint64>(session->swarm().peers().size());
    status[QLatin1String{ "validators" }] = static_cast<qint64>(validators);
    status[QLatin1String{ "is_validator" }] = session->isValidator();
    status[QLatin1String{ "small_network" }] = validators < kSmallNetwork;
    status[QLatin1String{ "run" }] = round.run ? hexText(round.run->view()) : QString{};
    status[QLatin1String{ "round" }] = number(round.round);
    status[QLatin1String{ "phase" }] = text(round.phase);
    status[QLatin1String{ "params_hash" }]
        = round.hasParams ? hexText(round.params.view()) : QString{};
    status[QLatin1String{ "balance" }] = amountText(account.balance);
    status[QLatin1String{ "vesting" }] = amountText(account.vestingTotal());
    status[QLatin1String{ "earned_today" }]
        = amountText(earnedToday(ledger, node.identity().publicKey()));
    status[QLatin1String{ "audit_root" }] = hexText(ledger.auditRoot().view());
    status[QLatin1String{ "audit_size" }] = number(ledger.audit().size());
    status[QLatin1String{ "bytes_sent" }] = number(traffic.totalSent);
    status[QLatin1String{ "bytes_received" }] = number(traffic.totalReceived);
    return status;
}

void registerNodeMethods(Server& server, node::Node& node)
{
    server.registerMethod(QStringLiteral("node.status"),
        [&node](const QJsonObject&, const Reply& reply) { reply.result(statusOf(node)); });
    server.registerMethod(QStringLiteral("node.stop"), [](const QJsonObject&, const Reply& reply) {
        reply.result({ { QStringLiteral("stopping"), true } });
        // After the answer has left.
        QMetaObject::invokeMethod(qApp, &QCoreApplication::quit, Qt::QueuedConnection);
    });
    server.registerMethod(QStringLiteral("node.log"), [](const QJsonObject&, const Reply& reply) {
        reply.result(
            { { QStringLiteral("lines"), QJsonArray::fromStringList(node::recentLog()) } });
    });
    server.registerMethod(
        QStringLiteral("node.metrics"), [&node](const QJsonObject& params, const Reply& reply) {
            reply.finish(metrics(node, params));
        });
}

void registerMethods(Server& server, node::Node& node)
{
    registerNodeMethods(server, node);
    registerContributeMethods(server, node);
    registerNetworkMethods(server, node);
    registerPrivacyMethods(server);
    registerMeterMethods(server, node);
    registerWalletMethods(server, node);
    registerAuditMethods(server, node);
    registerDataMethods(server, node);
    registerConsentMethods(server, node);
    registerModelMethods(server, node);
    registerGenerateMethods(server, node);
    registerChatMethods(server, node);
    registerAdapterMethods(server, node);
    QObject::connect(&node, &node::Node::changed, &server, [&server, &node] {
        if (server.hasSubscribers(QStringLiteral("node"))) {
            server.notify(QStringLiteral("node.changed"), statusOf(node), Delivery::Latest);
        }
    });
    QObject::connect(
        &node, &node::Node::trainingProgress, &server, [&server](const QJsonObject& progress) {
            server.notify(QStringLiteral("training.progress"), progress, Delivery::Latest);
        });
    QObject::connect(
        &node, &node::Node::roundClosed, &server, [&server](const QJsonObject& report) {
            server.notify(QStringLiteral("round.closed"), report, Delivery::Every);
        });
    QObject::connect(&node, &node::Node::blockFinalized, &server, [&server](qint64 height) {
        server.notify(QStringLiteral("block.finalized"), { { QStringLiteral("height"), height } },
            Delivery::Latest);
    });
    QObject::connect(&node, &node::Node::walletChanged, &server, [&server, &node] {
        if (node.session() != nullptr) {
            const auto account = node.session()->ledger().account(node.identity().publicKey());
            server.notify(QStringLiteral("wallet.changed"),
                { { QStringLiteral("balance"), amountText(account.balance) } }, Delivery::Latest);
        }
    });
}

} // namespace loam::rpc
