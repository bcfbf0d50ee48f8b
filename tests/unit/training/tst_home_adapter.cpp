// SPDX-License-Identifier: GPL-3.0-or-later
#include "tiny_run.h"
#include "training/home_adapter.h"
#include "training/home_text.h"
#include "unit/support.h"

#include <QTest>

#include <numeric>
#include <set>

using namespace loam;
using training::HomeCheckpoint;
using training::HomeText;

namespace {

/// A model of the tiny run, a text it can learn, and the settings of a short training.
struct Desk
{
    test::TinyRun run;
    std::vector<ml::Token> text = test::TinyRun::textOf(3, 4000);
    training::HomeSettings settings;

    Desk()
    {
        settings.steps = 60;
        settings.measureEvery = 10;
        settings.lora.rank = 4;
        settings.learningRate = 0.02F;
    }
    base::Result<training::HomeReport> train(training::HomeHooks hooks)
    {
        if (!hooks.mayStep) {
            hooks.mayStep = [](std::uint32_t) { return base::Result<>{}; };
        }
        const std::span all{ text };
        const training::HomeJob job{ *run.params, all.first(all.size() * 9 / 10),
            all.subspan(all.size() * 9 / 10), settings, 9 };
        return trainHomeAdapter(job, *run.reference, run.control, hooks);
    }
};

HomeCheckpoint someCheckpoint()
{
    HomeCheckpoint out;
    out.job.data.fill(std::byte{ 7 });
    out.text.data.fill(std::byte{ 8 });
    out.step = 40;
    out.bestStep = 30;
    out.withoutGain = 1;
    out.adamSteps = 40;
    out.lossBefore = 4.5;
    out.bestLoss = 3.25;
    out.seconds = 12;
    out.values = { 1, 2, 3 };
    out.best = { 4, 5, 6 };
    out.first = { 7, 8 };
    out.second = { 9, 10 };
    return out;
}

} // namespace

class TestHomeAdapter final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void windowsAndBlocksCoverTheText()
    {
        // Every token is another number, so that a token says where it stood.
        std::vector<ml::Token> tokens(3000);
        std::iota(tokens.begin(), tokens.end(), 0);
        std::vector<ml::Token> heldOut(300);
        std::iota(heldOut.begin(), heldOut.end(), 3000);
        auto text = HomeText::create(tokens, heldOut, 31);
        LOAM_OK(text);
        QCOMPARE(text->length(), std::size_t{ 31 });
        QCOMPARE(text->heldOutBlocks(), std::size_t{ 9 });
        std::set<ml::Token> measured;
        for (std::size_t i = 0; i < text->heldOutBlocks(); ++i) {
            const ml::TokenBatch batch = text->heldOut(i, 1);
            measured.insert(batch.inputs.begin(), batch.inputs.end());
            measured.insert(batch.targets.begin(), batch.targets.end());
        }
        QCOMPARE(measured.size(), std::size_t{ 9 * 32 });
        QVERIFY(*measured.begin() >= 3000);
        std::set<ml::Token> seen;
        for (std::uint64_t step = 0; step < 500; ++step) {
            const ml::TokenBatch batch = text->draw({}, step, 4);
            seen.insert(batch.inputs.begin(), batch.inputs.end());
            seen.insert(batch.targets.begin(), batch.targets.end());
        }
        QVERIFY(*seen.rbegin() < 3000);
        QVERIFY(seen.size() > 3000 * 98 / 100);
    }

    void muchHeldOutTextIsMeasuredAllOver()
    {
        std::vector<ml::Token> heldOut(64'000);
        std::iota(heldOut.begin(), heldOut.end(), 0);
        auto text = HomeText::create(heldOut, heldOut, 99);
        LOAM_OK(text);
        QCOMPARE(text->heldOutBlocks(), std::size_t{ 64 });
        QCOMPARE(text->heldOut(63, 4).shape.sequences, std::size_t{ 1 });
        QVERIFY(text->heldOut(63, 1).inputs.front() > 62'000);
    }

    void tooLittleTextIsSaid()
    {
        const std::vector<ml::Token> tokens(200);
        LOAM_OK(HomeText::create(tokens, std::span{ tokens }.first(12), 31));
        LOAM_FAILS(
            HomeText::create(std::span{ tokens }.first(199), tokens, 31), base::Errc::Invalid);
        LOAM_FAILS(
            HomeText::create(tokens, std::span{ tokens }.first(11), 31), base::Errc::Invalid);
    }

    void learnsAndKeepsTheBest()
    {
        Desk desk;
        std::vector<training::HomeProgress> seen;
        std::vector<std::uint32_t> asked;
        training::HomeHooks hooks;
        hooks.onProgress = [&seen](const auto& progress) { seen.push_back(progress); };
        hooks.mayStep = [&asked](std::uint32_t step) {
            asked.push_back(step);
            return base::Result<>{};
        };
        const auto report = desk.train(std::move(hooks));
        LOAM_OK(report);
        QVERIFY2(report->lossAfter < 0.9 * report->lossBefore,
            qPrintable(QStringLiteral("%1 -> %2").arg(report->lossBefore).arg(report->lossAfter)));
        QVERIFY(report->bestStep > 0 && report->bestStep <= report->steps);
        QCOMPARE(seen.size(), std::size_t{ report->steps } + 1);
        // Once before the first measurement, then before every step.
        QCOMPARE(asked.size(), std::size_t{ report->steps } + 1);
        QCOMPARE(asked.back(), report->steps - 1);
        // What is returned is what was measured.
        auto merged = desk.run.params->clone();
        LOAM_OK(merged);
        LOAM_OK(report->adapter.mergeInto(*merged));
        QVERIFY(merged->hash() != desk.run.params->hash());
    }

    void stopsEarlyWhenNothingHelps()
    {
        Desk desk;
        desk.settings.steps = 1000;
        desk.settings.measureEvery = 2;
        desk.settings.patience = 2;
        desk.settings.learningRate = 1e-7F;
        const auto report = desk.train({});
        LOAM_OK(report);
        QVERIFY(report->endedEarly);
        QCOMPARE(report->steps, 4U);
        QCOMPARE(report->bestStep, 0U);
        QCOMPARE(report->lossAfter, report->lossBefore);
    }

    void goesOnAsIfNothingHadHappened()
    {
        Desk desk;
        const auto whole = desk.train({});
        LOAM_OK(whole);
        std::optional<HomeCheckpoint> kept;
        training::HomeHooks cut;
        cut.saveEvery = std::chrono::milliseconds{ 0 };
        cut.save = [&kept](const HomeCheckpoint& checkpoint) {
            kept = *HomeCheckpoint::decode(checkpoint.encode());
            return base::Result<>{};
        };
        cut.mayStep = [](std::uint32_t step) {
            return step < 25 ? base::Result<>{}
                             : base::fail(base::Errc::Denied, "the grant was revoked");
        };
        const auto refused = desk.train(std::move(cut));
        LOAM_FAILS(refused, base::Errc::Denied);
        QVERIFY(kept && kept->step > 0 && kept->step <= 25);
        training::HomeHooks again;
        again.resume = kept;
        const auto resumed = desk.train(std::move(again));
        LOAM_OK(resumed);
        QCOMPARE(resumed->resumedAt, kept->step);
        QVERIFY(resumed->adapter.hash() == whole->adapter.hash());
        QCOMPARE(resumed->lossAfter, whole->lossAfter);

        // Another text keeps the weights and measures anew; another job begins afresh.
        desk.text = test::TinyRun::textOf(4, 4000);
        training::HomeHooks other;
        other.resume = kept;
        const auto changed = desk.train(std::move(other));
        LOAM_OK(changed);
        QCOMPARE(changed->resumedAt, kept->step);
        QVERIFY(changed->lossBefore != whole->lossBefore);
        desk.settings.learningRate = 0.01F;
        training::HomeHooks foreign;
        foreign.resume = kept;
        const auto fresh = desk.train(std::move(foreign));
        LOAM_OK(fresh);
        QCOMPARE(fresh->resumedAt, 0U);
    }

    void cancelEnds()
    {
        Desk desk;
        training::HomeHooks hooks;
        hooks.onProgress = [&desk](const auto& progress) {
            if (progress.step == 3) {
                desk.run.control.cancel();
            }
        };
        LOAM_FAILS(desk.train(std::move(hooks)), base::Errc::Cancelled);
    }

    void checkpointsComeBackOrAreRefused()
    {
        const HomeCheckpoint kept = someCheckpoint();
        const base::Bytes bytes = kept.encode();
        const auto back = HomeCheckpoint::decode(bytes);
        LOAM_OK(back);
        QCOMPARE(back->encode(), bytes);
        QCOMPARE(back->bestLoss, 3.25);
        for (std::size_t i = 0; i < bytes.size(); ++i) {
            base::Bytes damaged = bytes;
            damaged[i] ^= std::byte{ 1 };
            LOAM_FAILS(HomeCheckpoint::decode(damaged), base::Errc::Corrupt);
            LOAM_FAILS(HomeCheckpoint::decode(std::span{ bytes }.first(i)), base::Errc::Corrupt);
        }
    }

    void settingsAreChecked()
    {
        Desk desk;
        desk.settings.steps = 0;
        LOAM_FAILS(desk.train({}), base::Errc::Invalid);
        desk.settings.steps = 1;
        desk.settings.learningRate = -1;
        LOAM_FAILS(desk.train({}), base::Errc::Invalid);
        desk.settings.learningRate = 0.1F;
        desk.settings.lora.rank = 1000;
        LOAM_FAILS(desk.train({}), base::Errc::Invalid);
    }
};

QTEST_GUILESS_MAIN(TestHomeAdapter)
#include "tst_home_adapter.moc"
