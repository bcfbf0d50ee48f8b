// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "node/settings.h"

#include <optional>
#include <string>

namespace loam::node {

/// Whether this machine works for the network right now.
enum class WorkState {
    Working, ///< may train
    Waiting, ///< would like to, something has to change by itself first
    Paused, ///< the owner asked for a break that ends by itself
    Off, ///< the owner switched contribution off
};

/// Lower-case name as RPC shows it.
std::string workStateName(WorkState state);

/// What the policy looks at; absent means that the machine cannot tell.
struct PolicyInputs
{
    std::chrono::sys_seconds now{};
    std::optional<std::chrono::seconds> ownerIdleFor;
    std::optional<bool> onBattery;
    std::optional<bool> networkMetered;
    std::optional<double> temperatureCelsius;
    bool identityUnlocked{ true };
    bool inNetwork{ false };
    bool hasRun{ false };
};

struct PolicyDecision
{
    WorkState state{ WorkState::Off };
    std::string reason; ///< one short English sentence for the owner
    std::chrono::sys_seconds until{}; ///< when it ends by itself; zero when unknown

    bool operator==(const PolicyDecision&) const = default;
};

/// Whether an adapter of the owner's own text may be trained now: the same schedule, but neither
/// the switch nor the network matters, since nothing leaves the machine.
PolicyDecision decideHomeWork(const Settings::Contribution& settings, const PolicyInputs& inputs);

/// Decides from settings and circumstances alone; no clock, no I/O.
PolicyDecision decideWork(const Settings::Contribution& settings, const PolicyInputs& inputs);

} // namespace loam::node
