// SPDX-License-Identifier: GPL-3.0-or-later
#include "swarm/link.h"
#include "swarm/peer_table.h"

#include <QtTest>

#include <deque>

using namespace loam;
using namespace loam::swarm;
using namespace std::chrono_literals;
using base::Bytes;
using base::Errc;

namespace {

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

Bytes text(std::string_view value)
{
    return base::toBytes(base::asBytes(value));
}

} // namespace

class TestLink : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void peersComeUpAndTalk();
    void alteredFrameCostsTheConnectionAndThePeersName();
    void replayedFrameCostsTheConnection();
    void repeatedViolationsBan();
    void messageBeforeHandshakeIsRefused();
    void floodIsCutOff();
    void silenceIsNoticedAndPingsMeasure();
    void unfinishedHandshakeTimesOut();
    void secondConnectionKeepsOneLogicalPeer();
    void restartedPeerReplacesItsOldConnection();
    void largeRequestPassesUnderCredit();
    void requestErrorsAndDeadlines();
    void vanishedPeerFailsItsRequests();
    void tooManyOpenRequestsAreRefused();
    void slowReaderHoldsTheSenderBack();
    void gossipReachesEveryoneOnce();

private:
    FakeClock m_clock;
};

void TestLink::peersComeUpAndTalk()
{
    Node a{ m_clock, 1, {} };
    Node b{ m_clock, 2, {} };
    Wire wire{ m_clock, a, b };
    wire.deliver();
    QCOMPARE(a.seen<PeerUp>().size(), std::size_t{ 1 });
    QVERIFY(a.seen<PeerUp>()[0].id == b.key.publicKey());
    QCOMPARE(a.seen<PeerUp>()[0].endpoint.toString(), std::string{ "127.0.0.1:1000" });
    QCOMPARE(b.seen<EndpointLearned>().size(), std::size_t{ 1 });

    for (int number = 0; number < 50; ++number) {
        a.table.send(b.key.publicKey(), Channel::Consensus, text("c" + std::to_string(number)));
        a.table.send(b.key.publicKey(), Channel::Training, Bytes(100'000, std::byte{ 1 }));
    }
    wire.deliver();
    int next = 0;
    int large = 0;
    for (const Message& message : b.seen<Message>()) {
        QVERIFY(message.from == a.key.publicKey());
        if (message.channel == Channel::Consensus) {
            QVERIFY(message.body == text("c" + std::to_string(next++)));
        } else {
            ++large;
        }
    }
    QCOMPARE(next, 50);
    QCOMPARE(large, 50);
    // Nobody there, nothing in it, too much of it: dropped without harm.
    a.table.send(a.key.publicKey(), Channel::Ledger, text("x"));
    a.table.send(b.key.publicKey(), Channel::Ledger, {});
    a.table.send(b.key.publicKey(), Channel::Ledger, Bytes(kMaxMessage + 1));
    wire.deliver();
    QCOMPARE(a.table.peers()[0].dropped, std::uint64_t{ 2 });
    wire.cut();
    QCOMPARE(a.seen<PeerDown>().size(), std::size_t{ 1 });
    QCOMPARE(b.table.size(), std::size_t{ 0 });
}

void TestLink::alteredFrameCostsTheConnectionAndThePeersName()
{
    Node a{ m_clock, 1, {} };
    Node b{ m_clock, 2, {} };
    Wire wire{ m_clock, a, b };
    wire.deliver();
    a.table.send(b.key.publicKey(), Channel::Consensus, text("vote"));
    wire.inbox(1).front()[10] ^= std::byte{ 1 };
    wire.deliver();
    QVERIFY(wire.ended(1).has_value());
    QCOMPARE(wire.ended(1)->error.code, Errc::Corrupt);
    QVERIFY(b.seen<Message>().empty());
    QCOMPARE(b.seen<PeerDown>().size(), std::size_t{ 1 });
    QCOMPARE(b.seen<PeerRefused>().size(), std::size_t{ 1 });
    QVERIFY(b.seen<PeerRefused>()[0].id == a.key.publicKey());
}

void TestLink::replayedFrameCostsTheConnection()
{
    Node a{ m_clock, 1, {} };
    Node b{ m_clock, 2, {} };
    Wire wire{ m_clock, a, b };
    wire.deliver();
    a.table.send(b.key.publicKey(), Channel::Consensus, text("pay"));
    wire.inbox(1).push_back(wire.inbox(1).front());
    wire.deliver();
    QCOMPARE(b.seen<Message>().size(), std::size_t{ 1 });
    QVERIFY(wire.ended(1).has_value());
}

void TestLink::repeatedViolationsBan()
{
    Node a{ m_clock, 1, {} };
    Node b{ m_clock, 2, {} };
    std::size_t ups = 0;
    for (int round = 0; round < 6; ++round) {
        Wire wire{ m_clock, a, b };
        wire.deliver();
        ups = b.seen<PeerUp>().size();
        if (!wire.link(1).isUp()) {
            QCOMPARE(wire.ended(1)->error.code, Errc::Denied);
            break;
        }
        a.table.send(b.key.publicKey(), Channel::Ledger, text("x"));
        wire.inbox(1).front().back() ^= std::byte{ 1 };
        wire.deliver();
        wire.cut();
    }
    QCOMPARE(ups, std::size_t{ 4 });
    m_clock.time += 11min;
    Wire later{ m_clock, a, b };
    later.deliver();
    QVERIFY(later.link(1).isUp());
    b.table.ban(a.key.publicKey(), 60s);
    later.deliver();
    QCOMPARE(b.table.size(), std::size_t{ 0 });
    QCOMPARE(a.table.size(), std::size_t{ 0 });
}

void TestLink::messageBeforeHandshakeIsRefused()
{
    for (const std::byte kind :
        { std::byte{ 0 }, std::byte{ 2 }, std::byte{ 3 }, std::byte{ 9 } }) {
        Node a{ m_clock, 1, {} };
        Node b{ m_clock, 2, {} };
        Wire wire{ m_clock, a, b };
        wire.inbox(0).push_front(Bytes(40, kind));
        wire.deliver();
        QVERIFY(wire.ended(0).has_value());
        QVERIFY(a.seen<PeerUp>().empty());
        QCOMPARE(a.seen<PeerRefused>().size(), std::size_t{ 1 });
    }
}

void TestLink::floodIsCutOff()
{
    PeerLimits strict;
    strict.messageBurst = 100;
    strict.messagesPerSecond = 10;
    Node a{ m_clock, 1, {} };
    Node b{ m_clock, 2, strict };
    Wire wire{ m_clock, a, b };
    wire.deliver();
    for (int number = 0; number < 90; ++number) {
        a.table.send(b.key.publicKey(), Channel::Ledger, text("x"));
    }
    wire.deliver();
    QVERIFY(!wire.ended(1));
    for (int number = 0; number < 30; ++number) {
        a.table.send(b.key.publicKey(), Channel::Ledger, text("x"));
    }
    wire.deliver();
    QVERIFY(wire.ended(1).has_value());
    QVERIFY(b.seen<Message>().size() < 110);
}

void TestLink::silenceIsNoticedAndPingsMeasure()
{
    Node a{ m_clock, 1, {} };
    Node b{ m_clock, 2, {} };
    Wire wire{ m_clock, a, b };
    wire.deliver();
    QVERIFY(a.table.peers()[0].rtt.has_value());
    for (int step = 0; step < 12; ++step) {
        m_clock.time += 5s;
        a.table.tick();
        b.table.tick();
        QVERIFY(wire.deliver() > 0);
    }
    QVERIFY(wire.link(0).isUp());
    m_clock.time += 5s;
    a.table.tick();
    m_clock.time += 30ms;
    wire.deliver();
    QVERIFY(a.table.peers()[0].rtt.value() > 3ms);
    // From now on nothing is delivered.
    m_clock.time += 16s;
    a.table.tick();
    QVERIFY(!wire.link(0).isUp());
}

void TestLink::unfinishedHandshakeTimesOut()
{
    Node a{ m_clock, 1, {} };
    Node b{ m_clock, 2, {} };
    Wire wire{ m_clock, a, b };
    wire.deliver(1);
    m_clock.time += 11s;
    a.table.tick();
    b.table.tick();
    wire.inbox(0).clear();
    wire.inbox(1).clear();
    wire.deliver();
    QCOMPARE(wire.ended(0)->error.code, Errc::Timeout);
    QVERIFY(a.seen<PeerUp>().empty());
}

void TestLink::secondConnectionKeepsOneLogicalPeer()
{
    Node a{ m_clock, 1, {} };
    Node b{ m_clock, 2, {} };
    std::deque<Wire> wires;
    for (int number = 0; number < 4; ++number) {
        wires.emplace_back(m_clock, a, b).deliver();
    }
    QCOMPARE(a.seen<PeerUp>().size(), std::size_t{ 1 });
    QVERIFY(wires[2].link(0).isUp());
    QVERIFY(!wires[3].link(0).isUp());
    a.table.broadcast(Channel::Ledger, text("once"));
    for (Wire& wire : wires) {
        wire.deliver();
    }
    QCOMPARE(b.seen<Message>().size(), std::size_t{ 1 });
    wires[0].cut();
    QCOMPARE(a.seen<PeerDown>().size(), std::size_t{ 0 });
    a.table.broadcast(Channel::Ledger, text("again"));
    wires[1].deliver();
    QCOMPARE(b.seen<Message>().size(), std::size_t{ 2 });
    wires[1].cut();
    wires[2].cut();
    QCOMPARE(a.seen<PeerDown>().size(), std::size_t{ 1 });
}

void TestLink::restartedPeerReplacesItsOldConnection()
{
    Node a{ m_clock, 1, {} };
    Node b{ m_clock, 2, {} };
    Wire old{ m_clock, a, b };
    old.deliver();
    // The process of b is gone and back, but a has not noticed yet.
    Node again{ m_clock, 3, {} };
    again.key = crypto::KeyPair{ b.key.seed().clone() };
    Wire fresh{ m_clock, a, again };
    fresh.deliver();
    QCOMPARE(a.seen<PeerUp>().size(), std::size_t{ 2 });
    QCOMPARE(a.seen<PeerDown>().size(), std::size_t{ 1 });
    QVERIFY(!old.link(0).isUp());
    a.table.broadcast(Channel::Ledger, text("to the new one"));
    fresh.deliver();
    QCOMPARE(again.seen<Message>().size(), std::size_t{ 1 });
}

void TestLink::largeRequestPassesUnderCredit()
{
    Node a{ m_clock, 1, {} };
    Node b{ m_clock, 2, {} };
    Wire wire{ m_clock, a, b };
    wire.deliver();
    const Bytes body(std::size_t{ 40 } << 20U, std::byte{ 7 });
    std::optional<base::Result<Bytes>> answer;
    a.table.request(b.key.publicKey(), { 0, "echo", 10s, body },
        [&answer](base::Result<Bytes> got) { answer = std::move(got); });
    // No more than a window's worth is on the wire before credit comes back.
    std::size_t queued = 0;
    for (const Bytes& message : wire.inbox(1)) {
        queued += message.size();
    }
    QVERIFY(queued < kMaxWindow + kUrgentReserve);
    wire.deliver();
    QCOMPARE(b.seen<RequestReceived>().size(), std::size_t{ 1 });
    const RequestReceived request = b.seen<RequestReceived>()[0];
    QVERIFY(request.method == "echo" && request.body == body);
    b.table.requests().answer(request.id, request.body);
    b.table.requests().answer(request.id, text("a second answer is ignored"));
    wire.deliver();
    QVERIFY(answer && *answer && **answer == body);
}

void TestLink::requestErrorsAndDeadlines()
{
    Node a{ m_clock, 1, {} };
    Node b{ m_clock, 2, {} };
    Wire wire{ m_clock, a, b };
    wire.deliver();
    std::vector<Errc> errors;
    const auto note = [&errors](base::Result<Bytes> got) {
        QVERIFY(!got);
        errors.push_back(got.error().code);
    };
    const base::PublicKey to = b.key.publicKey();
    a.table.request(a.key.publicKey(), { 0, "m", 1s, {} }, note);
    a.table.request(to, { 0, "", 1s, {} }, note);
    a.table.request(to, { 0, "m", 0s, {} }, note);
    a.table.request(to, { 0, "m", 1s, Bytes((std::size_t{ 256 } << 20U) + 1) }, note);
    a.table.request(to, { 0, "refuse", 1s, {} }, note);
    wire.deliver();
    b.table.requests().answer(
        b.seen<RequestReceived>().back().id, base::fail(Errc::NotFound, "no such thing"));
    wire.deliver();
    a.table.request(to, { 0, "forget", 1s, {} }, note);
    wire.deliver();
    m_clock.time += 1001ms;
    a.table.tick();
    QVERIFY((errors
        == std::vector{ Errc::Unavailable, Errc::Invalid, Errc::Invalid, Errc::Invalid,
            Errc::NotFound, Errc::Timeout }));
    // A late answer is neither delivered nor held against the peer.
    b.table.requests().answer(b.seen<RequestReceived>().back().id, text("late"));
    wire.deliver();
    QCOMPARE(errors.size(), std::size_t{ 6 });
    QVERIFY(wire.link(0).isUp() && wire.link(1).isUp());
}

void TestLink::vanishedPeerFailsItsRequests()
{
    Node a{ m_clock, 1, {} };
    Node b{ m_clock, 2, {} };
    Wire wire{ m_clock, a, b };
    wire.deliver();
    int failures = 0;
    for (int number = 0; number < 5; ++number) {
        a.table.request(b.key.publicKey(), { 0, "m", 10s, Bytes(1'000'000) },
            [&failures](base::Result<Bytes> got) {
                failures += !got && got.error().code == Errc::Unavailable ? 1 : 0;
            });
    }
    wire.deliver(20);
    wire.cut();
    QCOMPARE(failures, 5);
}

void TestLink::tooManyOpenRequestsAreRefused()
{
    Node a{ m_clock, 1, {} };
    Node b{ m_clock, 2, {} };
    Wire wire{ m_clock, a, b };
    wire.deliver();
    int refused = 0;
    for (int number = 0; number < 70; ++number) {
        a.table.request(b.key.publicKey(), { 0, "m", 10s, {} },
            [&refused](base::Result<Bytes> got) { refused += got ? 0 : 1; });
    }
    wire.deliver();
    QCOMPARE(b.seen<RequestReceived>().size(), std::size_t{ 64 });
    QCOMPARE(refused, 6);
}

void TestLink::slowReaderHoldsTheSenderBack()
{
    PeerLimits slow;
    slow.bytesPerSecond = std::uint64_t{ 1 } << 20U;
    Node a{ m_clock, 1, {} };
    Node b{ m_clock, 2, slow };
    Wire wire{ m_clock, a, b };
    wire.deliver();
    bool done = false;
    a.table.request(b.key.publicKey(), { 0, "m", 60s, Bytes(std::size_t{ 5 } << 20U) },
        [&done](const base::Result<Bytes>&) { done = true; });
    wire.deliver();
    QVERIFY(b.seen<RequestReceived>().empty());
    int seconds = 0;
    while (b.seen<RequestReceived>().empty() && seconds < 20) {
        for (int step = 0; step < 10; ++step) {
            m_clock.time += 100ms;
            a.table.tick();
            b.table.tick();
            wire.deliver();
        }
        ++seconds;
    }
    QVERIFY2(seconds >= 2 && seconds <= 8, qPrintable(QString::number(seconds)));
    QVERIFY(!done);
}

void TestLink::gossipReachesEveryoneOnce()
{
    constexpr std::size_t count = 5;
    std::deque<Node> nodes;
    for (unsigned char number = 0; number < count; ++number) {
        nodes.emplace_back(m_clock, number, PeerLimits{});
    }
    // A ring: nobody is connected to everybody.
    std::deque<Wire> wires;
    for (std::size_t number = 0; number < count; ++number) {
        wires.emplace_back(m_clock, nodes[number], nodes[(number + 1) % count]);
    }
    const auto deliver = [&wires] {
        for (std::size_t moved = 1; moved > 0;) {
            moved = 0;
            for (Wire& wire : wires) {
                moved += wire.deliver();
            }
        }
    };
    deliver();
    nodes[0].table.gossip("news", text("hello"));
    nodes[0].table.gossip("news", text("hello"));
    nodes[2].table.gossip("news", text("other"));
    deliver();
    for (std::size_t number = 0; number < count; ++number) {
        const std::size_t expected = number == 0 || number == 2 ? 1 : 2;
        QCOMPARE(nodes[number].seen<GossipReceived>().size(), expected);
    }
}

QTEST_GUILESS_MAIN(TestLink)
#include "tst_link.moc"
