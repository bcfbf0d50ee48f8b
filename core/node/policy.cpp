// SPDX-License-Identifier: GPL-3.0-or-later
#include "node/policy.h"

namespace loam::node {

namespace {

    constexpr double kTooHotCelsius = 90.0;

    PolicyDecision waiting(std::string reason)
    {
        return { WorkState::Waiting, std::move(reason), {} };
    }

    /// What the machine itself says.
    PolicyDecision decideMachine(const Settings::Contribution& settings, const PolicyInputs& inputs)
    {
        if (!settings.onBattery && inputs.onBattery.value_or(false)) {
            return waiting("On battery; resumes on mains power");
        }
        if (inputs.temperatureCelsius.value_or(0) >= kTooHotCelsius) {
            return waiting("The processor is hot; resumes when it has cooled down");
        }
        if (settings.onlyWhenIdle && inputs.ownerIdleFor
            && *inputs.ownerIdleFor < std::chrono::seconds{ settings.idleFor }) {
            return { WorkState::Waiting,
                "You are using the computer; resumes after "
                    + std::to_string(settings.idleFor.count()) + " minutes idle",
                inputs.now + (std::chrono::seconds{ settings.idleFor } - *inputs.ownerIdleFor) };
        }
        return { WorkState::Working, "Training with the network", {} };
    }

} // namespace

std::string workStateName(WorkState state)
{
    switch (state) {
    case WorkState::Working:
        return "working";
    case WorkState::Waiting:
        return "waiting";
    case WorkState::Paused:
        return "paused";
    case WorkState::Off:
        return "off";
    }
    return "off";
}

PolicyDecision decideWork(const Settings::Contribution& settings, const PolicyInputs& inputs)
{
    if (!settings.on) {
        return { WorkState::Off, "Contribution is switched off", {} };
    }
    if (settings.snoozedUntil > inputs.now) {
        return { WorkState::Paused, "You paused contribution", settings.snoozedUntil };
    }
    if (!inputs.identityUnlocked) {
        return waiting("The wallet is locked; unlock it to contribute");
    }
    if (!inputs.inNetwork) {
        return waiting("No network yet; create or join one");
    }
    if (!inputs.hasRun) {
        return waiting("No training run is open in this network");
    }
    if (!settings.onMeteredNetwork && inputs.networkMetered.value_or(false)) {
        return waiting("The network connection is metered");
    }
    return decideMachine(settings, inputs);
}

PolicyDecision decideHomeWork(const Settings::Contribution& settings, const PolicyInputs& inputs)
{
    if (settings.snoozedUntil > inputs.now) {
        return { WorkState::Paused, "You paused contribution", settings.snoozedUntil };
    }
    if (!inputs.identityUnlocked) {
        return waiting("The wallet is locked; unlock it to train");
    }
    return decideMachine(settings, inputs);
}

} // namespace loam::node
