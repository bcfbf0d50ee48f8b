// SPDX-License-Identifier: GPL-3.0-or-later
#include "ml/phase_list.h"

#include "ml/thread_pool.h"

#include <utility>

namespace loam::ml {

namespace {

    /// About 20 microseconds: no longer, so that waiting never costs a neighbour much.
    constexpr int kLooks = 500;

    void relax()
    {
#ifdef LOAM_X86
        __builtin_ia32_pause();
#endif
    }

    void waitFor(const std::atomic<std::size_t>& done, std::size_t tasks)
    {
        for (int look = 0; look < kLooks; ++look) {
            if (done.load(std::memory_order_acquire) == tasks) {
                return;
            }
            relax();
        }
        for (;;) {
            const std::size_t seen = done.load(std::memory_order_acquire);
            if (seen == tasks) {
                return;
            }
            done.wait(seen, std::memory_order_acquire);
        }
    }

} // namespace

void PhaseList::add(std::size_t tasks, Task task, Order order)
{
    if (tasks == 0) {
        return;
    }
    Phase* last = m_phases.empty() ? nullptr : &m_phases.back();
    if (last != nullptr && order == Order::Beside && !last->isChain) {
        last->tasks += tasks;
        last->parts.push_back({ tasks, std::move(task) });
        return;
    }
    if (last != nullptr && last->isChain && tasks == 1) {
        last->parts.push_back({ tasks, std::move(task) });
        return;
    }
    Phase& phase = m_phases.emplace_back();
    phase.isChain = tasks == 1;
    phase.tasks = tasks;
    phase.parts.push_back({ tasks, std::move(task) });
}

void PhaseList::runTask(const Phase& phase, std::size_t index, unsigned worker)
{
    if (phase.isChain) {
        for (const Part& part : phase.parts) {
            part.task(0, worker);
        }
        return;
    }
    for (const Part& part : phase.parts) {
        if (index < part.tasks) {
            part.task(index, worker);
            return;
        }
        index -= part.tasks;
    }
}

void PhaseList::work(unsigned worker, const std::function<bool()>& isAbandoned)
{
    for (Phase& phase : m_phases) {
        for (;;) {
            const std::size_t index = phase.next.fetch_add(1, std::memory_order_relaxed);
            if (index >= phase.tasks) {
                break;
            }
            if (!isAbandoned()) {
                runTask(phase, index, worker);
            }
            if (phase.done.fetch_add(1, std::memory_order_acq_rel) + 1 == phase.tasks) {
                phase.done.notify_all();
            }
        }
        waitFor(phase.done, phase.tasks);
    }
}

void PhaseList::run(ThreadPool& pool, const std::function<bool()>& isAbandoned)
{
    // A thread that comes late finds its share done and leaves: nobody is waited for by name.
    pool.run(pool.threads(), [&](std::size_t, unsigned worker) { work(worker, isAbandoned); });
    m_phases.clear();
}

} // namespace loam::ml
