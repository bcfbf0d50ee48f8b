// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ledger/audit_entry.h"
#include "ledger/genesis.h"
#include "ledger/state.h"

namespace loam::ledger {

/// Registrations whose work one block may ask its validators to check (32 MiB and about 0.1 s
/// each).
inline constexpr std::uint32_t kMaxRegistrationsPerBlock = 8;

/// Why a balance changed.
enum class ChangeKind : std::uint8_t {
    Initial,
    Received,
    Sent,
    Fee,
    FeeIncome,
    Bonded,
    Unbonded,
    Reward,
    Vested,
    Slashed
};
std::string_view changeKindName(ChangeKind kind); ///< "reward"
std::optional<ChangeKind> changeKindFromName(std::string_view name);

/// One line of an account's history.
struct AccountChange
{
    base::PublicKey account;
    base::UnixTime time{};
    ChangeKind kind{ ChangeKind::Initial };
    base::Amount amount; ///< signed effect on the free balance
    base::Amount locked; ///< signed effect on bond and vesting
    base::Amount balance; ///< free balance afterwards
    std::optional<base::PublicKey> peer;
    std::string memo; ///< the payer's words, or facts behind the payment
    std::string reason; ///< why, as a code or formula in numbers
    std::uint64_t entry{ 0 }; ///< index in the audit log
    bool operator==(const AccountChange&) const = default;
};

/// What a transaction or a block did besides changing the state.
struct Effects
{
    std::vector<AuditEntry> entries; ///< `index` counts from Context::auditSize
    std::vector<AccountChange> changes;
};

/// What was checked about a transaction before, and need not be again.
enum class Precheck : std::uint8_t { None, SignatureAndWork };

/// Everything outside the state that a transaction's effect depends on. The genesis must outlive
/// it.
struct BlockContext
{
    const Genesis& genesis;
    base::NetworkId network;
    std::uint64_t height{ 0 };
    base::UnixTime time{};
    base::Hash256 parent; ///< hash of the parent block
    base::PublicKey proposer; ///< earns the fees
};

/// Executes the transactions of one block over a state, in order.
class BlockExecution
{
public:
    /// `auditSize`: leaves of the audit log before this block.
    BlockExecution(State state, const BlockContext& context, std::uint64_t auditSize);

    /// All or nothing: a refused transaction leaves no trace.
    Outcome<> apply(const SignedTx& tx, Precheck precheck = Precheck::None);
    /// Pays the collected fees to the proposer. Once, at the end.
    Outcome<> finish();

    const State& state() const { return m_state; }
    const Effects& effects() const { return m_effects; }

private:
    friend BlockExecution executeGenesis(const Genesis& genesis);
    Outcome<> applyChecked(const SignedTx& tx, Precheck precheck);

    State m_state;
    BlockContext m_context;
    std::uint64_t m_auditSize;
    std::uint32_t m_registrations{ 0 };
    base::Amount m_fees;
    Effects m_effects;
};

/// The state, entries and history that the genesis itself makes (height 0).
BlockExecution executeGenesis(const Genesis& genesis);

/// Fee that a transaction of this kind must at least pay: the genesis' fee for transfers, bonding
/// and opening a run; none for what is bounded otherwise (registration by work, updates by
/// rounds, closing by right, evidence by its being true).
base::Amount requiredFee(const TransactionBody& body, const Genesis& genesis);

/// A reward's split: `now` is paid at once, `parts[k]` when the k+1-th next round of the run
/// closes. total = floor(emission * weight / weights), now = total - floor(total / 2), and of the
/// vesting half v the first k of n parts make floor(v * k / n).
struct RewardSplit
{
    base::Amount total;
    base::Amount now;
    std::vector<base::Amount> parts; ///< n = vestingRounds entries
};
/// Weights in millionths; `weights` is the sum over all accepted, at least `weight` and above zero.
RewardSplit splitReward(
    base::Amount emission, std::int64_t weight, std::int64_t weights, std::uint32_t vestingRounds);

} // namespace loam::ledger
