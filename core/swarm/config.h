// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "crypto/secret.h"
#include "swarm/types.h"

namespace loam::swarm {

/// Where the network lives. Loopback and Lan relax libtorrent's address rules, which would keep
/// neighbours of one subnet out of each other's routing tables; Public keeps its defences.
enum class Profile { Loopback, Lan, Public };

/// How a node finds its first peers. DhtOnly never dials a known endpoint as a peer and switches
/// off peer exchange: everybody is found through the DHT.
enum class Discovery { DhtAndDirect, DhtOnly };

/// How bytes travel between peers. Utp adds hole punching behind NATs at a lower speed.
enum class Transport { Tcp, TcpAndUtp };

/// Bytes per second over all torrents and messages, LAN included; nothing means no cap.
struct RateCaps
{
    std::optional<std::uint32_t> upload;
    std::optional<std::uint32_t> download;
};

/// What one peer may send us before it is slowed down (bytes) or cut off (messages).
struct PeerLimits
{
    std::uint32_t messagesPerSecond{ 5'000 };
    std::uint32_t messageBurst{ 20'000 };
    std::uint64_t bytesPerSecond{ std::uint64_t{ 1 } << 30U };
    /// Largest body of one request or response, bytes.
    std::size_t maxBody{ std::size_t{ 256 } << 20U };
    /// Requests of one peer that wait for our answer; more are refused with Unavailable.
    std::size_t openRequests{ 64 };
    /// What is queued for one peer, bytes; beyond it messages are dropped, requests refused.
    std::size_t maxQueued{ std::size_t{ 320 } << 20U };
};

struct Config
{
    Profile profile{ Profile::Loopback };
    Discovery discovery{ Discovery::DhtAndDirect };
    Transport transport{ Transport::Tcp };
    /// Address to listen on, such as "127.0.0.2", "192.168.1.5" or "0.0.0.0"; peers are also
    /// dialled from it, which binds Loam to one network interface.
    std::string listenAddress{ "127.0.0.1" };
    /// 0 picks a free port.
    std::uint16_t port{ 0 };
    /// LOAM_HOME; torrent and resume files go to `torrents` under it.
    std::filesystem::path home;
    base::NetworkId network;
    /// Seed of the node's identity key (a clone; wiped with the swarm).
    crypto::Seed identity;
    std::vector<Endpoint> knownEndpoints;
    std::size_t maxPeers{ 100 };
    RateCaps caps;
    PeerLimits limits;
    /// Program and version shown to peers, at most 64 bytes of UTF-8.
    std::string agent{ "loam" };
};

} // namespace loam::swarm
