// SPDX-License-Identifier: GPL-3.0-or-later
#include "swarm/peer_table.h"

#include "crypto/random.h"

#include <algorithm>

namespace loam::swarm {

using base::Errc;
using base::fail;

namespace {

    std::uint64_t randomSeed()
    {
        std::uint64_t seed = 0;
        crypto::randomBytes(std::as_writable_bytes(std::span{ &seed, 1 }));
        return seed;
    }

} // namespace

PeerTable::PeerTable(const base::Clock& clock, const PeerLimits& limits, std::size_t maxPeers,
    std::function<void(Event)> emit)
    : m_clock{ clock }
    , m_maxPeers{ maxPeers }
    , m_emit{ std::move(emit) }
    , m_requests{ limits,
        [this](std::uint64_t link, OutItem item) { return sendBulk(link, std::move(item)); },
        m_emit }
    , m_random{ randomSeed() }
{
}

base::Result<> PeerTable::admit(const Hello& hello) const
{
    if (m_penalties.isBanned(hello.id, m_clock.monotonic())) {
        return fail(Errc::Denied, "the peer is banned for a while");
    }
    const auto found = m_peers.find(hello.id);
    if (found == m_peers.end()) {
        if (m_peers.size() >= m_maxPeers) {
            return fail(Errc::Unavailable, "enough peers are connected");
        }
        return {};
    }
    const bool restarted = found->second.hello.instance != hello.instance;
    if (!restarted && found->second.links.size() >= kMaxLinksPerPeer) {
        return fail(Errc::Unavailable, "connected often enough already");
    }
    return {};
}

void PeerTable::linkBegun(std::uint64_t serial, Link& link)
{
    m_young.emplace(serial, &link);
}

base::Result<> PeerTable::linkUp(std::uint64_t serial, Link& link, const Endpoint& remote)
{
    const Hello hello = *link.peer();
    TRY(admit(hello));
    const auto found = m_peers.find(hello.id);
    if (found != m_peers.end() && found->second.hello.instance != hello.instance) {
        dropPeer(hello.id, "the peer has restarted");
    }
    m_links.emplace(serial, Attached{ &link, hello.id });
    const auto [peer, isNew] = m_peers.try_emplace(hello.id);
    peer->second.links.push_back(serial);
    if (!isNew) {
        return {};
    }
    peer->second.hello = hello;
    peer->second.endpoint = { remote.address, hello.port };
    peer->second.since = m_clock.now();
    const Endpoint endpoint = peer->second.endpoint;
    m_emit(PeerUp{ hello.id, endpoint, hello.agent });
    if (endpoint.port != 0) {
        m_emit(EndpointLearned{ hello.id, endpoint });
    }
    return {};
}

base::Result<> PeerTable::linkItem(std::uint64_t serial, std::uint8_t lane, base::Bytes item)
{
    const auto found = m_links.find(serial);
    if (found == m_links.end()) {
        return {};
    }
    const base::PublicKey from = found->second.peer;
    if (lane >= kFirstBulkLane) {
        TRY_ASSIGN(BulkItem bulk, decodeBulk(std::move(item)));
        return m_requests.received(serial, from, std::move(bulk), m_clock.monotonic());
    }
    if (lane == kGossipLane) {
        return receiveGossip(from, std::move(item));
    }
    m_emit(Message{ from, static_cast<Channel>(lane), std::move(item) });
    return {};
}

void PeerTable::detach(std::uint64_t serial, const std::string& reason)
{
    const auto found = m_links.find(serial);
    if (found == m_links.end()) {
        return;
    }
    const Attached gone = found->second;
    m_links.erase(found);
    const auto peer = m_peers.find(gone.peer);
    peer->second.closedSent += gone.link->bytesSent();
    peer->second.closedReceived += gone.link->bytesReceived();
    std::erase(peer->second.links, serial);
    const bool last = peer->second.links.empty();
    if (last) {
        m_goneSent += peer->second.closedSent;
        m_goneReceived += peer->second.closedReceived;
        m_peers.erase(peer);
    }
    m_requests.linkGone(serial);
    if (last) {
        m_emit(PeerDown{ gone.peer, reason });
    }
}

void PeerTable::dropPeer(const base::PublicKey& id, const std::string& reason)
{
    const auto peer = m_peers.find(id);
    if (peer == m_peers.end()) {
        return;
    }
    for (const std::uint64_t serial : std::vector<std::uint64_t>{ peer->second.links }) {
        Link& link = *m_links.at(serial).link;
        detach(serial, reason);
        link.end({ { Errc::Unavailable, reason }, 0 });
    }
}

void PeerTable::linkDown(std::uint64_t serial, const Endpoint& remote, const LinkEnd& reason)
{
    m_young.erase(serial);
    const auto found = m_links.find(serial);
    if (found != m_links.end() && reason.penalty > 0) {
        const base::PublicKey id = found->second.peer;
        m_penalties.add(id, reason.penalty, m_clock.monotonic());
        m_emit(PeerRefused{ remote, id, reason.error });
    } else if (found == m_links.end() && reason.error.code != Errc::Unavailable) {
        m_emit(PeerRefused{ remote, std::nullopt, reason.error });
    }
    detach(serial, reason.error.message);
}

void PeerTable::tick()
{
    const base::MonotonicTime now = m_clock.monotonic();
    std::vector<std::uint64_t> serials;
    for (const auto& [serial, attached] : m_links) {
        serials.push_back(serial);
    }
    for (const std::uint64_t serial : serials) {
        if (const auto found = m_links.find(serial); found != m_links.end()) {
            found->second.link->tick(now);
        }
    }
    // Ending a link is posted, so the table does not change under the loop.
    for (const auto& [serial, link] : m_young) {
        link->tick(now);
    }
    m_requests.expire(now);
}

bool PeerTable::sendOn(Peer& peer, std::uint8_t lane, OutItem item)
{
    for (const std::uint64_t serial : peer.links) {
        Link& link = *m_links.at(serial).link;
        if (link.isUp()) {
            return link.send(lane, std::move(item));
        }
    }
    return false;
}

bool PeerTable::sendBulk(std::uint64_t serial, OutItem item)
{
    const auto found = m_links.find(serial);
    return found != m_links.end()
        && found->second.link->send(found->second.link->quietestBulkLane(), std::move(item));
}

void PeerTable::send(const base::PublicKey& to, Channel channel, base::Bytes body)
{
    const auto found = m_peers.find(to);
    if (found == m_peers.end()) {
        return;
    }
    if (body.empty() || body.size() > kMaxMessage
        || !sendOn(found->second, static_cast<std::uint8_t>(channel), { {}, std::move(body) })) {
        ++found->second.dropped;
    }
}

void PeerTable::broadcast(Channel channel, const base::Bytes& body)
{
    std::vector<base::PublicKey> everybody;
    for (const auto& [id, peer] : m_peers) {
        everybody.push_back(id);
    }
    for (const base::PublicKey& id : everybody) {
        send(id, channel, body);
    }
}

void PeerTable::gossip(std::string topic, base::Bytes body)
{
    const GossipItem item{ kGossipHops, std::move(topic), std::move(body) };
    if (m_seen.insert(item.id(), m_clock.monotonic())) {
        spread(item, nullptr);
    }
}

base::Result<> PeerTable::receiveGossip(const base::PublicKey& relay, base::Bytes bytes)
{
    TRY_ASSIGN(GossipItem item, decodeGossip(std::move(bytes)));
    if (!m_seen.insert(item.id(), m_clock.monotonic())) {
        return {};
    }
    if (item.hops > 1) {
        --item.hops;
        spread(item, &relay);
    }
    m_emit(GossipReceived{ relay, std::move(item.topic), std::move(item.body) });
    return {};
}

void PeerTable::spread(const GossipItem& item, const base::PublicKey* relay)
{
    std::vector<base::PublicKey> others;
    for (const auto& [id, peer] : m_peers) {
        if (relay == nullptr || id != *relay) {
            others.push_back(id);
        }
    }
    std::shuffle(others.begin(), others.end(), m_random);
    others.resize(std::min(others.size(), kGossipFanOut));
    for (const base::PublicKey& id : others) {
        Peer& peer = m_peers.at(id);
        if (!sendOn(peer, kGossipLane, encodeGossip(item))) {
            ++peer.dropped;
        }
    }
}

void PeerTable::request(const base::PublicKey& to, RequestItem item, Requests::Callback callback)
{
    const auto found = m_peers.find(to);
    if (found == m_peers.end()) {
        callback(fail(Errc::Unavailable, "not connected to this peer"));
        return;
    }
    std::uint64_t serial = found->second.links.front();
    for (const std::uint64_t other : found->second.links) {
        if (m_links.at(other).link->isUp()) {
            serial = other;
            break;
        }
    }
    m_requests.ask(serial, std::move(item), m_clock.monotonic(), std::move(callback));
}

void PeerTable::ban(const base::PublicKey& id, std::chrono::seconds duration)
{
    m_penalties.ban(id, m_clock.monotonic() + duration);
    dropPeer(id, "banned by this node");
}

std::vector<PeerInfo> PeerTable::peers() const
{
    std::vector<PeerInfo> out;
    for (const auto& [id, peer] : m_peers) {
        PeerInfo info;
        info.id = id;
        info.endpoint = peer.endpoint;
        info.client = peer.hello.agent;
        info.since = peer.since;
        info.bytesSent = peer.closedSent;
        info.bytesReceived = peer.closedReceived;
        info.dropped = peer.dropped;
        info.penalty = m_penalties.points(id, m_clock.monotonic());
        for (const std::uint64_t serial : peer.links) {
            const Link& link = *m_links.at(serial).link;
            info.bytesSent += link.bytesSent();
            info.bytesReceived += link.bytesReceived();
            if (!info.rtt) {
                info.rtt = link.rtt();
            }
        }
        out.push_back(std::move(info));
    }
    return out;
}

bool PeerTable::isConnectedTo(const Endpoint& listening) const
{
    return std::any_of(m_peers.begin(), m_peers.end(),
        [&listening](const auto& entry) { return entry.second.endpoint == listening; });
}

std::pair<std::uint64_t, std::uint64_t> PeerTable::traffic() const
{
    std::uint64_t sent = m_goneSent;
    std::uint64_t received = m_goneReceived;
    for (const PeerInfo& peer : peers()) {
        sent += peer.bytesSent;
        received += peer.bytesReceived;
    }
    return { sent, received };
}

} // namespace loam::swarm
