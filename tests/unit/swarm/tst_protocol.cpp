// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/random.h"
#include "samples.h"
#include "swarm/handshake.h"
#include "swarm/lanes.h"
#include "swarm/policy.h"
#include "swarm/types.h"

#include <QtTest>

using namespace loam;
using namespace loam::swarm;
using namespace loam::swarm::test;
using namespace std::chrono_literals;
using base::Bytes;
using base::Errc;

class TestProtocol : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void endpointsParseStrictly_data();
    void endpointsParseStrictly();
    void framesRoundTrip();
    void framesRefuseGarbage_data();
    void framesRefuseGarbage();
    void itemsRoundTrip();
    void itemsRefuseGarbage();
    void lanesCarryEverythingInOrder();
    void lanesObeyCredit();
    void laneReceiverRefusesMisfits();
    void bucketRefillsWithTime();
    void penaltiesBanAndFade();
    void seenCacheForgetsSlowly();
};

void TestProtocol::endpointsParseStrictly_data()
{
    QTest::addColumn<QString>("input");
    QTest::addColumn<bool>("good");
    QTest::newRow("v4") << QStringLiteral("127.0.0.1:80") << true;
    QTest::newRow("v6") << QStringLiteral("[::1]:65535") << true;
    QTest::newRow("bare v6") << QStringLiteral("::1:80") << false;
    QTest::newRow("name") << QStringLiteral("localhost:80") << false;
    QTest::newRow("no port") << QStringLiteral("127.0.0.1:") << false;
    QTest::newRow("port 0") << QStringLiteral("127.0.0.1:0") << false;
    QTest::newRow("port 65536") << QStringLiteral("127.0.0.1:65536") << false;
    QTest::newRow("rest") << QStringLiteral("127.0.0.1:80x") << false;
    QTest::newRow("octet") << QStringLiteral("256.0.0.1:80") << false;
    QTest::newRow("empty") << QString{} << false;
}

void TestProtocol::endpointsParseStrictly()
{
    QFETCH(const QString, input);
    QFETCH(const bool, good);
    const auto parsed = Endpoint::parse(input.toStdString());
    QCOMPARE(parsed.has_value(), good);
    if (good) {
        QCOMPARE(QString::fromStdString(parsed->toString()), input);
    }
}

void TestProtocol::framesRoundTrip()
{
    const auto again = [](const Frame& frame) { return encodeFrame(frame); };
    const Bytes ping = again(Ping{ 0x0102030405060708 });
    QCOMPARE(std::get<Ping>(*decodeFrame(ping)).token, std::uint64_t{ 0x0102030405060708 });
    QCOMPARE(std::get<Pong>(*decodeFrame(again(Pong{ 3 }))).token, std::uint64_t{ 3 });
    QCOMPARE(std::get<Ack>(*decodeFrame(again(Ack{ ~0ULL }))).total, ~0ULL);
    QCOMPARE(std::get<Close>(*decodeFrame(again(Close{ "bye" }))).reason, std::string{ "bye" });
    const Bytes body = noise(kFragmentBytes, 5);
    const Bytes bytes = again(Fragment{ .lane = 17, .itemSize = 999'999, .body = body });
    QVERIFY(bytes.size() + crypto::kTagSize <= kMaxSealedFrame);
    const auto decoded = decodeFrame(bytes);
    const auto& fragment = std::get<Fragment>(*decoded);
    QCOMPARE(fragment.lane, std::uint8_t{ 17 });
    QCOMPARE(fragment.itemSize.value(), std::uint64_t{ 999'999 });
    QVERIFY(std::equal(fragment.body.begin(), fragment.body.end(), body.begin(), body.end()));
}

void TestProtocol::framesRefuseGarbage_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::newRow("empty") << QByteArray{};
    QTest::newRow("unknown kind") << QByteArray("\x09", 1);
    QTest::newRow("kind zero") << QByteArray("\x00", 1);
    QTest::newRow("short ping") << QByteArray("\x01\x00\x00", 3);
    QTest::newRow("long ack") << QByteArray(10, '\x03');
    QTest::newRow("fragment without header") << QByteArray("\x04\x01", 2);
    QTest::newRow("lane 0") << QByteArray("\x04\x00\x00x", 4);
    QTest::newRow("lane 32") << QByteArray("\x04\x20\x00x", 4);
    QTest::newRow("flag 2") << QByteArray("\x04\x01\x02x", 4);
    QTest::newRow("no size") << QByteArray("\x04\x01\x01\x00", 4);
    QTest::newRow("empty continuation") << QByteArray("\x04\x01\x00", 3);
    QTest::newRow("too large") << QByteArray("\x04\x01\x00", 3) + QByteArray(65537, 'x');
    QTest::newRow("long reason") << QByteArray("\x05", 1) + QByteArray(257, 'x');
}

void TestProtocol::framesRefuseGarbage()
{
    QFETCH(const QByteArray, bytes);
    const auto decoded
        = decodeFrame(base::asBytes({ bytes.data(), static_cast<std::size_t>(bytes.size()) }));
    QVERIFY(!decoded);
    QCOMPARE(decoded.error().code, Errc::Invalid);
}

void TestProtocol::itemsRoundTrip()
{
    const auto join = [](const OutItem& item) {
        Bytes out = item.header;
        out.insert(out.end(), item.body.begin(), item.body.end());
        return out;
    };
    const GossipItem gossip{ 3, "blocks", noise(1000, 1) };
    const auto heard = decodeGossip(join(encodeGossip(gossip)));
    QVERIFY(heard.has_value());
    QCOMPARE(heard->hops, std::uint8_t{ 3 });
    QVERIFY(heard->id() == gossip.id() && heard->body == gossip.body);
    QVERIFY((GossipItem{ 3, "block", text("s") }.id()) != (GossipItem{ 3, "blocks", {} }.id()));

    const auto request
        = decodeBulk(join(encodeBulk(RequestItem{ 9, "get", 1500ms, noise(10, 2) })));
    QCOMPARE(std::get<RequestItem>(*request).method, std::string{ "get" });
    QCOMPARE(std::get<RequestItem>(*request).patience.count(), std::int64_t{ 1500 });
    QVERIFY(std::get<RequestItem>(*request).body == noise(10, 2));
    const auto response = decodeBulk(join(encodeBulk(ResponseItem{ 9, noise(20, 3) })));
    QVERIFY(*std::get<ResponseItem>(*response).answer == noise(20, 3));
    const auto failure = decodeBulk(
        join(encodeBulk(ResponseItem{ 9, base::fail(Errc::Denied, std::string(2000, 'x')) })));
    QCOMPARE(std::get<ResponseItem>(*failure).answer.error().code, Errc::Denied);
    QCOMPARE(std::get<ResponseItem>(*failure).answer.error().message.size(), std::size_t{ 512 });
    QCOMPARE(std::get<CancelItem>(*decodeBulk(join(encodeBulk(CancelItem{ 77 })))).number,
        std::uint64_t{ 77 });
}

void TestProtocol::itemsRefuseGarbage()
{
    for (std::uint64_t seed = 0; seed < 2000; ++seed) {
        // Must neither crash nor accept an empty method or topic.
        const Bytes bytes = noise(seed % 40, seed);
        if (const auto gossip = decodeGossip(bytes)) {
            QVERIFY(!gossip->topic.empty() && gossip->hops > 0);
        }
        if (const auto bulk = decodeBulk(bytes)) {
            const auto* request = std::get_if<RequestItem>(&*bulk);
            QVERIFY(request == nullptr || !request->method.empty());
        }
    }
    QVERIFY(!decodeGossip({}));
    QVERIFY(!decodeBulk({}));
}

void TestProtocol::lanesCarryEverythingInOrder()
{
    LaneSender sender;
    LaneReceiver receiver{ std::size_t{ 1 } << 24U };
    std::map<std::uint8_t, std::vector<Bytes>> sent;
    std::map<std::uint8_t, std::vector<Bytes>> got;
    for (std::uint64_t number = 0; number < 200; ++number) {
        const std::uint8_t lane = number % 3 == 0 ? std::uint8_t{ 1 }
            : number % 3 == 1                     ? std::uint8_t{ 2 }
                                                  : sender.quietestBulkLane();
        const Bytes head = noise(number % 5, number);
        const Bytes body = noise(1 + (number * 7919) % 200'000, number);
        sender.enqueue(lane, { head, body });
        Bytes whole = head;
        whole.insert(whole.end(), body.begin(), body.end());
        sent[lane].push_back(whole);
    }
    std::uint64_t total = 0;
    base::MonotonicTime now{};
    while (sender.queued() > 0) {
        while (const auto frame = sender.next()) {
            const auto decoded = decodeFrame(*frame);
            const auto& fragment = std::get<Fragment>(*decoded);
            total += fragment.body.size();
            auto item = receiver.accept(fragment);
            QVERIFY(item.has_value());
            if (*item) {
                got[fragment.lane].push_back(std::move(**item));
            }
        }
        now += 10ms;
        QVERIFY(sender.acknowledge(total, now).has_value());
    }
    QVERIFY(sent == got);
}

void TestProtocol::lanesObeyCredit()
{
    LaneSender sender;
    sender.enqueue(kFirstBulkLane, { {}, Bytes(std::size_t{ 32 } << 20U) });
    std::uint64_t sent = 0;
    const auto drain = [&sender, &sent] {
        while (const auto frame = sender.next()) {
            const auto decoded = decodeFrame(*frame);
            sent += std::get<Fragment>(*decoded).body.size();
        }
    };
    drain();
    QCOMPARE(sent, kMinWindow);
    // An urgent message still passes.
    sender.enqueue(1, { {}, text("vote") });
    drain();
    QCOMPARE(sent, kMinWindow + 4);
    // Credit at 100 MB/s widens the window to its end, no further.
    base::MonotonicTime now{};
    for (int step = 0; step < 100; ++step) {
        now += std::chrono::milliseconds{ 5 + static_cast<int>(sent / 1'000'000) % 3 };
        QVERIFY(sender.acknowledge(sent, now).has_value());
        drain();
    }
    QVERIFY(sender.window() > kMinWindow && sender.window() <= kMaxWindow);
    QVERIFY(!sender.acknowledge(sent + 1, now));
    QVERIFY(!sender.acknowledge(1, now));
}

void TestProtocol::laneReceiverRefusesMisfits()
{
    const Bytes body(100);
    const auto accept = [&body](LaneReceiver& receiver, std::uint8_t lane,
                            std::optional<std::uint64_t> size, std::size_t count) {
        return receiver.accept({ lane, size, base::ByteView{ body }.first(count) }).has_value();
    };
    LaneReceiver receiver{ 1000 };
    QVERIFY(!accept(receiver, 1, std::nullopt, 5));
    QVERIFY(!accept(receiver, 5, 10, 5));
    QVERIFY(!accept(receiver, 1, 10, 11));
    LaneReceiver twice{ 1000 };
    QVERIFY(accept(twice, 1, 10, 5));
    QVERIFY(!accept(twice, 1, 10, 5));
    LaneReceiver beyond{ 1000 };
    QVERIFY(accept(beyond, 1, 10, 5));
    QVERIFY(!accept(beyond, 1, std::nullopt, 6));
    LaneReceiver large{ 1000 };
    QVERIFY(!accept(large, kFirstBulkLane, 4000, 5));
    QVERIFY(!accept(large, kGossipLane, kMaxGossip * 2, 5));
    QVERIFY(!accept(large, 1, ~0ULL, 5));
    QVERIFY(!accept(large, 1, 0, 0));
    // Announced but not sent: sixteen items of 100 MiB are more than one peer may have open.
    LaneReceiver greedy{ std::size_t{ 200 } << 20U };
    bool refused = false;
    for (std::uint8_t lane = kFirstBulkLane; lane < kLanes; ++lane) {
        refused = refused || !accept(greedy, lane, std::uint64_t{ 100 } << 20U, 5);
    }
    QVERIFY(refused);
}

void TestProtocol::bucketRefillsWithTime()
{
    const base::MonotonicTime start{};
    TokenBucket bucket{ 10, 20, start };
    QVERIFY(bucket.take(20, start));
    QVERIFY(!bucket.take(1, start));
    QVERIFY(bucket.take(5, start + 500ms));
    QVERIFY(!bucket.take(1, start + 500ms));
    QVERIFY(bucket.take(20, start + 1h));
    QVERIFY(!bucket.take(1, start + 1h));
}

void TestProtocol::penaltiesBanAndFade()
{
    PenaltyBook book;
    base::PublicKey id;
    const base::MonotonicTime start{};
    book.add(id, 60, start);
    QVERIFY(!book.isBanned(id, start));
    book.add(id, 60, start);
    QVERIFY(book.isBanned(id, start + 9min));
    QVERIFY(!book.isBanned(id, start + 11min));
    QVERIFY(book.points(id, start + 10min) < 61 && book.points(id, start + 10min) > 59);
    for (std::uint32_t number = 0; number < 10'000; ++number) {
        base::PublicKey other;
        std::memcpy(other.data.data(), &number, sizeof number);
        book.add(other, 1, start);
    }
    QVERIFY(book.isBanned(id, start + 9min));
    base::PublicKey named;
    named.data.fill(std::byte{ 9 });
    book.ban(named, start + 1h);
    QVERIFY(book.isBanned(named, start + 59min));
    QVERIFY(!book.isBanned(named, start + 61min));
}

void TestProtocol::seenCacheForgetsSlowly()
{
    SeenCache seen;
    base::Hash256 hash;
    const base::MonotonicTime start{};
    QVERIFY(seen.insert(hash, start));
    QVERIFY(!seen.insert(hash, start + 9min));
    hash.data[0] = std::byte{ 1 };
    QVERIFY(seen.insert(hash, start + 11min));
    QVERIFY(!seen.insert(base::Hash256{}, start + 12min));
    QVERIFY(!seen.insert(hash, start + 12min));
    hash.data[0] = std::byte{ 2 };
    QVERIFY(seen.insert(hash, start + 22min));
    QVERIFY(seen.insert(base::Hash256{}, start + 23min));
}

QTEST_GUILESS_MAIN(TestProtocol)
#include "tst_protocol.moc"
