// SPDX-License-Identifier: GPL-3.0-or-later
#include "network_vm.h"

#include <chrono>

namespace loam::desktop {
namespace {

    constexpr std::chrono::seconds kPeersInterval{ 3 };

} // namespace

NetworkVm::NetworkVm(NodeApi& node, QObject* parent)
    : CommandVm{ node, parent }
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
    connect(&node, &NodeApi::connectedChanged, this, [this](bool connected) {
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
    if (!node().isConnected()) {
        return;
    }
    node().call(QStringLiteral("net.peers"), {}, this, [this](const NodeReply& reply) {
        if (reply.isOk()) {
            m_peers.setRecords(reply.result.value(QStringLiteral("peers")).toArray());
        }
    });
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
    command(method, params, [this](const QJsonObject& result) {
        setInvitation(result.value(QStringLiteral("invitation")).toString());
        loadPeers();
        Q_EMIT joined();
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
    command(QStringLiteral("net.invite"), {}, [this](const QJsonObject& result) {
        setInvitation(result.value(QStringLiteral("invitation")).toString());
    });
}

} // namespace loam::desktop
