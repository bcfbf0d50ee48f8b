// SPDX-License-Identifier: GPL-3.0-or-later
#include "rpc/client.h"

#include "rpc/local_socket.h"

#include <QJsonArray>
#include <QLocalSocket>

#include <algorithm>
#include <utility>

namespace loam::rpc {

using base::Errc;
using base::fail;
using base::Result;

namespace {

    constexpr std::chrono::milliseconds kFirstBackOff{ 100 };
    constexpr std::chrono::milliseconds kLongestBackOff{ 5'000 };

    base::Error errorFrom(const QJsonObject& error)
    {
        const QString name = error.value(QStringLiteral("data"))
                                 .toObject()
                                 .value(QStringLiteral("errc"))
                                 .toString();
        return { errcFromName(name).value_or(Errc::Invalid),
            error.value(QStringLiteral("message")).toString().toStdString() };
    }

} // namespace

struct Client::Pending
{
    QPointer<QObject> context;
    Callback done;
    QTimer deadline;
};

Client::Client(QObject* parent)
    : QObject{ parent }
{
    m_retry.setSingleShot(true);
    connect(&m_retry, &QTimer::timeout, this, &Client::tryConnect);
}

Client::~Client()
{
    if (m_socket) {
        m_socket->disconnect(this);
    }
}

void Client::connectTo(const QString& home, Reconnect reconnect)
{
    disconnectFrom();
    m_home = home;
    m_reconnect = reconnect;
    m_backOff = kFirstBackOff;
    m_lastReason.clear();
    tryConnect();
}

void Client::disconnectFrom()
{
    m_reconnect = Reconnect::Never;
    m_retry.stop();
    closeSocket();
    failAll(Errc::Cancelled, QStringLiteral("the connection to Loam's node was closed"));
}

bool Client::isConnected() const
{
    return m_socket != nullptr;
}

void Client::closeSocket()
{
    if (m_socket) {
        m_socket->disconnect(this);
        m_socket->abort();
        // We may be inside one of its signals.
        m_socket.release()->deleteLater();
    }
    m_splitter = {};
}

void Client::tryConnect()
{
    const Result<int> descriptor = connectAt(m_home);
    if (!descriptor) {
        drop(descriptor.error().code, messageOf(descriptor.error()));
        return;
    }
    m_socket = std::make_unique<QLocalSocket>();
    connect(m_socket.get(), &QLocalSocket::readyRead, this, &Client::onReadyRead);
    connect(m_socket.get(), &QLocalSocket::disconnected, this, [this] {
        drop(Errc::Unavailable, QStringLiteral("Loam's node has closed the connection"));
    });
    m_socket->setSocketDescriptor(*descriptor);
    m_backOff = kFirstBackOff;
    m_lastReason.clear();
    sendSubscriptions(m_topics);
    QTimer::singleShot(0, m_socket.get(), [this] { Q_EMIT connected(); });
}

void Client::drop(Errc code, const QString& reason)
{
    closeSocket();
    if (m_reconnect == Reconnect::WithBackOff) {
        m_retry.start(m_backOff);
        m_backOff = std::min(m_backOff * 2, kLongestBackOff);
    }
    failAll(code, reason);
    // A node that stays away is reported once, not at each attempt.
    if (reason != m_lastReason) {
        m_lastReason = reason;
        QTimer::singleShot(0, this, [this, reason] { Q_EMIT disconnected(reason); });
    }
}

void Client::failAll(Errc code, const QString& reason)
{
    const QList<qint64> ids = m_pending.keys();
    for (const qint64 id : ids) {
        failLater(id, code, reason);
    }
}

void Client::failLater(qint64 id, Errc code, const QString& reason)
{
    QTimer::singleShot(
        0, this, [this, id, code, reason] { finish(id, fail(code, reason.toStdString())); });
}

void Client::call(const QString& method, const QJsonObject& params, QObject* context, Callback done,
    std::chrono::milliseconds timeout)
{
    const qint64 id = m_nextId++;
    const auto pending = std::make_shared<Pending>();
    pending->context = context != nullptr ? context : this;
    pending->done = std::move(done);
    m_pending.insert(id, pending);
    if (!m_socket) {
        failLater(id, Errc::Unavailable,
            m_lastReason.isEmpty() ? QStringLiteral("not connected to Loam's node") : m_lastReason);
        return;
    }
    const QByteArray line = encodeCall(id, method, params);
    if (line.size() > kMaxLineBytes) {
        failLater(id, Errc::Invalid, QStringLiteral("the request is too long for one message"));
        return;
    }
    if (timeout.count() > 0) {
        pending->deadline.setSingleShot(true);
        // Later, because finishing destroys the timer.
        connect(&pending->deadline, &QTimer::timeout, this, [this, id, method, timeout] {
            failLater(id, Errc::Timeout,
                QStringLiteral("Loam's node did not answer %1 within %2 s")
                    .arg(method)
                    .arg(static_cast<double>(timeout.count()) / 1000.0));
        });
        pending->deadline.start(timeout);
    }
    m_socket->write(line);
}

void Client::finish(qint64 id, Result<QJsonObject> outcome)
{
    const std::shared_ptr<Pending> pending = m_pending.take(id);
    if (!pending) {
        return;
    }
    pending->deadline.stop();
    if (pending->context && pending->done) {
        // The last use of this object here: the callback may delete it.
        pending->done(std::move(outcome));
    }
}

void Client::subscribe(const QStringList& topics)
{
    QStringList fresh;
    for (const QString& topic : topics) {
        if (!m_topics.contains(topic)) {
            m_topics.append(topic);
            fresh.append(topic);
        }
    }
    if (m_socket) {
        sendSubscriptions(fresh);
    }
}

void Client::sendSubscriptions(const QStringList& topics)
{
    if (!topics.isEmpty()) {
        call(QStringLiteral("rpc.subscribe"),
            { { QStringLiteral("topics"), QJsonArray::fromStringList(topics) } }, this, {});
    }
}

void Client::onReadyRead()
{
    const QPointer<Client> self{ this };
    const QPointer<QLocalSocket> socket{ m_socket.get() };
    if (const Result<> fed = m_splitter.feed(socket->readAll()); !fed) {
        drop(Errc::Corrupt, QStringLiteral("Loam's node sent too long a message"));
        return;
    }
    // A callback may close the connection, open another or delete this object.
    while (self && socket && m_socket.get() == socket) {
        const std::optional<QByteArray> line = m_splitter.next();
        if (!line) {
            return;
        }
        handleLine(*line);
    }
}

void Client::handleLine(const QByteArray& line)
{
    const Result<QJsonObject> message = decodeLine(line);
    if (!message) {
        drop(Errc::Corrupt, QStringLiteral("Loam's node sent something that is not JSON-RPC"));
        return;
    }
    const QJsonValue method = message->value(QStringLiteral("method"));
    if (method.isString()) {
        Q_EMIT notification(method.toString(), message->value(QStringLiteral("params")).toObject());
        return;
    }
    const QJsonValue id = message->value(QStringLiteral("id"));
    const QJsonValue error = message->value(QStringLiteral("error"));
    if (id.isNull() && error.isObject()) {
        // Not about one request: the node is about to turn us away.
        const base::Error reason = errorFrom(error.toObject());
        drop(reason.code, messageOf(reason));
        return;
    }
    if (error.isObject()) {
        finish(id.toInteger(-1), tl::unexpected{ errorFrom(error.toObject()) });
        return;
    }
    finish(id.toInteger(-1), message->value(QStringLiteral("result")).toObject());
}

} // namespace loam::rpc
