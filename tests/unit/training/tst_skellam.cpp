// SPDX-License-Identifier: GPL-3.0-or-later
#include "training/skellam.h"
#include "unit/support.h"

#include <QtTest>

#include <cmath>
#include <map>
#include <numeric>

using namespace loam;
using training::RingCoding;
using training::SkellamSampler;

namespace {

crypto::KeyStream stream(std::uint8_t seed)
{
    std::array<std::byte, 32> key{};
    key[0] = std::byte{ seed };
    return crypto::KeyStream{ crypto::StreamCipher::ChaCha20, crypto::SymmetricKey{ key } };
}

base::Hash256 seedOf(std::uint8_t value)
{
    base::Hash256 seed;
    seed.data.fill(std::byte{ value });
    return seed;
}

SkellamSampler sampler(double variance)
{
    return SkellamSampler::create(variance).value();
}

/// P[Skellam = k] for a small variance.
double skellamMass(double variance, std::int64_t k)
{
    const double half = variance / 2;
    double mass = 0;
    for (std::int64_t j = std::max<std::int64_t>(0, -k); j < 400; ++j) {
        const auto a = static_cast<double>(j);
        const auto b = static_cast<double>(j + k);
        mass += std::exp(
            (a + b) * std::log(half) - variance - std::lgamma(a + 1) - std::lgamma(b + 1));
    }
    return mass;
}

std::vector<float> ramp(std::size_t size, double norm, int phase = 0)
{
    std::vector<float> out(size);
    double sum = 0;
    for (std::size_t i = 0; i < size; ++i) {
        out[i] = static_cast<float>(std::sin(0.37 * static_cast<double>(i + 1) + phase));
        sum += static_cast<double>(out[i]) * static_cast<double>(out[i]);
    }
    for (float& value : out) {
        value = static_cast<float>(static_cast<double>(value) * norm / std::sqrt(sum));
    }
    return out;
}

template <class Values> double norm(const Values& values)
{
    double sum = 0;
    for (const auto value : values) {
        sum += static_cast<double>(value) * static_cast<double>(value);
    }
    return std::sqrt(sum);
}

RingCoding coding(std::size_t size)
{
    RingCoding out;
    out.size = size;
    out.clip = 1;
    out.scale = 4096;
    out.bits = 24;
    out.seed = seedOf(9);
    return out;
}

} // namespace

class TestSkellam final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void followsItsDistribution_data();
    void followsItsDistribution();
    void wideNoise_data();
    void wideNoise();
    void closedUnderSummation();
    void clipping();
    void clipAdapts();
    void rotationIsInvertible();
    void rotationSpreads();
    void roundingIsUnbiasedAndBounded();
    void sumsWrapExactly();
    void noiseOfTheSumIsAsPlanned();
    void countsMembersWithinTheClip();
    void ringBits();
    void sharesOfNoise();
    void badInput();
};

void TestSkellam::followsItsDistribution_data()
{
    QTest::addColumn<double>("variance");
    QTest::newRow("tiny") << 0.2;
    QTest::newRow("small") << 1.0;
    QTest::newRow("some") << 7.5;
    QTest::newRow("middle") << 60.0;
}

void TestSkellam::followsItsDistribution()
{
    QFETCH(double, variance);
    constexpr int kDraws = 200'000;
    const SkellamSampler noise = sampler(variance);
    auto random = stream(1);
    std::map<std::int64_t, int> counts;
    for (int i = 0; i < kDraws; ++i) {
        ++counts[noise.draw(random)];
    }
    // Chi-square over the cells that expect at least ten, the rest in one.
    double chi = 0;
    int cells = 0;
    double restExpected = kDraws;
    int restSeen = kDraws;
    for (std::int64_t k = -80; k <= 80; ++k) {
        const double expected = kDraws * skellamMass(variance, k);
        if (expected < 10) {
            continue;
        }
        const int seen = counts[k];
        chi += (seen - expected) * (seen - expected) / expected;
        ++cells;
        restExpected -= expected;
        restSeen -= seen;
    }
    if (restExpected > 1) {
        chi += (restSeen - restExpected) * (restSeen - restExpected) / restExpected;
        ++cells;
    }
    // Wilson and Hilferty's approximation of the quantile at four standard deviations.
    const double freedom = cells - 1;
    const double t = 2 / (9 * freedom);
    const double limit = freedom * std::pow(1 - t + 4 * std::sqrt(t), 3);
    QVERIFY2(chi < limit, qPrintable(QStringLiteral("%1 over %2 cells").arg(chi).arg(cells)));
    qInfo("chi-square %.1f over %d cells, limit %.1f", chi, cells, limit);
}

void TestSkellam::wideNoise_data()
{
    QTest::addColumn<double>("variance");
    QTest::newRow("1e4") << 1e4;
    QTest::newRow("3e6") << 3e6;
    QTest::newRow("1e9") << 1e9;
}

void TestSkellam::wideNoise()
{
    QFETCH(double, variance);
    constexpr int kDraws = 100'000;
    const SkellamSampler noise = sampler(variance);
    auto random = stream(2);
    const double deviation = std::sqrt(variance);
    double sum = 0;
    double squares = 0;
    double fourth = 0;
    // As many draws in each tenth of a Gaussian: at this width there is no difference to see.
    const std::vector<double> tenths{ -1.281552, -0.841621, -0.524401, -0.253347, 0, 0.253347,
        0.524401, 0.841621, 1.281552 };
    std::vector<int> seen(tenths.size() + 1);
    for (int i = 0; i < kDraws; ++i) {
        const double x = static_cast<double>(noise.draw(random)) / deviation;
        sum += x;
        squares += x * x;
        fourth += x * x * x * x;
        ++seen[static_cast<std::size_t>(
            std::lower_bound(tenths.begin(), tenths.end(), x) - tenths.begin())];
    }
    QVERIFY(std::abs(sum / kDraws) < 4 / std::sqrt(kDraws));
    QVERIFY(std::abs(squares / kDraws - 1) < 4 * std::sqrt(2.0 / kDraws));
    QVERIFY(std::abs(fourth / kDraws - 3) < 4 * std::sqrt(96.0 / kDraws));
    double chi = 0;
    for (const int count : seen) {
        chi += (count - kDraws / 10.0) * (count - kDraws / 10.0) / (kDraws / 10.0);
    }
    QVERIFY2(chi < 40, qPrintable(QString::number(chi)));
}

void TestSkellam::closedUnderSummation()
{
    // Twenty shares together are one draw of the whole variance.
    const SkellamSampler share = sampler(0.1);
    auto random = stream(3);
    constexpr int kDraws = 40'000;
    std::map<std::int64_t, int> counts;
    for (int i = 0; i < kDraws; ++i) {
        std::int64_t sum = 0;
        for (int k = 0; k < 20; ++k) {
            sum += share.draw(random);
        }
        ++counts[sum];
    }
    double chi = 0;
    for (std::int64_t k = -4; k <= 4; ++k) {
        const double expected = kDraws * skellamMass(2, k);
        chi += (counts[k] - expected) * (counts[k] - expected) / expected;
    }
    QVERIFY2(chi < 32, qPrintable(QString::number(chi)));
}

void TestSkellam::clipping()
{
    std::vector<float> values = ramp(300, 5);
    QVERIFY(!training::clipNorm(values, 2));
    QVERIFY(norm(values) <= 2 && norm(values) > 1.9999);
    const std::vector<float> before = values;
    QVERIFY(training::clipNorm(values, 2));
    QVERIFY(values == before);
    std::vector<float> nothing(10);
    QVERIFY(training::clipNorm(nothing, 1));
}

void TestSkellam::clipAdapts()
{
    // Norms spread evenly over 0..10: the median is 5.
    double clip = 0.5;
    for (int round = 0; round < 200; ++round) {
        clip = training::adaptedClip(clip, std::min(1.0, clip / 10), 0.5, 0.2);
    }
    QVERIFY(std::abs(clip - 5) < 0.05);
    QCOMPARE(training::adaptedClip(2, 5, 0.5, 0.2), training::adaptedClip(2, 1, 0.5, 0.2));
}

void TestSkellam::rotationIsInvertible()
{
    for (const std::size_t size : std::initializer_list<std::size_t>{ 1, 2, 3, 100, 1024, 1025 }) {
        const std::vector<float> values = ramp(size, 3);
        const std::vector<double> rotated = training::rotate(values, seedOf(4));
        QCOMPARE(rotated.size(), training::rotatedSize(size));
        QVERIFY(std::abs(norm(rotated) / norm(values) - 1) < 1e-9);
        const std::vector<double> back = training::rotateBack(rotated, seedOf(4), size);
        for (std::size_t i = 0; i < size; ++i) {
            QVERIFY(std::abs(back[i] - static_cast<double>(values[i])) < 1e-10);
        }
    }
}

void TestSkellam::rotationSpreads()
{
    std::vector<float> spike(4096);
    spike[17] = 1;
    const std::vector<double> rotated = training::rotate(spike, seedOf(5));
    for (const double value : rotated) {
        QVERIFY(std::abs(std::abs(value) - 1.0 / 64) < 1e-12);
    }
    std::vector<float> flat(4096, 1);
    QVERIFY(training::rotate(flat, seedOf(6)) != training::rotate(flat, seedOf(5)));
}

void TestSkellam::roundingIsUnbiasedAndBounded()
{
    RingCoding small = coding(64);
    small.scale = 20; // coarse, so that rounding matters
    const SkellamSampler none = sampler(0);
    const std::vector<float> values = ramp(64, 1);
    const std::vector<double> wanted = training::rotate(values, small.seed);
    auto random = stream(7);
    std::vector<double> sums(64);
    constexpr int kTimes = 4000;
    for (int time = 0; time < kTimes; ++time) {
        const auto encoded = training::encodeShare(small, values, none, random);
        LOAM_OK(encoded);
        double squares = 0;
        for (std::size_t i = 0; i < sums.size(); ++i) {
            const auto lifted = static_cast<double>((*encoded)[i] >= (1U << 23U)
                    ? static_cast<std::int64_t>((*encoded)[i]) - (1 << 24)
                    : static_cast<std::int64_t>((*encoded)[i]));
            sums[i] += lifted / kTimes;
            squares += lifted * lifted;
        }
        QVERIFY(std::sqrt(squares) <= small.l2Bound());
    }
    for (std::size_t i = 0; i < sums.size(); ++i) {
        QVERIFY(std::abs(sums[i] - wanted[i] * small.scale) < 5 * 0.5 / std::sqrt(kTimes));
    }
}

void TestSkellam::sumsWrapExactly()
{
    // A ring so small that single terms wrap although the sum does not.
    RingCoding ring = coding(500);
    ring.bits = 18;
    const SkellamSampler none = sampler(0);
    auto random = stream(8);
    std::vector<std::uint32_t> sum(ring.encodedSize());
    std::vector<double> wanted(ring.size);
    constexpr int kMembers = 11;
    for (int member = 0; member < kMembers; ++member) {
        const std::vector<float> values = ramp(ring.size, 0.9, member);
        const auto encoded = training::encodeShare(ring, values, none, random);
        LOAM_OK(encoded);
        for (std::size_t i = 0; i < sum.size(); ++i) {
            sum[i] = (sum[i] + (*encoded)[i]) & ring.mask();
        }
        for (std::size_t i = 0; i < wanted.size(); ++i) {
            wanted[i] += static_cast<double>(values[i]) / kMembers;
        }
    }
    const auto decoded = training::decodeSum(ring, sum, kMembers);
    LOAM_OK(decoded);
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        QVERIFY(std::abs(decoded->mean[i] - wanted[i]) < 6 * 0.5 / ring.scale);
    }
}

void TestSkellam::noiseOfTheSumIsAsPlanned()
{
    const RingCoding ring = coding(4000);
    constexpr double kNoise = 2;
    const double total = std::pow(kNoise * ring.l2Bound(), 2);
    constexpr std::size_t kMembers = 6;
    const SkellamSampler share = sampler(training::noiseShare(total, kMembers, 1));
    auto random = stream(10);
    std::vector<std::uint32_t> sum(ring.encodedSize());
    for (std::size_t member = 0; member < kMembers; ++member) {
        const auto encoded
            = training::encodeShare(ring, std::vector<float>(ring.size), share, random);
        LOAM_OK(encoded);
        for (std::size_t i = 0; i < sum.size(); ++i) {
            sum[i] = (sum[i] + (*encoded)[i]) & ring.mask();
        }
    }
    const auto decoded = training::decodeSum(ring, sum, 1);
    LOAM_OK(decoded);
    // Six shares of a fifth: 1.2 times the planned variance; one may fail to add its own.
    const double variance = std::pow(norm(decoded->mean), 2) / static_cast<double>(ring.size)
        * ring.scale * ring.scale;
    QVERIFY2(std::abs(variance / (1.2 * total) - 1) < 0.1,
        qPrintable(QString::number(variance / total)));
}

void TestSkellam::countsMembersWithinTheClip()
{
    RingCoding ring = coding(300);
    ring.bits = 28;
    ring.bitWeight = training::countingWeight(ring, 1, 3.2);
    QVERIFY(ring.bitWeight > 0);
    // The noise on the count has the deviation that was asked for.
    QVERIFY(
        std::abs(ring.l2Bound() / (2.0 * static_cast<double>(ring.bitWeight)) / 3.2 - 1) < 0.01);
    QCOMPARE(training::countingWeight(ring, 8, 0.2), 0);
    const SkellamSampler none = sampler(0);
    auto random = stream(11);
    std::vector<std::uint32_t> sum(ring.encodedSize());
    for (int member = 0; member < 8; ++member) {
        const auto encoded = training::encodeShare(
            ring, ramp(ring.size, member < 3 ? 0.5 : 4, member), none, random);
        LOAM_OK(encoded);
        for (std::size_t i = 0; i < sum.size(); ++i) {
            sum[i] = (sum[i] + (*encoded)[i]) & ring.mask();
        }
    }
    QCOMPARE(training::decodeSum(ring, sum, 8)->within, 3.0 / 8);
}

void TestSkellam::ringBits()
{
    RingCoding ring;
    ring.clip = 1;
    ring.scale = 1000;
    for (const std::size_t size : std::initializer_list<std::size_t>{ 10'000, 100'000 }) {
        ring.size = size;
        const int bits = ring.bitsNeeded(64, std::pow(4 * ring.l2Bound(), 2));
        QVERIFY2(bits >= 14 && bits <= 20, qPrintable(QString::number(bits)));
    }
    QVERIFY(ring.bitsNeeded(64, 1e12) > ring.bitsNeeded(64, 1e8));
}

void TestSkellam::sharesOfNoise()
{
    // Deviations published for n = 32, t = 22, c = 4 and n = 64, t = 43, c = 6.
    QVERIFY(std::abs(std::sqrt(training::noiseShare(1, 22, 4)) - 0.2357) < 1e-4);
    QVERIFY(std::abs(std::sqrt(training::noiseShare(1, 43, 6)) - 0.164) < 1e-3);
    QVERIFY(std::abs(std::sqrt(32 * training::noiseShare(1, 22, 4)) - 1.33) < 0.01);
}

void TestSkellam::badInput()
{
    LOAM_FAILS(SkellamSampler::create(-1), base::Errc::Invalid);
    LOAM_FAILS(SkellamSampler::create(std::nan("")), base::Errc::Invalid);
    LOAM_FAILS(SkellamSampler::create(1e11), base::Errc::Invalid);
    auto random = stream(12);
    const SkellamSampler none = sampler(0);
    const RingCoding ring = coding(4);
    LOAM_FAILS(
        training::encodeShare(ring, std::vector<float>(3), none, random), base::Errc::Invalid);
    std::vector<float> bad(4);
    bad[2] = std::nanf("");
    LOAM_FAILS(training::encodeShare(ring, bad, none, random), base::Errc::Invalid);
    LOAM_FAILS(training::decodeSum(ring, std::vector<std::uint32_t>(3), 2), base::Errc::Invalid);
    RingCoding wrong = ring;
    wrong.bits = 40;
    LOAM_FAILS(wrong.validate(), base::Errc::Invalid);
}

QTEST_GUILESS_MAIN(TestSkellam)
#include "tst_skellam.moc"
