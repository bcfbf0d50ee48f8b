// SPDX-License-Identifier: GPL-3.0-or-later
#include "unit/training/tiny_run.h"

#include <QtTest>

#include <cmath>

using namespace loam;
using test::TinyRun;
using training::TrainerState;

class TestTrainer final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void lossFallsAndProgressIsTold();
    void updateIsWhatTheLocalStepsDid();
    void stateRoundTripsAndRefusesDamage();
    void resumedRoundEqualsTheUninterruptedOne();
    void settlingSubtractsOnlyWhatWasApplied();
    void nodeThatLostTouchDropsItsError();
    void cancelLeavesTheStateAlone();
    void foreignInputsAreRefused();
    void tamperedUpdatesAreWhatTheySay();
};

void TestTrainer::lossFallsAndProgressIsTold()
{
    TinyRun run;
    std::uint32_t told = 0;
    const auto report = training::trainRound(
        run.job(0, 0), run.states[0], *run.fast, run.control, [&](const auto& progress) {
            QCOMPARE(progress.step, ++told);
            QCOMPARE(progress.steps, 12U);
            QVERIFY(progress.tokensPerSecond > 0);
            QVERIFY(std::isfinite(progress.loss));
        });
    QVERIFY2(report.has_value(), report ? "" : report.error().message.c_str());
    QCOMPARE(told, 12U);
    QCOMPARE(report->tokens, run.manifest.tokensPerRound());
    // A random start is near the uniform guess.
    qInfo("first loss %.3f", report->lossFirst);
    QVERIFY(std::fabs(report->lossFirst - std::log(64.0)) < 0.5);
    QVERIFY(report->lossLast < report->lossFirst - 0.1);
    QVERIFY(report->norm > 0);
    QCOMPARE(run.states[0].pending, report->body);
}

void TestTrainer::updateIsWhatTheLocalStepsDid()
{
    // Dense, without error feedback: base - sent are the local parameters, up to binary16.
    TinyRun run{ training::kDense };
    const base::Bytes body = run.train(0, 0);
    const auto layout = training::layoutOf(run.params->table());
    const auto update = training::decodeUpdate(body, layout, training::kDense);
    QVERIFY(update.has_value());
    QCOMPARE(update->header.node, TinyRun::nodeOf(0));
    QVERIFY(update->header.baseParams == run.params->hash());
    auto local = run.params->clone();
    QVERIFY(local.has_value());
    for (std::size_t i = 0; i < update->values.size(); ++i) {
        local->values()[i] -= update->values[i];
    }
    const training::ProbeText text{ run.texts[0], run.texts[0].size() };
    const auto before = training::evaluateText(*run.params, text, *run.reference);
    const auto after = training::evaluateText(*local, text, *run.reference);
    QVERIFY(before && after);
    QVERIFY(*after < *before - 0.1);
}

void TestTrainer::stateRoundTripsAndRefusesDamage()
{
    TinyRun run;
    QVERIFY(!run.train(0, 0).empty());
    const TrainerState& state = run.states[0];
    const base::Bytes bytes = state.encode();
    const auto decoded = TrainerState::decode(bytes);
    QVERIFY2(decoded.has_value(), decoded ? "" : decoded.error().message.c_str());
    QVERIFY(decoded->run == state.run);
    QCOMPARE(decoded->adamSteps, std::uint64_t{ 12 });
    QCOMPARE(decoded->first, state.first);
    QCOMPARE(decoded->second, state.second);
    QCOMPARE(decoded->error, state.error);
    QCOMPARE(decoded->pending, state.pending);
    for (const std::size_t size : { std::size_t{ 0 }, std::size_t{ 50 }, bytes.size() - 1 }) {
        const auto cut = TrainerState::decode(base::ByteView{ bytes }.first(size));
        QVERIFY(!cut.has_value());
        QCOMPARE(cut.error().code, base::Errc::Corrupt);
    }
    base::Bytes damaged = bytes;
    damaged[bytes.size() / 2] ^= std::byte{ 1 };
    QVERIFY(!TrainerState::decode(damaged).has_value());
}

void TestTrainer::resumedRoundEqualsTheUninterruptedOne()
{
    // The second round from a state that went through its file gives the same bytes.
    TinyRun run;
    QVERIFY(!run.train(0, 0).empty());
    QVERIFY(run.states[0].settle(true).has_value());
    auto reread = TrainerState::decode(run.states[0].encode());
    QVERIFY(reread.has_value());
    const base::Bytes straight = run.train(0, 1);
    run.states[0] = std::move(*reread);
    QCOMPARE(run.train(0, 1), straight);
    QVERIFY(!straight.empty());
}

void TestTrainer::settlingSubtractsOnlyWhatWasApplied()
{
    TinyRun run;
    QVERIFY(!run.train(0, 0).empty());
    TrainerState applied = *TrainerState::decode(run.states[0].encode());
    TrainerState refused = *TrainerState::decode(run.states[0].encode());
    const auto layout = training::layoutOf(run.params->table());
    const auto sent = training::decodeUpdate(applied.pending, layout, run.manifest.keepPerChunk);
    QVERIFY(sent.has_value());
    QVERIFY(applied.settle(true).has_value());
    QVERIFY(refused.settle(false).has_value());
    QVERIFY(applied.pending.empty() && refused.pending.empty());
    QCOMPARE(refused.error, run.states[0].error);
    for (std::size_t i = 0; i < applied.error.size(); ++i) {
        QCOMPARE(applied.error[i], refused.error[i] - sent->values[i]);
    }
    // A second verdict on the same round changes nothing.
    const auto once = applied.error;
    QVERIFY(applied.settle(true).has_value());
    QCOMPARE(applied.error, once);
}

void TestTrainer::nodeThatLostTouchDropsItsError()
{
    TinyRun run;
    QVERIFY(!run.train(0, 0).empty());
    QVERIFY(run.states[0].settle(false).has_value());
    TrainerState clean = *TrainerState::decode(run.states[0].encode());
    clean.error.assign(clean.error.size(), 0.0F);
    const base::Bytes late = run.train(0, 1 + training::kMaxRoundsBehind);
    run.states[0] = std::move(clean);
    QCOMPARE(run.train(0, 1 + training::kMaxRoundsBehind), late);
}

void TestTrainer::cancelLeavesTheStateAlone()
{
    TinyRun run;
    QVERIFY(!run.train(0, 0).empty());
    const base::Bytes before = run.states[0].encode();
    const auto report = training::trainRound(
        run.job(0, 1), run.states[0], *run.fast, run.control, [&](const auto& progress) {
            if (progress.step == 3) {
                run.control.cancel();
            }
        });
    QVERIFY(!report.has_value());
    QCOMPARE(report.error().code, base::Errc::Cancelled);
    QCOMPARE(run.states[0].encode(), before);
}

void TestTrainer::foreignInputsAreRefused()
{
    TinyRun run;
    run.states[0].run.data[0] = std::byte{ 0 };
    QVERIFY(run.train(0, 0).empty());
    TinyRun other;
    other.texts[0].resize(other.manifest.model.context);
    const auto report
        = training::trainRound(other.job(0, 0), other.states[0], *other.fast, other.control, {});
    QVERIFY(!report.has_value());
    QVERIFY(report.error().message.find("16 tokens") != std::string::npos);
}

void TestTrainer::tamperedUpdatesAreWhatTheySay()
{
    TinyRun run{ training::kDense };
    const auto layout = training::layoutOf(run.params->table());
    const auto values = [&](training::Tamper tamper) {
        run.states[0] = TrainerState::fresh(run.run, run.params->table());
        return training::decodeUpdate(run.train(0, 0, tamper), layout, training::kDense)->values;
    };
    const auto honest = values(training::Tamper::None);
    const auto flipped = values(training::Tamper::FlipSign);
    const auto scaled = values(training::Tamper::Scale);
    for (std::size_t i = 0; i < honest.size(); ++i) {
        QCOMPARE(flipped[i] + honest[i], 0.0F);
        QVERIFY(std::fabs(scaled[i] - 50 * honest[i]) <= 1e-2F * std::fabs(scaled[i]) + 2e-6F);
    }
}

QTEST_GUILESS_MAIN(TestTrainer)
#include "tst_trainer.moc"
