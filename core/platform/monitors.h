// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "platform/machine.h"

#include <filesystem>
#include <memory>

namespace loam::platform {

// The Linux implementations behind openMachine, one function each; tests give other folders.

std::unique_ptr<IdleMonitor> openIdleMonitor(std::chrono::milliseconds interval);
std::unique_ptr<PowerMonitor> openPowerMonitor(std::chrono::milliseconds interval,
    const std::filesystem::path& folder = "/sys/class/power_supply");
std::unique_ptr<ThermalMonitor> openThermalMonitor(std::chrono::milliseconds interval,
    const std::filesystem::path& thermal = "/sys/class/thermal",
    const std::filesystem::path& hwmon = "/sys/class/hwmon");
std::unique_ptr<NetworkCostMonitor> openNetworkCostMonitor(std::chrono::milliseconds interval);
std::unique_ptr<LoadMonitor> openLoadMonitor(std::chrono::milliseconds interval,
    std::function<std::vector<std::int64_t>()> ownProcesses,
    const std::filesystem::path& proc = "/proc");
/// `folder`: $XDG_CONFIG_HOME/autostart or ~/.config/autostart.
std::unique_ptr<Autostart> openAutostart(std::string command, std::filesystem::path folder);
std::filesystem::path autostartFolder();

} // namespace loam::platform
