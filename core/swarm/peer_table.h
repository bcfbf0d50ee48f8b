// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "swarm/events.h"
#include "swarm/link.h"
#include "swarm/requests.h"

#include <map>
#include <random>

namespace loam::swarm {

/// Authenticated peers and what travels between them. A peer may have several connections at
/// once (both sides dialled); all we send takes the oldest one, so that order holds. Not
/// thread-safe: lives on the network thread.
class PeerTable
{
public:
    static constexpr std::size_t kGossipFanOut = 6;
    static constexpr std::size_t kMaxLinksPerPeer = 3;

    PeerTable(const base::Clock& clock, const PeerLimits& limits, std::size_t maxPeers,
        std::function<void(Event)> emit);

    // Connections, each under a serial number of its own.

    /// A handshake has begun; it is watched for its time limit.
    void linkBegun(std::uint64_t serial, Link& link);
    /// Admits a proved peer. Fails with Denied (banned) or Unavailable (full, or connected often
    /// enough). The link must stay valid until linkDown.
    base::Result<> linkUp(std::uint64_t serial, Link& link, const Endpoint& remote);
    base::Result<> linkItem(std::uint64_t serial, std::uint8_t lane, base::Bytes item);
    /// The connection is over, whether or not it was ever up.
    void linkDown(std::uint64_t serial, const Endpoint& remote, const LinkEnd& reason);
    void tick();

    // What the swarm's owner does.

    void send(const base::PublicKey& to, Channel channel, base::Bytes body);
    void broadcast(Channel channel, const base::Bytes& body);
    void gossip(std::string topic, base::Bytes body);
    void request(const base::PublicKey& to, RequestItem item, Requests::Callback callback);
    Requests& requests() { return m_requests; }
    void ban(const base::PublicKey& id, std::chrono::seconds duration);
    std::vector<PeerInfo> peers() const;
    std::size_t size() const { return m_peers.size(); }
    bool isConnectedTo(const Endpoint& listening) const;
    /// Bytes of messages over all connections so far: sent, received.
    std::pair<std::uint64_t, std::uint64_t> traffic() const;

private:
    struct Peer
    {
        Hello hello;
        Endpoint endpoint;
        base::UnixTime since;
        /// Oldest first; never empty.
        std::vector<std::uint64_t> links;
        std::uint64_t closedSent{ 0 };
        std::uint64_t closedReceived{ 0 };
        std::uint64_t dropped{ 0 };
    };
    struct Attached
    {
        Link* link{ nullptr };
        base::PublicKey peer;
    };

    base::Result<> admit(const Hello& hello) const;
    void detach(std::uint64_t serial, const std::string& reason);
    void dropPeer(const base::PublicKey& id, const std::string& reason);
    bool sendOn(Peer& peer, std::uint8_t lane, OutItem item);
    bool sendBulk(std::uint64_t serial, OutItem item);
    base::Result<> receiveGossip(const base::PublicKey& relay, base::Bytes bytes);
    void spread(const GossipItem& item, const base::PublicKey* relay);

    const base::Clock& m_clock;
    std::size_t m_maxPeers;
    std::function<void(Event)> m_emit;
    std::map<base::PublicKey, Peer> m_peers;
    std::map<std::uint64_t, Attached> m_links;
    /// Not proved yet.
    std::map<std::uint64_t, Link*> m_young;
    PenaltyBook m_penalties;
    SeenCache m_seen;
    Requests m_requests;
    std::mt19937_64 m_random;
    std::uint64_t m_goneSent{ 0 };
    std::uint64_t m_goneReceived{ 0 };
};

} // namespace loam::swarm
