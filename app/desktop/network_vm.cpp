// SPDX-License-Identifier: GPL-3.0-or-later
#include "network_vm.h"

#include <chrono>

namespace loam::desktop {
namespace {

    constexpr std::chrono::seconds kPeersInterval{ 3 };

} // namespace

NetworkVm::NetworkVm(NodeApi& node, QObject* parent)
    : QObject{ parent }
    , m_node{ node }
    , m_peers{ QStringLiteral("id"),
        {
            { "peer", QStringLiteral("id") },
            { "endpoint", QStringLiteral("endpoint") },
            { "client", QStringLiteral("client") },
            { "rtt", QStringLiteral("rtt") },
            { "since", QStringLiteral("since") },
        } }
{
    m_poll.setInterval(kPeersInterval);
    connect(&m_poll, &QTimer::timeout, this, &NetworkVm::loadPeers);
    connect(&m_node, &NodeApi::connectedChanged, this, [this](bool connected) {
        if (connected && m_active) {
            loadPeers();
        } else if (!connected) {
            m_peers.clear();
        }
    });
}

void NetworkVm::setActive(bool active)
{
    if (m_active == active) {
        return;
    }
    m_active = active;
    if (active) {
        m_poll.start();
        loadPeers();
    } else {
        m_poll.stop();
    }
    Q_EMIT activeChanged();
}

void NetworkVm::loadPeers()
{
    if (!m_node.isConnected()) {
        return;
    }
    m_node.call(QStringLiteral("net.peers"), {}, this, [this](const NodeReply& reply) {
        if (reply.isOk()) {
            m_peers.setRecords(reply.result.value(QStringLiteral("peers")).toArray());
        }
    });
}

void NetworkVm::setState(State state, const QString& error)
{
    m_state = state;
    m_errorText = error;
    Q_EMIT stateChanged();
}

void NetworkVm::setInvitation(const QString& invitation)
{
    if (m_invitation != invitation) {
        m_invitation = invitation;
        Q_EMIT invitationChanged();
    }
}

void NetworkVm::enter(const QString& method, const QJsonObject& params)
{
    setState(Busy);
    m_node.call(method, params, this, [this](const NodeReply& reply) {
        setState(reply.isOk() ? Idle : Failed, reply.error);
        if (reply.isOk()) {
            setInvitation(reply.result.value(QStringLiteral("invitation")).toString());
            loadPeers();
            Q_EMIT joined();
        }
    });
}

void NetworkVm::create(const QString& name)
{
    enter(QStringLiteral("net.create"), { { QStringLiteral("name"), name.trimmed() } });
}

void NetworkVm::join(const QString& invitation)
{
    enter(QStringLiteral("net.join"), { { QStringLiteral("invitation"), invitation.trimmed() } });
}

void NetworkVm::invite()
{
    m_node.call(QStringLiteral("net.invite"), {}, this, [this](const NodeReply& reply) {
        setState(reply.isOk() ? Idle : Failed, reply.error);
        if (reply.isOk()) {
            setInvitation(reply.result.value(QStringLiteral("invitation")).toString());
        }
    });
}

void NetworkVm::reset()
{
    setState(Idle);
}

} // namespace loam::desktop
