// SPDX-License-Identifier: GPL-3.0-or-later
#include "gpu/submission_budget.h"

#include <algorithm>

namespace loam::gpu {

namespace {

    /// A slow integrated device does this much (multiply-adds) in about 5 ms.
    constexpr double kFirstLimit = 5e7;
    constexpr double kSmallestLimit = 1e5;
    /// One submission never grows by more than this over the last one.
    constexpr double kMostGrowth = 1.5;
    /// Short submissions say little about speed: fixed costs rule them.
    constexpr double kTellingShare = 0.25;

} // namespace

SubmissionBudget::SubmissionBudget(const Goals& goals)
    : m_goals{ goals }
    , m_limit{ kFirstLimit }
{
}

void SubmissionBudget::observe(double work, Duration duration)
{
    m_longest = std::max(m_longest, duration);
    if (!(work > 0.0) || !(duration.count() > 0.0)) {
        return;
    }
    const double wanted = work * (m_goals.target / duration);
    if (duration > m_goals.target) {
        // Too long: at once down to what this speed allows, beyond the ceiling to half of that.
        const double share = duration > m_goals.ceiling ? 0.5 : 1.0;
        m_limit = std::max(kSmallestLimit, std::min(m_limit, wanted * share));
        return;
    }
    if (work >= kTellingShare * m_limit) {
        m_limit = std::clamp(wanted, m_limit, m_limit * kMostGrowth);
    }
}

void SubmissionBudget::halve()
{
    m_limit = std::max(kSmallestLimit, m_limit / 2.0);
}

} // namespace loam::gpu
