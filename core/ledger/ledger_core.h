// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ledger/ledger.h"
#include "ledger/merkle_frontier.h"

#include <deque>
#include <map>
#include <unordered_set>

namespace loam::ledger {

/// Where a block leaves the ledger: what its children start from.
struct Position
{
    base::Hash256 hash;
    consensus::Height height{ 0 };
    base::UnixTime time{};
    StateTree tree;
    MerkleFrontier audit;
};

/// Remembers, within a bound, transactions whose signature and work were found right.
class CheckedCache
{
public:
    bool contains(const base::Hash256& id) const { return m_ids.contains(id); }
    void add(const base::Hash256& id);

private:
    static constexpr std::size_t kCapacity = 65'536;
    std::unordered_set<base::Hash256> m_ids;
    std::deque<base::Hash256> m_order;
};

/// What Ledger holds; internal to the module.
struct Ledger::Core
{
    /// A block that was executed and is not final yet.
    struct Executed
    {
        consensus::Block block;
        Position after;
        StateChanges changes;
        std::vector<AuditLog::Leaf> leaves;
        std::vector<AccountChange> history;
        std::vector<base::Hash256> transactions;
        ExecutedInfo info;
    };

    Core(const Genesis& founded, std::unique_ptr<store::Database> opened)
        : genesis{ founded }
        , network{ genesis.networkId() }
        , validators{ genesis.validatorSet() }
        , database{ std::move(opened) }
        , audit{ *database, network, validators }
    {
    }

    BlockContext context(
        const Position& parent, consensus::Height height, base::UnixTime time) const;
    /// Null when the block is neither the tip nor executed.
    const Position* position(const base::Hash256& block) const;
    const Position& head() const;
    /// Executes on a known parent and compares the roots.
    base::Result<Executed> run(
        const Position& parent, const consensus::Block& block, const base::Hash256& hash);
    static Executed foundation(const Genesis& genesis);
    static std::vector<AuditLog::Leaf> leavesOf(const Effects& effects);

    base::Result<> found();
    base::Result<> load();
    base::Result<> loadBlocks();
    base::Result<> loadState();
    void rerunJournal();

    base::Result<> storeBlock(const Executed& executed, const consensus::Certificate* certificate);
    base::Result<> storeState(const StateChanges& changes);
    base::Result<> storeHistory(std::span<const AccountChange> changes);
    base::Result<> pruneJournal(consensus::Height height);
    void forgetRivals();

    Genesis genesis;
    base::NetworkId network;
    consensus::ValidatorSet validators;
    std::unique_ptr<store::Database> database;
    AuditLog audit;
    Position tip;
    std::map<base::Hash256, Executed> executed;
    CheckedCache checked;
};

} // namespace loam::ledger
