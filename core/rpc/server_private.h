// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "rpc/connection.h"
#include "rpc/server.h"

#include <QHash>
#include <QSocketNotifier>
#include <QTimer>

#include <chrono>
#include <memory>
#include <vector>

namespace loam::rpc {

struct Server::Private
{
    using Time = std::chrono::steady_clock::time_point;

    /// What is known of one method's snapshots.
    struct Snapshot
    {
        Time lastSent{};
        bool isPending{ false };
        QJsonObject params;
    };

    explicit Private(Server& server, ServerLimits bounds);

    void acceptAll();
    void remove(Connection* connection);
    void send(const QString& method, const QJsonObject& params);
    void flushPending(const QString& topic);
    void flushDue();

    Server& owner;
    const ServerLimits limits;
    QHash<QString, Method> methods;
    QString home;
    int listening{ -1 };
    std::unique_ptr<QSocketNotifier> notifier;
    std::vector<Connection*> connections;
    QHash<QString, Snapshot> snapshots;
    QTimer flushTimer;
};

} // namespace loam::rpc
