// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>

namespace loam::training {

/// How the owner of the machine stops a computation in its tracks: any thread pauses, resumes or
/// cancels; the computing threads ask between operations and wait inside the question while
/// paused. Must outlive the backends that ask it.
class WorkControl
{
public:
    void pause();
    void resume();
    /// Also ends a pause. Stays until reset().
    void cancel();
    /// Makes the object usable for the next job; a pause stays.
    void reset();

    bool isPaused() const { return m_paused.load(std::memory_order_relaxed); }
    bool isCancelled() const { return m_cancelled.load(std::memory_order_relaxed); }

    /// What the thread that stands still in a pause does before it and after it, such as giving up
    /// memory meanwhile. Only for work of a single thread, which sets it itself; empty functions
    /// end it.
    void setPauseHooks(std::function<void()> begins, std::function<void()> ends);

    /// Blocks while paused; true when the work is to be given up.
    bool shouldStop();
    /// shouldStop() in the form that ml::Backend::setInterrupt takes.
    std::function<bool()> interrupt()
    {
        return [this] { return shouldStop(); };
    }
    /// How long the work has stood still so far.
    std::chrono::nanoseconds pausedTime() const;

private:
    void standStill();

    std::atomic<bool> m_paused{ false };
    std::atomic<bool> m_cancelled{ false };
    mutable std::mutex m_mutex;
    std::condition_variable m_changed;
    std::chrono::steady_clock::time_point m_pausedSince{};
    std::chrono::nanoseconds m_pausedTime{ 0 };
    std::function<void()> m_pauseBegins;
    std::function<void()> m_pauseEnds;
};

} // namespace loam::training
