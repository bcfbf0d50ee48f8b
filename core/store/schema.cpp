// SPDX-License-Identifier: GPL-3.0-or-later
// Opening: checks, settings and migrations of a database.
#include "base/require.h"
#include "base/scope_guard.h"
#include "store/database.h"
#include "store/native.h"

namespace loam::store {

using base::Errc;
using base::fail;
using base::Result;

namespace {

    /// First column of the first row.
    Result<std::int64_t> ask(Database& database, std::string_view sql)
    {
        TRY_ASSIGN(Statement statement, database.prepare(sql));
        TRY_ASSIGN(const bool row, statement.step());
        if (!row) {
            return fail(Errc::Invalid, "a question to the database has no answer");
        }
        return statement.integer(0);
    }

    Result<std::string> askText(Database& database, std::string_view sql)
    {
        TRY_ASSIGN(Statement statement, database.prepare(sql));
        TRY_ASSIGN(const bool row, statement.step());
        return row ? statement.text(0) : std::string{};
    }

    Result<> checkIntegrity(Database& database, const std::filesystem::path& path)
    {
        TRY_ASSIGN(const std::string verdict, askText(database, "PRAGMA quick_check(1)"));
        if (verdict != "ok") {
            return fail(Errc::Corrupt,
                "the database " + path.string() + " is damaged (" + verdict
                    + "); move it away and restore a backup, or start without it to fetch it anew");
        }
        return {};
    }

    /// Settings of one connection that cannot be bound as parameters.
    constexpr const char* kSettings = "PRAGMA foreign_keys=ON;"
                                      "PRAGMA trusted_schema=OFF;"
                                      "PRAGMA cell_size_check=ON;"
                                      "PRAGMA temp_store=MEMORY;";

} // namespace

Result<std::int64_t> Database::version()
{
    return ask(*this, "PRAGMA user_version");
}

Result<> Database::configure(const OpenOptions& options, const std::filesystem::path& path)
{
    // Before anything is written: is it ours, and do we know this schema?
    TRY(execute("PRAGMA locking_mode=EXCLUSIVE"));
    TRY_ASSIGN(const std::int64_t application, ask(*this, "PRAGMA application_id"));
    TRY_ASSIGN(const std::int64_t tables, ask(*this, "SELECT count(*) FROM sqlite_schema"));
    TRY_ASSIGN(const std::int64_t found, version());
    const bool fresh = application == 0 && tables == 0 && found == 0;
    if (!fresh && application != options.applicationId) {
        return fail(Errc::Invalid,
            "the file " + path.string() + " belongs to another application and is left alone");
    }
    const std::int64_t known = options.migrations.empty() ? 0 : options.migrations.back().version;
    if (found > known) {
        return fail(Errc::Invalid,
            "the database " + path.string() + " was written by a newer version of Loam (schema "
                + std::to_string(found) + ", this one knows " + std::to_string(known)
                + "); update Loam");
    }
    // Exclusive locking before WAL keeps the index in memory: no shared file, no second process.
    TRY_ASSIGN(const std::string mode, askText(*this, "PRAGMA journal_mode=WAL"));
    if (mode != "wal" && !path.empty()) {
        return fail(Errc::Io, "the file system of " + path.string() + " does not allow a WAL");
    }
    TRY(execute(options.durability == Durability::Full ? "PRAGMA synchronous=FULL"
                                                       : "PRAGMA synchronous=NORMAL"));
    TRY(execute(kSettings));
    sqlite3_db_config(m_handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    // Takes the lock for good, also in a file that nobody has written to yet.
    TRY(execute("BEGIN IMMEDIATE; COMMIT"));
    return checkIntegrity(*this, path);
}

Result<> Database::migrate(const OpenOptions& options, const std::filesystem::path& path)
{
    TRY_ASSIGN(const std::int64_t found, version());
    const std::int64_t latest = options.migrations.empty() ? 0 : options.migrations.back().version;
    if (found > 0 && found < latest && !path.empty()) {
        TRY(backupTo(path.string() + ".v" + std::to_string(found) + ".bak"));
    }
    // A migration may rebuild a table that others refer to; references are checked at its end.
    TRY(execute("PRAGMA foreign_keys=OFF"));
    const base::ScopeGuard restore{ [this] {
        sqlite3_exec(m_handle, "PRAGMA foreign_keys=ON", nullptr, nullptr, nullptr);
    } };
    std::int64_t previous = 0;
    for (const Migration& migration : options.migrations) {
        ASSERT(migration.version > previous);
        previous = migration.version;
        if (migration.version <= found) {
            continue;
        }
        const auto body = [&]() -> Result<> {
            TRY(execute(migration.sql));
            TRY_ASSIGN(const std::string broken, askText(*this, "PRAGMA foreign_key_check"));
            if (!broken.empty()) {
                return fail(Errc::Corrupt, "the table " + broken + " refers to missing rows");
            }
            const std::string stamp = "PRAGMA user_version=" + std::to_string(migration.version)
                + ";PRAGMA application_id=" + std::to_string(options.applicationId);
            return execute(stamp.c_str());
        };
        if (Result<> done = transaction(body); !done) {
            return tl::unexpected{ std::move(done).error().context("migration of "
                + (path.empty() ? "a database in memory" : path.string()) + " to schema "
                + std::to_string(migration.version)) };
        }
    }
    return {};
}

} // namespace loam::store
