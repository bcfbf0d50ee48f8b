// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "node_api.h"

#include <QQmlEngine>
#include <QUrl>

namespace loam::desktop {

/// A view model that sends commands to the node: one at work at a time, and the outcome of the
/// last one as a sentence.
class CommandVm : public QObject
{
    Q_OBJECT
    QML_ANONYMOUS
    Q_PROPERTY(State state READ state NOTIFY stateChanged FINAL)
    Q_PROPERTY(QString errorText READ errorText NOTIFY stateChanged FINAL)
    /// A sentence about the last command that succeeded.
    Q_PROPERTY(QString doneText READ doneText NOTIFY stateChanged FINAL)

public:
    enum State { Idle, Busy, Failed };
    Q_ENUM(State)

    State state() const { return m_state; }
    QString errorText() const { return m_errorText; }
    QString doneText() const { return m_doneText; }

    /// Forgets the last outcome, when a form opens or closes.
    Q_INVOKABLE void reset() { setState(Idle); }

Q_SIGNALS:
    void stateChanged();

protected:
    using Handler = std::function<void(const QJsonObject&)>;

    explicit CommandVm(NodeApi& node, QObject* parent = nullptr);

    NodeApi& node() const { return m_node; }
    /// Busy until the answer is here; then `done` with the result, or the node's words as error.
    void command(const QString& method, const QJsonObject& params, Handler done);
    void setState(State state, const QString& error = {}, const QString& done = {});
    /// Writes what a command brought to a file the owner chose, and says how that went.
    void saveAs(const QUrl& file, const QString& text);

private:
    NodeApi& m_node;
    State m_state{ Idle };
    QString m_errorText;
    QString m_doneText;
};

} // namespace loam::desktop
