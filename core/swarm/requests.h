// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/clock.h"
#include "swarm/config.h"
#include "swarm/events.h"
#include "swarm/items.h"

#include <functional>
#include <map>
#include <unordered_map>

namespace loam::swarm {

/// Both halves of request and response: what we asked and what we have been asked, each bound to
/// the connection it travels on.
class Requests
{
public:
    using Callback = std::function<void(base::Result<base::Bytes>)>;
    /// Queues a bulk item on a connection; false when it cannot.
    using Send = std::function<bool(std::uint64_t link, OutItem item)>;

    Requests(const PeerLimits& limits, Send send, std::function<void(Event)> emit);

    void ask(std::uint64_t link, RequestItem item, base::MonotonicTime now, Callback callback);
    void answer(const RequestId& id, base::Result<base::Bytes> answer);
    /// An item of a bulk lane. Fails with Invalid when no correct peer would send it.
    base::Result<> received(
        std::uint64_t link, const base::PublicKey& peer, BulkItem item, base::MonotonicTime now);
    /// Fails what was asked there and forgets what was asked of us.
    void linkGone(std::uint64_t link);
    void expire(base::MonotonicTime now);
    /// Fails everything with Cancelled.
    void cancelAll();

private:
    struct Asked
    {
        std::uint64_t link{ 0 };
        base::MonotonicTime deadline;
        Callback callback;
    };
    struct Incoming
    {
        base::PublicKey peer;
        base::MonotonicTime deadline;
    };
    using IncomingKey = std::pair<std::uint64_t, std::uint64_t>;

    base::Result<> asked(
        std::uint64_t link, const base::PublicKey& peer, RequestItem item, base::MonotonicTime now);
    void answered(std::uint64_t link, ResponseItem item);
    void settle(std::uint64_t number, base::Result<base::Bytes> result);
    std::size_t openOn(std::uint64_t link) const;

    PeerLimits m_limits;
    Send m_send;
    std::function<void(Event)> m_emit;
    std::uint64_t m_next{ 1 };
    std::unordered_map<std::uint64_t, Asked> m_asked;
    std::map<IncomingKey, Incoming> m_incoming;
};

} // namespace loam::swarm
