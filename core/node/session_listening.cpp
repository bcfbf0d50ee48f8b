// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/file.h"
#include "node/join_process.h"
#include "node/log.h"
#include "node/network_session.h"

#include <QCoreApplication>
#include <QPointer>

#include <charconv>
#include <iterator>

// The part of a session that opens its socket.
namespace loam::node {

namespace {

    constexpr std::size_t kRememberedEndpoints = 50;
    constexpr std::size_t kMaxPortBytes = 8;

    /// 0 when none was kept.
    std::uint16_t readPort(const std::filesystem::path& path)
    {
        const auto bytes = base::readFile(path, kMaxPortBytes);
        std::uint16_t port = 0;
        if (bytes) {
            const std::string_view text = base::asText(*bytes);
            std::from_chars(text.data(), text.data() + text.size(), port);
        }
        return port;
    }

} // namespace

base::Result<> NetworkSession::listen()
{
    if (const std::uint16_t wanted = m_config.settings.network.port; wanted != 0) {
        return startSwarm(wanted);
    }
    // Chosen once and kept: peers look for this node where they last saw it, and so do those who
    // hold an invitation.
    const std::uint16_t kept = readPort(m_config.home.listenPort());
    if (kept == 0 || !startSwarm(kept)) {
        TRY(startSwarm(0));
    }
    const std::uint16_t port = m_swarm->listening().port;
    if (port != kept) {
        if (auto saved = base::writeFileAtomically(
                m_config.home.listenPort(), base::asBytes(std::to_string(port)));
            !saved) {
            qCWarning(lcNode).noquote() << QString::fromStdString(saved.error().message);
        }
    }
    return {};
}

base::Result<> NetworkSession::startSwarm(std::uint16_t port)
{
    swarm::Config network
        = swarmConfig(m_config.key, m_ledger->networkId(), m_config.home, m_config.settings);
    network.port = port;
    network.knownEndpoints = m_config.endpoints;
    TRY_ASSIGN(auto remembered, m_config.store.endpoints(kRememberedEndpoints));
    std::move(remembered.begin(), remembered.end(), std::back_inserter(network.knownEndpoints));
    TRY_ASSIGN(m_swarm,
        swarm::Swarm::start(std::move(network), [self = QPointer{ this }](swarm::Event event) {
            // Called on the network thread; only the value crosses over.
            QMetaObject::invokeMethod(
                qApp,
                [self, event = std::move(event)] {
                    if (self && self->m_swarm) {
                        self->handle(event);
                    }
                },
                Qt::QueuedConnection);
        }));
    return {};
}

} // namespace loam::node
