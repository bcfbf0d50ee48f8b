// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "swarm/types.h"

#include <variant>

namespace loam::swarm {

/// We listen here, for peers (TCP) and the DHT (UDP).
struct Listening
{
    Endpoint endpoint;
};
/// A peer has proved its identity and can be addressed.
struct PeerUp
{
    base::PublicKey id;
    Endpoint endpoint;
    std::string client;
};
/// The last connection to a peer is gone; its open requests have failed.
struct PeerDown
{
    base::PublicKey id;
    std::string reason;
};
/// A connection ended before or because of a failed check (signature, tag, network, ban).
struct PeerRefused
{
    Endpoint endpoint;
    std::optional<base::PublicKey> id;
    base::Error error;
};
struct Message
{
    base::PublicKey from;
    Channel channel;
    base::Bytes body;
};
/// `relay` is the neighbour it came through; the origin is unknown unless the body is signed.
struct GossipReceived
{
    base::PublicKey relay;
    std::string topic;
    base::Bytes body;
};
/// Answer with Swarm::respond, from any thread.
struct RequestReceived
{
    RequestId id;
    std::string method;
    base::Bytes body;
};
/// Worth remembering for the next start: an authenticated peer listens here.
struct EndpointLearned
{
    base::PublicKey id;
    Endpoint endpoint;
};
struct ShardProgress
{
    ShardId id;
    std::uint64_t bytesDone;
    std::uint64_t bytesTotal;
    std::uint64_t downloadRate;
    std::uint64_t uploadRate;
    std::size_t peers;
};
/// Every byte is on disk and has been checked against the info hash.
struct ShardComplete
{
    ShardId id;
    std::filesystem::path path;
    std::uint64_t bytes;
};
/// A check found missing or wrong pieces in these files; they are being fetched again.
struct ShardDamaged
{
    ShardId id;
    std::vector<std::filesystem::path> files;
    std::uint64_t bytes;
};
/// The shard has stopped; the message names the file and the remedy. `resume` tries again.
struct ShardFailed
{
    ShardId id;
    base::Error error;
};
/// Something was coped with that the owner may want in the log (no keys, no payloads).
struct Notice
{
    base::Error error;
};

using Event = std::variant<Listening, PeerUp, PeerDown, PeerRefused, Message, GossipReceived,
    RequestReceived, EndpointLearned, ShardProgress, ShardComplete, ShardDamaged, ShardFailed,
    Notice>;

} // namespace loam::swarm
