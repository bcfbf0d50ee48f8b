// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QJsonObject>
#include <QObject>
#include <QString>
#include <QStringList>

#include <functional>

namespace loam::desktop {

/// What a call to the node gave back: a result, or one sentence that says what went wrong.
struct NodeReply
{
    QJsonObject result;
    QString error;

    bool isOk() const { return error.isEmpty(); }
};

/// The window's only way to the node: calls and notifications of the JSON-RPC schema.
/// Lives on the GUI thread; callbacks and signals arrive there.
class NodeApi : public QObject
{
    Q_OBJECT

public:
    using Callback = std::function<void(const NodeReply&)>;

    using QObject::QObject;

    virtual bool isConnected() const = 0;

    /// Calls `method`. The callback runs exactly once, later, on the GUI thread, unless `context`
    /// is destroyed first. Without a connection it runs with an error.
    virtual void call(
        const QString& method, const QJsonObject& params, QObject* context, Callback callback)
        = 0;

    /// Asks for the notifications of these topics ("node" covers "node.changed"). Kept across
    /// reconnections.
    virtual void subscribe(const QStringList& topics) = 0;

Q_SIGNALS:
    void connectedChanged(bool connected);
    void notified(const QString& topic, const QJsonObject& payload);
};

} // namespace loam::desktop
