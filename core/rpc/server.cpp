// SPDX-License-Identifier: GPL-3.0-or-later
#include "rpc/server.h"

#include "base/require.h"
#include "rpc/local_socket.h"
#include "rpc/server_private.h"

#include <QFile>
#include <QJsonArray>

#include <algorithm>
#include <unistd.h>
#include <utility>

namespace loam::rpc {

namespace {

    constexpr std::chrono::milliseconds kSnapshotInterval{ 100 };

    QString topicOf(const QString& method)
    {
        return method.left(method.indexOf(QLatin1Char('.')));
    }

} // namespace

// Reply

Reply::State::State(Connection* to, QJsonValue requestId)
    : connection{ to }
    , id{ std::move(requestId) }
{
}

Reply::State::~State()
{
    if (!isAnswered) {
        send(encodeError(id, Code::Internal, QStringLiteral("the node did not answer this request"),
            base::Errc::Unavailable));
    }
}

void Reply::State::send(const QByteArray& line)
{
    if (std::exchange(isAnswered, true) || !connection) {
        return;
    }
    connection->answer(id.isUndefined() ? QByteArray{} : line);
}

Reply::Reply(std::shared_ptr<State> state)
    : m_state{ std::move(state) }
{
}

void Reply::result(const QJsonObject& value) const
{
    const QByteArray line = encodeResult(m_state->id, value);
    if (line.size() > kMaxLineBytes) {
        error(base::Errc::Unavailable,
            QStringLiteral("the answer is too long for one message; ask for fewer entries"));
        return;
    }
    m_state->send(line);
}

void Reply::error(const base::Error& error) const
{
    m_state->send(encodeError(m_state->id, Code::Failed, messageOf(error), error.code));
}

void Reply::error(base::Errc code, const QString& message) const
{
    m_state->send(encodeError(m_state->id, Code::Failed, message, code));
}

void Reply::invalidParams(const QString& message) const
{
    m_state->send(encodeError(m_state->id, Code::InvalidParams, message, base::Errc::Invalid));
}

void Reply::finish(const base::Result<QJsonObject>& outcome) const
{
    if (outcome) {
        result(*outcome);
    } else {
        error(outcome.error());
    }
}

bool Reply::isAnswered() const
{
    return m_state->isAnswered;
}

void Reply::notify(const QString& method, const QJsonObject& params) const
{
    if (!m_state->isAnswered && m_state->connection) {
        m_state->connection->sendProgress(encodeCall(-1, method, params));
    }
}

bool Reply::isAwaited() const
{
    return !m_state->isAnswered && m_state->connection && m_state->connection->isOpen();
}

// Server

Server::Private::Private(Server& server, ServerLimits bounds)
    : owner{ server }
    , limits{ bounds }
{
    flushTimer.setSingleShot(true);
    QObject::connect(&flushTimer, &QTimer::timeout, &owner, [this] { flushDue(); });
}

Server::Server(ServerLimits limits, QObject* parent)
    : QObject{ parent }
    , d{ std::make_unique<Private>(*this, limits) }
{
    registerMethod(QStringLiteral("rpc.methods"), [this](const QJsonObject&, const Reply& reply) {
        QStringList names = d->methods.keys();
        names.sort();
        reply.result({ { QStringLiteral("methods"), QJsonArray::fromStringList(names) } });
    });
}

Server::~Server()
{
    close();
}

base::Result<> Server::listen(const HomeLock& lock)
{
    close();
    TRY_ASSIGN(d->listening, listenAt(lock.home()));
    d->home = lock.home();
    d->notifier = std::make_unique<QSocketNotifier>(d->listening, QSocketNotifier::Read);
    connect(d->notifier.get(), &QSocketNotifier::activated, this, [this] { d->acceptAll(); });
    return {};
}

void Server::close()
{
    d->flushTimer.stop();
    d->notifier.reset();
    if (d->listening >= 0) {
        ::close(std::exchange(d->listening, -1));
        QFile::remove(socketPath(d->home));
    }
    for (Connection* connection : std::exchange(d->connections, {})) {
        connection->disconnect(this);
        connection->abandon();
        connection->deleteLater();
    }
}

void Server::registerMethod(const QString& name, Method method)
{
    ASSERT(method && !d->methods.contains(name));
    d->methods.insert(name, std::move(method));
}

void Server::Private::acceptAll()
{
    for (int descriptor = acceptFrom(listening); descriptor >= 0;
         descriptor = acceptFrom(listening)) {
        if (connections.size() >= static_cast<std::size_t>(limits.connections)) {
            const QByteArray line = encodeError(QJsonValue::Null, Code::Failed,
                QStringLiteral("the node has too many clients"), base::Errc::Unavailable);
            // A fresh socket has room for one short line, and if not, the close says enough.
            [[maybe_unused]] const ssize_t written
                = ::write(descriptor, line.constData(), static_cast<std::size_t>(line.size()));
            ::close(descriptor);
            continue;
        }
        // Deleted later, never from inside its own signals; at the latest with its parent.
        auto* connection = new Connection{ descriptor, owner, limits };
        connection->setParent(&owner);
        connections.push_back(connection);
        QObject::connect(
            connection, &Connection::closed, &owner, [this, connection] { remove(connection); });
    }
}

void Server::Private::remove(Connection* connection)
{
    if (std::erase(connections, connection) > 0) {
        connection->deleteLater();
    }
}

bool Server::hasSubscribers(const QString& topic) const
{
    return std::ranges::any_of(d->connections,
        [&topic](const Connection* connection) { return connection->isSubscribed(topic); });
}

int Server::connectionCount() const
{
    return static_cast<int>(d->connections.size());
}

void Server::notify(const QString& method, const QJsonObject& params, Delivery delivery)
{
    const QString topic = topicOf(method);
    if (delivery == Delivery::Every) {
        d->flushPending(topic);
        d->send(method, params);
        return;
    }
    Private::Snapshot& snapshot = d->snapshots[method];
    const auto now = std::chrono::steady_clock::now();
    if (now - snapshot.lastSent >= kSnapshotInterval) {
        snapshot = { now, false, {} };
        d->send(method, params);
        return;
    }
    snapshot.isPending = true;
    snapshot.params = params;
    if (!d->flushTimer.isActive()) {
        d->flushTimer.start(kSnapshotInterval);
    }
}

void Server::Private::send(const QString& method, const QJsonObject& params)
{
    const QString topic = topicOf(method);
    if (!owner.hasSubscribers(topic)) {
        return;
    }
    const QByteArray line = encodeCall(-1, method, params);
    for (Connection* connection : connections) {
        connection->sendNotification(topic, line);
    }
}

void Server::Private::flushPending(const QString& topic)
{
    for (auto it = snapshots.begin(); it != snapshots.end(); ++it) {
        if (it->isPending && topicOf(it.key()) == topic) {
            const QJsonObject params = std::exchange(it->params, {});
            it->isPending = false;
            it->lastSent = std::chrono::steady_clock::now();
            send(it.key(), params);
        }
    }
}

void Server::Private::flushDue()
{
    const auto now = std::chrono::steady_clock::now();
    bool isAnyLeft = false;
    for (auto it = snapshots.begin(); it != snapshots.end(); ++it) {
        if (!it->isPending) {
            continue;
        }
        if (now - it->lastSent < kSnapshotInterval) {
            isAnyLeft = true;
            continue;
        }
        const QJsonObject params = std::exchange(it->params, {});
        it->isPending = false;
        it->lastSent = now;
        send(it.key(), params);
    }
    if (isAnyLeft) {
        flushTimer.start(kSnapshotInterval / 4);
    }
}

} // namespace loam::rpc
