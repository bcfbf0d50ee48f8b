// SPDX-License-Identifier: GPL-3.0-or-later
#include "rpc/methods.h"
#include "rpc/params.h"

#include <QJsonArray>

namespace loam::rpc {

using base::Errc;
using Result = base::Result<QJsonObject>;

namespace {

    constexpr std::int64_t kMostSnoozeMinutes = 7 * 24 * 60;
    const QString kDevice = QStringLiteral("device");

    QJsonObject settingsOf(const node::Node& node)
    {
        const node::Settings::Contribution& c = node.settings().contribution;
        return { { kDevice, c.device.empty() ? QStringLiteral("auto") : text(c.device) },
            { QStringLiteral("threads"), c.threads },
            { QStringLiteral("threads_used"), node.settings().trainingThreads() },
            { QStringLiteral("only_when_idle"), c.onlyWhenIdle },
            { QStringLiteral("idle_minutes"), static_cast<qint64>(c.idleFor.count()) },
            { QStringLiteral("on_battery"), c.onBattery },
            { QStringLiteral("on_metered_network"), c.onMeteredNetwork } };
    }

    /// The UUID of a device of this computer, by UUID or name; empty for "auto".
    base::Result<std::string> deviceNamed(const node::Node& node, const QString& wanted)
    {
        if (wanted == QLatin1String{ "auto" }) {
            return std::string{};
        }
        QStringList known{ QStringLiteral("auto") };
        for (const QJsonValue& device : node.answers().devices()) {
            const QString uuid = device[QLatin1String{ "uuid" }].toString();
            const QString name = device[QLatin1String{ "name" }].toString();
            if (uuid == wanted || name.compare(wanted, Qt::CaseInsensitive) == 0) {
                return uuid.toStdString();
            }
            known.append(QStringLiteral("%1 (%2)").arg(uuid, name));
        }
        return base::fail(Errc::NotFound,
            "there is no device \"" + wanted.toStdString()
                + "\" here; known are: " + known.join(QStringLiteral(", ")).toStdString());
    }

    Result change(node::Node& node, const QJsonObject& params)
    {
        node::Settings::Contribution wanted = node.settings().contribution;
        if (params.contains(kDevice)) {
            TRY_ASSIGN(wanted.device, deviceNamed(node, params.value(kDevice).toString()));
        }
        TRY_ASSIGN(const auto threads, integerParam(params, "threads", wanted.threads, 0, 1024));
        TRY_ASSIGN(const auto minutes,
            integerParam(params, "idle_minutes", wanted.idleFor.count(), 0, 1440));
        wanted.threads = static_cast<int>(threads);
        wanted.idleFor = std::chrono::minutes{ minutes };
        wanted.onlyWhenIdle = flagParam(params, "only_when_idle", wanted.onlyWhenIdle);
        wanted.onBattery = flagParam(params, "on_battery", wanted.onBattery);
        wanted.onMeteredNetwork = flagParam(params, "on_metered_network", wanted.onMeteredNetwork);
        TRY(node.setContribution(wanted));
        return settingsOf(node);
    }

} // namespace

QJsonObject contributionOf(node::Node& node)
{
    const node::PolicyDecision& decision = node.decision();
    QJsonObject device = node.device().shown();
    device[QLatin1String{ "busy" }] = decision.state == node::WorkState::Working;
    return { { QStringLiteral("state"), text(node::workStateName(decision.state)) },
        { QStringLiteral("reason"),
            node.trouble().isEmpty() ? text(decision.reason) : node.trouble() },
        { QStringLiteral("until"), static_cast<qint64>(decision.until.time_since_epoch().count()) },
        { QStringLiteral("contributing"), node.settings().contribution.on },
        { QStringLiteral("devices"), QJsonArray{ device } } };
}

void registerContributeMethods(Server& server, node::Node& node)
{
    const auto contribution = [&node](base::Result<> done) -> Result {
        TRY(std::move(done));
        return contributionOf(node);
    };
    server.registerMethod(QStringLiteral("contribute.status"),
        [&node](const QJsonObject&, const Reply& reply) { reply.result(contributionOf(node)); });
    server.registerMethod(QStringLiteral("contribute.on"),
        [&node, contribution](const QJsonObject&, const Reply& reply) {
            reply.finish(contribution(node.setContributing(true)));
        });
    server.registerMethod(QStringLiteral("contribute.off"),
        [&node, contribution](const QJsonObject&, const Reply& reply) {
            reply.finish(contribution(node.setContributing(false)));
        });
    server.registerMethod(QStringLiteral("contribute.snooze"),
        [&node, contribution](const QJsonObject& params, const Reply& reply) {
            const auto minutes = integerParam(params, "minutes", 60, 0, kMostSnoozeMinutes);
            reply.finish(minutes ? contribution(node.snooze(std::chrono::minutes{ *minutes }))
                                 : Result{ tl::unexpected{ minutes.error() } });
        });
    server.registerMethod(QStringLiteral("contribute.settings"),
        [&node](const QJsonObject& params, const Reply& reply) {
            if (params.isEmpty()) {
                reply.result(settingsOf(node));
                return;
            }
            // A card may have come or gone since the list was made.
            node.answers().refreshDevices(
                [&node, params, reply] { reply.finish(change(node, params)); });
        });
}

} // namespace loam::rpc
