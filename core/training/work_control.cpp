// SPDX-License-Identifier: GPL-3.0-or-later
#include "training/work_control.h"

namespace loam::training {

void WorkControl::pause()
{
    const std::lock_guard lock{ m_mutex };
    if (!m_paused.exchange(true)) {
        m_pausedSince = std::chrono::steady_clock::now();
    }
}

void WorkControl::resume()
{
    {
        const std::lock_guard lock{ m_mutex };
        if (m_paused.exchange(false)) {
            m_pausedTime += std::chrono::steady_clock::now() - m_pausedSince;
        }
    }
    m_changed.notify_all();
}

void WorkControl::cancel()
{
    {
        const std::lock_guard lock{ m_mutex };
        m_cancelled.store(true);
    }
    m_changed.notify_all();
}

void WorkControl::reset()
{
    const std::lock_guard lock{ m_mutex };
    m_cancelled.store(false);
}

void WorkControl::setPauseHooks(std::function<void()> begins, std::function<void()> ends)
{
    m_pauseBegins = std::move(begins);
    m_pauseEnds = std::move(ends);
}

void WorkControl::standStill()
{
    if (m_pauseBegins) {
        m_pauseBegins();
    }
    {
        std::unique_lock lock{ m_mutex };
        m_changed.wait(lock, [this] { return !m_paused.load() || m_cancelled.load(); });
    }
    if (m_pauseEnds) {
        m_pauseEnds();
    }
}

bool WorkControl::shouldStop()
{
    if (m_paused.load(std::memory_order_relaxed) && !m_cancelled.load(std::memory_order_relaxed)) {
        standStill();
    }
    return m_cancelled.load(std::memory_order_relaxed);
}

std::chrono::nanoseconds WorkControl::pausedTime() const
{
    const std::lock_guard lock{ m_mutex };
    if (!m_paused.load()) {
        return m_pausedTime;
    }
    return m_pausedTime + (std::chrono::steady_clock::now() - m_pausedSince);
}

} // namespace loam::training
