// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/bech32m.h"
#include "node/log.h"
#include "node/network_session.h"

#include <algorithm>

// The part of a session that consensus calls: storing, building, checking and announcing blocks.
namespace loam::node {

namespace {

    base::UnixTime wallTime()
    {
        return base::SystemClock{}.now();
    }

} // namespace

base::Result<> NetworkSession::persist(const ConsensusRecord& record)
{
    ledger::JournalBatch batch;
    batch.votes = record.votes;
    batch.certificates = record.certificates;
    for (const consensus::PersistBlock& block : record.blocks) {
        batch.blocks.push_back(*block.block);
    }
    TRY(m_ledger->persist(batch));
    for (const consensus::Finalized& finalized : record.finalized) {
        TRY(makeFinal(finalized));
    }
    return {};
}

base::Result<> NetworkSession::makeFinal(const consensus::Finalized& finalized)
{
    TRY(executeChain(finalized.blocks));
    TRY_ASSIGN(auto info, m_ledger->finalize(*finalized.blocks.back(), finalized.certificate));
    m_news.push_back(std::move(info));
    return {};
}

base::Result<> NetworkSession::executeChain(std::span<const consensus::BlockPtr> blocks)
{
    for (const consensus::BlockPtr& block : blocks) {
        TRY(m_ledger->execute(*block, wallTime()));
    }
    return {};
}

base::Bytes NetworkSession::propose(const consensus::RequestProposal& request)
{
    if (auto ready = executeChain(request.ancestors); !ready) {
        qCWarning(lcConsensus).noquote()
            << "cannot build on the parent:" << QString::fromStdString(ready.error().message);
    }
    std::vector<ledger::SignedTx> candidates = m_mempool->candidates();
    const ledger::Signer signer{ m_config.key, m_config.genesis };
    std::uint64_t sequence = m_mempool->nextSequence(m_config.key.publicKey());
    for (ledger::CloseRound& closure : m_rounds->readyClosures()) {
        // Behind this node's own waiting transactions, whose numbers come first.
        auto signedClosure = signer.sign(sequence, std::move(closure));
        if (signedClosure) {
            ++sequence;
            candidates.push_back(std::move(*signedClosure));
        } else {
            qCCritical(lcTraining).noquote()
                << "cannot sign a closure:" << QString::fromStdString(signedClosure.error().text);
        }
    }
    auto built = m_ledger->buildPayload(request.parent, request.height, wallTime(), candidates);
    if (!built) {
        qCWarning(lcConsensus).noquote()
            << "cannot build a block:" << QString::fromStdString(built.error().message);
        return {};
    }
    m_mempool->drop(built->refused);
    return std::move(built->payload);
}

void NetworkSession::validate(
    const consensus::ValidateBlock& request, std::function<void(bool)> done)
{
    auto ready = executeChain(request.ancestors);
    auto executed = ready ? m_ledger->execute(*request.block, wallTime())
                          : base::Result<ledger::ExecutedInfo>{ tl::unexpected{ ready.error() } };
    if (!executed) {
        qCWarning(lcConsensus).noquote()
            << "block of height" << request.block->height
            << "refused:" << QString::fromStdString(executed.error().message);
        done(false);
        return;
    }
    // All closures must check out; the first wrong one decides.
    auto open = std::make_shared<std::size_t>(executed->closures.size());
    if (*open == 0) {
        done(true);
        return;
    }
    for (const ledger::PendingClosure& pending : executed->closures) {
        m_rounds->verify(pending.closure, [open, done](bool right) {
            if (*open == 0) {
                return;
            }
            *open = right ? *open - 1 : 0;
            if (!right || *open == 0) {
                done(right);
            }
        });
    }
}

ledger::FinalRecords NetworkSession::readFinal(consensus::Height from)
{
    auto records = m_ledger->finalRecords(from);
    if (!records) {
        qCWarning(lcConsensus).noquote()
            << "cannot read blocks:" << QString::fromStdString(records.error().message);
        return {};
    }
    return std::move(*records);
}

void NetworkSession::advanced()
{
    bool mine = false;
    for (const ledger::FinalizedInfo& info : std::exchange(m_news, {})) {
        m_mempool->onFinalized(info, wallTime());
        mine = mine
            || std::any_of(info.changes.begin(), info.changes.end(),
                [this](const ledger::AccountChange& change) {
                    return change.account == m_config.key.publicKey();
                });
        announceClosures(info);
    }
    std::vector<base::PublicKey> peers;
    for (const swarm::PeerInfo& peer : m_swarm->peers()) {
        peers.push_back(peer.id);
    }
    passFinalityOn(peers);
    cosign();
    keepMembership();
    m_rounds->advance();
    Q_EMIT blockFinalized(static_cast<qint64>(m_ledger->height()));
    if (mine) {
        Q_EMIT walletChanged();
    }
    // Queued: where one validator is enough, waking at once would never return from here.
    QMetaObject::invokeMethod(this, &NetworkSession::wakeIfNeeded, Qt::QueuedConnection);
}

void NetworkSession::wakeIfNeeded()
{
    if (isValidator() && (m_mempool->size() > 0 || !m_rounds->readyClosures().empty())) {
        m_consensus->wake();
    }
}

void NetworkSession::passFinalityOn(std::span<const base::PublicKey> peers)
{
    const auto certificate = m_consensus->simplex().finalizedBy();
    if (!certificate) {
        return;
    }
    const consensus::ValidatorSet validators = m_ledger->validatorSet();
    const base::Bytes message = consensus::Simplex::certificateMessage(*certificate);
    for (const base::PublicKey& peer : peers) {
        // Validators have it from one another.
        if (std::ranges::find(validators.members, peer) == validators.members.end()) {
            m_swarm->send(peer, swarm::Channel::Consensus, message);
        }
    }
}

void NetworkSession::announceClosures(const ledger::FinalizedInfo& info)
{
    for (const consensus::Block& block : info.blocks) {
        const auto payload = ledger::BlockPayload::decode(block.payload);
        if (!payload) {
            continue;
        }
        for (const base::Bytes& bytes : payload->transactions) {
            const auto tx = ledger::SignedTx::decode(bytes);
            const auto* closure = tx ? std::get_if<ledger::CloseRound>(&tx->body()) : nullptr;
            if (closure == nullptr) {
                continue;
            }
            QJsonObject earned;
            for (const ledger::AuditEntry& entry : info.entries) {
                if (entry.kind == ledger::AuditKind::UpdateAccepted && entry.run == closure->run
                    && entry.round == closure->round) {
                    earned[QString::fromStdString(base::toAddress(entry.subject))]
                        = QString::fromStdString(entry.amount.toString());
                }
            }
            m_rounds->closed(*closure, earned);
            if (m_config.misbehave) {
                // Not before: a node that votes twice at once is shut out of the run, and nobody
                // would see its updates refused.
                m_consensus->misbehave(m_config.key, m_ledger->networkId());
            }
        }
    }
}

} // namespace loam::node
