// SPDX-License-Identifier: GPL-3.0-or-later
#include "ml/thread_pool.h"

#include <QTest>

#include <atomic>
#include <numeric>
#include <set>
#include <vector>

using loam::ml::ThreadPool;

class TestThreadPool : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void runsEveryTaskOnce_data()
    {
        QTest::addColumn<unsigned>("threads");
        for (const unsigned threads : { 1U, 2U, 5U }) {
            QTest::addRow("%u threads", threads) << threads;
        }
    }
    void runsEveryTaskOnce()
    {
        QFETCH(unsigned, threads);
        ThreadPool pool{ threads };
        QCOMPARE(pool.threads(), threads);
        for (const std::size_t count : { 0U, 1U, 2U, 3U, 7U, 1000U }) {
            for (int repeat = 0; repeat < 50; ++repeat) {
                std::vector<int> seen(count, 0);
                std::atomic<bool> workerInRange{ true };
                pool.run(count, [&](std::size_t index, unsigned worker) {
                    ++seen[index];
                    if (worker >= threads) {
                        workerInRange = false;
                    }
                });
                QVERIFY(std::all_of(seen.begin(), seen.end(), [](int n) { return n == 1; }));
                QVERIFY(workerInRange);
            }
        }
    }

    void workersHelp()
    {
        // Two tasks that wait for one another end only when two threads run them.
        ThreadPool pool{ 2 };
        std::atomic<int> arrived{ 0 };
        pool.run(2, [&](std::size_t, unsigned) {
            ++arrived;
            while (arrived < 2) {
                std::this_thread::yield();
            }
        });
        QCOMPARE(arrived.load(), 2);
    }

    void numberOfThreadsChangesAtRunTime()
    {
        ThreadPool pool{ 1 };
        for (const unsigned threads : { 3U, 1U, 4U, 2U, 2U }) {
            pool.setThreads(threads);
            QCOMPARE(pool.threads(), threads);
            std::atomic<std::size_t> sum{ 0 };
            pool.run(100, [&](std::size_t index, unsigned) { sum += index; });
            QCOMPARE(sum.load(), std::size_t{ 4950 });
        }
        pool.setThreads(0);
        QCOMPARE(pool.threads(), 1U);
    }
};

QTEST_GUILESS_MAIN(TestThreadPool)
#include "tst_thread_pool.moc"
