// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <cstddef>
#include <deque>
#include <functional>
#include <vector>

namespace loam::ml {

class ThreadPool;

/// Work that is recorded first and then run in one go, so that a pool is woken once for a whole
/// batch instead of once for each op. Phases run one after the other; the tasks within a phase run
/// in any order on any thread. A thread without a task waits for the phase's last ones: it watches
/// for some microseconds, which is what most phases take, and then sleeps.
class PhaseList
{
public:
    using Task = std::function<void(std::size_t index, unsigned worker)>;
    enum class Order {
        After, ///< everything recorded before is done first
        Beside ///< needs only what the last phase needed too
    };

    void add(std::size_t tasks, Task task, Order order = Order::After);
    bool isEmpty() const { return m_phases.empty(); }
    /// Runs everything and forgets it. `isAbandoned` is asked before each task; true skips it and
    /// all that follow.
    void run(ThreadPool& pool, const std::function<bool()>& isAbandoned);

private:
    struct Part
    {
        std::size_t tasks;
        Task task;
    };
    struct Phase
    {
        std::vector<Part> parts;
        bool isChain{ false }; ///< the parts have one task each and run in order
        std::size_t tasks{ 0 };
        std::atomic<std::size_t> next{ 0 };
        std::atomic<std::size_t> done{ 0 };
    };
    static void runTask(const Phase& phase, std::size_t index, unsigned worker);
    void work(unsigned worker, const std::function<bool()>& isAbandoned);

    std::deque<Phase> m_phases;
};

} // namespace loam::ml
