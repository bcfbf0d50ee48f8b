// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/bytes.h"
#include "base/clock.h"
#include "base/id.h"

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace loam::swarm {

/// An IP address in text form (no host names, IPv6 without brackets) and a port.
struct Endpoint
{
    std::string address;
    std::uint16_t port{ 0 };

    /// "127.0.0.2:6881" or "[::1]:6881".
    std::string toString() const;
    /// Fails with Invalid unless the text is a literal IP address and a port of 1 to 65535.
    static base::Result<Endpoint> parse(std::string_view text);
    friend auto operator<=>(const Endpoint&, const Endpoint&) = default;
};

/// Purpose of a direct message, in falling priority. Messages of one channel to one peer keep
/// their order; those of different channels may overtake one another.
enum class Channel : std::uint8_t { Consensus = 1, Ledger = 2, Training = 3, Market = 4 };

/// A torrent of model data: lower-case hex of its v2 info hash (64 characters), or of the v1 info
/// hash (40) when it was fetched by that alone.
using ShardId = base::Id<struct ShardIdTag, std::string>;

/// Names an incoming request until it is answered.
struct RequestId
{
    base::PublicKey peer;
    std::uint64_t link{ 0 };
    std::uint64_t number{ 0 };
    friend auto operator<=>(const RequestId&, const RequestId&) = default;
};

struct PeerInfo
{
    base::PublicKey id;
    /// Where the peer listens.
    Endpoint endpoint;
    std::string client;
    /// Smoothed round trip of our own pings; nothing before the first answer.
    std::optional<std::chrono::microseconds> rtt;
    base::UnixTime since;
    std::uint64_t bytesSent{ 0 };
    std::uint64_t bytesReceived{ 0 };
    /// Messages dropped because too much was queued for the peer.
    std::uint64_t dropped{ 0 };
    /// Penalty points; 0 is a clean record, 100 a temporary ban.
    double penalty{ 0 };
};

/// Since the start, bytes.
struct Traffic
{
    std::uint64_t messagesSent{ 0 }; ///< bytes of peer messages, sealed
    std::uint64_t messagesReceived{ 0 };
    std::uint64_t totalSent{ 0 }; ///< everything on the wire, shards and DHT included
    std::uint64_t totalReceived{ 0 };
    std::size_t dhtNodes{ 0 }; ///< entries of the routing table
};

struct ShardInfo
{
    ShardId id;
    std::string infoHashV1; ///< 40 hex digits; empty for a v2-only torrent
    std::string infoHashV2; ///< 64 hex digits; empty for a v1-only torrent
    std::string magnet;
    std::uint64_t bytes{ 0 };
};

enum class ShardState { Checking, Metadata, Downloading, Seeding, Paused, Failed };

struct ShardStatus
{
    ShardInfo info;
    std::string name;
    /// The file or folder on disk.
    std::filesystem::path path;
    ShardState state{ ShardState::Checking };
    std::uint64_t bytesDone{ 0 };
    std::uint64_t bytesUploaded{ 0 };
    std::uint64_t downloadRate{ 0 }; ///< bytes per second
    std::uint64_t uploadRate{ 0 };
    std::size_t peers{ 0 };
    std::string error;
};

enum class FilesOnDisk { Keep, Delete };

/// A BEP 44 mutable item whose signature has been verified.
struct Item
{
    base::PublicKey key;
    std::string salt;
    std::int64_t sequence{ 0 };
    base::Bytes value;
};

/// BEP 44 allows 1,000 bytes of bencoded value; four are the length prefix of our byte string.
inline constexpr std::size_t kMaxItemValue = 996;
/// Largest body of one direct message and of one gossip message, bytes.
inline constexpr std::size_t kMaxMessage = std::size_t{ 4 } << 20U;
inline constexpr std::size_t kMaxGossip = std::size_t{ 256 } << 10U;

} // namespace loam::swarm
