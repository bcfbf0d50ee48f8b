// SPDX-License-Identifier: GPL-3.0-or-later
#include "ml/half.h"
#include "ml/thread_pool.h"
#include "training/compression.h"

#include <QtTest>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

using namespace loam;
using training::ChunkLayout;
using training::UpdateHeader;

namespace {

UpdateHeader header()
{
    UpdateHeader out;
    out.run.data.fill(std::byte{ 1 });
    out.node.data.fill(std::byte{ 2 });
    out.baseParams.data.fill(std::byte{ 3 });
    out.round = 7;
    out.tokens = 30'720;
    return out;
}

std::vector<float> gaussian(std::size_t count, unsigned seed, float scale = 1e-3F)
{
    std::mt19937 engine{ seed };
    std::normal_distribution<float> normal{ 0.0F, scale };
    std::vector<float> values(count);
    std::ranges::generate(values, [&] { return normal(engine); });
    return values;
}

/// The tensors of a model of a million parameters, roughly: large, odd and tiny ones.
const std::vector<std::size_t> kSizes{ 2048 * 128, 128, 128 * 128, 352 * 128, 4096, 5000, 1, 3 };

base::Bytes encoded(std::uint16_t keep, std::span<const float> values, const ChunkLayout& layout)
{
    auto body = training::encodeUpdate(header(), layout, keep, values);
    return body ? std::move(*body) : base::Bytes{};
}

void setBits(base::Bytes& body, std::size_t bit, unsigned count, std::uint32_t value)
{
    for (unsigned i = 0; i < count; ++i, ++bit) {
        const bool one = ((value >> (count - 1 - i)) & 1U) != 0;
        const auto mask = static_cast<std::byte>(0x80U >> (bit % 8));
        body[bit / 8] = one ? body[bit / 8] | mask : body[bit / 8] & ~mask;
    }
}

} // namespace

class TestCompression final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void halfRoundTripsEveryPattern();
    void halfRoundsToEven_data();
    void halfRoundsToEven();
    void roundTripKeepsTheLargest_data();
    void roundTripKeepsTheLargest();
    void densityIsAsDocumented_data();
    void densityIsAsDocumented();
    void everyTruncationIsRefused();
    void changedBitsNeverDecodeToTheSameUpdate();
    void nonCanonicalStreamsAreRefused();
    void foreignBodiesAreRefused_data();
    void foreignBodiesAreRefused();
    void valuesThatAreNotFiniteAreNotEncoded();
    void devicesGiveTheSameBody_data();
    void devicesGiveTheSameBody();
    void errorFeedbackConserves_data();
    void errorFeedbackConserves();
};

void TestCompression::halfRoundTripsEveryPattern()
{
    for (std::uint32_t bits = 0; bits < 0x10000U; ++bits) {
        const auto half = static_cast<std::uint16_t>(bits);
        if (!ml::isFiniteHalf(half) || half == 0x8000U) {
            continue;
        }
        QCOMPARE(ml::floatToFiniteHalf(ml::halfToFloat(half)), half);
    }
}

void TestCompression::halfRoundsToEven_data()
{
    QTest::addColumn<float>("value");
    QTest::addColumn<unsigned>("bits");
    QTest::newRow("one") << 1.0F << 0x3C00U;
    QTest::newRow("tie down") << 1.0F + 0x1p-11F << 0x3C00U;
    QTest::newRow("tie up") << 1.0F + 3 * 0x1p-11F << 0x3C02U;
    QTest::newRow("above tie") << 1.0F + 0x1.1p-11F << 0x3C01U;
    QTest::newRow("largest") << 65504.0F << 0x7BFFU;
    QTest::newRow("saturates") << 1e9F << 0x7BFFU;
    QTest::newRow("saturates below") << -65520.0F << 0xFBFFU;
    QTest::newRow("infinity") << std::numeric_limits<float>::infinity() << 0x7BFFU;
    QTest::newRow("smallest normal") << 0x1p-14F << 0x0400U;
    QTest::newRow("rounds up to normal") << 0x1.FFFp-15F << 0x0400U;
    QTest::newRow("smallest subnormal") << 0x1p-24F << 0x0001U;
    QTest::newRow("subnormal tie to zero") << 0x1p-25F << 0x0000U;
    QTest::newRow("subnormal above tie") << -0x1.8p-25F << 0x8001U;
    QTest::newRow("negative zero") << -0.0F << 0x0000U;
    QTest::newRow("nan") << std::nanf("") << 0x0000U;
}

void TestCompression::halfRoundsToEven()
{
    QFETCH(float, value);
    QFETCH(unsigned, bits);
    QCOMPARE(static_cast<unsigned>(ml::floatToFiniteHalf(value)), bits);
}

void TestCompression::roundTripKeepsTheLargest_data()
{
    QTest::addColumn<int>("keep");
    for (const int keep : { 1, 2, 63, 64, 256, 512, 1024, 4095, 4096 }) {
        QTest::newRow(std::to_string(keep).c_str()) << keep;
    }
}

void TestCompression::roundTripKeepsTheLargest()
{
    QFETCH(int, keep);
    const ChunkLayout layout{ kSizes };
    const auto values = gaussian(layout.parameters(), 5);
    const base::Bytes body = encoded(static_cast<std::uint16_t>(keep), values, layout);
    QVERIFY(!body.empty());
    QVERIFY(body.size() <= training::maximumUpdateBytes(layout, static_cast<std::uint16_t>(keep)));
    const auto update = training::decodeUpdate(body, layout, static_cast<std::uint16_t>(keep));
    QVERIFY2(update.has_value(), update ? "" : update.error().message.c_str());
    QCOMPARE(update->header, header());
    for (const auto& chunk : layout.chunks()) {
        float smallestSent = std::numeric_limits<float>::max();
        float largestLeft = 0;
        std::size_t sent = 0;
        for (std::size_t i = chunk.offset; i < chunk.offset + chunk.values; ++i) {
            if (update->values[i] != 0) {
                ++sent;
                smallestSent = std::min(smallestSent, std::fabs(values[i]));
                QCOMPARE(std::signbit(update->values[i]), std::signbit(values[i]));
            } else {
                largestLeft = std::max(largestLeft, std::fabs(values[i]));
            }
        }
        QCOMPARE(sent, std::min<std::size_t>(static_cast<std::size_t>(keep), chunk.values));
        QVERIFY(smallestSent >= largestLeft);
    }
    // Encoding what was decoded changes nothing: the magnitudes are their own means.
    const auto again
        = training::decodeUpdate(encoded(static_cast<std::uint16_t>(keep), update->values, layout),
            layout, static_cast<std::uint16_t>(keep));
    QVERIFY(again.has_value());
    QCOMPARE(again->values, update->values);
}

void TestCompression::densityIsAsDocumented_data()
{
    QTest::addColumn<int>("keep");
    QTest::addColumn<double>("least");
    QTest::addColumn<double>("most");
    QTest::newRow("64") << 64 << 0.150 << 0.165;
    QTest::newRow("256") << 256 << 0.46 << 0.50;
    QTest::newRow("512") << 512 << 0.79 << 0.83;
    QTest::newRow("1024") << 1024 << 1.30 << 1.36;
    QTest::newRow("all in 2 bits") << 4096 << 2.0 << 2.02;
    QTest::newRow("dense") << 0 << 16.0 << 16.01;
}

void TestCompression::densityIsAsDocumented()
{
    QFETCH(int, keep);
    QFETCH(double, least);
    QFETCH(double, most);
    const std::vector<std::size_t> sizes{ 262'144, 524'288, 282'624 };
    const ChunkLayout layout{ sizes };
    const auto body
        = encoded(static_cast<std::uint16_t>(keep), gaussian(layout.parameters(), 9), layout);
    const double bits
        = 8.0 * static_cast<double>(body.size()) / static_cast<double>(layout.parameters());
    qInfo("k = %d: %.4f bits per parameter", keep, bits);
    QVERIFY(bits >= least && bits <= most);
}

void TestCompression::everyTruncationIsRefused()
{
    const std::vector<std::size_t> sizes{ 300, 7 };
    const ChunkLayout layout{ sizes };
    for (const std::uint16_t keep : { std::uint16_t{ 0 }, std::uint16_t{ 16 } }) {
        const base::Bytes body = encoded(keep, gaussian(layout.parameters(), 3), layout);
        QVERIFY(training::decodeUpdate(body, layout, keep).has_value());
        for (std::size_t size = 0; size < body.size(); ++size) {
            const auto cut
                = training::decodeUpdate(base::ByteView{ body }.first(size), layout, keep);
            QVERIFY(!cut.has_value());
            QCOMPARE(cut.error().code, base::Errc::Invalid);
        }
        base::Bytes longer = body;
        longer.push_back(std::byte{ 0 });
        QVERIFY(!training::decodeUpdate(longer, layout, keep).has_value());
    }
}

void TestCompression::changedBitsNeverDecodeToTheSameUpdate()
{
    const std::vector<std::size_t> sizes{ 90, 20 };
    const ChunkLayout layout{ sizes };
    for (const std::uint16_t keep : { std::uint16_t{ 0 }, std::uint16_t{ 10 } }) {
        const base::Bytes body = encoded(keep, gaussian(layout.parameters(), 4), layout);
        const auto original = training::decodeUpdate(body, layout, keep);
        QVERIFY(original.has_value());
        for (std::size_t bit = 0; bit < body.size() * 8; ++bit) {
            base::Bytes changed = body;
            changed[bit / 8] ^= static_cast<std::byte>(0x80U >> (bit % 8));
            const auto update = training::decodeUpdate(changed, layout, keep);
            QVERIFY(!update || update->header != original->header
                || update->values != original->values);
        }
    }
}

void TestCompression::nonCanonicalStreamsAreRefused()
{
    // One chunk of 4 values of which 2 are kept: small, large, then for each: gap code, sign,
    // class.
    const std::vector<std::size_t> sizes{ 4 };
    const ChunkLayout layout{ sizes };
    const base::Bytes body = encoded(2, std::vector<float>{ 0.5F, 0.0F, -2.0F, 0.0F }, layout);
    const std::size_t start = training::kUpdateHeaderBytes * 8;
    // With b = 0: gap 0 = "0", sign 0, class small 0; gap 1 = "10", sign 1, class large 1.
    const auto reason = [&](auto change) {
        base::Bytes changed = body;
        change(changed);
        const auto update = training::decodeUpdate(changed, layout, 2);
        return update ? std::string{ "accepted" } : update.error().message;
    };
    QCOMPARE(reason([](base::Bytes&) {}), std::string{ "accepted" });
    QVERIFY(reason([&](auto& b) { setBits(b, start, 16, 0x7C00); }).find("not finite")
        != std::string::npos);
    QVERIFY(
        reason([&](auto& b) { setBits(b, start, 16, 0x5000); }).find("order") != std::string::npos);
    QVERIFY(reason([&](auto& b) { setBits(b, start + 16, 16, 0xC000); }).find("order")
        != std::string::npos);
    QVERIFY(
        reason([&](auto& b) { setBits(b, start + 34, 1, 1); }).find("halves") != std::string::npos);
    QVERIFY(reason([&](auto& b) {
        setBits(b, start, 16, 0);
        setBits(b, start + 33, 1, 1);
    }).find("negative zero")
        != std::string::npos);
    QVERIFY(reason([&](auto& b) { setBits(b, start + 35, 3, 0b111); }).find("beyond")
        != std::string::npos);
    QVERIFY(reason([&](auto& b) { setBits(b, start + 39, 1, 1); }).find("padding")
        != std::string::npos);
}

void TestCompression::foreignBodiesAreRefused_data()
{
    QTest::addColumn<int>("keep");
    QTest::addColumn<int>("parameters");
    QTest::addColumn<QString>("reason");
    QTest::newRow("other density") << 32 << 5000 << QStringLiteral("keeps 64 of each 4096");
    QTest::newRow("other model") << 64 << 5001 << QStringLiteral("5000 parameters instead of");
}

void TestCompression::foreignBodiesAreRefused()
{
    QFETCH(int, keep);
    QFETCH(int, parameters);
    QFETCH(QString, reason);
    const std::vector<std::size_t> sizes{ 5000 };
    const base::Bytes body = encoded(64, gaussian(5000, 1), ChunkLayout{ sizes });
    const std::vector<std::size_t> expected{ static_cast<std::size_t>(parameters) };
    const auto update
        = training::decodeUpdate(body, ChunkLayout{ expected }, static_cast<std::uint16_t>(keep));
    QVERIFY(!update.has_value());
    QVERIFY(QString::fromStdString(update.error().message).contains(reason));
    base::Bytes other = body;
    other[7] = std::byte{ 2 };
    QVERIFY(!training::decodeUpdate(other, ChunkLayout{ sizes }, 64).has_value());
    QVERIFY(!training::decodeUpdateHeader(other).has_value());
    QCOMPARE(*training::decodeUpdateHeader(body), header());
}

void TestCompression::valuesThatAreNotFiniteAreNotEncoded()
{
    const std::vector<std::size_t> sizes{ 10 };
    const ChunkLayout layout{ sizes };
    std::vector<float> values(10, 1.0F);
    values[4] = std::numeric_limits<float>::quiet_NaN();
    for (const std::uint16_t keep : { std::uint16_t{ 0 }, std::uint16_t{ 2 } }) {
        const auto body = training::encodeUpdate(header(), layout, keep, values);
        QVERIFY(!body.has_value());
        QCOMPARE(body.error().code, base::Errc::Invalid);
    }
}

void TestCompression::devicesGiveTheSameBody_data()
{
    QTest::addColumn<int>("keep");
    QTest::newRow("one") << 1;
    QTest::newRow("512") << 512;
    QTest::newRow("all in 2 bits") << 4096;
    QTest::newRow("dense") << 0;
}

void TestCompression::devicesGiveTheSameBody()
{
    QFETCH(int, keep);
    const auto keepPerChunk = static_cast<std::uint16_t>(keep);
    // More than is packed at once, behind tensors of every size.
    std::vector<std::size_t> sizes = kSizes;
    sizes.push_back(1030 * training::kChunkValues + 9);
    const ChunkLayout layout{ sizes };
    auto values = gaussian(layout.parameters(), 6);
    ml::ThreadPool pool{ 2 };
    const auto backend = ml::makeReferenceBackend(pool).value();
    const auto body = training::encodeUpdate(header(), layout, keepPerChunk, values, *backend);
    QVERIFY2(body.has_value(), body ? "" : body.error().message.c_str());
    QVERIFY(*body == encoded(keepPerChunk, values, layout));
    values.back() = std::numeric_limits<float>::infinity();
    const auto broken = training::encodeUpdate(header(), layout, keepPerChunk, values, *backend);
    QVERIFY(!broken.has_value());
    QVERIFY(broken.error().message.find("diverged") != std::string::npos);
}

void TestCompression::errorFeedbackConserves_data()
{
    QTest::addColumn<int>("keep");
    QTest::newRow("64") << 64;
    QTest::newRow("512") << 512;
    QTest::newRow("dense") << 0;
}

void TestCompression::errorFeedbackConserves()
{
    // e_r = d e_(r-1) + delta_r - sent_r, so after R rounds
    // e_R + sum d^(R-r) sent_r = sum d^(R-r) delta_r: nothing is lost but by the decay.
    QFETCH(int, keep);
    constexpr float kDecay = 0.95F;
    const std::vector<std::size_t> sizes{ 10'000, 77 };
    const ChunkLayout layout{ sizes };
    std::vector<float> error(layout.parameters(), 0.0F);
    std::vector<double> sentSum(layout.parameters(), 0.0);
    std::vector<double> deltaSum(layout.parameters(), 0.0);
    for (unsigned round = 0; round < 12; ++round) {
        const auto delta = gaussian(layout.parameters(), 100 + round);
        training::accumulate(error, delta, kDecay);
        const auto keepPerChunk = static_cast<std::uint16_t>(keep);
        const auto update
            = training::decodeUpdate(encoded(keepPerChunk, error, layout), layout, keepPerChunk);
        QVERIFY(update.has_value());
        // Every third contribution comes too late: it is not applied and must not be subtracted.
        const bool applied = round % 3 != 2;
        if (applied) {
            training::subtractSent(error, update->values);
        }
        for (std::size_t i = 0; i < error.size(); ++i) {
            sentSum[i] = 0.95 * sentSum[i] + (applied ? double{ update->values[i] } : 0.0);
            deltaSum[i] = 0.95 * deltaSum[i] + double{ delta[i] };
        }
    }
    for (std::size_t i = 0; i < error.size(); ++i) {
        QVERIFY(std::fabs(double{ error[i] } + sentSum[i] - deltaSum[i]) < 1e-8);
    }
}

QTEST_GUILESS_MAIN(TestCompression)
#include "tst_compression.moc"
