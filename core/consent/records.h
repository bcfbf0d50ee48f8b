// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "consent/owner_terms.h"
#include "consent/prepared_text.h"
#include "consent/use_log.h"
#include "store/database.h"

#include <filesystem>
#include <map>
#include <memory>
#include <optional>

namespace loam::consent {

/// A folder or a file the owner added.
struct Source
{
    SourceId id{ 0 };
    std::filesystem::path path; ///< absolute, without symbolic links when it was added
    std::vector<std::string> include;
    std::vector<std::string> exclude;
    base::UnixTime added;
};

/// A grant and what became of it.
struct GrantRecord
{
    Grant grant;
    base::Bytes envelope; ///< as signed
    std::optional<base::UnixTime> revoked;
    base::Bytes revocation; ///< signed; empty while the key was locked when it was revoked
    MicroRho spent;
};

/// consent.db: everything the owner decided and everything that was done with it. Writes are
/// durable when they return (synchronous=FULL). One thread; all times come from the clock given.
/// No text of a document is ever in it.
class Records
{
public:
    /// Corrupt, with the remedy, when the log or a grant does not verify.
    static base::Result<std::unique_ptr<Records>> open(
        const std::filesystem::path& path, const base::PublicKey& owner, const base::Clock& clock);
    static base::Result<std::unique_ptr<Records>> openInMemory(
        const base::PublicKey& owner, const base::Clock& clock);

    // Sources.
    /// Invalid for a missing path, a path inside another source, or a pattern that is none; Denied
    /// for a path that would take in the whole file system or Loam's own folder.
    base::Result<SourceId> addSource(const std::filesystem::path& path,
        const std::vector<std::string>& include, const std::vector<std::string>& exclude);
    base::Result<> setPatterns(SourceId source, const std::vector<std::string>& include,
        const std::vector<std::string>& exclude);
    /// Forgets the source, what was struck and seen of it, and revokes the grants that name it;
    /// what was used of it stays in the log, what was spent on it in the budget.
    base::Result<> removeSource(SourceId source, const crypto::KeyPair* key);
    base::Result<std::vector<Source>> sources();
    base::Result<Source> source(SourceId id);

    // Rules.
    base::Result<> addOwnPattern(std::string_view text);
    base::Result<> removeOwnPattern(std::string_view text);
    base::Result<std::vector<TextPattern>> ownPatterns();
    /// Strikes a file or a folder of a source; "" is all of it.
    base::Result<> strikePath(SourceId source, std::string_view path);
    base::Result<> unstrikePath(SourceId source, std::string_view path);
    base::Result<> strikeLine(SourceId source, std::string_view path, std::string_view line);
    base::Result<> unstrikeLine(SourceId source, std::string_view path, std::string_view line);
    base::Result<std::vector<std::string>> struckPaths(SourceId source);
    bool isStruck(SourceId source, std::string_view path);
    base::Result<TextRules> rulesFor(SourceId source, std::string_view path);
    /// All struck lines by source and path.
    base::Result<std::map<std::pair<std::int64_t, std::string>, std::set<base::Hash256>>>
    allStruckLines();
    /// Counts up whenever the owner's patterns change: texts prepared before are out of date.
    std::uint64_t rulesGeneration() const { return m_rulesGeneration; }

    OwnerTerms terms() const { return m_terms; }
    base::Result<> setTerms(const OwnerTerms& terms);

    // What the owner saw.
    base::Result<> markSeen(std::span<const FileSeen> files);
    base::Result<std::optional<FileSeen>> seen(SourceId source, std::string_view path);
    /// How many files, and the root over their leaves in order of source and path.
    struct SeenSummary
    {
        std::uint64_t files{ 0 };
        base::Hash256 root;
    };
    base::Result<SeenSummary> summariseSeen(std::span<const SourceId> sources);

    // Grants.
    /// Signs and stores; the id is made unless it is given, the version follows the last one.
    base::Result<Grant> grant(Grant wanted, const crypto::KeyPair& key);
    /// At once. Without a key the end counts all the same and is signed by signPending() later.
    base::Result<> revoke(const GrantId& id, const crypto::KeyPair* key);
    base::Result<> signPending(const crypto::KeyPair& key);
    /// Newest version of each, the newest first.
    std::vector<GrantRecord> grants() const;
    const GrantRecord* find(const GrantId& id) const;

    // The budget, in order: charge() before release.
    MicroRho spentOn(SourceId source) const;
    /// Writes the cost against the grant and all its sources in one transaction. Denied, naming
    /// what is exhausted, when a cap would be passed: then nothing is spent.
    base::Result<> charge(
        const Grant& grant, std::uint64_t round, MicroRho cost, const EffectiveTerms& terms);

    base::Result<> log(std::vector<UseEntry> entries);
    UseLog& uses() { return *m_uses; }
    base::Result<> backupTo(const std::filesystem::path& path)
    {
        return m_database->backupTo(path);
    }
    const base::Clock& clock() const { return m_clock; }
    const base::PublicKey& owner() const { return m_owner; }

private:
    Records(std::unique_ptr<store::Database> database, const base::PublicKey& owner,
        const base::Clock& clock);
    static base::Result<std::unique_ptr<Records>> load(
        base::Result<std::unique_ptr<store::Database>> database, const base::PublicKey& owner,
        const base::Clock& clock);
    base::Result<> loadTerms();
    base::Result<> loadGrants();
    base::Result<> loadBudget();
    /// Runs the changes and the log entries in one transaction; the log follows on success.
    base::Result<> commit(
        const std::function<base::Result<>()>& changes, std::vector<UseEntry> entries);
    /// Inside a transaction or alone: the rules are others from now on.
    base::Result<> rulesChanged();
    base::Result<> replacePatterns(SourceId source, const std::vector<std::string>& include,
        const std::vector<std::string>& exclude);
    base::Result<MicroRho> spentBelow(const std::filesystem::path& root);
    UseEntry entryOf(UseKind kind) const;
    UseEntry entryOf(UseKind kind, const Grant& grant) const;

    std::unique_ptr<store::Database> m_database;
    base::PublicKey m_owner;
    const base::Clock& m_clock;
    std::optional<UseLog> m_uses;
    OwnerTerms m_terms;
    base::Bytes m_salt;
    std::map<GrantId, GrantRecord> m_grants;
    std::map<std::int64_t, MicroRho> m_spent; ///< by source
    std::uint64_t m_rulesGeneration{ 0 };
};

} // namespace loam::consent
