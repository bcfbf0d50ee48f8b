// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "command_vm.h"
#include "records_model.h"

#include <QTimer>

namespace loam::desktop {

/// Peers of this node and the ways into a network: found one, join one, invite others.
class NetworkVm final : public loam::desktop::CommandVm
{
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("made by main")
    Q_PROPERTY(loam::desktop::RecordsModel* peers READ peers CONSTANT FINAL)
    Q_PROPERTY(QString invitation READ invitation NOTIFY invitationChanged FINAL)
    /// Set while a page shows the peers: they are then read every few seconds.
    Q_PROPERTY(bool active READ isActive WRITE setActive NOTIFY activeChanged FINAL)

public:
    explicit NetworkVm(NodeApi& node, QObject* parent = nullptr);

    RecordsModel* peers() { return &m_peers; }
    QString invitation() const { return m_invitation; }
    bool isActive() const { return m_active; }
    void setActive(bool active);

    Q_INVOKABLE void create(const QString& name);
    Q_INVOKABLE void join(const QString& invitation);
    Q_INVOKABLE void invite();

Q_SIGNALS:
    void invitationChanged();
    void activeChanged();
    /// This node is now part of a network.
    void joined();

private:
    void loadPeers();
    void enter(const QString& method, const QJsonObject& params);
    void setInvitation(const QString& invitation);

    RecordsModel m_peers;
    QString m_invitation;
    bool m_active{ false };
    QTimer m_poll;
};

} // namespace loam::desktop
