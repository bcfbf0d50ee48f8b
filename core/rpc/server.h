// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"
#include "rpc/home_lock.h"
#include "rpc/wire.h"

#include <QJsonObject>
#include <QObject>
#include <QString>
#include <QStringList>

#include <functional>
#include <memory>

namespace loam::rpc {

class Connection;
class Server;

/// The obligation to answer one request. Copies share it, so that it can travel inside a
/// std::function; the first answer counts and later ones are ignored. If the last copy goes
/// without an answer, the caller is told that the node failed. Use it on the server's thread only;
/// it may outlive the request's connection and the server.
class Reply
{
public:
    void result(const QJsonObject& value) const;
    /// A failure of the method itself.
    void error(const base::Error& error) const;
    void error(base::Errc code, const QString& message) const;
    /// The parameters do not fit; `message` names the parameter.
    void invalidParams(const QString& message) const;
    /// Answers with `outcome`, whichever it is.
    void finish(const base::Result<QJsonObject>& outcome) const;
    bool isAnswered() const;
    /// Tells this caller alone how the request comes along, whatever he subscribed to. Nothing
    /// after the answer, and nothing while he has too much unread.
    void notify(const QString& method, const QJsonObject& params) const;
    /// False once the caller has gone: nobody will read the answer.
    bool isAwaited() const;

private:
    friend class Connection;
    struct State;
    explicit Reply(std::shared_ptr<State> state);
    std::shared_ptr<State> m_state;
};

/// How a notification is delivered.
enum class Delivery {
    Latest, ///< a snapshot: at most ten a second per method, a newer one replaces an unsent one
    Every, ///< an event: sent in order, at once, after any pending snapshot of its topic
};

/// Bounds of a server; tests make them small.
struct ServerLimits
{
    int connections{ 64 }; ///< further clients are turned away
    int requestsUnderWay{ 256 }; ///< unanswered requests of one client
    int malformedLines{ 8 }; ///< then the connection is closed
    qint64 unsentBytesForNotifications{ 1 << 20 }; ///< above: notifications are dropped and counted
    qint64 unsentBytesForReading{ 8 << 20 }; ///< above: no further request is read
};

/// The node's only door: JSON-RPC 2.0, one object a line, over `<home>/rpc.sock` (mode 0600, and
/// the peer's user id is checked). docs/rpc.md describes the wire. Lives on one thread with an
/// event loop; methods run there and must not block.
class Server final : public QObject
{
    Q_OBJECT

public:
    using Method = std::function<void(const QJsonObject& params, Reply reply)>;

    explicit Server(ServerLimits limits = {}, QObject* parent = nullptr);
    ~Server() override;

    /// Opens the socket. A socket file left by a crash is replaced: the lock proves that nobody
    /// serves it. `lock` must outlive the server.
    base::Result<> listen(const HomeLock& lock);
    void close();

    /// `name` is "<noun>.<verb>"; registering it twice is a bug of the caller.
    void registerMethod(const QString& name, Method method);

    /// Sends to the clients subscribed to the topic: the part of `method` before the first dot.
    void notify(const QString& method, const QJsonObject& params, Delivery delivery);

    /// Whether anybody listens, to spare the work of building a notification.
    bool hasSubscribers(const QString& topic) const;
    int connectionCount() const;

private:
    friend class Connection;
    friend class Reply;
    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace loam::rpc
