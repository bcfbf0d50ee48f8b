// SPDX-License-Identifier: GPL-3.0-or-later
#include "worker/step_leave.h"

#include <chrono>

namespace loam::worker {

using namespace std::chrono_literals;

void StepLeave::give(std::uint64_t step)
{
    {
        const std::lock_guard lock{ m_mutex };
        m_isGiven = true;
        m_step = step;
    }
    m_changed.notify_all();
}

void StepLeave::forget()
{
    const std::lock_guard lock{ m_mutex };
    m_isGiven = false;
}

base::Result<> StepLeave::wait(std::uint64_t step, training::WorkControl& control)
{
    std::unique_lock lock{ m_mutex };
    while (!m_isGiven || m_step != step) {
        lock.unlock();
        if (control.shouldStop()) {
            return base::fail(base::Errc::Cancelled, "the training was cancelled");
        }
        lock.lock();
        m_changed.wait_for(lock, 20ms);
    }
    m_isGiven = false;
    return {};
}

} // namespace loam::worker
