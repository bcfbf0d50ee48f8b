// SPDX-License-Identifier: GPL-3.0-or-later
#include "node/consensus_driver.h"

#include "consensus/message.h"
#include "node/log.h"

#include <QPointer>

namespace loam::node {

using namespace consensus;

ConsensusDriver::ConsensusDriver(std::unique_ptr<Simplex> simplex, Hooks hooks)
    : m_simplex{ std::move(simplex) }
    , m_hooks{ std::move(hooks) }
{
}

void ConsensusDriver::start()
{
    carryOut(m_simplex->start());
}

void ConsensusDriver::received(const base::PublicKey& from, base::ByteView message)
{
    carryOut(m_simplex->received(from, message));
}

void ConsensusDriver::wake()
{
    carryOut(m_simplex->wake());
}

void ConsensusDriver::misbehave(const crypto::KeyPair& key, const base::NetworkId& network)
{
    m_cheat = [this, &key, network](const Vote& vote) {
        Vote other = vote;
        other.block.data.front() ^= std::byte{ 1 };
        other.signature = key.sign(other.signedBytes(network));
        m_hooks.broadcast(encodeMessage(other));
    };
}

void ConsensusDriver::carryOut(Actions actions)
{
    if (m_failed || actions.empty()) {
        return;
    }
    ConsensusRecord record;
    for (Action& action : actions) {
        if (auto* vote = std::get_if<PersistVote>(&action)) {
            record.votes.push_back(std::move(vote->vote));
        } else if (auto* block = std::get_if<PersistBlock>(&action)) {
            record.blocks.push_back(std::move(*block));
        } else if (auto* certificate = std::get_if<PersistCertificate>(&action)) {
            record.certificates.push_back(std::move(certificate->certificate));
        } else if (auto* final = std::get_if<Finalized>(&action)) {
            record.finalized.push_back(std::move(*final));
        }
    }
    if (!record.empty()) {
        if (auto stored = m_hooks.persist(record); !stored) {
            m_failed = true;
            m_timers.clear();
            qCCritical(lcConsensus).noquote()
                << "consensus stopped:" << QString::fromStdString(stored.error().message);
            m_hooks.failed(stored.error());
            return;
        }
    }
    for (Action& action : actions) {
        std::visit(
            [this](auto& one) {
                using Kind = std::decay_t<decltype(one)>;
                if constexpr (std::is_same_v<Kind, EvidenceFound>) {
                    m_hooks.evidence(one.evidence);
                } else if constexpr (std::is_same_v<Kind, PeerFault>) {
                    m_hooks.fault(one.peer, one.error);
                } else if constexpr (
                    !std::is_same_v<Kind,
                        PersistVote> && !std::is_same_v<Kind, PersistBlock> && !std::is_same_v<Kind, PersistCertificate> && !std::is_same_v<Kind, Finalized>) {
                    perform(one);
                }
            },
            action);
    }
    if (m_cheat) {
        for (const Vote& vote : record.votes) {
            if (vote.kind == VoteKind::Notarize) {
                m_cheat(vote);
            }
        }
    }
    if (!record.finalized.empty()) {
        m_hooks.advanced();
    }
}

void ConsensusDriver::perform(Broadcast& action)
{
    m_hooks.broadcast(std::move(action.message));
}

void ConsensusDriver::perform(SendTo& action)
{
    m_hooks.send(action.peer, std::move(action.message));
}

void ConsensusDriver::perform(const SetTimer& action)
{
    auto timer = std::make_unique<QTimer>();
    timer->setSingleShot(true);
    const TimerToken token = action.token;
    connect(timer.get(), &QTimer::timeout, this, [this, token] {
        // The timer object must outlive its own signal.
        if (const auto found = m_timers.find(token); found != m_timers.end()) {
            found->second.release()->deleteLater();
            m_timers.erase(found);
        }
        carryOut(m_simplex->timerFired(token));
    });
    timer->start(action.duration);
    m_timers[token] = std::move(timer);
}

void ConsensusDriver::perform(const CancelTimer& action)
{
    m_timers.erase(action.token);
}

void ConsensusDriver::perform(const RequestProposal& action)
{
    carryOut(m_simplex->proposalReady(action.height, action.parent, m_hooks.propose(action)));
}

void ConsensusDriver::perform(const ValidateBlock& action)
{
    m_hooks.validate(action, [self = QPointer{ this }, hash = action.hash](bool ok) {
        if (self) {
            self->carryOut(self->m_simplex->validated(hash, ok));
        }
    });
}

void ConsensusDriver::perform(const ReadFinalized& action)
{
    const ledger::FinalRecords record = m_hooks.read(action.from);
    carryOut(m_simplex->finalizedRead(action.peer, record.blocks, record.certificate));
}

} // namespace loam::node
