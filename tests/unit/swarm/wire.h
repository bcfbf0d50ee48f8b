// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "samples.h"
#include "swarm/link.h"
#include "swarm/peer_table.h"

#include <deque>

/// Links between nodes in memory, without libtorrent below them.
namespace loam::swarm::test {

using namespace std::chrono_literals;
using base::Bytes;
using base::Errc;

/// A clock that the test moves.
class FakeClock final : public base::Clock
{
public:
    base::UnixTime now() const override { return base::UnixTime{ 1'700'000'000'000ms }; }
    base::MonotonicTime monotonic() const override { return time; }
    base::MonotonicTime time{ 1h };
};

/// One node of a network in memory: a table of peers without libtorrent below it.
struct Node
{
    crypto::KeyPair key{ crypto::KeyPair::generate() };
    LinkIdentity identity;
    std::vector<Event> events;
    PeerTable table;

    Node(const FakeClock& clock, unsigned char instance, const PeerLimits& limits)
        : identity{ key, {}, {}, "node", 1000, limits }
        , table{ clock, limits, 100, [this](Event event) { events.push_back(std::move(event)); } }
    {
        identity.instance.data.fill(static_cast<std::byte>(instance));
    }

    template <class Kind> std::vector<Kind> seen() const
    {
        std::vector<Kind> out;
        for (const Event& event : events) {
            if (const auto* kind = std::get_if<Kind>(&event)) {
                out.push_back(*kind);
            }
        }
        return out;
    }
};

/// A wire between two nodes; messages wait until they are delivered and may be spoiled.
class Wire
{
public:
    Wire(FakeClock& clock, Node& a, Node& b)
        : m_clock{ clock }
        , m_serial{ ++s_serial }
    {
        m_ends[0].node = &a;
        m_ends[1].node = &b;
        for (std::size_t side = 0; side < 2; ++side) {
            open(side);
        }
        for (End& end : m_ends) {
            end.link->start();
        }
    }

    /// Delivers until nothing moves; returns the number of messages.
    std::size_t deliver(std::size_t most = std::size_t{ 1 } << 20U)
    {
        std::size_t count = 0;
        for (bool moved = true; moved && count < most;) {
            moved = false;
            for (std::size_t side = 0; side < 2; ++side) {
                End& end = m_ends[side];
                if (end.inbox.empty()) {
                    continue;
                }
                const Bytes message = std::move(end.inbox.front());
                end.inbox.pop_front();
                end.link->receive(message, m_clock.time);
                moved = true;
                ++count;
            }
            settle();
        }
        return count;
    }

    /// Tells both ends that the connection has gone.
    void cut()
    {
        for (End& end : m_ends) {
            if (!end.down) {
                end.reason = { { Errc::Unavailable, "cut" }, 0 };
                end.closing = true;
            }
        }
        settle();
    }

    Link& link(std::size_t side) { return *m_ends[side].link; }
    std::deque<Bytes>& inbox(std::size_t side) { return m_ends[side].inbox; }
    const std::optional<LinkEnd>& ended(std::size_t side) const { return m_ends[side].ended; }

private:
    struct End
    {
        Node* node{ nullptr };
        std::unique_ptr<Link> link;
        std::deque<Bytes> inbox;
        LinkEnd reason;
        std::optional<LinkEnd> ended;
        bool closing{ false };
        bool down{ false };
    };

    void open(std::size_t side)
    {
        LinkPorts ports;
        ports.write = [this, side](std::byte kind, base::ByteView body) {
            Bytes message{ kind };
            message.insert(message.end(), body.begin(), body.end());
            m_ends[1 - side].inbox.push_back(std::move(message));
        };
        ports.close = [this, side](LinkEnd reason) {
            m_ends[side].reason = std::move(reason);
            m_ends[side].closing = true;
        };
        ports.up = [this, side](const Hello&) {
            return m_ends[side].node->table.linkUp(
                m_serial, *m_ends[side].link, { "127.0.0.1", 5 });
        };
        ports.item = [this, side](std::uint8_t lane, Bytes item) {
            return m_ends[side].node->table.linkItem(m_serial, lane, std::move(item));
        };
        End& end = m_ends[side];
        end.link = std::make_unique<Link>(end.node->identity, std::move(ports), m_clock.time);
        end.node->table.linkBegun(m_serial, *end.link);
    }

    /// What libtorrent does after a close: both ends learn that the connection is over.
    void settle()
    {
        for (std::size_t side = 0; side < 2; ++side) {
            End& end = m_ends[side];
            if (!end.closing || end.down) {
                continue;
            }
            end.down = true;
            end.ended = end.reason;
            end.node->table.linkDown(m_serial, { "127.0.0.1", 5 }, end.reason);
        }
    }

    static inline std::uint64_t s_serial = 0;
    FakeClock& m_clock;
    std::uint64_t m_serial;
    std::array<End, 2> m_ends;
};

} // namespace loam::swarm::test
