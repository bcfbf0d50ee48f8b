// SPDX-License-Identifier: GPL-3.0-or-later
#include "wire.h"

#include <QtTest>

using namespace loam;
using namespace loam::swarm;
using namespace loam::swarm::test;
using namespace std::chrono_literals;
using base::Bytes;
using base::Errc;

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

QTEST_GUILESS_MAIN(TestLink)
#include "tst_link.moc"
