// SPDX-License-Identifier: GPL-3.0-or-later
#include "consensus/round.h"

#include "crypto/ed25519.h"

#include <algorithm>

namespace loam::consensus {

using base::Errc;
using base::fail;

namespace {

    std::size_t slot(VoteKind kind)
    {
        return static_cast<std::size_t>(kind) - 1;
    }

} // namespace

std::map<ValidatorIndex, Vote>& Round::votesOf(VoteKind kind)
{
    return votes[slot(kind)];
}

const std::map<ValidatorIndex, Vote>& Round::votesOf(VoteKind kind) const
{
    return votes[slot(kind)];
}

const Vote* Round::voteBy(VoteKind kind, ValidatorIndex voter) const
{
    const auto found = votesOf(kind).find(voter);
    return found == votesOf(kind).end() ? nullptr : &found->second;
}

std::optional<Certificate>& Round::certificate(VoteKind kind)
{
    return kind == VoteKind::Notarize ? notarized
        : kind == VoteKind::Nullify   ? nullified
                                      : finalized;
}

const std::optional<Certificate>& Round::certificate(VoteKind kind) const
{
    return kind == VoteKind::Notarize ? notarized
        : kind == VoteKind::Nullify   ? nullified
                                      : finalized;
}

bool Round::hasActivity() const
{
    return proposal.has_value()
        || std::any_of(votes.begin(), votes.end(), [](const auto& kind) { return !kind.empty(); });
}

std::size_t Round::itemsHeld() const
{
    std::size_t count = 0;
    for (const auto& kind : votes) {
        count += kind.size();
    }
    for (const std::optional<Certificate>* held : { &notarized, &nullified, &finalized }) {
        count += held->has_value() ? 1U : 0U;
    }
    return count + (proposal ? 1U : 0U);
}

VoteBook::VoteBook(const ValidatorSet& validators, const base::NetworkId& network, Verifier verify)
    : m_validators{ validators }
    , m_network{ network }
    , m_verify{ verify ? std::move(verify) : Verifier{ crypto::verify } }
{
}

base::Result<> VoteBook::checkVoter(const Vote& vote) const
{
    if (vote.epoch != m_validators.epoch) {
        return fail(Errc::Invalid, "vote of epoch " + std::to_string(vote.epoch));
    }
    if (vote.voter >= m_validators.members.size()) {
        return fail(Errc::Invalid, "vote by unknown validator " + std::to_string(vote.voter));
    }
    return {};
}

bool VoteBook::isSigned(const Vote& vote) const
{
    return m_verify(m_validators.members[vote.voter], vote.signedBytes(m_network), vote.signature);
}

void VoteBook::file(Round& round, const Vote& vote, std::vector<Evidence>& evidence) const
{
    const auto [held, isNew] = round.votesOf(vote.kind).try_emplace(vote.voter, vote);
    const auto report = [&](const Vote& other) {
        std::optional<Evidence> found = Evidence::of(other, vote);
        if (found && round.reported.emplace(vote.voter, vote.kind).second) {
            evidence.push_back(*std::move(found));
        }
    };
    if (!isNew) {
        report(held->second);
        return;
    }
    if (vote.kind == VoteKind::Notarize) {
        return;
    }
    const VoteKind opposite
        = vote.kind == VoteKind::Nullify ? VoteKind::Finalize : VoteKind::Nullify;
    if (const Vote* other = round.voteBy(opposite, vote.voter)) {
        report(*other);
    }
}

base::Result<bool> VoteBook::add(
    Round& round, const Vote& vote, std::vector<Evidence>& evidence) const
{
    TRY(checkVoter(vote));
    const Vote* held = round.voteBy(vote.kind, vote.voter);
    if (held != nullptr
        && (held->block == vote.block || round.reported.count({ vote.voter, vote.kind }) != 0)) {
        return false;
    }
    const std::optional<Certificate>& certificate = round.certificate(vote.kind);
    if (held == nullptr && certificate && certificate->block == vote.block) {
        // The quorum stands already: a late vote is not worth a verification.
        return false;
    }
    if (!isSigned(vote)) {
        return fail(Errc::Invalid, "vote with a wrong signature");
    }
    file(round, vote, evidence);
    return held == nullptr;
}

base::Result<bool> VoteBook::add(
    Round& round, const Certificate& certificate, std::vector<Evidence>& evidence) const
{
    const std::optional<Certificate>& held = round.certificate(certificate.kind);
    if (held && held->block == certificate.block) {
        return false;
    }
    TRY(certificate.checkShape(m_validators));
    std::optional<base::Bytes> message;
    for (std::size_t i = 0; i < certificate.voters.size(); ++i) {
        const Vote* known = round.voteBy(certificate.kind, certificate.voters[i]);
        if (known != nullptr && known->block == certificate.block
            && known->signature == certificate.signatures[i]) {
            continue;
        }
        if (!message) {
            message = certificate.voteOf(i).signedBytes(m_network);
        }
        if (!m_verify(
                m_validators.members[certificate.voters[i]], *message, certificate.signatures[i])) {
            return fail(Errc::Invalid, "certificate with a wrong signature");
        }
    }
    for (std::size_t i = 0; i < certificate.voters.size(); ++i) {
        file(round, certificate.voteOf(i), evidence);
    }
    if (held) {
        // Two certificates of one kind at one height: more than a third of the validators lie.
        // The evidence names them; the first certificate stays.
        return false;
    }
    round.certificate(certificate.kind) = certificate;
    return true;
}

std::optional<Certificate> VoteBook::assemble(
    const Round& round, VoteKind kind, const base::Hash256& block) const
{
    if (round.certificate(kind)) {
        return std::nullopt;
    }
    Certificate out{ kind, m_validators.epoch, 0, block, {}, {} };
    for (const auto& [voter, vote] : round.votesOf(kind)) {
        if (vote.block == block && out.voters.size() < m_validators.quorum()) {
            out.height = vote.height;
            out.voters.push_back(voter);
            out.signatures.push_back(vote.signature);
        }
    }
    if (out.voters.size() < m_validators.quorum()) {
        return std::nullopt;
    }
    return out;
}

} // namespace loam::consensus
