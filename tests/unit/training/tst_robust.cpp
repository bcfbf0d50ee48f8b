// SPDX-License-Identifier: GPL-3.0-or-later
#include "training/robust.h"
#include "training/sampler.h"
#include "training/work_control.h"

#include <QtTest>

#include <atomic>
#include <cmath>
#include <random>
#include <thread>

using namespace loam;
using training::Vectors;

namespace {

constexpr std::size_t kDimensions = 200;

/// A common direction of norm about 1.4 with honest noise.
Vectors honest(std::size_t count, unsigned seed)
{
    std::mt19937 engine{ seed };
    std::normal_distribution<float> normal{ 0.0F, 0.07F };
    Vectors vectors(count, std::vector<float>(kDimensions));
    for (auto& vector : vectors) {
        for (float& value : vector) {
            value = 0.1F + normal(engine);
        }
    }
    return vectors;
}

double distance(std::span<const double> a, std::span<const double> b)
{
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        sum += (a[i] - b[i]) * (a[i] - b[i]);
    }
    return std::sqrt(sum);
}

std::vector<double> ones(std::size_t count)
{
    return std::vector<double>(count, 1.0);
}

} // namespace

class TestRobust final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void lowerMedian();
    void clipIsNearTheMeanOfHonestOnes();
    void clipResistsBadOnes_data();
    void clipResistsBadOnes();
    void weightsCount();
    void mixingPullsOutliersIn();
    void likenessOfPositions();
    void likenessWithoutChoiceIsTheCosine();
    void drawsAreFixedForever();
    void windowsAreConsecutiveAndDifferByNode();
    void pauseBlocksAndCancelReleases();
};

void TestRobust::lowerMedian()
{
    QCOMPARE(training::lowerMedian({}), 0.0);
    QCOMPARE(training::lowerMedian({ 3 }), 3.0);
    QCOMPARE(training::lowerMedian({ 50, 1 }), 1.0);
    QCOMPARE(training::lowerMedian({ 5, 1, 4 }), 4.0);
    QCOMPARE(training::lowerMedian({ 9, 2, 4, 3 }), 3.0);
}

void TestRobust::clipIsNearTheMeanOfHonestOnes()
{
    for (const std::size_t count : { std::size_t{ 1 }, std::size_t{ 4 }, std::size_t{ 20 } }) {
        const Vectors vectors = honest(count, 1);
        const auto mean = training::weightedMean(vectors, ones(count));
        const auto clipped = training::centeredClip(vectors, ones(count));
        const double norm = distance(mean, std::vector<double>(kDimensions, 0.0));
        QVERIFY(distance(mean, clipped) < 0.002 * norm);
    }
}

void TestRobust::clipResistsBadOnes_data()
{
    QTest::addColumn<float>("factor");
    QTest::newRow("flipped") << -1.0F;
    QTest::newRow("flipped and boosted") << -10.0F;
    QTest::newRow("boosted") << 50.0F;
}

void TestRobust::clipResistsBadOnes()
{
    QFETCH(float, factor);
    constexpr std::size_t kMembers = 10;
    constexpr std::size_t kBad = 2;
    Vectors vectors = honest(kMembers, 2);
    const Vectors good(vectors.begin() + kBad, vectors.end());
    for (std::size_t i = 0; i < kBad; ++i) {
        for (float& value : vectors[i]) {
            value *= factor;
        }
    }
    const auto wanted = training::weightedMean(good, ones(good.size()));
    const auto plain = training::weightedMean(vectors, ones(kMembers));
    const auto robust = training::centeredClip(
        training::nearestNeighbourMix(vectors, ones(kMembers), training::toleratedFaults(kMembers)),
        ones(kMembers));
    QVERIFY(distance(robust, wanted) < 0.35 * distance(plain, wanted));
    qInfo("off by %.3f, plain mean by %.3f", distance(robust, wanted), distance(plain, wanted));
    QVERIFY(distance(robust, wanted) < 0.5);
}

void TestRobust::weightsCount()
{
    const Vectors vectors{ { 1, 0 }, { 0, 1 } };
    const std::vector<double> weights{ 3, 1 };
    QCOMPARE(training::weightedMean(vectors, weights), (std::vector<double>{ 0.75, 0.25 }));
    const auto clipped = training::centeredClip(vectors, weights);
    QVERIFY(distance(clipped, std::vector<double>{ 0.75, 0.25 }) < 0.05);
}

void TestRobust::mixingPullsOutliersIn()
{
    Vectors vectors{ { 0.0F }, { 1.0F }, { 2.0F }, { 3.0F }, { 100.0F } };
    const Vectors mixed = training::nearestNeighbourMix(vectors, ones(5), 1);
    for (std::size_t i = 0; i < 4; ++i) {
        QCOMPARE(mixed[i][0], 1.5F);
    }
    QCOMPARE(mixed[4][0], 26.5F);
}

void TestRobust::likenessOfPositions()
{
    const std::vector<std::size_t> sizes{ 8, 2 };
    const training::ChunkLayout layout{ sizes };
    QVERIFY(training::comparesPositions(layout, 4));
    const std::vector<float> a{ 1, -1, 2, 2, 0, 0, 0, 0, 5, 5 };
    const std::vector<float> b{ 9, 9, 9, 0, 9, 0, 0, 0, 5, 5 };
    QCOMPARE(training::likeness(layout, 4, a, b), 0.75);
    QCOMPARE(training::likeness(layout, 4, a, a), 1.0);
    QCOMPARE(training::likeness(layout, 4, a, std::vector<float>(10, 0.0F)), 0.0);
}

void TestRobust::likenessWithoutChoiceIsTheCosine()
{
    const std::vector<std::size_t> sizes{ 3 };
    const training::ChunkLayout layout{ sizes };
    for (const std::uint16_t keep : { std::uint16_t{ 0 }, std::uint16_t{ 4096 } }) {
        QVERIFY(!training::comparesPositions(layout, keep));
        const std::vector<float> a{ 3, 4, 0 };
        QCOMPARE(training::likeness(layout, keep, a, std::vector<float>{ 6, 8, 0 }), 1.0);
        QCOMPARE(training::likeness(layout, keep, a, std::vector<float>{ 4, -3, 0 }), 0.0);
        QCOMPARE(training::likeness(layout, keep, a, std::vector<float>{ -3, -4, 0 }), 0.0);
    }
}

void TestRobust::drawsAreFixedForever()
{
    // SHA-256 of 32 zero bytes and a counter of 8 bytes, read as big-endian numbers.
    training::SeededDraws draws{ base::Hash256{} };
    std::vector<std::uint64_t> first;
    for (int i = 0; i < 5; ++i) {
        first.push_back(draws.next());
    }
    const std::vector<std::uint64_t> expected{ 0x2c34ce1df23b838cU, 0x5abf2a7f6437cca3U,
        0xd3067ed509ff25f1U, 0x1df6b11b582b51ebU };
    for (std::size_t i = 0; i < 4; ++i) {
        QCOMPARE(first[i], expected[i]);
    }
    QVERIFY(first[4] != first[0]);
}

void TestRobust::windowsAreConsecutiveAndDifferByNode()
{
    std::vector<ml::Token> tokens(1000);
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        tokens[i] = static_cast<ml::Token>(i);
    }
    base::PublicKey one;
    base::PublicKey two;
    two.data[0] = std::byte{ 1 };
    const auto starts = [&tokens](const base::PublicKey& node, std::uint64_t round) {
        training::WindowSampler sampler{ tokens, 16,
            training::dataSeed(base::Hash256{}, node, round) };
        const ml::TokenBatch batch = sampler.draw(4);
        std::vector<ml::Token> out;
        for (std::size_t i = 0; i < batch.shape.tokens(); ++i) {
            if (batch.targets[i] != batch.inputs[i] + 1) {
                return std::vector<ml::Token>{};
            }
            if (i % 16 == 0) {
                out.push_back(batch.inputs[i]);
            }
        }
        return out;
    };
    QCOMPARE(starts(one, 0).size(), std::size_t{ 4 });
    QCOMPARE(starts(one, 0), starts(one, 0));
    QVERIFY(starts(one, 0) != starts(two, 0));
    QVERIFY(starts(one, 0) != starts(one, 1));
    // The shortest text has exactly one window.
    training::WindowSampler shortest{ std::span{ tokens }.first(17), 16, base::Hash256{} };
    QCOMPARE(shortest.draw(1).inputs[0], 0);
}

void TestRobust::pauseBlocksAndCancelReleases()
{
    training::WorkControl control;
    QVERIFY(!control.shouldStop());
    control.pause();
    std::atomic<int> answer{ -1 };
    std::thread worker{ [&] { answer = control.shouldStop() ? 1 : 0; } };
    while (control.pausedTime().count() == 0) {
        std::this_thread::yield();
    }
    QCOMPARE(answer.load(), -1);
    control.resume();
    worker.join();
    QCOMPARE(answer.load(), 0);
    const auto paused = control.pausedTime();
    QVERIFY(paused.count() > 0);
    QVERIFY(control.pausedTime() == paused);

    control.pause();
    std::thread other{ [&] { answer = control.shouldStop() ? 1 : 0; } };
    control.cancel();
    other.join();
    QCOMPARE(answer.load(), 1);
    control.reset();
    control.resume();
    QVERIFY(!control.shouldStop());
}

QTEST_GUILESS_MAIN(TestRobust)
#include "tst_robust.moc"
