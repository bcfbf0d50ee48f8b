// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"
#include "rpc/wire.h"

#include <QHash>
#include <QJsonObject>
#include <QObject>
#include <QPointer>
#include <QString>
#include <QStringList>
#include <QTimer>

#include <chrono>
#include <functional>
#include <memory>

class QLocalSocket;

namespace loam::rpc {

/// What to do when the node is not there or goes away.
enum class Reconnect {
    Never,
    WithBackOff, ///< try again after 0.1 s, 0.2 s, ... up to 5 s, for as long as the client lives
};

/// A connection to the node of one home folder. Lives on one thread with an event loop; every
/// callback and signal arrives there, never from inside the call that caused it.
///
///     client.connectTo(rpc::homeFolder());
///     client.call(QStringLiteral("node.status"), {}, this, [this](base::Result<QJsonObject> r) {
///         if (!r) { show(rpc::messageOf(r.error())); return; }
///         ...
///     });
class Client final : public QObject
{
    Q_OBJECT

public:
    using Callback = std::function<void(base::Result<QJsonObject>)>;

    static constexpr std::chrono::milliseconds kDefaultTimeout{ 30'000 };

    explicit Client(QObject* parent = nullptr);
    ~Client() override;

    /// Starts to connect to `<home>/rpc.sock`, dropping any earlier connection. connected() or
    /// disconnected() tells the outcome.
    void connectTo(const QString& home, Reconnect reconnect = Reconnect::WithBackOff);
    /// Drops the connection and stops trying; calls under way end with Cancelled.
    void disconnectFrom();
    bool isConnected() const;
    const QString& home() const { return m_home; }

    /// Asks the node. `done` runs exactly once, unless `context` or the client is destroyed first:
    /// with the result; with the code and message the node gave; with Unavailable when there is no
    /// connection or it breaks; with Timeout after `timeout` (zero: wait for ever).
    void call(const QString& method, const QJsonObject& params, QObject* context, Callback done,
        std::chrono::milliseconds timeout = kDefaultTimeout);

    /// Adds topics whose notifications shall arrive ("practice", "node", ...). Kept across
    /// reconnections.
    void subscribe(const QStringList& topics);

Q_SIGNALS:
    void connected();
    /// The connection broke or could not be made; `reason` is a sentence for the owner.
    void disconnected(const QString& reason);
    /// The node reported something on a subscribed topic; `rpc.dropped {topic, count}` says that
    /// this client was too slow for some of them and should read the state anew.
    void notification(const QString& method, const QJsonObject& params);

private:
    struct Pending;

    void tryConnect();
    void closeSocket();
    void onReadyRead();
    void handleLine(const QByteArray& line);
    void drop(base::Errc code, const QString& reason);
    void failAll(base::Errc code, const QString& reason);
    void failLater(qint64 id, base::Errc code, const QString& reason);
    void finish(qint64 id, base::Result<QJsonObject> outcome);
    void sendSubscriptions(const QStringList& topics);

    QString m_home;
    Reconnect m_reconnect{ Reconnect::Never };
    std::chrono::milliseconds m_backOff{ 0 };
    QTimer m_retry;
    std::unique_ptr<QLocalSocket> m_socket;
    bool m_isConnected{ false };
    QString m_lastReason;
    LineSplitter m_splitter;
    qint64 m_nextId{ 1 };
    QHash<qint64, std::shared_ptr<Pending>> m_pending;
    QStringList m_topics;
};

} // namespace loam::rpc
