// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "swarm/lt.h"
#include "swarm/peer_table.h"
#include "swarm/settings.h"

namespace loam::swarm {

/// Looks for peers: feeds known endpoints to the DHT, asks it for the rendezvous torrent, and
/// dials what it learns. Eager while nobody is there, slow once there is company.
class Rendezvous
{
public:
    Rendezvous(lt::session& session, lt::torrent_handle torrent, const PeerTable& peers,
        const base::Clock& clock, Discovery discovery, std::size_t wanted);

    /// Fails with Invalid for an endpoint that cannot be one.
    base::Result<> addEndpoint(const Endpoint& endpoint);
    /// An authenticated peer listens here: worth an entry in the routing table.
    void learned(const Endpoint& endpoint);
    /// The socket is bound.
    void listening(const Endpoint& self);
    void dhtReply(const lt::dht_get_peers_reply_alert& alert);
    /// Call ten times a second.
    void tick();

private:
    struct Known
    {
        Endpoint endpoint;
        base::MonotonicTime next;
        std::chrono::milliseconds pause;
    };
    void lookUp();
    void dial(const Endpoint& endpoint);

    lt::session& m_session;
    lt::torrent_handle m_torrent;
    lt::sha1_hash m_key;
    const PeerTable& m_peers;
    const base::Clock& m_clock;
    Discovery m_discovery;
    std::size_t m_wanted;
    Endpoint m_self;
    std::vector<Known> m_known;
    std::optional<base::MonotonicTime> m_nextLookUp;
    std::chrono::milliseconds m_pause;
};

} // namespace loam::swarm
