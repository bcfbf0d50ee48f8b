// SPDX-License-Identifier: GPL-3.0-or-later
#include "ml/thread_pool.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

namespace loam::ml {

struct ThreadPool::State
{
    std::mutex mutex;
    std::condition_variable wake;
    std::condition_variable idle;
    std::vector<std::thread> workers;
    // Guarded by mutex; a new generation is a new job.
    std::uint64_t generation{ 0 };
    unsigned busy{ 0 };
    bool stopping{ false };
    Erased task;
    std::size_t count{ 0 };
    std::atomic<std::size_t> next{ 0 };

    void claimTasks(const Erased& job, std::size_t jobCount, unsigned worker)
    {
        for (;;) {
            const std::size_t index = next.fetch_add(1, std::memory_order_relaxed);
            if (index >= jobCount) {
                return;
            }
            job.call(job.callable, index, worker);
        }
    }

    void work(unsigned worker, std::uint64_t seen)
    {
        std::unique_lock lock{ mutex };
        for (;;) {
            wake.wait(lock, [&] { return stopping || generation != seen; });
            if (stopping) {
                return;
            }
            seen = generation;
            // A worker that wakes after the job is over must not touch a task that is gone.
            if (task.call == nullptr) {
                continue;
            }
            const Erased job = task;
            const std::size_t jobCount = count;
            ++busy;
            lock.unlock();
            claimTasks(job, jobCount, worker);
            lock.lock();
            if (--busy == 0) {
                idle.notify_one();
            }
        }
    }

    void start(unsigned threads)
    {
        stopping = false;
        try {
            for (unsigned worker = 1; worker < threads; ++worker) {
                workers.emplace_back([this, worker, seen = generation] { work(worker, seen); });
            }
        } catch (const std::system_error&) {
            // The system grants no more threads: the work is done by those there are.
        }
    }

    void stop()
    {
        {
            const std::lock_guard lock{ mutex };
            stopping = true;
        }
        wake.notify_all();
        for (std::thread& worker : workers) {
            worker.join();
        }
        workers.clear();
    }
};

ThreadPool::ThreadPool(unsigned threads)
    : m_state{ std::make_unique<State>() }
{
    m_state->start(std::clamp(threads, 1U, kMaxThreads));
}

ThreadPool::~ThreadPool()
{
    m_state->stop();
}

unsigned ThreadPool::threads() const
{
    return static_cast<unsigned>(m_state->workers.size()) + 1;
}

void ThreadPool::setThreads(unsigned threads)
{
    const unsigned wanted = std::clamp(threads, 1U, kMaxThreads);
    if (wanted != this->threads()) {
        m_state->stop();
        m_state->start(wanted);
    }
}

void ThreadPool::runErased(std::size_t count, Erased task)
{
    if (count <= 1 || m_state->workers.empty()) {
        for (std::size_t index = 0; index < count; ++index) {
            task.call(task.callable, index, 0);
        }
        return;
    }
    {
        const std::lock_guard lock{ m_state->mutex };
        m_state->task = task;
        m_state->count = count;
        m_state->next.store(0, std::memory_order_relaxed);
        ++m_state->generation;
    }
    if (count == 2) {
        m_state->wake.notify_one();
    } else {
        m_state->wake.notify_all();
    }
    m_state->claimTasks(task, count, 0);
    std::unique_lock lock{ m_state->mutex };
    // Late wakers find no task; those inside hold the mutex's order, so their writes are seen.
    m_state->task = {};
    m_state->idle.wait(lock, [this] { return m_state->busy == 0; });
}

} // namespace loam::ml
