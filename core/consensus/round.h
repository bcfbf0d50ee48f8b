// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "consensus/message.h"
#include "consensus/simplex.h"

#include <array>
#include <map>
#include <set>

namespace loam::consensus {

/// What is known about one height above the final one. Holds only what was verified.
struct Round
{
    enum class Check { None, Asked, Passed, Failed };

    /// By kind: the first vote of each validator.
    std::array<std::map<ValidatorIndex, Vote>, 3> votes;
    std::optional<Certificate> notarized;
    std::optional<Certificate> nullified;
    std::optional<Certificate> finalized;
    /// The first proposal of the leader and where it stands with the application.
    std::optional<HashedBlock> proposal;
    Check check{ Check::None };
    /// Double votes are reported once for each voter and kind.
    std::set<std::pair<ValidatorIndex, VoteKind>> reported;

    std::map<ValidatorIndex, Vote>& votesOf(VoteKind kind);
    const std::map<ValidatorIndex, Vote>& votesOf(VoteKind kind) const;
    const Vote* voteBy(VoteKind kind, ValidatorIndex voter) const;
    std::optional<Certificate>& certificate(VoteKind kind);
    const std::optional<Certificate>& certificate(VoteKind kind) const;
    /// True with any certificate: everyone may go on to the next height.
    bool isDecided() const { return notarized || nullified || finalized; }
    /// Something was said about this height.
    bool hasActivity() const;
    /// Votes, certificates and proposals held.
    std::size_t itemsHeld() const;
};

/// Checks votes and certificates and files them in rounds: each signature is verified once.
class VoteBook
{
public:
    VoteBook(const ValidatorSet& validators, const base::NetworkId& network, Verifier verify);

    const ValidatorSet& validators() const { return m_validators; }
    /// Files a vote. True when it was new and counts; false when it was known, not needed any
    /// more, or contradicts an earlier one, which is then appended to `evidence`. Fails with
    /// Invalid on a wrong epoch, voter or signature.
    base::Result<bool> add(Round& round, const Vote& vote, std::vector<Evidence>& evidence) const;
    /// Verifies a certificate and files it with its votes. True when it was new.
    base::Result<bool> add(
        Round& round, const Certificate& certificate, std::vector<Evidence>& evidence) const;
    /// The certificate of a kind and block, as soon as a quorum of votes is filed.
    std::optional<Certificate> assemble(
        const Round& round, VoteKind kind, const base::Hash256& block) const;

private:
    base::Result<> checkVoter(const Vote& vote) const;
    bool isSigned(const Vote& vote) const;
    void file(Round& round, const Vote& vote, std::vector<Evidence>& evidence) const;

    ValidatorSet m_validators;
    base::NetworkId m_network;
    Verifier m_verify;
};

} // namespace loam::consensus
