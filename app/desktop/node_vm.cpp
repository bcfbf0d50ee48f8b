// SPDX-License-Identifier: GPL-3.0-or-later
#include "node_vm.h"

#include <QDateTime>
#include <QJsonArray>

#include <chrono>
#include <cmath>

namespace loam::desktop {
namespace {

    constexpr std::chrono::milliseconds kCoalesce{ 250 };
    constexpr std::chrono::seconds kTick{ 30 };
    constexpr qint64 kDay = 24 * 60 * 60;

} // namespace

NodeVm::NodeVm(NodeApi& node, NowSeconds now, QObject* parent)
    : QObject{ parent }
    , m_node{ node }
    , m_now{ now ? std::move(now)
                 : NowSeconds{ [] { return QDateTime::currentSecsSinceEpoch(); } } }
    , m_work{ node }
{
    m_coalesce.setSingleShot(true);
    m_coalesce.setInterval(kCoalesce);
    connect(&m_coalesce, &QTimer::timeout, this, &NodeVm::applyPending);
    m_tick.setInterval(kTick);
    connect(&m_tick, &QTimer::timeout, this, &NodeVm::nowChanged);
    connect(&m_node, &NodeApi::notified, this, &NodeVm::takeNotification);
    connect(&m_node, &NodeApi::connectedChanged, this, &NodeVm::startOver);
    m_node.subscribe({ QStringLiteral("node"), QStringLiteral("training"), QStringLiteral("block"),
        QStringLiteral("wallet"), QStringLiteral("round"), QStringLiteral("practice"),
        QStringLiteral("data") });
    if (m_node.isConnected()) {
        startOver();
    }
}

QString NodeVm::state() const
{
    if (!isConnected()) {
        return QStringLiteral("trouble");
    }
    const QString state = text("state");
    return state.isEmpty() ? QStringLiteral("off") : state;
}

double NodeVm::tokensPerSecond() const
{
    if (state() != QLatin1String("working")) {
        return 0;
    }
    const QJsonValue live = m_progress.value(QStringLiteral("tokens_per_second"));
    return live.isDouble() ? live.toDouble() : number("tokens_per_second");
}

QString NodeVm::earnedToday() const
{
    const QString earned = text("earned_today");
    return earned.isEmpty() ? QStringLiteral("0") : earned;
}

QString NodeVm::balance() const
{
    const QString balance = text("balance");
    return balance.isEmpty() ? QStringLiteral("0") : balance;
}

QString NodeVm::text(const char* field) const
{
    return m_status.value(QLatin1String(field)).toVariant().toString();
}

double NodeVm::number(const char* field) const
{
    return m_status.value(QLatin1String(field)).toDouble();
}

bool NodeVm::flag(const char* field) const
{
    return m_status.value(QLatin1String(field)).toBool();
}

void NodeVm::startOver()
{
    m_pendingStatus = {};
    m_pendingProgress = {};
    m_progress = {};
    Q_EMIT connectedChanged();
    if (!m_node.isConnected()) {
        // The last figures stay on screen, marked as old by the state.
        Q_EMIT statusChanged();
        return;
    }
    setErrorText({});
    readStatus();
    askMetrics(QStringLiteral("loss"), m_loss);
    askMetrics(QStringLiteral("tokens_per_second"), m_rate);
    askMetrics(QStringLiteral("earned"), m_earned);
}

void NodeVm::readStatus()
{
    m_node.call(QStringLiteral("node.status"), {}, this, [this](const NodeReply& reply) {
        setErrorText(reply.error);
        if (reply.isOk()) {
            m_status = reply.result;
            Q_EMIT statusChanged();
        }
    });
}

void NodeVm::askMetrics(const QString& name, Series& series)
{
    const QJsonObject params{ { QStringLiteral("name"), name },
        { QStringLiteral("since"), static_cast<double>(m_now() - kDay) } };
    m_node.call(
        QStringLiteral("node.metrics"), params, this, [this, &series](const NodeReply& reply) {
            if (!reply.isOk()) {
                return;
            }
            QVector<QPointF> points;
            for (const QJsonValue& value : reply.result.value(QStringLiteral("points")).toArray()) {
                const QJsonArray pair = value.toArray();
                // Amounts arrive as text; a sparkline of them is a picture, not an account.
                const QVariant y = pair.at(1).toVariant();
                points.append({ pair.at(0).toDouble(), y.toDouble() });
            }
            series.assign(std::move(points));
            Q_EMIT statusChanged(); // the newest point is a figure too
        });
}

void NodeVm::takeNotification(const QString& topic, const QJsonObject& payload)
{
    if (topic == QLatin1String("node.changed")) {
        for (auto it = payload.begin(); it != payload.end(); ++it) {
            m_pendingStatus.insert(it.key(), it.value());
        }
    } else if (topic == QLatin1String("training.progress")) {
        m_pendingProgress = payload;
    } else if (topic == QLatin1String("block.finalized")) {
        m_pendingStatus.insert(QStringLiteral("height"), payload.value(QStringLiteral("height")));
    } else if (topic == QLatin1String("wallet.changed")) {
        m_pendingStatus.insert(QStringLiteral("balance"), payload.value(QStringLiteral("balance")));
    } else if (topic == QLatin1String("round.closed")) {
        const QJsonValue loss = payload.value(QStringLiteral("loss_after"));
        if (loss.toDouble() > 0) {
            m_loss.append({ static_cast<double>(m_now()), loss.toDouble() });
        }
    } else if (topic == QLatin1String("rpc.dropped")) {
        // The window was too slow for some of them: what it shows may be wrong.
        readStatus();
        return;
    } else {
        return;
    }
    changeSoon();
}

void NodeVm::changeSoon()
{
    if (!m_coalesce.isActive()) {
        m_coalesce.start();
    }
}

void NodeVm::applyPending()
{
    for (auto it = m_pendingStatus.begin(); it != m_pendingStatus.end(); ++it) {
        m_status.insert(it.key(), it.value());
    }
    m_pendingStatus = {};
    if (!m_pendingProgress.isEmpty()) {
        m_progress = m_pendingProgress;
        m_pendingProgress = {};
        const auto at = static_cast<double>(m_now());
        const QJsonValue rate = m_progress.value(QStringLiteral("tokens_per_second"));
        if (rate.isDouble()) {
            m_rate.append({ at, rate.toDouble() });
        }
    }
    Q_EMIT statusChanged();
}

void NodeVm::command(const QString& method, const QJsonObject& params)
{
    m_node.call(method, params, this, [this](const NodeReply& reply) {
        setErrorText(reply.error);
        // Also after a failure: whoever shows the old state must fall back to it.
        Q_EMIT statusChanged();
    });
}

void NodeVm::setContributing(bool on)
{
    if (on == isContributing()) {
        return;
    }
    command(on ? QStringLiteral("contribute.on") : QStringLiteral("contribute.off"), {});
}

void NodeVm::snooze(int minutes)
{
    command(QStringLiteral("contribute.snooze"), { { QStringLiteral("minutes"), minutes } });
}

void NodeVm::stopNode()
{
    m_node.call(QStringLiteral("node.stop"), {}, this, {});
}

void NodeVm::dismissError()
{
    setErrorText({});
}

void NodeVm::setVisible(bool visible)
{
    if (visible == m_tick.isActive()) {
        return;
    }
    if (visible) {
        m_tick.start();
        Q_EMIT nowChanged();
    } else {
        m_tick.stop();
    }
}

void NodeVm::setErrorText(const QString& text)
{
    if (m_errorText != text) {
        m_errorText = text;
        Q_EMIT errorTextChanged();
    }
}

} // namespace loam::desktop
