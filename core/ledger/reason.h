// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace loam::ledger {

/// Why a transaction was not taken. Stable numbers and names: docs/protocol-ledger.md lists them.
enum class Reason : std::uint8_t {
    Malformed = 1, ///< bytes are not a transaction, or a field is out of bounds
    BadSignature = 2, ///< signature fits neither this key nor this network
    SequenceUsed = 3, ///< the sender's sequence number was used already (replay)
    SequenceGap = 4, ///< an earlier sequence number of the sender is missing
    FeeTooLow = 5, ///< below the network's fee for this kind
    InsufficientFunds = 6, ///< balance does not cover amount and fee
    AmountInvalid = 7, ///< zero or negative where a positive sum is needed
    Overflow = 8, ///< a sum would leave the range of 64 bits
    SelfTransfer = 9, ///< sender and receiver are the same account
    InsufficientBond = 10, ///< less is bonded than should be unbonded
    BondRequired = 11, ///< a validator's bond must not fall below the genesis' sum
    AlreadyRegistered = 12, ///< the node is registered
    NotRegistered = 13, ///< the sender must register as a node first
    WorkTooWeak = 14, ///< proof of work below the network's difficulty
    TooManyRegistrations = 15, ///< the block holds as many registrations as it may
    UnknownRun = 16, ///< no such run
    RunFinished = 17, ///< all rounds of the run are closed
    RunFull = 18, ///< the run has as many members as it takes
    AlreadyMember = 19, ///< the node is a member of the run
    NotMember = 20, ///< the node is not a member of the run
    RejoinTooSoon = 21, ///< left in this round; may return in a later one
    TermsInvalid = 22, ///< the run's terms contradict themselves or the network's bounds
    EmissionNotAllowed = 23, ///< only validators open runs that mint, within the network's cap
    RoundNotOpen = 24, ///< the run has no open round
    WrongRound = 25, ///< not the open round's number
    NotInRound = 26, ///< member, but takes part only from the next round on
    AlreadySubmitted = 27, ///< one update for a node and round
    TooLate = 28, ///< window and grace are over
    TooEarly = 29, ///< members may still submit
    NotValidator = 30, ///< only validators may send this
    WrongContributions = 31, ///< the list is not exactly what was submitted, in order
    WrongVoid = 32, ///< void below the quorum, and only then
    UnexpectedParams = 33, ///< parameters changed although nothing was accepted
    WeightInvalid = 34, ///< weight without acceptance or beyond the bound
    SlashedContribution = 35, ///< an update of a slashed node must be refused
    EvidenceInvalid = 36, ///< does not prove a double vote
    AlreadySlashed = 37, ///< the offender was punished before
    SenderSlashed = 38, ///< a slashed node may only move its free balance
    PoolFull = 39, ///< this node's pool of waiting transactions is full
    Duplicate = 40, ///< waiting already
    ReplacementFeeTooLow = 41, ///< to replace a waiting transaction the fee must be higher
};

/// Lower-case name, stable across versions: "sequence_used".
std::string_view reasonName(Reason reason);

/// A refused transaction: the code for programs, one sentence for people.
struct Refusal
{
    Reason reason{ Reason::Malformed };
    std::string text;

    /// Denied, "sequence_used: text".
    base::Error toError() const;
};

/// A value, or why the transaction was refused.
template <class T = void> using Outcome = tl::expected<T, Refusal>;

inline tl::unexpected<Refusal> refuse(Reason reason, std::string text)
{
    return tl::unexpected<Refusal>{ Refusal{ reason, std::move(text) } };
}

} // namespace loam::ledger
