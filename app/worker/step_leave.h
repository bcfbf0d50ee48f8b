// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"
#include "training/work_control.h"

#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace loam::worker {

/// The node's leave for the next step on its owner's text: a training thread waits for it, the
/// thread that reads orders gives it. Leave for one step says nothing about the step after it.
class StepLeave
{
public:
    void give(std::uint64_t step);
    /// Takes back what was given; for the beginning of a job.
    void forget();
    /// Blocks until leave for this very step is there, also through a pause; Cancelled when the
    /// work is to end.
    base::Result<> wait(std::uint64_t step, training::WorkControl& control);

private:
    std::mutex m_mutex;
    std::condition_variable m_changed;
    bool m_isGiven{ false };
    std::uint64_t m_step{ 0 };
};

} // namespace loam::worker
