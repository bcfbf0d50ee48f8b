// SPDX-License-Identifier: GPL-3.0-or-later
#include "swarm/rendezvous.h"

#include <algorithm>

namespace loam::swarm {

using namespace std::chrono_literals;

namespace {

    /// The first question goes out before the first answer to a ping is back, so ask again soon.
    constexpr std::chrono::milliseconds kFirstPause = 100ms;
    constexpr std::chrono::milliseconds kMaxLonelyPause = 30s;
    constexpr std::chrono::milliseconds kMaxPause = 5min;
    constexpr std::chrono::milliseconds kMaxDialPause = 60s;
    constexpr std::size_t kMaxKnown = 1000;

} // namespace

Rendezvous::Rendezvous(lt::session& session, lt::torrent_handle torrent, const PeerTable& peers,
    const base::Clock& clock, Discovery discovery, std::size_t wanted)
    : m_session{ session }
    , m_torrent{ std::move(torrent) }
    , m_key{ m_torrent.info_hashes().get_best() }
    , m_peers{ peers }
    , m_clock{ clock }
    , m_discovery{ discovery }
    , m_wanted{ wanted }
    , m_pause{ kFirstPause }
{
}

base::Result<> Rendezvous::addEndpoint(const Endpoint& endpoint)
{
    TRY_ASSIGN(const lt::tcp::endpoint checked, toTcp(endpoint));
    const bool known = std::any_of(m_known.begin(), m_known.end(),
        [&endpoint](const Known& entry) { return entry.endpoint == endpoint; });
    if (known || m_known.size() >= kMaxKnown || fromTcp(checked) == m_self) {
        return {};
    }
    m_known.push_back({ endpoint, m_clock.monotonic(), kFirstPause });
    m_pause = kFirstPause;
    m_nextLookUp = m_clock.monotonic();
    return {};
}

void Rendezvous::learned(const Endpoint& endpoint)
{
    m_session.add_dht_node({ endpoint.address, endpoint.port });
}

void Rendezvous::listening(const Endpoint& self)
{
    m_self = self;
    std::erase_if(m_known, [&self](const Known& entry) { return entry.endpoint == self; });
    m_nextLookUp = m_clock.monotonic();
}

void Rendezvous::dial(const Endpoint& endpoint)
{
    const auto target = toTcp(endpoint);
    if (target && endpoint != m_self && !m_peers.isConnectedTo(endpoint)) {
        m_torrent.connect_peer(*target);
    }
}

void Rendezvous::dhtReply(const lt::dht_get_peers_reply_alert& alert)
{
    if (alert.info_hash != m_key || m_peers.size() >= m_wanted) {
        return;
    }
    for (const lt::tcp::endpoint& peer : alert.peers()) {
        dial(fromTcp(peer));
    }
}

void Rendezvous::lookUp()
{
    m_session.dht_get_peers(m_key);
    m_session.dht_announce(m_key, m_self.port);
}

void Rendezvous::tick()
{
    if (m_self.port == 0) {
        return;
    }
    const base::MonotonicTime now = m_clock.monotonic();
    for (Known& entry : m_known) {
        if (now < entry.next || m_peers.isConnectedTo(entry.endpoint)) {
            continue;
        }
        m_session.add_dht_node({ entry.endpoint.address, entry.endpoint.port });
        if (m_discovery == Discovery::DhtAndDirect) {
            dial(entry.endpoint);
        }
        entry.next = now + entry.pause;
        entry.pause = std::min(2 * entry.pause, kMaxDialPause);
    }
    if (m_nextLookUp && now >= *m_nextLookUp) {
        lookUp();
        m_nextLookUp = now + m_pause;
        const auto most = m_peers.size() == 0 ? kMaxLonelyPause : kMaxPause;
        m_pause = std::min(m_pause * 3 / 2, most);
    }
}

} // namespace loam::swarm
