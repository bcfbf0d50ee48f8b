// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <memory>
#include <type_traits>

namespace loam::ml {

/// The one pool under the CPU backends. Tasks are claimed one by one from an atomic counter, so
/// that a disturbed core never holds up the others; nobody spins while waiting. The caller works
/// too: n threads mean n - 1 workers. One thread at a time may call `run` and `setThreads`.
class ThreadPool
{
public:
    static constexpr unsigned kMaxThreads = 256;

    /// `threads` is clamped to 1..kMaxThreads.
    explicit ThreadPool(unsigned threads);
    ~ThreadPool();
    ThreadPool(const ThreadPool&) = delete;
    ThreadPool& operator=(const ThreadPool&) = delete;

    unsigned threads() const;
    /// Starts or ends workers; waits for those that end.
    void setThreads(unsigned threads);

    /// Calls task(index, worker) for every index below `count`, in any order, and returns when all
    /// are done; worker < threads(). The task must not throw and not call `run`.
    template <class Task> void run(std::size_t count, Task&& task)
    {
        using Callable = std::remove_reference_t<Task>;
        runErased(count, { &task, [](void* callable, std::size_t index, unsigned worker) {
                              (*static_cast<Callable*>(callable))(index, worker);
                          } });
    }

private:
    struct Erased
    {
        void* callable{ nullptr };
        void (*call)(void*, std::size_t, unsigned){ nullptr };
    };
    void runErased(std::size_t count, Erased task);

    struct State;
    std::unique_ptr<State> m_state;
};

} // namespace loam::ml
