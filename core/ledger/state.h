// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ledger/records.h"
#include "ledger/state_tree.h"

namespace loam::ledger {

/// Typed reading and writing of the ledger's state: a StateTree below, changes on top, and a
/// journal that takes back a transaction that failed half-way. Reads see the changes. A record
/// that does not decode is an invariant broken by us: trees come from execution or from a
/// database whose root was checked.
class State
{
public:
    explicit State(StateTree base)
        : m_base{ std::move(base) }
    {
    }

    Account account(const base::PublicKey& key) const; ///< empty when unknown
    std::optional<NodeRecord> node(const base::PublicKey& key) const;
    std::optional<SlashRecord> slash(const base::PublicKey& key) const;
    std::optional<Run> run(const RunId& id) const;
    base::Bytes manifest(const RunId& id) const; ///< empty when unknown
    std::optional<Member> member(const RunId& run, const base::PublicKey& node) const;
    std::vector<base::PublicKey> members(const RunId& run) const; ///< ascending
    std::vector<base::PublicKey> vestingHolders(const RunId& run) const; ///< ascending
    Totals totals() const;

    void put(const base::PublicKey& key, const Account& account);
    void put(const base::PublicKey& key, const NodeRecord& node);
    void put(const base::PublicKey& key, const SlashRecord& slash);
    void put(const Run& run);
    void putManifest(const RunId& run, const base::Bytes& manifest);
    void put(const RunId& run, const Member& member);
    void putMembers(const RunId& run, const std::vector<base::PublicKey>& members);
    void putVestingHolders(const RunId& run, const std::vector<base::PublicKey>& holders);
    void put(const Totals& totals);

    /// A point to come back to.
    std::size_t mark() const { return m_journal.size(); }
    void rollback(std::size_t mark);

    const StateChanges& changes() const { return m_changes; }
    /// The tree with all changes.
    StateTree tree() const { return m_base.with(m_changes); }

    /// First byte of the keys of each kind of record, for range scans over the stored state.
    static constexpr char kAccountPrefix = 'a';
    static constexpr char kNodePrefix = 'n';
    static constexpr char kRunPrefix = 'r';

private:
    struct Undo
    {
        base::Bytes key;
        std::optional<std::optional<base::Bytes>> previous; ///< none: the key was unchanged
    };
    const base::Bytes* find(base::ByteView key) const;
    void write(base::Bytes key, std::optional<base::Bytes> value);

    StateTree m_base;
    StateChanges m_changes;
    std::vector<Undo> m_journal;
};

} // namespace loam::ledger
