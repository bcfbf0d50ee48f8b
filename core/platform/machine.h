// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace loam::platform {

// What the policy of a node may ask about the machine it runs on. Every question is answered from
// memory, at once; the Linux implementation refreshes its answers by asynchronous D-Bus calls and
// small file reads on a timer. Single-threaded: the thread with the node's event loop.

/// When did the owner last touch the machine?
class IdleMonitor
{
public:
    virtual ~IdleMonitor() = default;
    /// Time since the last key press or pointer movement. Nothing when the machine cannot say
    /// (no desktop session): such a machine counts as idle.
    virtual std::optional<std::chrono::milliseconds> idleTime() const = 0;
    /// Who says so: "screensaver", "mutter", "logind", "xscreensaver" or "none".
    virtual std::string source() const = 0;
};

enum class PowerSource { Unknown, Mains, Battery };

struct PowerState
{
    PowerSource source{ PowerSource::Unknown }; ///< Unknown counts as Mains: no battery was found
    std::optional<double> batteryPercent; ///< 0 to 100, of all batteries together
    friend bool operator==(const PowerState&, const PowerState&) = default;
};

class PowerMonitor
{
public:
    virtual ~PowerMonitor() = default;
    virtual PowerState state() const = 0;
};

class ThermalMonitor
{
public:
    virtual ~ThermalMonitor() = default;
    /// Hottest plausible sensor in degrees Celsius; nothing when the machine has none.
    virtual std::optional<double> hottestCelsius() const = 0;
};

enum class Metered { Unknown, No, Yes };

class NetworkCostMonitor
{
public:
    virtual ~NetworkCostMonitor() = default;
    /// Whether traffic costs money; a guess of the network's maker counts as its answer.
    virtual Metered metered() const = 0;
};

class LoadMonitor
{
public:
    virtual ~LoadMonitor() = default;
    /// Share of all processors' time, 0 to 1, that processes other than ours took in the last
    /// sampling interval; nothing before the second sample.
    virtual std::optional<double> othersShare() const = 0;
};

/// Starting with the owner's session.
class Autostart
{
public:
    virtual ~Autostart() = default;
    virtual bool isEnabled() const = 0;
    virtual base::Result<> setEnabled(bool enabled) = 0;
};

/// Everything together, as the node owns it.
struct Machine
{
    std::unique_ptr<IdleMonitor> idle;
    std::unique_ptr<PowerMonitor> power;
    std::unique_ptr<ThermalMonitor> thermal;
    std::unique_ptr<NetworkCostMonitor> networkCost;
    std::unique_ptr<LoadMonitor> load;
    std::unique_ptr<Autostart> autostart;
};

struct MachineOptions
{
    std::chrono::milliseconds idleInterval{
        500
    }; ///< the owner's first key press is seen within it
    std::chrono::milliseconds slowInterval{ 5000 }; ///< power, heat, network, load
    /// Process ids of our workers, asked at each sample of the load; our own is added.
    std::function<std::vector<std::int64_t>()> ownProcesses{};
    /// Command line for the autostart entry.
    std::string autostartCommand{ "loam --hidden" };
};

/// The monitors of this machine. Needs a QCoreApplication; never blocks and never fails: what the
/// machine lacks answers "unknown".
Machine openMachine(MachineOptions options);

/// Makes the calling process give way to everything else: SCHED_IDLE, nice 19, idle I/O class and
/// first in line when memory runs out. Fails with Denied naming what the system refused; what
/// could be set stays set.
base::Result<> giveWay();

} // namespace loam::platform
