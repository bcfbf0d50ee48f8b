// SPDX-License-Identifier: GPL-3.0-or-later
#include "rpc_node.h"

#include "logging.h"
#include "rpc/client.h"

#include <QDateTime>
#include <QProcess>

namespace loam::desktop {
namespace {

    /// A node that fails at start is not started again and again.
    constexpr qint64 kStartPauseMs = 20'000;
    /// Some answers wait for the worker (a proof over the whole log, unlocking the keystore).
    constexpr std::chrono::milliseconds kCallTimeout{ 60'000 };

} // namespace

RpcNode::RpcNode(QString home, QString daemon, QObject* parent)
    : NodeApi{ parent }
    , m_home{ std::move(home) }
    , m_daemon{ std::move(daemon) }
    , m_client{ std::make_unique<rpc::Client>() }
{
    connect(
        m_client.get(), &rpc::Client::connected, this, [this] { Q_EMIT connectedChanged(true); });
    connect(m_client.get(), &rpc::Client::disconnected, this, [this](const QString& reason) {
        qCInfo(lcDesktop).noquote() << "node:" << reason;
        startDaemon();
        Q_EMIT connectedChanged(false);
    });
    connect(m_client.get(), &rpc::Client::notification, this, &NodeApi::notified);
}

RpcNode::~RpcNode() = default;

void RpcNode::open()
{
    m_client->connectTo(m_home);
}

bool RpcNode::isConnected() const
{
    return m_client->isConnected();
}

void RpcNode::call(
    const QString& method, const QJsonObject& params, QObject* context, Callback callback)
{
    m_client->call(
        method, params, context,
        [callback = std::move(callback)](const base::Result<QJsonObject>& outcome) {
            if (!callback) {
                return;
            }
            if (outcome) {
                callback({ *outcome, {} });
                return;
            }
            const QString message = rpc::messageOf(outcome.error());
            callback({ {}, message.isEmpty() ? tr("The node gave no reason.") : message });
        },
        kCallTimeout);
}

void RpcNode::subscribe(const QStringList& topics)
{
    m_client->subscribe(topics);
}

void RpcNode::startDaemon()
{
    const qint64 now = QDateTime::currentMSecsSinceEpoch();
    if (!m_mayStart || m_daemon.isEmpty() || now - m_startedAtMs < kStartPauseMs) {
        return;
    }
    m_startedAtMs = now;
    QProcess process;
    process.setProgram(m_daemon);
    process.setArguments({ QStringLiteral("--home"), m_home });
    process.setStandardInputFile(QProcess::nullDevice());
    process.setStandardOutputFile(QProcess::nullDevice());
    process.setStandardErrorFile(QProcess::nullDevice());
    if (!process.startDetached()) {
        qCWarning(lcDesktop) << "cannot start" << m_daemon;
    }
}

} // namespace loam::desktop
