// SPDX-License-Identifier: GPL-3.0-or-later
#include "gpu/block_plan.h"
#include "gpu/pipeline_cache.h"
#include "gpu/submission_budget.h"
#include "unit/support.h"

#include <map>
#include <random>

using namespace loam;
using gpu::BlockPlan;
using gpu::SubmissionBudget;

class TestMemory : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void piecesNeverOverlapAndGapsMelt()
    {
        constexpr std::uint64_t kBytes = 1U << 20U;
        BlockPlan plan{ kBytes };
        std::map<std::uint64_t, std::uint64_t> taken;
        std::mt19937 random{ 7 };
        std::uint64_t refused = 0;
        for (int step = 0; step < 20'000; ++step) {
            if (random() % 5 < 3) {
                const std::uint64_t bytes = 1 + random() % 40'000;
                const std::uint64_t alignment = std::uint64_t{ 1 } << random() % 9;
                const auto offset = plan.take(bytes, alignment);
                if (!offset) {
                    ++refused;
                    continue;
                }
                QCOMPARE(*offset % alignment, std::uint64_t{ 0 });
                QVERIFY(*offset + bytes <= kBytes);
                const auto after = taken.lower_bound(*offset);
                QVERIFY(after == taken.end() || *offset + bytes <= after->first);
                if (after != taken.begin()) {
                    const auto before = std::prev(after);
                    QVERIFY(before->first + before->second <= *offset);
                }
                taken.emplace(*offset, bytes);
            } else if (!taken.empty()) {
                auto gone = taken.begin();
                std::advance(gone, static_cast<std::ptrdiff_t>(random() % taken.size()));
                plan.giveBack(gone->first);
                taken.erase(gone);
            }
            std::uint64_t used = 0;
            if (step % 100 == 0) {
                for (const auto& [offset, bytes] : taken) {
                    used += bytes;
                }
                QCOMPARE(plan.used(), used);
            }
        }
        QVERIFY(refused > 0);
        for (const auto& [offset, bytes] : taken) {
            plan.giveBack(offset);
        }
        QVERIFY(plan.isEmpty());
        QCOMPARE(plan.take(kBytes, 1).value(), std::uint64_t{ 0 });
        QVERIFY(!plan.take(1, 1));
    }

    void budgetFindsTheTargetOfAnyDevice_data()
    {
        QTest::addColumn<double>("speed");
        QTest::newRow("slow") << 1e9;
        QTest::newRow("middling") << 1e11;
        QTest::newRow("quick") << 1e13;
    }
    void budgetFindsTheTargetOfAnyDevice()
    {
        QFETCH(double, speed);
        SubmissionBudget budget{ {} };
        constexpr double kFixed = 50e-6;
        for (int i = 0; i < 60; ++i) {
            budget.observe(
                budget.limit(), SubmissionBudget::Duration{ kFixed + budget.limit() / speed });
        }
        const double seconds = kFixed + budget.limit() / speed;
        QVERIFY2(seconds > 0.010 && seconds <= 0.021, std::to_string(seconds).c_str());
        QVERIFY(budget.longest().count() < 0.250);
    }

    void budgetShrinksAtOnceAndGrowsSlowly()
    {
        SubmissionBudget budget{ {} };
        for (int i = 0; i < 60; ++i) {
            budget.observe(budget.limit(), SubmissionBudget::Duration{ budget.limit() / 1e12 });
        }
        const double quick = budget.limit();
        // The device is shared from now on: ten times slower.
        budget.observe(quick, SubmissionBudget::Duration{ quick / 1e11 });
        const double slow = budget.limit();
        QVERIFY(slow / 1e11 <= 0.020 * 1.001);
        budget.observe(slow, SubmissionBudget::Duration{ slow / 1e12 });
        QVERIFY(budget.limit() <= slow * 1.5 * 1.001);
        // Over the ceiling: half of what the speed allows. Never nothing, never by nonsense.
        budget.observe(slow, SubmissionBudget::Duration{ 1.0 });
        QVERIFY(budget.limit() <= slow * 0.02 * 0.51);
        const double kept = budget.limit();
        budget.observe(0.0, SubmissionBudget::Duration{ 1.0 });
        budget.observe(1.0, SubmissionBudget::Duration{ 0.0 });
        QCOMPARE(budget.limit(), kept);
        budget.halve();
        QCOMPARE(budget.limit(), std::max(kept / 2.0, 1e5));
        for (int i = 0; i < 100; ++i) {
            budget.halve();
        }
        QVERIFY(budget.limit() > 0.0);
    }

    void aDamagedFileOfKernelsIsRefused()
    {
        const base::Bytes blob = test::hex("00112233445566778899");
        const base::Bytes file = gpu::packPipelineCache("driver", "build", blob);
        QCOMPARE(gpu::unpackPipelineCache("driver", "build", file).value(), blob);
        LOAM_FAILS(gpu::unpackPipelineCache("other", "build", file), base::Errc::Corrupt);
        LOAM_FAILS(gpu::unpackPipelineCache("driver", "other", file), base::Errc::Corrupt);
        for (std::size_t i = 0; i < file.size(); ++i) {
            base::Bytes damaged = file;
            damaged[i] ^= std::byte{ 1 };
            LOAM_FAILS(gpu::unpackPipelineCache("driver", "build", damaged), base::Errc::Corrupt);
            LOAM_FAILS(gpu::unpackPipelineCache("driver", "build", base::ByteView{ file }.first(i)),
                base::Errc::Corrupt);
        }
        QVERIFY(gpu::pipelineCachePath("/x", "driver", "a")
            != gpu::pipelineCachePath("/x", "driver", "b"));
    }
};

QTEST_GUILESS_MAIN(TestMemory)
#include "tst_memory.moc"
