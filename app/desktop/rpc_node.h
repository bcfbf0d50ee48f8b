// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "node_api.h"

#include <memory>

namespace loam::rpc {
class Client;
}

namespace loam::desktop {

/// The real node: a connection to loamd of one home folder, made again whenever it breaks.
/// If nobody answers, loamd is started, detached, so that it outlives the window.
class RpcNode final : public NodeApi
{
    Q_OBJECT

public:
    /// `daemon` is the path of loamd; empty: never start one.
    RpcNode(QString home, QString daemon, QObject* parent = nullptr);
    ~RpcNode() override;

    void open();
    bool isConnected() const override;
    void call(const QString& method, const QJsonObject& params, QObject* context,
        Callback callback) override;
    void subscribe(const QStringList& topics) override;

    /// From now on a node that is gone stays gone.
    void stopStarting() { m_mayStart = false; }

private:
    void startDaemon();

    QString m_home;
    QString m_daemon;
    bool m_mayStart{ true };
    qint64 m_startedAtMs{ 0 };
    std::unique_ptr<rpc::Client> m_client;
};

} // namespace loam::desktop
