// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/clock.h"
#include "swarm/frame.h"
#include "swarm/items.h"

#include <array>
#include <deque>

namespace loam::swarm {

/// Sum of the sizes of items in progress on one connection that a receiver tolerates, bytes.
inline constexpr std::size_t kMaxInProgress = std::size_t{ 320 } << 20U;
/// Bytes that urgent lanes may send beyond the bulk window.
inline constexpr std::uint64_t kUrgentReserve = std::uint64_t{ 4 } << 20U;
inline constexpr std::uint64_t kMinWindow = std::uint64_t{ 512 } << 10U;
inline constexpr std::uint64_t kMaxWindow = std::uint64_t{ 8 } << 20U;
/// A receiver gives credit at the latest after so many bytes.
inline constexpr std::uint64_t kAckEvery = std::uint64_t{ 128 } << 10U;

/// Cuts queued items into fragments: channels and gossip first, in the order of their urgency,
/// then bulk lanes in turn. What is on its way without credit is bounded by a window that follows
/// the measured rate (a quarter of a second's worth), because libtorrent buffers without limit.
class LaneSender
{
public:
    /// Queues for a lane; the size must be above 0.
    void enqueue(std::uint8_t lane, OutItem item);
    /// The bulk lane with the least to send.
    std::uint8_t quietestBulkLane() const;
    /// The next fragment as an encoded frame, or nothing when the queue is empty or there is no
    /// credit.
    std::optional<base::Bytes> next();
    /// Fails with Invalid when the peer acknowledges what was never sent.
    base::Result<> acknowledge(std::uint64_t total, base::MonotonicTime now);
    /// Sizes of all items not wholly sent.
    std::size_t queued() const { return m_queued; }
    std::uint64_t window() const { return m_window; }

private:
    struct Lane
    {
        std::deque<OutItem> items;
        /// Of the first item.
        std::size_t sent{ 0 };
        std::size_t queued{ 0 };
    };
    std::optional<std::uint8_t> pick();
    base::Bytes cut(std::uint8_t lane);

    std::array<Lane, kLanes> m_lanes;
    std::uint8_t m_lastBulk{ kLanes - 1 };
    std::size_t m_queued{ 0 };
    std::uint64_t m_sent{ 0 };
    std::uint64_t m_acknowledged{ 0 };
    std::uint64_t m_window{ kMinWindow };
    std::optional<base::MonotonicTime> m_rateSince;
    std::uint64_t m_rateBytes{ 0 };
};

/// Puts fragments together again.
class LaneReceiver
{
public:
    explicit LaneReceiver(std::size_t maxBody)
        : m_maxBody{ maxBody }
    {
    }

    /// The whole item when this fragment completes one. Fails with Invalid when the fragments do
    /// not fit together or an item is too large for its lane.
    base::Result<std::optional<base::Bytes>> accept(const Fragment& fragment);

private:
    struct Partial
    {
        std::size_t size{ 0 };
        base::Bytes bytes;
    };
    base::Result<std::size_t> limit(std::uint8_t lane) const;

    std::size_t m_maxBody;
    std::size_t m_inProgress{ 0 };
    std::array<std::optional<Partial>, kLanes> m_lanes;
};

} // namespace loam::swarm
