// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "consensus/simplex.h"
#include "ledger/audit_log.h"
#include "ledger/block_payload.h"
#include "ledger/execution.h"

#include <filesystem>
#include <memory>

namespace loam::ledger {

/// A decision about a round that a block would make final. Before voting for the block, a
/// validator recomputes the aggregation and compares every number of it.
struct PendingClosure
{
    base::Hash256 transaction;
    base::PublicKey sender;
    CloseRound closure;
    Run before; ///< the run as the closure found it
    std::vector<Member> members; ///< with their submissions of this round
};

/// A block that was executed and found right.
struct ExecutedInfo
{
    base::Hash256 block;
    consensus::Height height{ 0 };
    base::UnixTime time{};
    base::Hash256 stateRoot;
    base::Hash256 auditRoot;
    std::vector<PendingClosure> closures;
};

/// What became final by one certificate: the block it names and ancestors not final before.
struct FinalizedInfo
{
    std::vector<consensus::Block> blocks; ///< ascending; empty when it was final already
    std::vector<base::Hash256> transactions; ///< ids
    std::vector<AuditEntry> entries; ///< new in the audit log: the events
    std::vector<AccountChange> changes; ///< new in the accounts' histories
};

struct FinalBlock
{
    consensus::Block block;
    /// Present when this very block was finalised; an ancestor of such a block has none.
    std::optional<consensus::Certificate> certificate;
};

/// Whole records of finalisation in order, as consensus::ReadFinalized asks for them.
struct FinalRecords
{
    std::vector<consensus::BlockPtr> blocks;
    std::optional<consensus::Certificate> certificate; ///< of the last block
};

/// What consensus wants on disk before its next message leaves (PersistVote, PersistBlock,
/// PersistCertificate of one list of actions).
struct JournalBatch
{
    std::vector<consensus::Vote> votes;
    std::vector<consensus::Block> blocks;
    std::vector<consensus::Certificate> certificates;
};

struct RefusedTx
{
    base::Hash256 id;
    Refusal refusal;
};

struct BuiltPayload
{
    base::Bytes payload;
    std::size_t transactions{ 0 };
    std::vector<RefusedTx> refused; ///< left out for a reason of their own, not for size
};

struct HistoryQuery
{
    std::uint64_t offset{ 0 };
    std::uint64_t limit{ 100 }; ///< at most 10,000
    AuditOrder order{ AuditOrder::NewestFirst };
};

/// The ledger of one network: the final chain in ledger.db and, in memory, the executed blocks
/// that are not final yet, each with a state of its own. Any number of blocks may compete; making
/// one final drops its rivals. Belongs to one thread. Nothing is lost by kill -9 at any point: a
/// block with its state, audit entries and histories becomes final in one database transaction
/// (synchronous=FULL), and votes are on disk when persistVote() returns.
class Ledger
{
public:
    /// Blocks may be ahead of this node's clock by so much.
    static constexpr std::chrono::minutes kMaxClockLead{ 10 };
    static constexpr std::int32_t kApplicationId = 0x4C4F414D; ///< "LOAM"

    /// Opens or founds. Checks at start: the genesis is this one (Invalid otherwise), blocks are
    /// linked by their hashes, state and audit log have the agreed roots (Corrupt otherwise).
    /// Blocks in the journal are executed again.
    static base::Result<std::unique_ptr<Ledger>> open(
        const std::filesystem::path& path, const Genesis& genesis);
    static base::Result<std::unique_ptr<Ledger>> openInMemory(const Genesis& genesis);
    /// The genesis inside a ledger.db; NotFound when there is no such file.
    static base::Result<Genesis> readGenesis(const std::filesystem::path& path);
    ~Ledger();

    const Genesis& genesis() const;
    const base::NetworkId& networkId() const;
    consensus::ValidatorSet validatorSet() const;

    // The block tree
    /// A payload for a block of `height` on `parent` (final or executed): takes what is valid in
    /// the given order up to the size limit. Unavailable when the parent is unknown; a time before
    /// the parent's is raised to it.
    base::Result<BuiltPayload> buildPayload(const base::Hash256& parent, consensus::Height height,
        base::UnixTime time, std::span<const SignedTx> candidates);
    /// Checks a block completely and keeps its state. Idempotent. Unavailable: parent unknown or
    /// already behind the final chain; Invalid: anything wrong with the block itself.
    base::Result<ExecutedInfo> execute(const consensus::Block& block, base::UnixTime now);
    bool isExecuted(const base::Hash256& block) const; ///< or final and the tip
    /// Makes an executed block and its ancestors final. The certificate (Finalize, of this block)
    /// is verified. Unavailable when the block was not executed; nothing to do when it is final.
    base::Result<FinalizedInfo> finalize(
        const consensus::Block& block, const consensus::Certificate& certificate);

    // The final chain
    consensus::Height height() const; ///< of the tip; 0: only the genesis
    const base::Hash256& tip() const; ///< hash of the newest final block
    base::UnixTime tipTime() const;
    base::Hash256 stateRoot() const;
    base::Hash256 auditRoot() const;
    /// Final blocks above the genesis with from <= height <= to, ascending, at most `limit`.
    /// Heights whose view was nullified have no block.
    base::Result<std::vector<FinalBlock>> blocks(
        consensus::Height from, consensus::Height to, std::size_t limit = 64);
    /// Records from the one that holds the first final block of height `from` or above; at least
    /// one, then up to the limits. Empty when there is none.
    base::Result<FinalRecords> finalRecords(consensus::Height from,
        std::size_t maxBlocks = consensus::kFetchBlocks,
        std::size_t maxBytes = consensus::kFetchBytes);
    /// The certificate that made the block of this height final: its own or a descendant's.
    base::Result<consensus::Certificate> certificate(consensus::Height height);
    /// Executes everything again from the genesis, in memory, and compares all roots.
    base::Result<> replay();

    // The final state
    Account account(const base::PublicKey& key) const;
    std::optional<NodeRecord> node(const base::PublicKey& key) const;
    std::optional<SlashRecord> slash(const base::PublicKey& key) const;
    std::optional<Run> run(const RunId& id) const;
    base::Bytes manifest(const RunId& id) const;
    std::vector<Member> members(const RunId& run) const;
    std::optional<Member> member(const RunId& run, const base::PublicKey& node) const;
    base::Result<std::vector<Run>> runs();
    base::Result<std::vector<std::pair<base::PublicKey, NodeRecord>>> nodes();
    Totals totals() const;
    /// State after the highest executed block: what a new transaction will most likely meet.
    State headState() const;
    base::Hash256 head() const;
    /// Would this sequence of transactions be taken on the head at this time? The refusal is of
    /// the first that would not. Signatures are checked once per transaction.
    Outcome<> check(std::span<const SignedTx* const> transactions, base::UnixTime time);

    AuditLog& audit();
    /// Page of an account's history; see wallet.h for export.
    base::Result<std::vector<AccountChange>> history(
        const base::PublicKey& account, const HistoryQuery& query);
    base::Result<std::uint64_t> historySize(const base::PublicKey& account);

    // The journal of consensus
    /// All of the batch is on disk when it returns, in one transaction. Denied, and nothing
    /// written, when a vote contradicts one of the journal. Finalisation prunes what it settles.
    base::Result<> persist(const JournalBatch& batch);
    base::Result<> persistVote(const consensus::Vote& vote);
    /// What consensus needs to go on after a restart: the final tip and the journal above it.
    base::Result<consensus::Recovered> recovered();

private:
    struct Core;
    explicit Ledger(std::unique_ptr<Core> core);
    static base::Result<std::unique_ptr<Ledger>> start(
        std::unique_ptr<store::Database> database, const Genesis& genesis);
    std::unique_ptr<Core> m_core;
};

} // namespace loam::ledger
