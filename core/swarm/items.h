// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/bytes.h"

#include <chrono>
#include <variant>

namespace loam::swarm {

inline constexpr std::size_t kMaxName = 64;
inline constexpr std::uint8_t kGossipHops = 16;

/// A flooded message as it travels on the gossip lane; `hops` falls with every relay.
struct GossipItem
{
    std::uint8_t hops{ kGossipHops };
    std::string topic;
    base::Bytes body;

    /// What it is known by: the hash of topic and body, whatever the hops.
    base::Hash256 id() const;
};

/// What travels on the bulk lanes. `number` is chosen by the asking side for the connection.
struct RequestItem
{
    std::uint64_t number{ 0 };
    std::string method;
    std::chrono::milliseconds patience{ 0 };
    base::Bytes body;
};
struct ResponseItem
{
    std::uint64_t number{ 0 };
    base::Result<base::Bytes> answer;
};
/// The asking side no longer waits.
struct CancelItem
{
    std::uint64_t number{ 0 };
};
using BulkItem = std::variant<RequestItem, ResponseItem, CancelItem>;

/// An item ready for a lane: a CBOR header, then the body as it is.
struct OutItem
{
    base::Bytes header;
    base::Bytes body;

    std::size_t size() const { return header.size() + body.size(); }
};

OutItem encodeGossip(const GossipItem& item);
OutItem encodeBulk(BulkItem item);
/// Fail with Invalid.
base::Result<GossipItem> decodeGossip(base::Bytes bytes);
base::Result<BulkItem> decodeBulk(base::Bytes bytes);

} // namespace loam::swarm
