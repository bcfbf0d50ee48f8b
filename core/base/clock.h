// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>

namespace loam::base {

/// Wall time with millisecond resolution, as it is written into objects and databases.
using UnixTime = std::chrono::sys_time<std::chrono::milliseconds>;
/// Monotonic time for timeouts and measurements.
using MonotonicTime = std::chrono::steady_clock::time_point;

/// The only way modules learn the time, so that tests can own it.
class Clock
{
public:
    virtual ~Clock() = default;
    virtual UnixTime now() const = 0;
    virtual MonotonicTime monotonic() const = 0;
};

/// The machine's clocks. Safe from any thread.
class SystemClock final : public Clock
{
public:
    UnixTime now() const override;
    MonotonicTime monotonic() const override;
};

} // namespace loam::base
