// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "consent/grant.h"
#include "consent/privacy_cost.h"
#include "crypto/merkle.h"
#include "store/database.h"

#include <map>
#include <set>
#include <span>
#include <string>

namespace loam::consent {

/// What happened. The numbers are part of the hashed entries.
enum class UseKind : std::uint8_t {
    Granted = 1,
    Revoked = 2,
    Charged = 3, ///< privacy cost was spent, before anything was released
    Used = 4, ///< one file's text was handed to a trainer
    SourceAdded = 5,
    SourceRemoved = 6,
    TermsChanged = 7,
    Refused = 8, ///< a run asked and got nothing; `note` says why
};

std::string_view useKindName(UseKind kind);

/// One leaf of the local log. Fields that do not apply are zero or empty.
struct UseEntry
{
    std::uint64_t index{ 0 };
    base::UnixTime time;
    UseKind kind{ UseKind::Used };
    GrantId grant;
    RunId run;
    std::uint64_t round{ 0 };
    SourceId source{ 0 };
    std::string path;
    base::Hash256 contents; ///< SHA-256 of the file as used
    std::uint64_t tokens{ 0 };
    MicroRho cost;
    std::string note;

    base::Bytes encode() const;
    static base::Result<UseEntry> decode(base::ByteView bytes);
};

/// Which entries to list.
struct UseQuery
{
    std::uint64_t offset{ 0 };
    std::uint64_t limit{ 100 };
    bool oldestFirst{ false };
};

/// The owner's own record of everything that happened with his data: entries are only appended,
/// hashed as an RFC 6962 tree, and kept when sources and grants are gone. Same thread as the
/// database.
class UseLog
{
public:
    /// Reads and hashes all entries; Corrupt when one is missing or damaged.
    static base::Result<UseLog> load(store::Database& database);

    std::uint64_t size() const { return m_tree.size(); }
    base::Hash256 root() const { return m_tree.root(); }

    /// Inside the caller's transaction. Numbers the entries; the tree follows by adopt() once the
    /// transaction has been committed.
    base::Result<std::vector<base::Hash256>> store(std::span<UseEntry> entries);
    void adopt(std::span<const base::Hash256> leaves, std::span<const UseEntry> entries);

    /// Rounds of a run that were paid for, under whatever grant.
    const std::set<std::uint64_t>& chargedRounds(const RunId& run) const;

    base::Result<std::vector<UseEntry>> entries(const UseQuery& query);
    /// Hashes every entry again and compares with the tree; Corrupt, naming the first that differs.
    base::Result<> verify();
    base::Result<std::vector<base::Hash256>> inclusionProof(std::uint64_t index) const
    {
        return m_tree.inclusionProof(index, m_tree.size());
    }
    base::Result<std::vector<base::Hash256>> consistencyProof(std::uint64_t from) const
    {
        return m_tree.consistencyProof(from, m_tree.size());
    }

private:
    explicit UseLog(store::Database& database)
        : m_database{ &database }
    {
    }
    void note(const UseEntry& entry);

    store::Database* m_database;
    crypto::MerkleTree m_tree;
    std::map<RunId, std::set<std::uint64_t>> m_charged;
};

} // namespace loam::consent
