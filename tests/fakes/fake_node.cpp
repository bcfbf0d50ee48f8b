// SPDX-License-Identifier: GPL-3.0-or-later
#include "fake_node.h"

#include <QCryptographicHash>
#include <QJsonArray>
#include <QPointer>
#include <QTimer>

#include <algorithm>
#include <array>
#include <cmath>

namespace loam::tests {
namespace {

    QString hash(const QString& seed)
    {
        return QString::fromLatin1(
            QCryptographicHash::hash(seed.toUtf8(), QCryptographicHash::Sha256).toHex());
    }

    QString address(int number)
    {
        return QStringLiteral("loam1q") + hash(QString::number(number)).left(52);
    }

    constexpr std::array kKinds{ "update_accepted", "reward", "round_closed", "transferred",
        "update_refused", "node_registered" };
    constexpr std::array kTexts{ "Update accepted with weight 0.26: norm 1.9 of 2.4 allowed",
        "Reward for 3,120 verified tokens of round %1", "Round %1 closed: 4 updates, 1 refused",
        "Transfer with a note: thanks for the seed",
        "Update refused: norm 41.7 is above 1.5 times the median",
        "Node registered as a trainer of run riverside-2m" };

} // namespace

FakeNode::FakeNode(bool hasNetwork, QObject* parent)
    : NodeApi{ parent }
    , m_work{ { "device", "auto" }, { "threads", 0 }, { "threads_used", 1 },
        { "only_when_idle", false }, { "idle_minutes", 3 }, { "on_battery", false },
        { "on_metered_network", false } }
{
    setNetwork(hasNetwork);
    setModels(hasNetwork);
}

void FakeNode::call(
    const QString& method, const QJsonObject& params, QObject* context, Callback callback)
{
    m_calls.append({ method, params });
    desktop::NodeReply reply = m_isConnected
        ? answer(method, params)
        : desktop::NodeReply{ {}, QStringLiteral("there is no connection to the node") };
    auto deliver = [guard = QPointer<QObject>(context), callback = std::move(callback),
                       reply = std::move(reply)] {
        if (guard && callback) {
            callback(reply);
        }
    };
    if (m_isHeld) {
        m_held.append(std::move(deliver));
        return;
    }
    QTimer::singleShot(0, this, std::move(deliver));
}

void FakeNode::release()
{
    m_isHeld = false;
    for (const auto& deliver : std::exchange(m_held, {})) {
        deliver();
    }
}

void FakeNode::setConnected(bool connected)
{
    m_isConnected = connected;
    Q_EMIT connectedChanged(connected);
}

void FakeNode::setNetwork(bool hasNetwork)
{
    m_hasNetwork = hasNetwork;
    m_data.setEmpty(!hasNetwork);
    m_data.setAsked(hasNetwork);
    m_isContributing = hasNetwork;
    m_auditSize = hasNetwork ? m_auditSize : 0;
    m_payments = hasNetwork ? m_payments : 0;
}

void FakeNode::setAuditSize(int size)
{
    m_auditSize = size;
}

void FakeNode::failWith(const QString& method, const QString& error)
{
    if (error.isEmpty()) {
        m_errors.remove(method);
    } else {
        m_errors.insert(method, error);
    }
}

int FakeNode::callCount(const QString& method) const
{
    return static_cast<int>(std::count_if(m_calls.begin(), m_calls.end(),
        [&method](const Call& call) { return call.method == method; }));
}

QString FakeNode::lastParam(const QString& method, const QString& name) const
{
    for (auto it = m_calls.rbegin(); it != m_calls.rend(); ++it) {
        if (it->method == method) {
            return it->params.value(name).toVariant().toString();
        }
    }
    return {};
}

QJsonObject FakeNode::status() const
{
    return { { "id", address(1) }, { "address", address(1) },
        { "network", m_hasNetwork ? hash(QStringLiteral("net")) : QString() },
        { "network_name", m_hasNetwork ? QStringLiteral("Riverside club") : QString() },
        { "version", "0.1.0" }, { "height", m_hasNetwork ? 48213 : 0 },
        { "peers", m_hasNetwork ? 7 : 0 }, { "validators", m_hasNetwork ? 4 : 0 },
        { "is_validator", m_hasNetwork }, { "contributing", m_isContributing },
        { "state", m_isContributing ? "working" : "off" }, { "reason", "" }, { "until", 0 },
        { "run", m_hasNetwork ? "riverside-2m" : "" }, { "round", m_hasNetwork ? 312 : 0 },
        { "loss", m_hasNetwork ? 1.873 : 0 }, { "tokens_per_second", m_hasNetwork ? 5240 : 0 },
        { "earned_today", m_hasNetwork ? "12.482" : "0" },
        { "balance", m_hasNetwork ? "1843.904217" : "0" },
        { "audit_root", m_hasNetwork ? hash(QStringLiteral("root")) : QString() },
        { "audit_size", m_auditSize }, { "params_hash", hash(QStringLiteral("params")) },
        { "small_network", false } };
}

QJsonObject FakeNode::auditEntry(int index) const
{
    const auto kind = static_cast<std::size_t>(index) % kKinds.size();
    const int round = index / 6;
    return { { "index", index }, { "time", static_cast<double>(kNow - (m_auditSize - index) * 40) },
        { "height", index / 2 }, { "kind", kKinds.at(kind) }, { "node", address(index % 5) },
        { "run", "riverside-2m" }, { "round", round }, { "amount", kind == 1 ? "0.418" : "" },
        { "text",
            QString::fromLatin1(kTexts.at(kind))
                .replace(QLatin1String("%1"), QString::number(round)) } };
}

QJsonObject FakeNode::auditPage(const QJsonObject& params) const
{
    const QString search = params.value(QStringLiteral("search")).toString();
    const int offset = params.value(QStringLiteral("offset")).toInt();
    const int limit = params.value(QStringLiteral("limit")).toInt();
    QJsonArray entries;
    int total = m_auditSize;
    if (search.isEmpty()) {
        for (int row = offset; row < std::min(offset + limit, m_auditSize); ++row) {
            entries.append(auditEntry(m_auditSize - 1 - row));
        }
    } else {
        total = 0;
        for (int index = m_auditSize - 1; index >= std::max(0, m_auditSize - 600); --index) {
            const QJsonObject entry = auditEntry(index);
            if (entry.value(QStringLiteral("text"))
                    .toString()
                    .contains(search, Qt::CaseInsensitive)) {
                if (total >= offset && total < offset + limit) {
                    entries.append(entry);
                }
                ++total;
            }
        }
    }
    return { { "size", m_auditSize },
        { "root", m_auditSize > 0 ? hash(QStringLiteral("root")) : QString() },
        { "cosigners", QJsonArray{ address(1), address(2), address(3), address(4) } },
        { "consistent", true }, { "total", total }, { "entries", entries } };
}

QJsonObject FakeNode::historyPage(const QJsonObject& params) const
{
    const int offset = params.value(QStringLiteral("offset")).toInt();
    const int limit = params.value(QStringLiteral("limit")).toInt();
    QJsonArray entries;
    for (int row = offset; row < std::min(offset + limit, m_payments); ++row) {
        const bool isSent = row % 9 == 4;
        const bool isVested = row % 5 == 2;
        entries.append(QJsonObject{ { "time", static_cast<double>(kNow - 420 - row * 5300) },
            { "kind",
                isSent         ? "sent"
                    : isVested ? "vested"
                               : "reward" },
            { "amount",
                isSent         ? "-25"
                    : isVested ? "0.0418"
                               : "0.418" },
            { "balance", QString::number(1843 - row) + QStringLiteral(".904217") },
            { "peer", isSent ? address(9) : QString() },
            { "memo", isSent ? "thanks for the seed" : "" },
            { "reason",
                isSent ? QString()
                    : isVested
                    ? QStringLiteral("A tenth of the reward of round %1 became available")
                          .arg(290 - row)
                    : QStringLiteral("Round %1: 3,120 verified tokens, 26 % of the round's work")
                          .arg(312 - row) },
            { "entry", 99'871 - row * 31 } });
    }
    return { { "total", m_payments }, { "entries", entries } };
}

QJsonObject FakeNode::metrics(const QString& name) const
{
    QJsonArray points;
    for (int i = 0; m_hasNetwork && i < 720; ++i) {
        const double at = static_cast<double>(kNow - (720 - i) * 90);
        const double wave = std::sin(i * 1.7) * std::cos(i * 0.31);
        double value = 5200 + 260 * wave;
        if (name == QLatin1String("loss")) {
            value = 1.87 + 2.4 * std::exp(-i / 140.0) + 0.05 * wave;
        } else if (name == QLatin1String("earned")) {
            value = 12.482 * i / 719;
        } else if (i > 300 && i < 340) {
            value = 0;
        }
        points.append(QJsonArray{ at, value });
    }
    return { { "points", points }, { "unit", "" } };
}

desktop::NodeReply FakeNode::answer(const QString& method, const QJsonObject& params)
{
    if (m_errors.contains(method)) {
        return { {}, m_errors.value(method) };
    }
    if (auto reply = answerAboutModels(method, params)) {
        return std::move(*reply);
    }
    const auto is = [&method](const char* name) { return method == QLatin1String(name); };
    if (const auto found = m_data.answer(method, params)) {
        return { *found, {} };
    }
    if (is("node.status")) {
        return { status(), {} };
    }
    if (is("contribute.on") || is("contribute.off")) {
        m_isContributing = is("contribute.on");
        QTimer::singleShot(0, this, [this] { notify(QStringLiteral("node.changed"), status()); });
        return { {}, {} };
    }
    if (is("contribute.settings")) {
        for (auto field = params.begin(); field != params.end(); ++field) {
            m_work[field.key()] = field.value();
        }
        return { m_work, {} };
    }
    if (is("node.metrics")) {
        return { metrics(params.value(QStringLiteral("name")).toString()), {} };
    }
    if (is("audit.list")) {
        return { auditPage(params), {} };
    }
    if (is("audit.show")) {
        QJsonObject entry = auditEntry(params.value(QStringLiteral("index")).toInt());
        entry.insert(QStringLiteral("details"),
            QJsonObject{ { "checkpoint", hash(QStringLiteral("checkpoint")) },
                { "rule", "norm clip, then nearest-neighbour mixing" } });
        return { entry, {} };
    }
    if (is("audit.verify")) {
        QJsonArray proof;
        for (int i = 0; i < 17; ++i) {
            proof.append(hash(QString::number(i)));
        }
        return { { { "verified", true }, { "leaf", hash(QStringLiteral("leaf")) },
                     { "root", hash(QStringLiteral("root")) }, { "size", m_auditSize },
                     { "proof", proof },
                     { "cosigners", QJsonArray{ address(1), address(2), address(3), address(4) } },
                     { "steps",
                         QJsonArray{ "Hashed the entry as a leaf",
                             "Combined it with 17 neighbours up to the root",
                             "The root equals the one of the signed checkpoint",
                             "4 of 4 validators signed that checkpoint" } } },
            {} };
    }
    if (is("audit.prove")) {
        return { { { "file", "c2sp.org/tlog-proof@v1\n" } }, {} };
    }
    if (is("wallet.status")) {
        return { { { "exists", true }, { "locked", m_isLocked }, { "address", address(1) } }, {} };
    }
    if (is("wallet.balance")) {
        return { { { "balance", m_hasNetwork ? "1843.904217" : "0" },
                     { "vesting", m_hasNetwork ? "41.8" : "0" }, { "address", address(1) } },
            {} };
    }
    if (is("wallet.history")) {
        return { historyPage(params), {} };
    }
    if (is("wallet.send")) {
        return { { { "transaction", hash(QStringLiteral("tx")) } }, {} };
    }
    if (is("wallet.unlock")) {
        m_isLocked = false;
        return { {}, {} };
    }
    if (is("wallet.words")) {
        QJsonArray words;
        for (int i = 0; i < 24; ++i) {
            words.append(QStringLiteral("word%1").arg(i + 1));
        }
        return { { { "words", words } }, {} };
    }
    if (is("wallet.export")) {
        return { { { "csv", "time,kind,amount,balance\n" } }, {} };
    }
    if (is("net.peers")) {
        QJsonArray peers;
        for (int i = 0; m_hasNetwork && i < 7; ++i) {
            peers.append(QJsonObject{ { "id", address(i + 2) },
                { "endpoint", QStringLiteral("192.0.2.%1:6881").arg(10 + i) },
                { "client", "Loam 0.1.0" }, { "rtt", 0.0035 + i * 0.011 },
                { "since", static_cast<double>(kNow - 700 * (i + 1)) } });
        }
        return { { { "peers", peers } }, {} };
    }
    if (is("net.invite") || is("net.create") || is("net.join")) {
        m_hasNetwork = true;
        QTimer::singleShot(0, this, [this] { notify(QStringLiteral("node.changed"), status()); });
        return { { { "invitation",
                     QStringLiteral("loam:join?network=%1&genesis=%2&endpoint=192.0.2.10:6881&"
                                    "endpoint=192.0.2.11:6881")
                         .arg(hash(QStringLiteral("net")), hash(QStringLiteral("genesis"))) } },
            {} };
    }
    return { {}, {} };
}

void FakeNode::playPractice(bool toTheEnd)
{
    const int rounds = 5;
    const int done = toTheEnd ? rounds : 3;
    QJsonArray nodes;
    QJsonArray results;
    for (int i = 0; i < 4; ++i) {
        const char* role = i == 3 ? "byzantine" : "validator";
        nodes.append(QJsonObject{ { "id", QStringLiteral("node-%1").arg(i + 1) }, { "role", role },
            { "step", 9 + 4 * i }, { "steps", 30 }, { "loss", 3.11 - 0.07 * i },
            { "tokens_per_second", 1310 + 24 * i }, { "state", "training" } });
        results.append(QJsonObject{ { "id", QStringLiteral("node-%1").arg(i + 1) },
            { "role", role }, { "height", 37 }, { "audit_root", hash(QStringLiteral("root")) },
            { "params_hash", hash(QStringLiteral("params")) },
            { "balance", i == 3 ? "0" : "16.666666" } });
    }
    double loss = 7.1;
    for (int round = 1; round <= done; ++round) {
        const double after = loss - 2.6 / round;
        notify(QStringLiteral("practice.round"),
            { { "round", round }, { "loss_before", loss }, { "loss_after", after },
                { "accepted", QJsonArray{ "node-1", "node-2", "node-3" } },
                { "refused",
                    QJsonArray{ QJsonObject{ { "node", "node-4" },
                        { "reason", "norm 41.7 is above 1.5 times the median" } } } },
                { "bytes_sent",
                    QJsonObject{ { "node-1", 183000 }, { "node-2", 182400 }, { "node-3", 183300 },
                        { "node-4", 181000 } } } });
        loss = after;
    }
    notify(QStringLiteral("practice.progress"),
        { { "phase", "training" }, { "message", "" }, { "round", done }, { "rounds", rounds },
            { "nodes", nodes } });
    if (toTheEnd) {
        notify(QStringLiteral("practice.finished"),
            { { "ok", true }, { "seconds", 142.6 }, { "nodes", results },
                { "rounds", QJsonArray() } });
    }
}

} // namespace loam::tests
