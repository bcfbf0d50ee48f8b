// SPDX-License-Identifier: GPL-3.0-or-later
// Whether the node works: what the owner switched, and what the machine says.
#include "node/node.h"

#include <algorithm>
#include <chrono>

namespace loam::node {

base::Result<> Node::setContributing(bool on)
{
    Settings changed = m_settings;
    changed.contribution.on = on;
    changed.contribution.snoozedUntil = {};
    TRY(changed.save(m_options.home.settings()));
    m_settings = std::move(changed);
    if (m_session) {
        m_session->setMembership(on);
    }
    evaluatePolicy();
    return {};
}

base::Result<> Node::setContribution(const Settings::Contribution& wanted)
{
    Settings changed = m_settings;
    changed.contribution = wanted;
    TRY(changed.save(m_options.home.settings()));
    m_settings = std::move(changed);
    evaluatePolicy();
    Q_EMIT this->changed();
    return {};
}

base::Result<> Node::snooze(std::chrono::minutes duration)
{
    Settings changed = m_settings;
    changed.contribution.snoozedUntil
        = std::chrono::time_point_cast<std::chrono::seconds>(std::chrono::system_clock::now())
        + duration;
    TRY(changed.save(m_options.home.settings()));
    m_settings = std::move(changed);
    // Whoever asks for a break wants his graphics card back; an answer under way may end.
    m_answers->rest();
    evaluatePolicy();
    return {};
}

bool Node::hasRunAtWork() const
{
    const auto joined = m_store->joinedRuns();
    if (!m_session || !joined) {
        return false;
    }
    return std::ranges::any_of(*joined, [this](const JoinedRun& one) {
        // One that is not in the ledger yet is about to begin.
        const auto run = m_session->ledger().run(one.run);
        return !run || run->phase != ledger::RunPhase::Finished;
    });
}

void Node::evaluatePolicy()
{
    PolicyInputs inputs;
    inputs.now
        = std::chrono::time_point_cast<std::chrono::seconds>(std::chrono::system_clock::now());
    if (const auto idle = m_machine.idle->idleTime()) {
        inputs.ownerIdleFor = std::chrono::duration_cast<std::chrono::seconds>(*idle);
    }
    inputs.onBattery = m_machine.power->state().source == platform::PowerSource::Battery;
    inputs.networkMetered = m_machine.networkCost->metered() == platform::Metered::Yes;
    inputs.temperatureCelsius = m_machine.thermal->hottestCelsius();
    inputs.identityUnlocked = m_identity.isUnlocked();
    inputs.inNetwork = m_session != nullptr;
    inputs.hasRun = hasRunAtWork();
    const PolicyDecision home = decideHomeWork(m_settings.contribution, inputs);
    m_adapters->setMayWork(home.state == WorkState::Working, home.reason);
    PolicyDecision decision = decideWork(m_settings.contribution, inputs);
    const bool differs = !(decision == m_decision);
    m_decision = std::move(decision);
    if (differs) {
        if (m_session) {
            m_session->rounds().setMayTrain(m_decision.state == WorkState::Working);
        }
        Q_EMIT changed();
    }
}

} // namespace loam::node
