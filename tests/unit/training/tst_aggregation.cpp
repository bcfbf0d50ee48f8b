// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/hash.h"
#include "unit/training/tiny_run.h"

#include <QtTest>

#include <algorithm>
#include <cmath>

using namespace loam;
using test::TinyRun;
using training::RoundOutcome;
using training::Verdict;

namespace {

/// Encodes values of our choice as a member's well-formed update.
base::Bytes forged(
    const TinyRun& run, unsigned member, std::span<const float> values, std::uint64_t round = 0)
{
    const training::UpdateHeader header{ run.run, TinyRun::nodeOf(member), run.params->hash(),
        round, run.manifest.tokensPerRound() };
    auto body = training::encodeUpdate(
        header, training::layoutOf(run.params->table()), run.manifest.keepPerChunk, values);
    return body ? std::move(*body) : base::Bytes{};
}

std::vector<float> valuesOf(const TinyRun& run, const base::Bytes& body)
{
    return training::decodeUpdate(
        body, training::layoutOf(run.params->table()), run.manifest.keepPerChunk)
        ->values;
}

base::Bytes poisoned(TinyRun& run, const QString& kind)
{
    constexpr unsigned kBad = 4;
    base::Bytes honest = run.train(kBad, 0);
    std::vector<float> values = valuesOf(run, honest);
    if (kind == u"sign flip") {
        run.states[kBad] = training::TrainerState::fresh(run.run, run.params->table());
        return run.train(kBad, 0, training::Tamper::FlipSign);
    }
    if (kind == u"scale") {
        run.states[kBad] = training::TrainerState::fresh(run.run, run.params->table());
        return run.train(kBad, 0, training::Tamper::Scale);
    }
    if (kind == u"not a number") {
        honest[training::kUpdateHeaderBytes] = std::byte{ 0x7E };
        return honest;
    }
    if (kind == u"zero") {
        return forged(run, kBad, std::vector<float>(values.size(), 0.0F));
    }
    if (kind == u"tiny") {
        std::ranges::for_each(values, [](float& value) { value *= 1e-2F; });
        return forged(run, kBad, values);
    }
    if (kind == u"copy") {
        // Somebody else's values under the own name, a little larger.
        values = valuesOf(run, base::toBytes(run.contributions[1].body));
        std::ranges::for_each(values, [](float& value) { value *= 1.1F; });
        return forged(run, kBad, values);
    }
    if (kind == u"garbage") {
        return base::Bytes(5000, std::byte{ 0xA5 });
    }
    if (kind == u"truncated") {
        honest.resize(honest.size() - 3);
        return honest;
    }
    if (kind == u"other round") {
        return forged(run, kBad, values, 3);
    }
    if (kind == u"other node") {
        return forged(run, 5, values);
    }
    if (kind == u"never arrived") {
        return {};
    }
    return honest;
}

} // namespace

class TestAggregation final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void poisonIsRefusedWithItsReason_data();
    void poisonIsRefusedWithItsReason();
    void orderOfTheListDoesNotMatter();
    void threadsDoNotMatter();
    void nothingAcceptedLeavesTheParameters();
    void claimsAboutTokensAreChecked();
    void wrongCommitmentAndSecondUpdateAreRefused();
    void boostIsClipped();
    void honestRoundsLearn_data();
    void honestRoundsLearn();
    void robustRuleCostsLittle();
    void fastBackendIsRefused();
    void honestUpdatesAreNoCopies_data();
    void honestUpdatesAreNoCopies();
};

void TestAggregation::poisonIsRefusedWithItsReason_data()
{
    QTest::addColumn<int>("keep");
    QTest::addColumn<QString>("reason");
    const auto row = [](const char* name, const char* reason) {
        for (const int keep : { 64, 0 }) {
            QTest::addRow("%s, k = %d", name, keep) << keep << QString::fromLatin1(reason);
        }
    };
    row("sign flip", "raises loss on the probe from \\d\\.\\d{3} to \\d\\.\\d{3}");
    row("scale", "norm [345]\\d\\.\\d x median");
    row("not a number", "malformed: .*not finite");
    row("zero", "empty: every value is zero");
    row("tiny", "norm 0\\.01\\d x median");
    row("copy", "copy of loam1[a-z0-9]+");
    row("garbage", "malformed: not an update of a known version");
    row("truncated", "malformed: ends before the last chunk");
    row("other round", "is for round 3 instead of 0");
    row("other node", "names another node");
    row("never arrived", "no update arrived");
}

void TestAggregation::poisonIsRefusedWithItsReason()
{
    QFETCH(int, keep);
    QFETCH(QString, reason);
    TinyRun run{ static_cast<std::uint16_t>(keep) };
    for (unsigned member = 0; member < 4; ++member) {
        run.contribute(member, run.train(member, 0));
    }
    const QString kind = QString::fromLatin1(QTest::currentDataTag()).section(u',', 0, 0);
    run.contribute(4, poisoned(run, kind));
    const auto outcome = run.aggregate(0);
    QVERIFY2(outcome.has_value(), outcome ? "" : outcome.error().message.c_str());
    QCOMPARE(outcome->verdicts.size(), std::size_t{ 5 });
    const Verdict* bad = TinyRun::verdictOn(*outcome, 4);
    QVERIFY(!bad->accepted);
    QCOMPARE(bad->weightMicro, std::uint64_t{ 0 });
    QVERIFY2(QRegularExpression{ reason }.match(QString::fromStdString(bad->reason)).hasMatch(),
        bad->reason.c_str());
    for (unsigned member = 0; member < 4; ++member) {
        const Verdict* good = TinyRun::verdictOn(*outcome, member);
        QVERIFY2(good->accepted, good->reason.c_str());
        QCOMPARE(good->weightMicro, std::uint64_t{ 250'000 });
        QVERIFY(good->normMicro > 0);
    }
    QVERIFY(outcome->lossAfterMicro < outcome->lossBeforeMicro);
    // The bad one has no influence at all: the honest four alone give the same parameters.
    run.contributions.pop_back();
    const auto without = run.aggregate(0);
    QVERIFY(without.has_value());
    QVERIFY(without->paramsHash == outcome->paramsHash);
}

void TestAggregation::orderOfTheListDoesNotMatter()
{
    TinyRun run;
    for (unsigned member = 0; member < 5; ++member) {
        const auto tamper = member == 3 ? training::Tamper::FlipSign : training::Tamper::None;
        run.contribute(member, run.train(member, 0, tamper));
    }
    run.contribute(5, forged(run, 5, valuesOf(run, base::toBytes(run.contributions[0].body))));
    const auto first = run.aggregate(0);
    QVERIFY(first.has_value());
    QVERIFY(first->paramsHash == first->params.hash());
    QVERIFY(first->paramsHash != run.params->hash());
    std::ranges::sort(run.contributions, {}, [](const auto& c) { return c.node; });
    for (int i = 0; i < 4; ++i) {
        std::ranges::rotate(run.contributions, run.contributions.begin() + 1 + i % 2);
        const auto again = run.aggregate(0);
        QVERIFY(again.has_value());
        QVERIFY(again->paramsHash == first->paramsHash);
        QCOMPARE(again->lossAfterMicro, first->lossAfterMicro);
        for (std::size_t v = 0; v < first->verdicts.size(); ++v) {
            QVERIFY(again->verdicts[v].node == first->verdicts[v].node);
            QCOMPARE(again->verdicts[v].reason, first->verdicts[v].reason);
            QCOMPARE(again->verdicts[v].weightMicro, first->verdicts[v].weightMicro);
            QCOMPARE(again->verdicts[v].normMicro, first->verdicts[v].normMicro);
        }
    }
}

void TestAggregation::threadsDoNotMatter()
{
    TinyRun run;
    for (unsigned member = 0; member < 4; ++member) {
        run.contribute(member, run.train(member, 0));
    }
    const auto one = run.aggregate(0);
    run.pool.setThreads(3);
    const auto three = run.aggregate(0);
    QVERIFY(one && three);
    QVERIFY(one->paramsHash == three->paramsHash);
    QCOMPARE(one->lossBeforeMicro, three->lossBeforeMicro);
    QCOMPARE(one->lossAfterMicro, three->lossAfterMicro);
}

void TestAggregation::nothingAcceptedLeavesTheParameters()
{
    TinyRun run;
    const auto empty = run.aggregate(0);
    QVERIFY(empty.has_value());
    QVERIFY(empty->paramsHash == run.params->hash());
    run.contribute(0, run.train(0, 0, training::Tamper::FlipSign));
    const auto refused = run.aggregate(0);
    QVERIFY(refused.has_value());
    QVERIFY(!refused->verdicts[0].accepted);
    QVERIFY(refused->paramsHash == run.params->hash());
    QCOMPARE(refused->lossAfterMicro, refused->lossBeforeMicro);
}

void TestAggregation::claimsAboutTokensAreChecked()
{
    TinyRun run;
    run.contribute(0, run.train(0, 0));
    run.contribute(1, run.train(1, 0));
    run.contributions[1].tokens *= 2;
    const auto outcome = run.aggregate(0);
    QVERIFY(outcome.has_value());
    const std::string& reason = TinyRun::verdictOn(*outcome, 1)->reason;
    QVERIFY2(reason.find("announced 1536 tokens, the update says 768") != std::string::npos,
        reason.c_str());
}

void TestAggregation::wrongCommitmentAndSecondUpdateAreRefused()
{
    TinyRun run;
    run.contribute(0, run.train(0, 0));
    run.contribute(1, run.train(1, 0));
    run.contribute(1, run.train(2, 0));
    run.contribute(3, run.train(3, 0));
    run.contributions[3].commitment.data[0] ^= std::byte{ 1 };
    const auto outcome = run.aggregate(0);
    QVERIFY(outcome.has_value());
    QCOMPARE(TinyRun::verdictOn(*outcome, 3)->reason,
        std::string{ "update does not match its commitment" });
    int accepted = 0;
    for (const Verdict& verdict : outcome->verdicts) {
        accepted += verdict.accepted ? 1 : 0;
        if (verdict.commitment == run.contributions[2].commitment) {
            QCOMPARE(verdict.reason, std::string{ "second update of this node" });
        }
    }
    QCOMPARE(accepted, 2);
}

void TestAggregation::boostIsClipped()
{
    // Three times an honest update is no outlier to refuse, but it moves no more than 1.5 x median.
    TinyRun run{ training::kDense };
    for (unsigned member = 0; member < 4; ++member) {
        run.contribute(member, run.train(member, 0));
    }
    const auto plain = run.aggregate(0);
    const base::Bytes third = base::toBytes(run.contributions[3].body);
    std::vector<float> values = valuesOf(run, third);
    std::ranges::for_each(values, [](float& value) { value *= 3; });
    run.contributions.pop_back();
    run.contribute(3, forged(run, 3, values));
    const auto boosted = run.aggregate(0);
    QVERIFY(plain && boosted);
    double difference = 0;
    double step = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
        difference += std::pow(plain->params.values()[i] - boosted->params.values()[i], 2);
        step += std::pow(plain->params.values()[i] - run.params->values()[i], 2);
    }
    // Unclipped, the boost alone would move by 2/4 of an update, about half of the common step.
    QVERIFY(std::sqrt(difference) < 0.2 * std::sqrt(step));
}

void TestAggregation::honestRoundsLearn_data()
{
    QTest::addColumn<int>("keep");
    QTest::addColumn<double>("fall");
    QTest::newRow("dense") << 0 << 0.15;
    QTest::newRow("2 bits") << 4096 << 0.12;
    QTest::newRow("k = 64") << 64 << 0.06;
}

void TestAggregation::honestRoundsLearn()
{
    QFETCH(int, keep);
    QFETCH(double, fall);
    TinyRun run{ static_cast<std::uint16_t>(keep) };
    double first = 0;
    double last = 0;
    for (std::uint64_t round = 0; round < 4; ++round) {
        run.contributions.clear();
        for (unsigned member = 0; member < 4; ++member) {
            run.contribute(member, run.train(member, round));
        }
        auto outcome = run.aggregate(round);
        QVERIFY(outcome.has_value());
        for (unsigned member = 0; member < 4; ++member) {
            const Verdict* verdict = TinyRun::verdictOn(*outcome, member);
            QVERIFY2(verdict->accepted, verdict->reason.c_str());
            QVERIFY(run.states[member].settle(verdict->accepted).has_value());
        }
        first = round == 0 ? static_cast<double>(outcome->lossBeforeMicro) / 1e6 : first;
        last = static_cast<double>(outcome->lossAfterMicro) / 1e6;
        *run.params = std::move(outcome->params);
        run.beacon.data[0] = static_cast<std::byte>(round + 1);
    }
    qInfo("k = %d: %.3f to %.3f nats per byte", keep, first, last);
    QVERIFY(last < first - fall);
}

void TestAggregation::robustRuleCostsLittle()
{
    TinyRun run{ training::kDense };
    for (unsigned member = 0; member < 7; ++member) {
        run.contribute(member, run.train(member, 0));
    }
    const auto robust = run.aggregate(0);
    run.manifest.rule = training::Rule::Mean;
    const auto mean = run.aggregate(0);
    QVERIFY(robust && mean);
    const auto gain = static_cast<double>(mean->lossBeforeMicro - mean->lossAfterMicro);
    const auto lost = static_cast<double>(robust->lossAfterMicro - mean->lossAfterMicro);
    qInfo("robust rule gives up %.1f %% of the mean's gain", 100 * lost / gain);
    QVERIFY(gain > 0 && lost < 0.1 * gain);
}

void TestAggregation::fastBackendIsRefused()
{
    TinyRun run;
    const auto outcome = training::aggregateRound(
        { run.manifest, run.run, 0, run.beacon, *run.params, { run.probe, 1000 }, {} }, *run.fast);
    QVERIFY(!outcome.has_value());
    QCOMPARE(outcome.error().code, base::Errc::Invalid);
}

void TestAggregation::honestUpdatesAreNoCopies_data()
{
    QTest::addColumn<int>("keep");
    QTest::newRow("64") << 64;
    QTest::newRow("512") << 512;
    QTest::newRow("dense") << 0;
}

void TestAggregation::honestUpdatesAreNoCopies()
{
    // The hardest honest case: one and the same text, other windows only.
    QFETCH(int, keep);
    TinyRun run{ static_cast<std::uint16_t>(keep) };
    run.texts[1] = run.texts[0];
    run.contribute(0, run.train(0, 0));
    run.contribute(1, run.train(1, 0));
    const auto outcome = run.aggregate(0);
    QVERIFY(outcome.has_value());
    QVERIFY2(outcome->verdicts[0].accepted, outcome->verdicts[0].reason.c_str());
    QVERIFY2(outcome->verdicts[1].accepted, outcome->verdicts[1].reason.c_str());
}

QTEST_GUILESS_MAIN(TestAggregation)
#include "tst_aggregation.moc"
