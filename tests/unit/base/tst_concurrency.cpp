// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/bounded_queue.h"
#include "base/cancellation.h"
#include "base/clock.h"
#include "unit/support.h"

#include <atomic>
#include <memory>
#include <numeric>
#include <thread>

using namespace loam::base;

class TestConcurrency : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void queueRefusesBeyondItsCapacity()
    {
        BoundedQueue<int> queue{ 2 };
        QVERIFY(queue.tryPush(1));
        QVERIFY(queue.tryPush(2));
        QVERIFY(!queue.tryPush(3));
        QCOMPARE(queue.size(), std::size_t{ 2 });
        QCOMPARE(queue.pop().value_or(0), 1);
        QVERIFY(queue.tryPush(4));
        QCOMPARE(queue.pop().value_or(0), 2);
        QCOMPARE(queue.pop().value_or(0), 4);
    }

    void closedQueueIsEmptiedFirst()
    {
        BoundedQueue<std::unique_ptr<int>> queue{ 4 };
        QVERIFY(queue.tryPush(std::make_unique<int>(7)));
        queue.close();
        QVERIFY(!queue.tryPush(std::make_unique<int>(8)));
        const auto last = queue.pop();
        QVERIFY(last && **last == 7);
        QVERIFY(!queue.pop());
        QVERIFY(!queue.pop());
    }

    void closeWakesWaiters()
    {
        BoundedQueue<int> queue{ 1 };
        std::atomic<int> woken{ 0 };
        std::vector<std::thread> waiters;
        for (int i = 0; i < 3; ++i) {
            waiters.emplace_back([&queue, &woken] {
                if (!queue.pop()) {
                    ++woken;
                }
            });
        }
        queue.close();
        for (std::thread& waiter : waiters) {
            waiter.join();
        }
        QCOMPARE(woken.load(), 3);
    }

    void everyValueArrivesOnce()
    {
        constexpr int kPerProducer = 5000;
        BoundedQueue<int> queue{ 16 };
        std::atomic<long> sum{ 0 };
        std::atomic<int> count{ 0 };
        std::vector<std::thread> consumers;
        for (int i = 0; i < 2; ++i) {
            consumers.emplace_back([&queue, &sum, &count] {
                while (const std::optional<int> value = queue.pop()) {
                    sum += *value;
                    ++count;
                }
            });
        }
        std::vector<std::thread> producers;
        for (int i = 0; i < 2; ++i) {
            producers.emplace_back([&queue, i] {
                for (int k = 0; k < kPerProducer; ++k) {
                    while (!queue.tryPush(i * kPerProducer + k)) {
                        std::this_thread::yield();
                    }
                }
            });
        }
        for (std::thread& producer : producers) {
            producer.join();
        }
        queue.close();
        for (std::thread& consumer : consumers) {
            consumer.join();
        }
        const long total = 2L * kPerProducer;
        QCOMPARE(count.load(), static_cast<int>(total));
        QCOMPARE(sum.load(), total * (total - 1) / 2);
    }

    void cancellationReachesEveryToken()
    {
        CancelSource source;
        const CancelToken first = source.token();
        const CancelToken copy = first;
        QVERIFY(!first.isCancelled());
        std::thread{ [&source] { source.cancel(); } }.join();
        QVERIFY(first.isCancelled() && copy.isCancelled() && source.token().isCancelled());
    }

    void tokenOutlivesItsSource()
    {
        auto source = std::make_unique<CancelSource>();
        const CancelToken token = source->token();
        source.reset();
        QVERIFY(!token.isCancelled());
    }

    void clockAdvances()
    {
        const SystemClock clock;
        const MonotonicTime before = clock.monotonic();
        QTRY_VERIFY(clock.monotonic() > before);
        // Any honest clock is past the year 2024.
        QVERIFY(clock.now().time_since_epoch() > std::chrono::hours{ 24 * 365 * 54 });
    }
};

QTEST_GUILESS_MAIN(TestConcurrency)
#include "tst_concurrency.moc"
