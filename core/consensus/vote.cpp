// SPDX-License-Identifier: GPL-3.0-or-later
#include "consensus/core.h"

#include <algorithm>

namespace loam::consensus {

using base::Errc;

bool Simplex::Core::isLeader() const
{
    return m_self && m_config.validators.leader(m_height) == *m_self;
}

const Round* Simplex::Core::findRound(Height height) const
{
    const auto found = m_rounds.find(height);
    return found == m_rounds.end() ? nullptr : &found->second;
}

const Vote* Simplex::Core::ownVote(Height height, VoteKind kind) const
{
    const Round* known = findRound(height);
    return m_self && known != nullptr ? known->voteBy(kind, *m_self) : nullptr;
}

void Simplex::Core::report(const std::vector<Evidence>& evidence)
{
    for (const Evidence& found : evidence) {
        act(EvidenceFound{ found });
    }
}

// ---- What arrives

void Simplex::Core::heardOf(Height height, const base::PublicKey& sender)
{
    if (height < m_height) {
        return;
    }
    awaken();
    // One height of lead is the ordinary race between a vote and the certificate before it.
    if (height > m_height + 1) {
        addCandidate(sender, height);
    }
}

bool Simplex::Core::takeVote(const base::PublicKey& sender, const Vote& vote)
{
    if (vote.epoch != m_config.validators.epoch || vote.height <= m_finalHeight || !m_self) {
        return true;
    }
    if (vote.height > m_height + kVoteWindow) {
        // Not filed, but a signature shows that the claim is a validator's.
        if (!vote.verify(m_config.validators, m_config.network)) {
            fault(sender, base::Error{ Errc::Invalid, "vote with a wrong signature" });
            return false;
        }
        heardOf(vote.height, sender);
        return true;
    }
    std::vector<Evidence> evidence;
    const base::Result<bool> isNew = m_book.add(round(vote.height), vote, evidence);
    report(evidence);
    if (!isNew) {
        fault(sender, isNew.error());
        return false;
    }
    if (*isNew) {
        heardOf(vote.height, sender);
        afterVote(vote.height, vote.kind, vote.block);
    }
    return true;
}

void Simplex::Core::afterVote(Height height, VoteKind kind, const base::Hash256& block)
{
    Round& known = round(height);
    std::optional<Certificate> certificate = m_book.assemble(known, kind, block);
    if (certificate) {
        known.certificate(kind) = certificate;
        filed(*std::move(certificate), Forward::Yes);
    }
}

bool Simplex::Core::takeCertificate(
    const base::PublicKey& sender, const Certificate& certificate, Forward forward)
{
    if (certificate.epoch != m_config.validators.epoch || certificate.height <= m_finalHeight) {
        return true;
    }
    std::vector<Evidence> evidence;
    const bool isKnown = m_rounds.count(certificate.height) != 0;
    const base::Result<bool> isNew = m_book.add(round(certificate.height), certificate, evidence);
    report(evidence);
    if (!isNew) {
        if (!isKnown) {
            m_rounds.erase(certificate.height);
        }
        fault(sender, isNew.error());
        return false;
    }
    if (*isNew) {
        filed(certificate, forward);
        if (certificate.height > m_height || (!m_self && !m_missing.empty())) {
            addCandidate(sender, certificate.height + 1);
        }
    }
    return true;
}

void Simplex::Core::filed(Certificate certificate, Forward forward)
{
    ++m_progress;
    const bool isFinal = certificate.kind == VoteKind::Finalize;
    if (certificate.kind != VoteKind::Nullify) {
        certify(certificate.block);
    }
    if (!isFinal) {
        act(PersistCertificate{ certificate });
    }
    if (forward == Forward::Yes && (isFinal || certificate.height >= m_height)) {
        forwardCertificate(certificate);
    }
}

void Simplex::Core::takeProposal(const base::PublicKey& sender, const Proposal& proposal)
{
    const Vote& vote = proposal.vote;
    if (vote.epoch != m_config.validators.epoch || vote.height <= m_finalHeight) {
        return;
    }
    if (vote.voter != m_config.validators.leader(vote.height)) {
        fault(sender, base::Error{ Errc::Invalid, "proposal by a validator that does not lead" });
        return;
    }
    for (const Certificate& certificate : proposal.justification) {
        if (certificate.height >= vote.height) {
            fault(sender, base::Error{ Errc::Invalid, "justification from above the proposal" });
            return;
        }
    }
    // A follower does not vote, so only a body that is asked for matters to it.
    takeBody(proposal.block);
    if (!m_self || !takeVote(sender, vote)) {
        return;
    }
    for (const Certificate& certificate : proposal.justification) {
        if (!takeCertificate(sender, certificate, Forward::Yes)) {
            return;
        }
    }
    // The justification may have finished lower heights.
    while (tryFinalize() || tryLeave()) { }
    if (vote.height < m_height || vote.height > m_height + kProposalWindow) {
        return;
    }
    // Whoever files here holds the leader's first vote: another block's signature did not count.
    Round& known = round(vote.height);
    const Vote* first = known.voteBy(VoteKind::Notarize, vote.voter);
    if (!known.proposal && first != nullptr && first->block == proposal.block.hash) {
        known.proposal = proposal.block;
    }
    if (vote.height == m_height && !isCertified(proposal.block.block->parent)) {
        addCandidate(sender, vote.height);
    }
}

// ---- What we say

Vote Simplex::Core::castVote(VoteKind kind, Height height, const base::Hash256& block)
{
    Vote vote{ kind, m_config.validators.epoch, height, block, *m_self, {} };
    vote.signature = m_config.self->sign(vote.signedBytes(m_config.network));
    round(height).votesOf(kind).emplace(*m_self, vote);
    act(PersistVote{ vote });
    return vote;
}

bool Simplex::Core::castFinalizeVotes()
{
    if (!m_self) {
        return false;
    }
    bool completed = false;
    for (auto& [height, known] : m_rounds) {
        // Not before the body is here, so that it is on disk wherever finality was promised.
        if (!known.notarized || known.finalized || m_blocks.count(known.notarized->block) == 0
            || ownVote(height, VoteKind::Nullify) != nullptr
            || ownVote(height, VoteKind::Finalize) != nullptr) {
            continue;
        }
        const Vote vote = castVote(VoteKind::Finalize, height, known.notarized->block);
        act(Broadcast{ encodeMessage(vote) });
        afterVote(height, vote.kind, vote.block);
        completed = completed || known.finalized.has_value();
    }
    return completed;
}

void Simplex::Core::considerProposal()
{
    const auto found = m_rounds.find(m_height);
    if (!m_self || found == m_rounds.end()) {
        return;
    }
    Round& known = found->second;
    if (!known.proposal || ownVote(m_height, VoteKind::Notarize) != nullptr) {
        return;
    }
    if (known.check == Round::Check::Passed) {
        const base::Hash256 hash = known.proposal->hash;
        const Vote vote = castVote(VoteKind::Notarize, m_height, hash);
        m_wanted = false;
        act(Broadcast{ encodeMessage(vote) });
        afterVote(m_height, vote.kind, hash);
        return;
    }
    if (known.check != Round::Check::None) {
        return;
    }
    const BlockPtr& block = known.proposal->block;
    std::optional<std::vector<BlockPtr>> ancestors = chainTo(block->parent);
    if (!ancestors) {
        return;
    }
    const Height parent = ancestors->empty() ? m_finalHeight : ancestors->back()->height;
    if (parent >= m_height || !areDummies(parent, m_height)) {
        return;
    }
    known.check = Round::Check::Asked;
    act(ValidateBlock{ block, known.proposal->hash, *std::move(ancestors) });
}

void Simplex::Core::validated(const base::Hash256& block, bool ok)
{
    for (auto& [height, known] : m_rounds) {
        if (known.proposal && known.proposal->hash == block && known.check == Round::Check::Asked) {
            known.check = ok ? Round::Check::Passed : Round::Check::Failed;
        }
    }
    advance();
}

void Simplex::Core::considerProposing()
{
    if (!isLeader() || !m_awake || m_requested == m_height
        || ownVote(m_height, VoteKind::Notarize) != nullptr) {
        return;
    }
    const auto parent = bestParent();
    if (!parent) {
        return;
    }
    m_requested = m_height;
    m_requestedParent = parent->second;
    act(RequestProposal{ m_height, parent->second, *chainTo(parent->second) });
}

void Simplex::Core::proposalReady(Height height, const base::Hash256& parent, base::Bytes payload)
{
    if (height != m_height || m_requested != height || m_requestedParent != parent
        || payload.size() > kMaxPayload || ownVote(height, VoteKind::Notarize) != nullptr
        || !chainTo(parent)) {
        return;
    }
    Round& known = round(height);
    known.proposal
        = HashedBlock::of(Block{ height, m_config.validators.epoch, parent, std::move(payload) });
    known.check = Round::Check::Passed;
    castVote(VoteKind::Notarize, height, known.proposal->hash);
    m_wanted = false;
    act(Broadcast{ encodeMessage(proposalMessage(height)) });
    afterVote(height, VoteKind::Notarize, known.proposal->hash);
    advance();
}

Proposal Simplex::Core::proposalMessage(Height height) const
{
    const Round& known = *findRound(height);
    Proposal out{ *known.proposal, *ownVote(height, VoteKind::Notarize), {} };
    const auto parent = m_blocks.find(known.proposal->block->parent);
    const Height parentHeight = parent == m_blocks.end() ? m_finalHeight : parent->second->height;
    for (Height at = height; at-- > parentHeight && out.justification.size() < kMaxCertificates;) {
        const VoteKind kind = at == parentHeight ? VoteKind::Notarize : VoteKind::Nullify;
        if (const Round* below = findRound(at); below != nullptr && below->certificate(kind)) {
            out.justification.push_back(*below->certificate(kind));
        }
    }
    // A parent that is final for us may be unknown to others.
    if (parentHeight == m_finalHeight && m_finalBy && out.justification.size() < kMaxCertificates) {
        out.justification.push_back(*m_finalBy);
    }
    return out;
}

} // namespace loam::consensus
