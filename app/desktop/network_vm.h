// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "node_api.h"
#include "records_model.h"

#include <QQmlEngine>
#include <QTimer>

namespace loam::desktop {

/// Peers of this node and the ways into a network: found one, join one, invite others.
class NetworkVm final : public QObject
{
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("made by main")
    Q_PROPERTY(loam::desktop::RecordsModel* peers READ peers CONSTANT FINAL)
    Q_PROPERTY(QString invitation READ invitation NOTIFY invitationChanged FINAL)
    Q_PROPERTY(State state READ state NOTIFY stateChanged FINAL)
    Q_PROPERTY(QString errorText READ errorText NOTIFY stateChanged FINAL)
    /// Set while a page shows the peers: they are then read every few seconds.
    Q_PROPERTY(bool active READ isActive WRITE setActive NOTIFY activeChanged FINAL)

public:
    enum State { Idle, Busy, Failed };
    Q_ENUM(State)

    explicit NetworkVm(NodeApi& node, QObject* parent = nullptr);

    RecordsModel* peers() { return &m_peers; }
    QString invitation() const { return m_invitation; }
    State state() const { return m_state; }
    QString errorText() const { return m_errorText; }
    bool isActive() const { return m_active; }
    void setActive(bool active);

    Q_INVOKABLE void create(const QString& name);
    Q_INVOKABLE void join(const QString& invitation);
    Q_INVOKABLE void invite();
    Q_INVOKABLE void reset();

Q_SIGNALS:
    void invitationChanged();
    void stateChanged();
    void activeChanged();
    /// This node is now part of a network.
    void joined();

private:
    void loadPeers();
    void enter(const QString& method, const QJsonObject& params);
    void setState(State state, const QString& error = {});
    void setInvitation(const QString& invitation);

    NodeApi& m_node;
    RecordsModel m_peers;
    QString m_invitation;
    State m_state{ Idle };
    QString m_errorText;
    bool m_active{ false };
    QTimer m_poll;
};

} // namespace loam::desktop
