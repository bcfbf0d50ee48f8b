// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>

namespace loam::gpu {

/// How much work may go into one submission, so that a screen stays smooth and no driver's
/// watchdog (2 s on Windows, similar on Linux) ever barks. Learns the device's speed from how long
/// submissions took. Work is counted in the caller's units; only its ratios matter.
class SubmissionBudget
{
public:
    using Duration = std::chrono::duration<double>;
    struct Goals
    {
        Duration target{ 0.020 };
        Duration ceiling{ 0.250 }; ///< no submission is planned that may take longer
    };

    explicit SubmissionBudget(const Goals& goals);

    /// Work that the next submission may hold.
    double limit() const { return m_limit; }
    /// A submission of `work` took `duration`.
    void observe(double work, Duration duration);
    /// After the loss of a device: half as much at a time.
    void halve();
    Duration longest() const { return m_longest; }

private:
    Goals m_goals;
    double m_limit;
    Duration m_longest{ 0 };
};

} // namespace loam::gpu
