// SPDX-License-Identifier: GPL-3.0-or-later
#include "world.h"

#include <QtTest>

#include <algorithm>

using namespace loam;
using namespace loam::simulation;
using namespace std::chrono_literals;

namespace {

bool isLong()
{
    return qEnvironmentVariableIsSet("LOAM_LONG");
}

bool isHonest(const Node& node)
{
    return !node.isByzantine;
}

/// Every honest node, followers too, has all these transactions in final blocks.
bool allFinal(World& world, const std::set<std::uint32_t>& wanted)
{
    return std::all_of(world.nodes().begin(), world.nodes().end(), [&](const auto& node) {
        return !isHonest(*node)
            || std::includes(node->finalTransactions.begin(), node->finalTransactions.end(),
                wanted.begin(), wanted.end());
    });
}

Mischief randomMischief(World& world)
{
    Mischief out;
    out.silentLeader = world.chance(0.3);
    out.equivocates = world.chance(0.5);
    out.doubleVotes = world.chance(0.5);
    out.withholdsCertificates = world.chance(0.5);
    out.selective = world.chance(0.4);
    out.replays = world.chance(0.4);
    out.garbage = world.chance(0.3);
    out.claimsFuture = world.chance(0.3);
    out.mute = world.chance(0.1);
    return out;
}

Weather randomWeather(World& world)
{
    Weather out;
    out.loss = world.chance(0.7) ? 0.3 * static_cast<double>(world.below(100)) / 100 : 0;
    out.duplicate = world.chance(0.5) ? 0.2 : 0;
    out.maxDelay = world.chance(0.5) ? 80ms : 600ms;
    out.maxValidation = world.chance(0.2) ? 3000ms : world.chance(0.5) ? 40ms : 0ms;
    out.crash = world.chance(0.4) ? 0.01 : 0;
    return out;
}

/// Rough weather, then healing; returns what went wrong, or nothing.
std::string roughThenHealed(std::uint64_t seed)
{
    constexpr std::size_t kSizes[] = { 4, 7, 10 };
    Options options;
    options.seed = seed;
    options.validators = kSizes[seed % 3];
    options.byzantine = seed % 5 == 0 ? 0 : (options.validators - 1) / 3;
    options.followers = seed % 2;
    World world{ options };
    for (auto& node : world.nodes()) {
        if (node->isByzantine) {
            node->mischief = randomMischief(world);
        }
    }

    std::set<std::uint32_t> wanted;
    std::uint32_t next = 1;
    constexpr auto kRough = 12'000ms;
    for (auto time = 0ms; time < kRough; time += milliseconds{ 200 + world.below(1500) }) {
        wanted.insert(next);
        world.at(time, [&world, id = next] { world.submit(id, false); });
        ++next;
    }
    for (auto time = 0ms; time < kRough; time += 3000ms) {
        world.at(time, [&world] {
            world.weather = randomWeather(world);
            for (int& member : world.group) {
                member = world.chance(0.3) ? static_cast<int>(world.below(3)) : 0;
            }
        });
    }
    if (!world.runUntil(kRough)) {
        return world.failure();
    }

    // Healed: messages arrive within delta, everyone lives, Byzantine ones go on.
    world.weather = Weather{};
    std::fill(world.group.begin(), world.group.end(), 0);
    for (auto& node : world.nodes()) {
        if (!node->simplex) {
            world.restart(*node);
        }
    }
    for (const std::uint32_t id : wanted) {
        world.submit(id, true);
    }
    const bool safe = world.runUntil(kRough + 120'000ms, [&] { return allFinal(world, wanted); });
    if (!safe) {
        return world.failure();
    }
    if (!allFinal(world, wanted)) {
        std::string where = "nothing grows after healing:";
        for (const auto& node : world.nodes()) {
            where += " [" + std::to_string(node->index) + (isHonest(*node) ? " final " : " liar ")
                + std::to_string(node->simplex->finalizedHeight()) + " height "
                + std::to_string(node->simplex->height())
                + (node->simplex->isAwake() ? " awake, pool " : " asleep, pool ")
                + std::to_string(node->pool.size()) + "]";
        }
        return where;
    }
    // With liars gone and nothing left to order, the network must fall silent by itself.
    for (auto& node : world.nodes()) {
        if (node->isByzantine) {
            world.kill(*node);
        }
    }
    if (!world.runUntil(world.now() + 300'000ms)) {
        return world.failure();
    }
    if (!world.isIdle()) {
        return "the network does not fall silent";
    }
    if (world.largestState() > 4000) {
        return "a node holds " + std::to_string(world.largestState()) + " items";
    }
    return {};
}

} // namespace

class TestSimplexSimulation : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void survivesRoughWeather();
    void quietWithoutWork();
    void finalInThreeDelays();
    void liveUnderLoss();
    void slowApplication();
    void deadThird();
    void wakesFromOneNode();
    void restartOfEveryone();
    void largeSet();
    void laggardCatchesUp();
    void findsEvidence();
};

void TestSimplexSimulation::survivesRoughWeather()
{
    const std::uint64_t seeds = isLong() ? 20'000 : 240;
    const std::uint64_t first = qEnvironmentVariableIntValue("LOAM_SEED") > 0
        ? static_cast<std::uint64_t>(qEnvironmentVariableIntValue("LOAM_SEED"))
        : 1;
    for (std::uint64_t seed = first; seed < first + seeds; ++seed) {
        const std::string failure = roughThenHealed(seed);
        QVERIFY2(failure.empty(), ("seed " + std::to_string(seed) + ": " + failure).c_str());
    }
}

void TestSimplexSimulation::quietWithoutWork()
{
    World world{ { .validators = 4, .followers = 1 } };
    QVERIFY(world.runUntil(10'000ms));
    QVERIFY(world.isIdle());
    const std::uint64_t before = world.messagesSent();
    QVERIFY(world.runUntil(1'000'000ms));
    QCOMPARE(world.messagesSent(), before);
    for (const auto& node : world.nodes()) {
        QVERIFY(!node->simplex->isAwake());
        QCOMPARE(node->simplex->height(), Height{ 1 });
    }
    world.submit(1, true);
    QVERIFY(world.runUntil(world.now() + 10'000ms, [&] { return allFinal(world, { 1 }); }));
    QVERIFY(allFinal(world, { 1 }));
    QVERIFY(world.runUntil(world.now() + 10'000ms));
    QVERIFY(world.isIdle());
    // One transaction, one block.
    QCOMPARE(world.nodes()[0]->simplex->finalizedHeight(), Height{ 1 });
}

void TestSimplexSimulation::finalInThreeDelays()
{
    World world{ { .validators = 7, .delta = 500ms } };
    world.weather.minDelay = world.weather.maxDelay = 100ms;
    QVERIFY(world.runUntil(2000ms));
    // At height 1 the leader is node 1: it alone is told.
    const auto start = world.now();
    Node& leader = *world.nodes()[1];
    leader.pool.insert(7);
    world.submit(7, true);
    QVERIFY(world.runUntil(start + 5000ms, [&] { return allFinal(world, { 7 }); }));
    // The transaction itself travels one delay, then proposal, votes and finalize votes.
    QCOMPARE((world.now() - start).count(), milliseconds{ 400 }.count());
}

void TestSimplexSimulation::liveUnderLoss()
{
    for (std::uint64_t seed = 1; seed <= 6; ++seed) {
        World world{ { .validators = seed % 2 == 0 ? 4U : 10U, .followers = 1, .seed = seed } };
        world.weather.loss = 0.2;
        std::set<std::uint32_t> wanted;
        for (std::uint32_t id = 1; id <= 20; ++id) {
            wanted.insert(id);
            world.at(milliseconds{ 500 * id }, [&world, id] { world.submit(id, true); });
        }
        QVERIFY2(world.runUntil(300'000ms, [&] { return allFinal(world, wanted); }),
            world.failure().c_str());
        QVERIFY(allFinal(world, wanted));
    }
}

void TestSimplexSimulation::slowApplication()
{
    // Checks of up to 2 s against a first timer of 0.3 s: the timer has to grow.
    World world{ { .validators = 4 } };
    world.weather.maxValidation = 2000ms;
    for (std::uint32_t id = 1; id <= 5; ++id) {
        world.submit(id, true);
    }
    QVERIFY(world.runUntil(200'000ms, [&] { return allFinal(world, { 1, 2, 3, 4, 5 }); }));
    QVERIFY(allFinal(world, { 1, 2, 3, 4, 5 }));
    QVERIFY(world.runUntil(world.now() + 100'000ms));
    QVERIFY(world.isIdle());
}

void TestSimplexSimulation::deadThird()
{
    World world{ { .validators = 10, .byzantine = 3 } };
    QVERIFY(world.runUntil(1000ms));
    for (auto& node : world.nodes()) {
        if (node->isByzantine) {
            world.kill(*node);
        }
    }
    std::set<std::uint32_t> wanted;
    for (std::uint32_t id = 1; id <= 20; ++id) {
        wanted.insert(id);
        world.at(milliseconds{ 1000 * id }, [&world, id] { world.submit(id, true); });
    }
    QVERIFY(world.runUntil(60'000ms, [&] { return allFinal(world, wanted); }));
    QVERIFY(allFinal(world, wanted));
    QVERIFY(world.runUntil(world.now() + 100'000ms));
    QVERIFY(world.isIdle());
}

void TestSimplexSimulation::wakesFromOneNode()
{
    // Each node in turn is the only one that knows of something to order, with or without a
    // living leader.
    for (const bool leaderLives : { true, false }) {
        for (std::size_t one = 0; one < 4; ++one) {
            World world{ { .validators = 4 } };
            QVERIFY(world.runUntil(1000ms));
            if (!leaderLives && one != 1) {
                world.nodes()[1]->isByzantine = true;
                world.kill(*world.nodes()[1]);
            }
            Node& node = *world.nodes()[one];
            world.at(1000ms, [&] {
                node.pool.insert(5);
                for (auto& other : world.nodes()) {
                    other->pool.insert(5);
                }
                world.wakeNode(node);
            });
            QVERIFY(world.runUntil(20'000ms, [&] { return allFinal(world, { 5 }); }));
            QVERIFY(allFinal(world, { 5 }));
            QVERIFY(world.runUntil(world.now() + 60'000ms));
            QVERIFY(world.isIdle());
        }
    }
}

void TestSimplexSimulation::restartOfEveryone()
{
    // All machines lose power at once, again and again.
    World world{ { .validators = 4, .seed = 9 } };
    std::set<std::uint32_t> wanted;
    for (std::uint32_t id = 1; id <= 40; ++id) {
        wanted.insert(id);
        world.at(milliseconds{ 100 * id }, [&world, id] { world.submit(id, true); });
    }
    for (int i = 1; i <= 30; ++i) {
        world.at(milliseconds{ 137 * i }, [&world] {
            for (auto& node : world.nodes()) {
                world.kill(*node);
            }
            for (auto& node : world.nodes()) {
                world.restart(*node);
            }
        });
    }
    QVERIFY2(
        world.runUntil(60'000ms, [&] { return allFinal(world, wanted); }), world.failure().c_str());
    QVERIFY(allFinal(world, wanted));
}

void TestSimplexSimulation::largeSet()
{
    World world{ { .validators = 40, .byzantine = 13 } };
    world.weather.loss = 0.05;
    for (auto& node : world.nodes()) {
        node->mischief.equivocates = true;
        node->mischief.withholdsCertificates = true;
        node->mischief.selective = true;
    }
    world.submit(1, true);
    QVERIFY2(
        world.runUntil(60'000ms, [&] { return allFinal(world, { 1 }); }), world.failure().c_str());
    QVERIFY(allFinal(world, { 1 }));
}

void TestSimplexSimulation::laggardCatchesUp()
{
    // A validator and a follower miss 300 blocks.
    World world{ { .validators = 4, .followers = 1 } };
    QVERIFY(world.runUntil(100ms));
    world.kill(*world.nodes()[3]);
    world.kill(*world.nodes()[4]);
    std::set<std::uint32_t> wanted;
    for (std::uint32_t id = 1; id <= 300; ++id) {
        wanted.insert(id);
        world.at(milliseconds{ 400 * id }, [&world, id] { world.submit(id, true); });
    }
    QVERIFY(world.runUntil(300'000ms));
    QVERIFY(world.isIdle());
    QVERIFY(world.nodes()[0]->finalChain.size() > 100);
    world.restart(*world.nodes()[3]);
    world.restart(*world.nodes()[4]);
    // What was final is learnt from peers without any new block.
    QVERIFY(world.runUntil(world.now() + 20'000ms, [&] { return allFinal(world, wanted); }));
    QVERIFY(allFinal(world, wanted));
    QVERIFY(world.runUntil(world.now() + 60'000ms));
    QVERIFY(world.isIdle());
}

void TestSimplexSimulation::findsEvidence()
{
    World world{ { .validators = 4, .byzantine = 1, .seed = 3 } };
    for (auto& node : world.nodes()) {
        node->mischief.doubleVotes = node->isByzantine;
        node->mischief.equivocates = node->isByzantine;
    }
    for (std::uint32_t id = 1; id <= 10; ++id) {
        world.at(milliseconds{ 500 * id }, [&world, id] { world.submit(id, true); });
    }
    QVERIFY(world.runUntil(20'000ms));
    QVERIFY(world.evidenceFound() > 0);
}

int main(int argc, char* argv[])
{
    // The long form takes longer than Qt's watchdog allows one function.
    qputenv("QTEST_FUNCTION_TIMEOUT", "36000000");
    QCoreApplication application{ argc, argv };
    TestSimplexSimulation test;
    return QTest::qExec(&test, argc, argv);
}

#include "tst_simplex_simulation.moc"
