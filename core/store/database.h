// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/bytes.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

struct sqlite3;
struct sqlite3_stmt;

namespace loam::store {

class Database;

/// A prepared statement. Bind parameters from 1 on, step through the rows, reset, use again.
/// Belongs to the thread of its database.
class Statement
{
public:
    Statement(Statement&&) noexcept;
    Statement& operator=(Statement&&) noexcept;
    ~Statement();

    Statement& bind(int parameter, std::int64_t value);
    Statement& bind(int parameter, std::string_view value);
    Statement& bind(int parameter, base::ByteView value);
    Statement& bindNull(int parameter);

    /// True while there is a row; false at the end, after which the statement is reset.
    base::Result<bool> step();
    /// Runs a statement that returns no rows, then resets it.
    base::Result<> run();
    void reset();

    std::int64_t integer(int column) const;
    std::string text(int column) const;
    base::Bytes blob(int column) const;
    bool isNull(int column) const;

private:
    friend class Database;
    explicit Statement(sqlite3_stmt* statement)
        : m_statement{ statement }
    {
    }
    Statement& noteBind(int code);
    sqlite3_stmt* m_statement;
    int m_bindCode{ 0 };
};

/// One step of a schema's history.
struct Migration
{
    std::int64_t version; ///< user_version afterwards; ascending from 1
    const char* sql; ///< one or more statements
};

/// How much a commit costs and promises.
enum class Durability {
    Full, ///< survives power loss once committed (synchronous=FULL)
    Normal, ///< survives a crash of the program, may lose the last commits at power loss
};

struct OpenOptions
{
    std::int32_t applicationId{ 0 }; ///< refuses files of another application
    std::span<const Migration> migrations;
    Durability durability{ Durability::Full };
};

/// An SQLite database in WAL mode with foreign keys on, exclusively locked by this process.
/// A newer schema is refused with a clear message; before a migration the file is backed up
/// beside itself ("<name>.v<version>.bak"). One thread.
class Database
{
public:
    /// Corrupt when the integrity check fails, Unavailable when another process holds the file,
    /// Invalid when the file is newer than this program or belongs to another one.
    static base::Result<std::unique_ptr<Database>> open(
        const std::filesystem::path& path, const OpenOptions& options);
    static base::Result<std::unique_ptr<Database>> openInMemory(const OpenOptions& options);
    ~Database();
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    base::Result<Statement> prepare(std::string_view sql);
    /// Runs statements without parameters or rows.
    base::Result<> execute(const char* sql);
    /// Runs `body` inside BEGIN IMMEDIATE ... COMMIT; rolls back when it fails. Not nestable.
    base::Result<> transaction(const std::function<base::Result<>()>& body);
    std::int64_t lastInsertId() const;
    std::int64_t changedRows() const;
    /// Copies the whole database into a new file with SQLite's online backup.
    base::Result<> backupTo(const std::filesystem::path& path);
    base::Result<std::int64_t> version();

private:
    explicit Database(sqlite3* handle)
        : m_handle{ handle }
    {
    }
    base::Result<> configure(const OpenOptions& options, const std::filesystem::path& path);
    base::Result<> migrate(const OpenOptions& options, const std::filesystem::path& path);
    sqlite3* m_handle;
};

} // namespace loam::store
