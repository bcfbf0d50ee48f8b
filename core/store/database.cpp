// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/database.h"

#include "base/narrow.h"
#include "base/scope_guard.h"
#include "store/native.h"

#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

namespace loam::store {

using base::Errc;
using base::fail;
using base::Result;

namespace {

    /// Makes an absent file readable by its owner only; SQLite gives its journal the same rights.
    void makePrivate(const std::filesystem::path& path)
    {
        // An existing file is left alone: closing a descriptor of it would drop SQLite's locks.
        const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (fd >= 0) {
            ::close(fd);
        }
    }

    Result<sqlite3*> openHandle(const std::string& name)
    {
        sqlite3* handle = nullptr;
        const int code = sqlite3_open_v2(name.c_str(), &handle,
            SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX
                | SQLITE_OPEN_EXRESCODE,
            nullptr);
        if (code != SQLITE_OK) {
            auto failure = native::error(handle, code);
            sqlite3_close_v2(handle);
            failure.value().message += " (" + name + ")";
            return failure;
        }
        return handle;
    }

    Result<> syncFolder(const std::filesystem::path& folder)
    {
        const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0) {
            return fail(Errc::Io, "cannot open the folder " + folder.string());
        }
        const base::ScopeGuard closer{ [fd] { ::close(fd); } };
        if (::fsync(fd) != 0) {
            return fail(Errc::Io, "cannot flush the folder " + folder.string());
        }
        return {};
    }

    /// Copies all pages of `from` into the file `name`.
    Result<> copyPages(sqlite3* from, const std::string& name)
    {
        TRY_ASSIGN(sqlite3* const to, openHandle(name));
        const base::ScopeGuard closer{ [to] { sqlite3_close_v2(to); } };
        sqlite3_backup* const backup = sqlite3_backup_init(to, "main", from, "main");
        if (backup == nullptr) {
            return native::error(to, sqlite3_extended_errcode(to));
        }
        const int step = sqlite3_backup_step(backup, -1);
        const int finish = sqlite3_backup_finish(backup);
        if (step != SQLITE_DONE || finish != SQLITE_OK) {
            return native::error(to, finish != SQLITE_OK ? finish : step);
        }
        return {};
    }

} // namespace

Result<std::unique_ptr<Database>> Database::open(
    const std::filesystem::path& path, const OpenOptions& options)
{
    makePrivate(path);
    TRY_ASSIGN(sqlite3* const handle, openHandle(path.string()));
    std::unique_ptr<Database> database{ new Database{ handle } };
    TRY(database->configure(options, path));
    TRY(database->migrate(options, path));
    return database;
}

Result<std::unique_ptr<Database>> Database::openInMemory(const OpenOptions& options)
{
    TRY_ASSIGN(sqlite3* const handle, openHandle(":memory:"));
    std::unique_ptr<Database> database{ new Database{ handle } };
    TRY(database->configure(options, {}));
    TRY(database->migrate(options, {}));
    return database;
}

Database::~Database()
{
    // Statements may outlive us: then the handle closes with the last of them.
    sqlite3_close_v2(m_handle);
}

Result<Statement> Database::prepare(std::string_view sql)
{
    sqlite3_stmt* statement = nullptr;
    const int code = sqlite3_prepare_v3(m_handle, sql.data(), base::narrow<int>(sql.size()),
        SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
    if (code != SQLITE_OK) {
        return native::error(m_handle, code);
    }
    if (statement == nullptr) {
        return fail(Errc::Invalid, "the statement is empty");
    }
    return Statement{ statement };
}

Result<> Database::execute(const char* sql)
{
    const int code = sqlite3_exec(m_handle, sql, nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) {
        return native::error(m_handle, code);
    }
    return {};
}

Result<> Database::transaction(const std::function<Result<>()>& body)
{
    TRY(execute("BEGIN IMMEDIATE"));
    const base::ScopeGuard undo{ [this] {
        // Some failures, a full disk among them, have rolled back already.
        if (sqlite3_get_autocommit(m_handle) == 0) {
            sqlite3_exec(m_handle, "ROLLBACK", nullptr, nullptr, nullptr);
        }
    } };
    TRY(body());
    if (sqlite3_get_autocommit(m_handle) != 0) {
        return fail(Errc::Invalid, "the transaction was ended from within");
    }
    return execute("COMMIT");
}

std::int64_t Database::lastInsertId() const
{
    return sqlite3_last_insert_rowid(m_handle);
}

std::int64_t Database::changedRows() const
{
    return sqlite3_changes64(m_handle);
}

Result<> Database::backupTo(const std::filesystem::path& path)
{
    // Under another name first: a backup that carries its name is a whole one.
    const std::filesystem::path temporary = path.string() + ".part";
    const auto forget = [&temporary] {
        std::error_code ignored;
        std::filesystem::remove(temporary, ignored);
        std::filesystem::remove(temporary.string() + "-journal", ignored);
        std::filesystem::remove(temporary.string() + "-wal", ignored);
    };
    forget();
    base::ScopeGuard remover{ forget };
    makePrivate(temporary);
    TRY(copyPages(m_handle, temporary.string()));
    std::error_code code;
    std::filesystem::rename(temporary, path, code);
    if (code) {
        return fail(Errc::Io, "cannot write the backup " + path.string() + ": " + code.message());
    }
    remover.dismiss();
    return syncFolder(path.has_parent_path() ? path.parent_path() : ".");
}

} // namespace loam::store
