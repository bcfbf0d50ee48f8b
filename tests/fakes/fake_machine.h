// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "platform/machine.h"

#include <memory>
#include <utility>

namespace loam::fakes {

// A machine whose owner, battery and weather the test decides.

struct MachineState
{
    std::optional<std::chrono::milliseconds> idle;
    platform::PowerState power;
    std::optional<double> hottestCelsius;
    platform::Metered metered{ platform::Metered::Unknown };
    std::optional<double> othersShare;
    bool isAutostartEnabled{ false };
};

class FakeIdleMonitor final : public platform::IdleMonitor
{
public:
    explicit FakeIdleMonitor(const MachineState& state)
        : m_state{ state }
    {
    }
    std::optional<std::chrono::milliseconds> idleTime() const override { return m_state.idle; }
    std::string source() const override { return m_state.idle ? "fake" : "none"; }

private:
    const MachineState& m_state;
};

class FakePowerMonitor final : public platform::PowerMonitor
{
public:
    explicit FakePowerMonitor(const MachineState& state)
        : m_state{ state }
    {
    }
    platform::PowerState state() const override { return m_state.power; }

private:
    const MachineState& m_state;
};

class FakeThermalMonitor final : public platform::ThermalMonitor
{
public:
    explicit FakeThermalMonitor(const MachineState& state)
        : m_state{ state }
    {
    }
    std::optional<double> hottestCelsius() const override { return m_state.hottestCelsius; }

private:
    const MachineState& m_state;
};

class FakeNetworkCostMonitor final : public platform::NetworkCostMonitor
{
public:
    explicit FakeNetworkCostMonitor(const MachineState& state)
        : m_state{ state }
    {
    }
    platform::Metered metered() const override { return m_state.metered; }

private:
    const MachineState& m_state;
};

class FakeLoadMonitor final : public platform::LoadMonitor
{
public:
    explicit FakeLoadMonitor(const MachineState& state)
        : m_state{ state }
    {
    }
    std::optional<double> othersShare() const override { return m_state.othersShare; }

private:
    const MachineState& m_state;
};

class FakeAutostart final : public platform::Autostart
{
public:
    explicit FakeAutostart(MachineState& state)
        : m_state{ state }
    {
    }
    bool isEnabled() const override { return m_state.isAutostartEnabled; }
    base::Result<> setEnabled(bool enabled) override
    {
        m_state.isAutostartEnabled = enabled;
        return {};
    }

private:
    MachineState& m_state;
};

/// `state` must outlive the machine.
inline platform::Machine fakeMachine(MachineState& state)
{
    return { std::make_unique<FakeIdleMonitor>(state), std::make_unique<FakePowerMonitor>(state),
        std::make_unique<FakeThermalMonitor>(state),
        std::make_unique<FakeNetworkCostMonitor>(state), std::make_unique<FakeLoadMonitor>(state),
        std::make_unique<FakeAutostart>(state) };
}

} // namespace loam::fakes
