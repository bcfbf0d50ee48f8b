// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/clock.h"
#include "ledger/transaction.h"

#include <optional>

namespace loam::ledger {

/// A share of a reward that becomes free when the round `dueRound` of `run` closes.
struct VestingPart
{
    RunId run;
    std::uint64_t dueRound{ 0 };
    base::Amount amount;
    bool operator==(const VestingPart&) const = default;
};

/// The money of one key.
struct Account
{
    base::Amount balance; ///< free
    base::Amount bonded;
    std::uint64_t nextSequence{ 0 }; ///< of the next transaction
    std::vector<VestingPart> vesting; ///< ascending by run and due round
    bool operator==(const Account&) const = default;

    base::Amount vestingTotal() const;
    base::Bytes encode() const;
    static base::Result<Account> decode(base::ByteView bytes);
};

/// A registered node.
struct NodeRecord
{
    std::string name;
    std::uint64_t registeredAt{ 0 }; ///< height
    std::vector<RunId> runs; ///< it is a member of, ascending
    bool operator==(const NodeRecord&) const = default;

    base::Bytes encode() const;
    static base::Result<NodeRecord> decode(base::ByteView bytes);
};

/// That a key was caught in a double vote, and what it lost.
struct SlashRecord
{
    std::uint64_t height{ 0 }; ///< of the block with the evidence
    std::uint64_t offenceHeight{ 0 }; ///< of the two votes
    base::Amount bond;
    base::Amount vesting;
    bool operator==(const SlashRecord&) const = default;

    base::Bytes encode() const;
    static base::Result<SlashRecord> decode(base::ByteView bytes);
};

enum class RunPhase : std::uint8_t {
    Waiting = 0, ///< for members
    Open = 1, ///< a round is open
    Finished = 2,
};

/// A run and its current round.
struct Run
{
    RunId id; ///< is the key, not part of the encoding
    base::PublicKey opener;
    std::string name;
    RunTerms terms;
    RunPhase phase{ RunPhase::Waiting };
    std::uint64_t round{ 0 }; ///< open, or next to open
    base::Hash256 beacon; ///< SHA-256(parent block hash || run || round as u64 BE)
    base::UnixTime openedAt{}; ///< time of the block that opened the round
    std::uint32_t members{ 0 }; ///< now
    std::uint32_t expected{ 0 }; ///< members of the open round
    std::uint32_t submitted{ 0 }; ///< of them, updates submitted
    base::Hash256 params; ///< after the last closed round
    base::Bytes checkpoint; ///< after the last round that changed them
    std::uint64_t voidRounds{ 0 };
    base::Amount minted;
    std::int64_t lastLoss{ 0 }; ///< 10^-6 nats per byte after the last closed round
    bool operator==(const Run&) const = default;

    /// Last moment at which an update is taken.
    base::UnixTime deadline() const { return openedAt + terms.window + terms.grace; }
    std::uint32_t membersToStart() const;
    base::Bytes encode() const;
    static base::Result<Run> decode(const RunId& id, base::ByteView bytes);
};

struct Submission
{
    std::uint64_t round{ 0 };
    base::Hash256 commitment;
    std::uint64_t bytes{ 0 };
    std::uint64_t tokens{ 0 };
    bool operator==(const Submission&) const = default;
};

enum class Membership : std::uint8_t {
    Active = 0,
    Leaving = 1, ///< left after it submitted; counted until the round closes
    Left = 2,
    Excluded = 3, ///< slashed
};

/// A node in a run.
struct Member
{
    base::PublicKey node; ///< is the key, not part of the encoding
    Membership status{ Membership::Active };
    std::uint64_t firstRound{ 0 }; ///< it takes part in
    std::uint64_t leftRound{ 0 }; ///< number of the round in which it left
    std::optional<Submission> last;
    bool operator==(const Member&) const = default;

    /// Submitted in `round`.
    bool hasSubmitted(std::uint64_t round) const { return last && last->round == round; }
    base::Bytes encode() const;
    static base::Result<Member> decode(const base::PublicKey& node, base::ByteView bytes);
};

/// Sums that let anyone check that no money appears or disappears:
/// balances + bonds + vesting = initial + minted - burned.
struct Totals
{
    base::Amount initial;
    base::Amount minted;
    base::Amount burned;
    bool operator==(const Totals&) const = default;

    base::Bytes encode() const;
    static base::Result<Totals> decode(base::ByteView bytes);
};

} // namespace loam::ledger
