// SPDX-License-Identifier: GPL-3.0-or-later
#include "test_node.h"

#include <QtTest>

#include <set>

using namespace loam;
using namespace loam::swarm;
using namespace loam::swarm::test;
using base::Bytes;
using base::Errc;

class TestSwarm : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void findEachOtherThroughTheDhtAlone();
    void directEndpointsConnectAtOnce();
    void otherNetworkIsNotMet();
    void busyPortIsReported();
    void badConfigurationIsRefused();
    void messagesKeepTheirOrder();
    void gossipReachesAllOnce();
    void requestsCarryFiveMegabytes();
    void deadlineAndVanishedPeer();
    void bannedPeerStaysOut();
    void restartedPeerComesBack();
    void itemsAreStoredAndFound();
    void badItemsAreRefused();
    void shutsDownCleanlyTwentyTimes();
};

void TestSwarm::findEachOtherThroughTheDhtAlone()
{
    TestNode a{ 1 };
    TestNode b{ 2 };
    TestNode c{ 3 };
    for (TestNode* node : { &a, &b, &c }) {
        node->config().discovery = Discovery::DhtOnly;
    }
    QVERIFY(a.start());
    QElapsedTimer timer;
    timer.start();
    QVERIFY(b.start({ a->listening() }));
    QVERIFY(a.awaitPeer(b) && b.awaitPeer(a));
    qInfo("two nodes met through the DHT after %lld ms", static_cast<long long>(timer.restart()));
    // The third knows one endpoint and meets both.
    QVERIFY(c.start({ a->listening() }));
    QVERIFY(c.awaitPeer(a) && c.awaitPeer(b) && b.awaitPeer(c));
    qInfo("the third met both after %lld ms", static_cast<long long>(timer.elapsed()));

    c->send(b.id(), Channel::Ledger, text("hello"));
    QVERIFY(b.await<Message>());
    QVERIFY(b.seen<Message>()[0].from == c.id() && b.seen<Message>()[0].body == text("hello"));
    const std::vector<PeerInfo> peers = c->peers();
    QCOMPARE(peers.size(), std::size_t{ 2 });
    for (const PeerInfo& peer : peers) {
        QVERIFY(peer.endpoint == a->listening() || peer.endpoint == b->listening());
        QVERIFY(peer.client.starts_with("test "));
        QVERIFY(peer.bytesSent > 0 && peer.bytesReceived > 0);
    }
    QVERIFY(QTest::qWaitFor([&c] { return c->totals().dhtNodes > 0; }, 5000));
    QVERIFY(c->totals().messagesSent > 0);
}

void TestSwarm::directEndpointsConnectAtOnce()
{
    TestNode a{ 1 };
    TestNode b{ 2 };
    QVERIFY(a.start());
    QVERIFY(b.start());
    QElapsedTimer timer;
    timer.start();
    b->addEndpoint(a->listening());
    QVERIFY(b.awaitPeer(a) && a.awaitPeer(b));
    qInfo("a dialled endpoint answered after %lld ms", static_cast<long long>(timer.elapsed()));
    QVERIFY(b.await<EndpointLearned>());
    QVERIFY(b.seen<EndpointLearned>()[0].endpoint == a->listening());
    b->addEndpoint({ "not an address", 1 });
    QVERIFY(b.await<Notice>());
    QVERIFY(QTest::qWaitFor([&b] { return b->peers()[0].rtt.has_value(); }, 5000));
}

void TestSwarm::otherNetworkIsNotMet()
{
    TestNode a{ 1, network(1) };
    TestNode stranger{ 2, network(2) };
    TestNode friendly{ 3, network(1) };
    QVERIFY(a.start());
    QVERIFY(stranger.start({ a->listening() }));
    QVERIFY(friendly.start({ a->listening() }));
    QVERIFY(a.awaitPeer(friendly));
    // By now the stranger has dialled as well, many times.
    QVERIFY(!stranger.await<PeerUp>(1, 1500ms));
    QVERIFY(a.seen<PeerUp>().size() == 1);
}

void TestSwarm::busyPortIsReported()
{
    TestNode a{ 1 };
    QVERIFY(a.start());
    TestNode b{ 1 };
    Config config;
    config.listenAddress = a->listening().address;
    config.port = a->listening().port;
    config.home = b.home();
    config.identity = crypto::KeyPair::generate().seed().clone();
    const auto started = Swarm::start(std::move(config), [](const Event&) {});
    QVERIFY(!started);
    QCOMPARE(started.error().code, Errc::Unavailable);
    QVERIFY(started.error().message.find("127.0.1.1") != std::string::npos);
}

void TestSwarm::badConfigurationIsRefused()
{
    const auto refused = [](auto change) {
        QTemporaryDir dir;
        Config config;
        config.home = std::filesystem::path{ dir.path().toStdString() };
        change(config);
        const auto started = Swarm::start(std::move(config), [](const Event&) {});
        return started ? std::nullopt : std::optional{ started.error().code };
    };
    QCOMPARE(refused([](Config& config) { config.listenAddress = "nonsense"; }), Errc::Invalid);
    QCOMPARE(refused([](Config& config) { config.maxPeers = 0; }), Errc::Invalid);
    QCOMPARE(refused([](Config& config) { config.agent = std::string(65, 'x'); }), Errc::Invalid);
    QVERIFY(refused([](Config& config) { config.home = "/proc/none"; }).has_value());
}

void TestSwarm::messagesKeepTheirOrder()
{
    TestNode a{ 1 };
    TestNode b{ 2 };
    QVERIFY(a.start());
    QVERIFY(b.start({ a->listening() }));
    QVERIFY(a.awaitPeer(b) && b.awaitPeer(a));
    constexpr int count = 2000;
    for (int number = 0; number < count; ++number) {
        a->send(b.id(), Channel::Consensus, text(std::to_string(number)));
        if (number % 100 == 0) {
            a->send(b.id(), Channel::Training, noise(1'000'000, 1));
        }
    }
    QVERIFY(b.await<Message>(count + count / 100));
    int next = 0;
    for (const Message& message : b.seen<Message>()) {
        if (message.channel == Channel::Consensus) {
            QVERIFY(message.body == text(std::to_string(next++)));
        } else {
            QVERIFY(message.body == noise(1'000'000, 1));
        }
    }
    QCOMPARE(next, count);
}

void TestSwarm::gossipReachesAllOnce()
{
    std::deque<TestNode> nodes;
    for (int number = 1; number <= 5; ++number) {
        nodes.emplace_back(number);
        std::vector<Endpoint> known;
        if (number > 1) {
            known.push_back(nodes[0]->listening());
        }
        QVERIFY(nodes.back().start(known));
    }
    // Everybody is joined to the first, so the news can get anywhere.
    for (std::size_t number = 1; number < nodes.size(); ++number) {
        QVERIFY(nodes[number].awaitPeer(nodes[0]) && nodes[0].awaitPeer(nodes[number]));
    }
    for (int number = 0; number < 20; ++number) {
        nodes[static_cast<std::size_t>(number) % 5]->gossip("news", text(std::to_string(number)));
    }
    for (TestNode& node : nodes) {
        QVERIFY(node.await<GossipReceived>(16));
        std::set<Bytes> distinct;
        for (const GossipReceived& news : node.seen<GossipReceived>()) {
            QCOMPARE(news.topic, std::string{ "news" });
            distinct.insert(news.body);
        }
        QCOMPARE(distinct.size(), std::size_t{ 16 });
        QCOMPARE(node.seen<GossipReceived>().size(), std::size_t{ 16 });
    }
}

void TestSwarm::requestsCarryFiveMegabytes()
{
    TestNode a{ 1 };
    TestNode b{ 2 };
    QVERIFY(a.start());
    QVERIFY(b.start({ a->listening() }));
    QVERIFY(a.awaitPeer(b) && b.awaitPeer(a));
    const Bytes body = noise(5'000'000, 3);
    for (int round = 0; round < 4; ++round) {
        b.forget();
        Awaited<Bytes> answer;
        QElapsedTimer timer;
        timer.start();
        a->request(b.id(), "echo", body, 9s, answer.callback());
        QVERIFY(b.await<RequestReceived>());
        const RequestReceived request = b.seen<RequestReceived>()[0];
        QVERIFY(request.method == "echo" && request.body == body);
        b->respond(request.id, request.body);
        const auto got = answer.get();
        const double seconds = static_cast<double>(timer.nsecsElapsed()) / 1e9;
        QVERIFY(got && *got && **got == body);
        qInfo("5 MB there and back: %.1f ms, %.0f MB/s", seconds * 1e3, 10.0 / seconds);
    }
    std::vector<double> trips;
    for (int round = 0; round < 200; ++round) {
        b.forget();
        Awaited<Bytes> answer;
        QElapsedTimer timer;
        timer.start();
        a->request(b.id(), "ping", {}, 5s, answer.callback());
        QVERIFY(b.await<RequestReceived>());
        b->respond(b.seen<RequestReceived>()[0].id, Bytes{});
        QVERIFY(answer.get().has_value());
        trips.push_back(static_cast<double>(timer.nsecsElapsed()) / 1e3);
    }
    std::sort(trips.begin(), trips.end());
    qInfo("request round trip over four threads: p50 %.0f us, p99 %.0f us", trips[100], trips[198]);
    qInfo("ping of the link: %lld us", static_cast<long long>(a->peers()[0].rtt->count()));
}

void TestSwarm::deadlineAndVanishedPeer()
{
    TestNode a{ 1 };
    TestNode b{ 2 };
    QVERIFY(a.start());
    QVERIFY(b.start({ a->listening() }));
    QVERIFY(a.awaitPeer(b) && b.awaitPeer(a));
    Awaited<Bytes> late;
    a->request(b.id(), "never", {}, 300ms, late.callback());
    const auto timeout = late.get();
    QVERIFY(timeout && !*timeout);
    QCOMPARE(timeout->error().code, Errc::Timeout);

    Awaited<Bytes> lost;
    a->request(b.id(), "bye", noise(3'000'000, 1), 9s, lost.callback());
    QVERIFY(b.await<RequestReceived>(2));
    b.stop();
    const auto gone = lost.get();
    QVERIFY(gone && !*gone);
    QCOMPARE(gone->error().code, Errc::Unavailable);
    QVERIFY(a.await<PeerDown>());

    Awaited<Bytes> nobody;
    a->request(b.id(), "anyone?", {}, 5s, nobody.callback());
    QCOMPARE(nobody.get()->error().code, Errc::Unavailable);
    Awaited<Bytes> open;
    a->request(a.id(), "self", {}, 5s, open.callback());
    QCOMPARE(open.get()->error().code, Errc::Unavailable);
}

void TestSwarm::bannedPeerStaysOut()
{
    TestNode a{ 1 };
    TestNode b{ 2 };
    QVERIFY(a.start());
    QVERIFY(b.start({ a->listening() }));
    QVERIFY(a.awaitPeer(b) && b.awaitPeer(a));
    a->ban(b.id(), 3600s);
    QVERIFY(a.await<PeerDown>());
    // It dials again after a second and is turned away.
    QVERIFY(a.await<PeerRefused>());
    QCOMPARE(a.seen<PeerRefused>()[0].error.code, Errc::Denied);
    QVERIFY(a->peers().empty());
}

void TestSwarm::restartedPeerComesBack()
{
    TestNode a{ 1 };
    TestNode b{ 2 };
    QVERIFY(a.start());
    QVERIFY(b.start({ a->listening() }));
    QVERIFY(a.awaitPeer(b));
    b.stop();
    QVERIFY(a.await<PeerDown>());
    a.forget();
    b.forget();
    QElapsedTimer timer;
    timer.start();
    QVERIFY(b.start({ a->listening() }));
    QVERIFY(a.awaitPeer(b) && b.awaitPeer(a));
    qInfo("a restarted peer was back after %lld ms", static_cast<long long>(timer.elapsed()));
}

void TestSwarm::itemsAreStoredAndFound()
{
    TestNode a{ 1 };
    TestNode b{ 2 };
    TestNode c{ 3 };
    QVERIFY(a.start());
    QVERIFY(b.start({ a->listening() }));
    QVERIFY(c.start({ a->listening() }));
    QVERIFY(b.awaitPeer(a) && c.awaitPeer(a));
    const auto put = [&b](std::int64_t sequence, Bytes value) {
        Awaited<std::size_t> stored;
        b->putItem("head", sequence, std::move(value), stored.callback());
        return stored.get(15s);
    };
    const auto first = put(1, noise(kMaxItemValue, 1));
    QVERIFY(first && *first && **first >= 1);
    Awaited<Item> item;
    c->getItem(b.id(), "head", item.callback());
    const auto got = item.get();
    QVERIFY(got && *got);
    QVERIFY((*got)->value == noise(kMaxItemValue, 1) && (*got)->sequence == 1);
    QVERIFY((*got)->key == b.id() && (*got)->salt == "head");

    const auto second = put(2, text("newer"));
    QVERIFY(second && *second);
    Awaited<Item> newer;
    a->getItem(b.id(), "head", newer.callback());
    QVERIFY(newer.get() && *newer.get());
    QVERIFY((*newer.get())->value == text("newer"));

    Awaited<Item> missing;
    c->getItem(b.id(), "no such salt", missing.callback());
    QCOMPARE(missing.get()->error().code, Errc::NotFound);
}

void TestSwarm::badItemsAreRefused()
{
    TestNode a{ 1 };
    QVERIFY(a.start());
    const auto refused = [&a](std::string salt, std::int64_t sequence, std::size_t size) {
        Awaited<std::size_t> stored;
        a->putItem(std::move(salt), sequence, Bytes(size), stored.callback());
        const auto got = stored.get(1s);
        return got && !*got && got->error().code == Errc::Invalid;
    };
    QVERIFY(refused("s", 1, kMaxItemValue + 1));
    QVERIFY(refused("s", 1, 1001));
    QVERIFY(refused(std::string(65, 's'), 1, 10));
    QVERIFY(refused("s", -1, 10));
    Awaited<std::size_t> pending;
    a->putItem("s", 5, text("x"), pending.callback());
    QVERIFY(refused("s", 5, 1));
    QVERIFY(refused("s", 4, 1));
    // Whatever is open when the swarm ends is answered.
    Awaited<Item> item;
    a->getItem(a.id(), "s", item.callback());
    a.stop();
    QCOMPARE(pending.get(1s)->error().code, Errc::Cancelled);
    QCOMPARE(item.get(1s)->error().code, Errc::Cancelled);
}

void TestSwarm::shutsDownCleanlyTwentyTimes()
{
    TestNode a{ 1 };
    QVERIFY(a.start());
    std::int64_t stopping = 0;
    for (int round = 0; round < 20; ++round) {
        TestNode b{ 2 };
        QVERIFY(b.start({ a->listening() }));
        if (round % 5 == 0) {
            QVERIFY(b.awaitPeer(a));
            b->request(a.id(), "open", noise(1'000'000, 1), 5s, [](const base::Result<Bytes>&) {});
        }
        QElapsedTimer timer;
        timer.start();
        b.stop();
        stopping += timer.elapsed();
        QVERIFY(!std::filesystem::exists(b.home() / "torrents" / "in-use"));
    }
    qInfo("a stop took %lld ms on average", static_cast<long long>(stopping / 20));
}

QTEST_GUILESS_MAIN(TestSwarm)
#include "tst_swarm.moc"
