// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "consensus/simplex.h"
#include "ledger/ledger.h"

#include <QObject>
#include <QTimer>

#include <functional>
#include <memory>
#include <unordered_map>
#include <vector>

namespace loam::node {

/// What one list of Simplex actions wants on disk, in one transaction.
struct ConsensusRecord
{
    std::vector<consensus::Vote> votes;
    std::vector<consensus::PersistBlock> blocks;
    std::vector<consensus::Certificate> certificates;
    std::vector<consensus::Finalized> finalized;

    bool empty() const
    {
        return votes.empty() && blocks.empty() && certificates.empty() && finalized.empty();
    }
};

/// Connects the pure Simplex machine to timers, network, disk and application. All calls on the
/// event-loop thread. A record that cannot be stored stops the driver for good: without a durable
/// vote nothing may be sent.
class ConsensusDriver final : public QObject
{
    Q_OBJECT
public:
    struct Hooks
    {
        /// Durable before it returns.
        std::function<base::Result<>(const ConsensusRecord&)> persist;
        std::function<void(base::Bytes)> broadcast;
        std::function<void(const base::PublicKey&, base::Bytes)> send;
        /// Payload of a block on top of the parent.
        std::function<base::Bytes(const consensus::RequestProposal&)> propose;
        /// Calls back, now or later, on this thread.
        std::function<void(const consensus::ValidateBlock&, std::function<void(bool)>)> validate;
        std::function<ledger::FinalRecords(consensus::Height from)> read;
        std::function<void(const consensus::Evidence&)> evidence;
        /// Called after blocks became final and were stored.
        std::function<void()> advanced;
        std::function<void(const base::PublicKey&, const base::Error&)> fault;
        std::function<void(const base::Error&)> failed;
    };

    ConsensusDriver(std::unique_ptr<consensus::Simplex> simplex, Hooks hooks);

    void start();
    void received(const base::PublicKey& from, base::ByteView message);
    void wake();
    const consensus::Simplex& simplex() const { return *m_simplex; }
    /// Signs a second, different vote beside each of our own from now on: what a cheat would do.
    /// Only a node started to misbehave in a practice network does this.
    void misbehave(const crypto::KeyPair& key, const base::NetworkId& network);

private:
    void carryOut(consensus::Actions actions);
    void perform(consensus::Broadcast& action);
    void perform(consensus::SendTo& action);
    void perform(const consensus::SetTimer& action);
    void perform(const consensus::CancelTimer& action);
    void perform(const consensus::RequestProposal& action);
    void perform(const consensus::ValidateBlock& action);
    void perform(const consensus::ReadFinalized& action);

    std::unique_ptr<consensus::Simplex> m_simplex;
    Hooks m_hooks;
    std::unordered_map<consensus::TimerToken, std::unique_ptr<QTimer>> m_timers;
    std::function<void(const consensus::Vote&)> m_cheat;
    bool m_failed{ false };
};

} // namespace loam::node
