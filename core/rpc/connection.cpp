// SPDX-License-Identifier: GPL-3.0-or-later
#include "rpc/connection.h"

#include "rpc/server_private.h"

#include <QJsonArray>
#include <QLocalSocket>
#include <QTimer>

#include <chrono>
#include <utility>

namespace loam::rpc {

namespace {

    constexpr qint64 kChunkBytes = 64 * 1024;
    constexpr int kMaxTopics = 64;
    constexpr std::chrono::milliseconds kFarewell{ 200 };

} // namespace

Connection::Connection(int descriptor, Server& server, const ServerLimits& limits)
    : m_server{ server }
    , m_limits{ limits }
    , m_socket{ std::make_unique<QLocalSocket>() }
{
    connect(m_socket.get(), &QLocalSocket::readyRead, this, &Connection::process);
    connect(m_socket.get(), &QLocalSocket::bytesWritten, this, &Connection::onBytesWritten);
    connect(m_socket.get(), &QLocalSocket::disconnected, this, &Connection::closed);
    // Qt reads ahead without end otherwise; what we do not take stays with the sender.
    m_socket->setReadBufferSize(kChunkBytes);
    m_socket->setSocketDescriptor(descriptor);
}

Connection::~Connection()
{
    m_socket->disconnect(this);
}

void Connection::abandon()
{
    m_isClosing = true;
    m_socket->disconnect(this);
    m_socket->flush();
    m_socket->disconnectFromServer();
}

bool Connection::isCongested() const
{
    return m_socket->bytesToWrite() > m_limits.unsentBytesForReading;
}

void Connection::process()
{
    const QPointer<Connection> self{ this };
    while (self && !m_isClosing && !isCongested()) {
        if (const std::optional<QByteArray> line = m_splitter.next()) {
            handle(*line);
            continue;
        }
        const QByteArray chunk = m_socket->read(kChunkBytes);
        if (chunk.isEmpty()) {
            return;
        }
        if (const base::Result<> fed = m_splitter.feed(chunk); !fed) {
            m_malformed = m_limits.malformedLines;
            malformed(Code::ParseError, messageOf(fed.error()));
            return;
        }
    }
}

void Connection::handle(const QByteArray& line)
{
    if (line.trimmed().isEmpty()) {
        return;
    }
    const base::Result<QJsonObject> request = decodeLine(line);
    if (!request) {
        malformed(
            request.error().code == base::Errc::Corrupt ? Code::ParseError : Code::InvalidRequest,
            messageOf(request.error()));
        return;
    }
    const QJsonValue id = request->value(QStringLiteral("id"));
    const QJsonValue method = request->value(QStringLiteral("method"));
    const QJsonValue params = request->value(QStringLiteral("params"));
    const bool isIdFine = id.isUndefined() || id.isNull() || id.isDouble() || id.isString();
    if (request->value(QStringLiteral("jsonrpc")).toString() != QStringLiteral("2.0") || !isIdFine
        || !method.isString() || !(params.isUndefined() || params.isObject())) {
        malformed(Code::InvalidRequest,
            QStringLiteral("a request is {\"jsonrpc\":\"2.0\",\"id\":…,\"method\":\"…\","
                           "\"params\":{…}}"));
        return;
    }
    if (m_underWay >= m_limits.requestsUnderWay) {
        if (!id.isUndefined()) {
            m_socket->write(encodeError(id, Code::Failed,
                QStringLiteral("too many unanswered requests on this connection"),
                base::Errc::Unavailable));
        }
        return;
    }
    ++m_underWay;
    const Reply reply{ std::make_shared<Reply::State>(this, id) };
    const QString name = method.toString();
    if (name == QStringLiteral("rpc.subscribe") || name == QStringLiteral("rpc.unsubscribe")) {
        setTopics(params.toObject(), reply, name == QStringLiteral("rpc.subscribe"));
        return;
    }
    const auto found = m_server.d->methods.constFind(name);
    if (found == m_server.d->methods.constEnd()) {
        reply.m_state->send(encodeError(id, Code::MethodNotFound,
            QStringLiteral("this node has no method %1").arg(name.left(64)), base::Errc::NotFound));
        return;
    }
    // A copy: the method may register others, which moves the table.
    const Server::Method call = *found;
    call(params.toObject(), reply);
}

void Connection::setTopics(const QJsonObject& params, const Reply& reply, bool subscribed)
{
    const QJsonValue topics = params.value(QStringLiteral("topics"));
    if (!topics.isArray()) {
        reply.invalidParams(QStringLiteral("topics must be a list of names"));
        return;
    }
    const QJsonArray names = topics.toArray();
    for (const QJsonValue& name : names) {
        if (!name.isString() || name.toString().isEmpty() || name.toString().size() > 64) {
            reply.invalidParams(QStringLiteral("topics must be a list of names"));
            return;
        }
    }
    for (const QJsonValue& name : names) {
        if (!subscribed) {
            m_topics.remove(name.toString());
        } else if (m_topics.size() < kMaxTopics) {
            m_topics.insert(name.toString());
        }
    }
    reply.result({});
}

void Connection::malformed(Code code, const QString& message)
{
    m_socket->write(encodeError(QJsonValue::Null, code, message, base::Errc::Invalid));
    if (++m_malformed >= m_limits.malformedLines) {
        m_isClosing = true;
        // The rest of the input is read and thrown away for a moment: a client in the middle of
        // writing would otherwise see a broken pipe and never the error. closed() follows.
        QTimer::singleShot(kFarewell, this, [this] { m_socket->disconnectFromServer(); });
    }
}

void Connection::answer(const QByteArray& line)
{
    --m_underWay;
    if (line.isEmpty() || m_isClosing) {
        return;
    }
    m_socket->write(line);
}

void Connection::sendNotification(const QString& topic, const QByteArray& line)
{
    if (m_isClosing || !isSubscribed(topic)) {
        return;
    }
    if (m_socket->bytesToWrite() + line.size() > m_limits.unsentBytesForNotifications) {
        ++m_dropped[topic];
        return;
    }
    m_socket->write(line);
}

void Connection::sendProgress(const QByteArray& line)
{
    if (!m_isClosing
        && m_socket->bytesToWrite() + line.size() <= m_limits.unsentBytesForNotifications) {
        m_socket->write(line);
    }
}

bool Connection::isOpen() const
{
    return !m_isClosing && m_socket->state() == QLocalSocket::ConnectedState;
}

void Connection::onBytesWritten()
{
    if (!m_dropped.isEmpty()
        && m_socket->bytesToWrite() < m_limits.unsentBytesForNotifications / 2) {
        const QHash<QString, int> dropped = std::exchange(m_dropped, {});
        for (auto it = dropped.begin(); it != dropped.end(); ++it) {
            m_socket->write(encodeCall(-1, QStringLiteral("rpc.dropped"),
                { { QStringLiteral("topic"), it.key() },
                    { QStringLiteral("count"), it.value() } }));
        }
    }
    if (!isCongested()) {
        process();
    }
}

} // namespace loam::rpc
