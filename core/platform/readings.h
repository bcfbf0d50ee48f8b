// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "platform/machine.h"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string_view>

namespace loam::platform {

// What Linux says in files and numbers, read apart from where it comes from.

/// The state of all supplies below `folder` (/sys/class/power_supply). Batteries of peripherals
/// (scope "Device") do not count.
PowerState readPowerSupplies(const std::filesystem::path& folder);

/// Hottest of `thermal`/thermal_zone*/temp and of the processor's and graphics card's sensors
/// below `hwmon`, in degrees Celsius; readings outside 1..150 are broken sensors.
std::optional<double> readHottest(
    const std::filesystem::path& thermal, const std::filesystem::path& hwmon);

/// Time of all processors since boot, in clock ticks.
struct ProcessorTicks
{
    std::uint64_t busy{ 0 };
    std::uint64_t total{ 0 };
};

/// First line of /proc/stat (proc(5)); waiting for the disk counts as idle.
std::optional<ProcessorTicks> parseProcStat(std::string_view text);

/// Time of a process in clock ticks, with that of its ended children if `withChildren`:
/// /proc/<pid>/stat. The command's name may hold spaces and parentheses.
std::optional<std::uint64_t> parseProcessTicks(std::string_view text, bool withChildren);

/// NetworkManager's NMMetered.
Metered meteredFromNetworkManager(std::uint32_t value);

/// Share of the processors that others took between two samples.
class OthersShare
{
public:
    /// `own`: ticks of our processes since their start. Nothing at the first
    /// sample and when no time has passed.
    std::optional<double> update(ProcessorTicks all, std::uint64_t own);

private:
    std::optional<ProcessorTicks> m_all;
    std::uint64_t m_own{ 0 };
};

/// Desktops disagree on the unit of org.freedesktop.ScreenSaver.GetSessionIdleTime: the draft says
/// seconds, KDE answers milliseconds. The speed at which the number grows tells. Until that is
/// known milliseconds are assumed: the owner then seems present, which disturbs nobody.
class SessionIdleUnit
{
public:
    std::chrono::milliseconds toIdleTime(
        std::uint32_t value, std::chrono::steady_clock::time_point now);

private:
    struct Sample
    {
        std::uint32_t value;
        std::chrono::steady_clock::time_point time;
    };
    std::optional<Sample> m_first;
    bool m_isSeconds{ false };
};

} // namespace loam::platform
