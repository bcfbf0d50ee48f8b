// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "rpc/server.h"
#include "rpc/wire.h"

#include <QHash>
#include <QJsonValue>
#include <QObject>
#include <QPointer>
#include <QSet>

#include <memory>

class QLocalSocket;

namespace loam::rpc {

/// One client of the server: reads requests, answers, and forwards notifications within the
/// bounds of ServerLimits. Owned by the server; tells it by closed() when it may be destroyed.
class Connection final : public QObject
{
    Q_OBJECT

public:
    Connection(int descriptor, Server& server, const ServerLimits& limits);
    ~Connection() override;

    bool isSubscribed(const QString& topic) const { return m_topics.contains(topic); }
    void sendNotification(const QString& topic, const QByteArray& line);
    /// A line about a request of this client; left out while too much is unsent.
    void sendProgress(const QByteArray& line);
    bool isOpen() const;

    /// Sends what the socket still takes, then does nothing more.
    void abandon();

    /// An answer to one request has been made.
    void answer(const QByteArray& line);

Q_SIGNALS:
    void closed();

private:
    void process();
    void handle(const QByteArray& line);
    void malformed(Code code, const QString& message);
    void onBytesWritten();
    void setTopics(const QJsonObject& params, const Reply& reply, bool subscribed);
    bool isCongested() const;

    Server& m_server;
    const ServerLimits& m_limits;
    std::unique_ptr<QLocalSocket> m_socket;
    LineSplitter m_splitter;
    QSet<QString> m_topics;
    QHash<QString, int> m_dropped;
    int m_underWay{ 0 };
    int m_malformed{ 0 };
    bool m_isClosing{ false };
};

struct Reply::State
{
    QPointer<Connection> connection;
    QJsonValue id; ///< Undefined for a request without an id, which gets no answer.
    bool isAnswered{ false };

    State(Connection* to, QJsonValue requestId);
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    ~State();
    void send(const QByteArray& line);
};

} // namespace loam::rpc
