// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "swarm/config.h"
#include "swarm/handshake.h"
#include "swarm/lanes.h"
#include "swarm/policy.h"

#include <functional>

namespace loam::swarm {

/// What every connection of a node shares.
struct LinkIdentity
{
    const crypto::KeyPair& key;
    base::NetworkId network;
    Instance instance;
    std::string agent;
    std::uint16_t port{ 0 };
    PeerLimits limits;
};

/// Why a connection ends; `penalty` is charged to the peer's key if it had been proved.
struct LinkEnd
{
    base::Error error;
    double penalty{ 0 };
};

/// How a connection reaches its surroundings. None of them may destroy the link.
struct LinkPorts
{
    /// Sends one message: the kind byte, then the body.
    std::function<void(std::byte kind, base::ByteView body)> write;
    /// Ends the connection; called once at most, nothing is written or delivered afterwards.
    std::function<void(LinkEnd)> close;
    /// The peer has proved its identity; returning an error refuses it.
    std::function<base::Result<>(const Hello&)> up;
    /// An item has come in whole.
    std::function<base::Result<>(std::uint8_t lane, base::Bytes item)> item;
};

/// The protocol on one connection: handshake, sealed frames, lanes, credit, liveness and limits.
/// Knows nothing of sockets or threads; time comes in with every call.
class Link
{
public:
    static constexpr std::chrono::seconds kPingEvery{ 5 };
    static constexpr std::chrono::seconds kSilenceLimit{ 15 };
    static constexpr std::chrono::seconds kHandshakeLimit{ 10 };

    Link(const LinkIdentity& identity, LinkPorts ports, base::MonotonicTime now);

    /// Sends our Hello.
    void start();
    /// One whole message from the peer.
    void receive(base::ByteView message, base::MonotonicTime now);
    /// Pings, gives late credit and notices silence; call it a few times a second.
    void tick(base::MonotonicTime now);
    /// Queues an item and sends what the credit allows. False when the queue is full or the link
    /// is not up.
    bool send(std::uint8_t lane, OutItem item);
    std::uint8_t quietestBulkLane() const { return m_sender.quietestBulkLane(); }
    /// Says goodbye and closes.
    void end(LinkEnd reason);

    bool isUp() const { return m_cipher.has_value() && !m_closed; }
    bool isClosed() const { return m_closed; }
    /// The peer's greeting; only to be believed once the link is up.
    const std::optional<Hello>& peer() const { return m_handshake.peer(); }
    std::optional<std::chrono::microseconds> rtt() const { return m_rtt; }
    std::uint64_t bytesSent() const { return m_bytesSent; }
    std::uint64_t bytesReceived() const { return m_bytesReceived; }

private:
    void write(std::byte kind, base::ByteView body);
    void writeFrame(const Frame& frame);
    void pump();
    void ping(base::MonotonicTime now);
    void giveCredit(base::MonotonicTime now);
    base::Result<> dispatch(base::ByteView message, base::MonotonicTime now);
    base::Result<> receiveHello(base::ByteView body);
    base::Result<> receiveProof(base::ByteView body, base::MonotonicTime now);
    base::Result<> receiveFrame(base::ByteView body, base::MonotonicTime now);
    base::Result<> receiveFragment(const Fragment& fragment, base::MonotonicTime now);
    void receivePong(const Pong& pong, base::MonotonicTime now);

    const LinkIdentity& m_identity;
    LinkPorts m_ports;
    Handshake m_handshake;
    std::optional<FrameCipher> m_cipher;
    LaneSender m_sender;
    LaneReceiver m_receiver;
    TokenBucket m_messages;
    TokenBucket m_credit;
    base::MonotonicTime m_begun;
    base::MonotonicTime m_lastHeard;
    base::MonotonicTime m_lastPing;
    std::uint64_t m_pingToken{ 0 };
    std::optional<std::chrono::microseconds> m_rtt;
    std::uint64_t m_fragmentBytes{ 0 };
    std::uint64_t m_credited{ 0 };
    std::uint64_t m_bytesSent{ 0 };
    std::uint64_t m_bytesReceived{ 0 };
    bool m_closed{ false };
};

} // namespace loam::swarm
