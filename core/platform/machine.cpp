// SPDX-License-Identifier: GPL-3.0-or-later
#include "platform/machine.h"

#include "platform/monitors.h"

namespace loam::platform {

Machine openMachine(MachineOptions options)
{
    return { openIdleMonitor(options.idleInterval), openPowerMonitor(options.slowInterval),
        openThermalMonitor(options.slowInterval), openNetworkCostMonitor(options.slowInterval),
        openLoadMonitor(options.slowInterval, std::move(options.ownProcesses)),
        openAutostart(std::move(options.autostartCommand), autostartFolder()) };
}

} // namespace loam::platform
