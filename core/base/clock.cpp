// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/clock.h"

namespace loam::base {

UnixTime SystemClock::now() const
{
    return std::chrono::time_point_cast<std::chrono::milliseconds>(
        std::chrono::system_clock::now());
}

MonotonicTime SystemClock::monotonic() const
{
    return std::chrono::steady_clock::now();
}

} // namespace loam::base
