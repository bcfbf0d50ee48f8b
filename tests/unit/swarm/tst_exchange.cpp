// SPDX-License-Identifier: GPL-3.0-or-later
#include "wire.h"

#include <QtTest>

using namespace loam;
using namespace loam::swarm;
using namespace loam::swarm::test;
using namespace std::chrono_literals;
using base::Bytes;
using base::Errc;

class TestExchange : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void largeRequestPassesUnderCredit();
    void requestErrorsAndDeadlines();
    void vanishedPeerFailsItsRequests();
    void tooManyOpenRequestsAreRefused();
    void slowReaderHoldsTheSenderBack();
    void gossipReachesEveryoneOnce();

private:
    FakeClock m_clock;
};

void TestExchange::largeRequestPassesUnderCredit()
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

void TestExchange::requestErrorsAndDeadlines()
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

void TestExchange::vanishedPeerFailsItsRequests()
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

void TestExchange::tooManyOpenRequestsAreRefused()
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

void TestExchange::slowReaderHoldsTheSenderBack()
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

void TestExchange::gossipReachesEveryoneOnce()
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

QTEST_GUILESS_MAIN(TestExchange)
#include "tst_exchange.moc"
