// SPDX-License-Identifier: GPL-3.0-or-later
#include "swarm/lanes.h"

#include "base/require.h"
#include "swarm/types.h"

#include <algorithm>

namespace loam::swarm {

using base::Errc;
using base::fail;

namespace {

    /// Consensus, gossip, ledger, training, market.
    constexpr std::array<std::uint8_t, 5> kUrgency{ 1, kGossipLane, 2, 3, 4 };
    /// Headers of requests and gossip on top of the body.
    constexpr std::size_t kHeaderRoom = 2048;
    constexpr auto kRatePeriod = std::chrono::milliseconds{ 100 };

    base::ByteView piece(base::ByteView bytes, std::size_t from, std::size_t count)
    {
        const std::size_t start = std::min(from, bytes.size());
        return bytes.subspan(start, std::min(count, bytes.size() - start));
    }

} // namespace

void LaneSender::enqueue(std::uint8_t lane, OutItem item)
{
    ASSERT(lane > 0 && lane < kLanes && item.size() > 0);
    m_queued += item.size();
    m_lanes[lane].queued += item.size();
    m_lanes[lane].items.push_back(std::move(item));
}

std::uint8_t LaneSender::quietestBulkLane() const
{
    std::uint8_t best = kFirstBulkLane;
    for (std::uint8_t lane = kFirstBulkLane; lane < kLanes; ++lane) {
        if (m_lanes[lane].queued < m_lanes[best].queued) {
            best = lane;
        }
    }
    return best;
}

std::optional<std::uint8_t> LaneSender::pick()
{
    const std::uint64_t inFlight = m_sent - m_acknowledged;
    if (inFlight < m_window + kUrgentReserve) {
        for (const std::uint8_t lane : kUrgency) {
            if (!m_lanes[lane].items.empty()) {
                return lane;
            }
        }
    }
    if (inFlight >= m_window) {
        return std::nullopt;
    }
    for (std::uint8_t step = 0; step < kLanes - kFirstBulkLane; ++step) {
        m_lastBulk
            = m_lastBulk + 1 < kLanes ? static_cast<std::uint8_t>(m_lastBulk + 1) : kFirstBulkLane;
        if (!m_lanes[m_lastBulk].items.empty()) {
            return m_lastBulk;
        }
    }
    return std::nullopt;
}

base::Bytes LaneSender::cut(std::uint8_t number)
{
    Lane& lane = m_lanes[number];
    const OutItem& item = lane.items.front();
    const std::size_t count = std::min(kFragmentBytes, item.size() - lane.sent);
    base::Bytes body;
    body.reserve(count);
    const base::ByteView head = piece(item.header, lane.sent, count);
    body.insert(body.end(), head.begin(), head.end());
    const std::size_t from = std::max(lane.sent, item.header.size()) - item.header.size();
    const base::ByteView tail = piece(item.body, from, count - head.size());
    body.insert(body.end(), tail.begin(), tail.end());

    Fragment fragment{ .lane = number, .itemSize = {}, .body = body };
    if (lane.sent == 0) {
        fragment.itemSize = item.size();
    }
    base::Bytes frame = encodeFrame(fragment);
    m_sent += count;
    lane.sent += count;
    if (lane.sent == item.size()) {
        lane.queued -= item.size();
        m_queued -= item.size();
        lane.items.pop_front();
        lane.sent = 0;
    }
    return frame;
}

std::optional<base::Bytes> LaneSender::next()
{
    const std::optional<std::uint8_t> lane = pick();
    if (!lane) {
        return std::nullopt;
    }
    return cut(*lane);
}

base::Result<> LaneSender::acknowledge(std::uint64_t total, base::MonotonicTime now)
{
    if (total > m_sent || total < m_acknowledged) {
        return fail(Errc::Invalid, "credit for bytes that were never sent");
    }
    if (!m_rateSince) {
        m_rateSince = now;
    } else {
        m_rateBytes += total - m_acknowledged;
        const auto elapsed = now - *m_rateSince;
        if (elapsed >= kRatePeriod) {
            const auto microseconds = static_cast<std::uint64_t>(
                std::chrono::duration_cast<std::chrono::microseconds>(elapsed).count());
            const std::uint64_t target = m_rateBytes * 250'000 / microseconds;
            m_window = std::clamp((m_window + target) / 2, kMinWindow, kMaxWindow);
            m_rateSince = now;
            m_rateBytes = 0;
        }
    }
    m_acknowledged = total;
    return {};
}

base::Result<std::size_t> LaneReceiver::limit(std::uint8_t lane) const
{
    if (lane >= kFirstBulkLane) {
        return m_maxBody + kHeaderRoom;
    }
    if (lane == kGossipLane) {
        return kMaxGossip + kHeaderRoom;
    }
    if (std::find(kUrgency.begin(), kUrgency.end(), lane) != kUrgency.end()) {
        return kMaxMessage;
    }
    return fail(Errc::Invalid, "an item on an unknown lane");
}

base::Result<std::optional<base::Bytes>> LaneReceiver::accept(const Fragment& fragment)
{
    std::optional<Partial>& slot = m_lanes.at(fragment.lane);
    if (fragment.itemSize) {
        TRY_ASSIGN(const std::size_t most, limit(fragment.lane));
        if (slot) {
            return fail(Errc::Invalid, "an item begins before the last one of its lane has ended");
        }
        if (*fragment.itemSize == 0 || *fragment.itemSize > most
            || *fragment.itemSize > kMaxInProgress - m_inProgress) {
            return fail(Errc::Invalid, "an item is empty or too large");
        }
        slot.emplace(Partial{ .size = static_cast<std::size_t>(*fragment.itemSize), .bytes = {} });
        m_inProgress += slot->size;
    }
    if (!slot || fragment.body.size() > slot->size - slot->bytes.size()) {
        return fail(Errc::Invalid, "a fragment that belongs to no item");
    }
    // Memory grows with what has come, not with what was announced.
    slot->bytes.insert(slot->bytes.end(), fragment.body.begin(), fragment.body.end());
    if (slot->bytes.size() < slot->size) {
        return std::nullopt;
    }
    base::Bytes whole = std::move(slot->bytes);
    m_inProgress -= slot->size;
    slot.reset();
    return whole;
}

} // namespace loam::swarm
