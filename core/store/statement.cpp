// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/database.h"
#include "store/native.h"

#include <utility>

namespace loam::store {

Statement::Statement(Statement&& other) noexcept
    : m_statement{ std::exchange(other.m_statement, nullptr) }
    , m_bindCode{ other.m_bindCode }
{
}

Statement& Statement::operator=(Statement&& other) noexcept
{
    std::swap(m_statement, other.m_statement);
    std::swap(m_bindCode, other.m_bindCode);
    return *this;
}

Statement::~Statement()
{
    sqlite3_finalize(m_statement);
}

Statement& Statement::noteBind(int code)
{
    // Reported by the next step, so that binds can be chained.
    if (m_bindCode == SQLITE_OK) {
        m_bindCode = code;
    }
    return *this;
}

Statement& Statement::bind(int parameter, std::int64_t value)
{
    return noteBind(sqlite3_bind_int64(m_statement, parameter, value));
}

Statement& Statement::bind(int parameter, std::string_view value)
{
    // A null pointer would bind NULL instead of an empty text.
    const char* const data = value.empty() ? "" : value.data();
    return noteBind(sqlite3_bind_text64(
        m_statement, parameter, data, value.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
}

Statement& Statement::bind(int parameter, base::ByteView value)
{
    if (value.empty()) {
        return noteBind(sqlite3_bind_zeroblob(m_statement, parameter, 0));
    }
    return noteBind(
        sqlite3_bind_blob64(m_statement, parameter, value.data(), value.size(), SQLITE_TRANSIENT));
}

Statement& Statement::bindNull(int parameter)
{
    return noteBind(sqlite3_bind_null(m_statement, parameter));
}

base::Result<bool> Statement::step()
{
    sqlite3* const handle = sqlite3_db_handle(m_statement);
    if (m_bindCode != SQLITE_OK) {
        const int code = std::exchange(m_bindCode, SQLITE_OK);
        reset();
        return base::fail(base::Errc::Invalid,
            std::string{ "a parameter of a statement cannot be bound: " } + sqlite3_errstr(code));
    }
    const int code = sqlite3_step(m_statement);
    if (code == SQLITE_ROW) {
        return true;
    }
    if (code == SQLITE_DONE) {
        reset();
        return false;
    }
    auto failure = native::error(handle, code);
    reset();
    return failure;
}

base::Result<> Statement::run()
{
    TRY_ASSIGN(const bool row, step());
    reset();
    if (row) {
        return base::fail(base::Errc::Invalid, "a statement that should return nothing has rows");
    }
    return {};
}

void Statement::reset()
{
    sqlite3_reset(m_statement);
}

std::int64_t Statement::integer(int column) const
{
    return sqlite3_column_int64(m_statement, column);
}

std::string Statement::text(int column) const
{
    const unsigned char* const data = sqlite3_column_text(m_statement, column);
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(m_statement, column));
    return data == nullptr ? std::string{}
                           : std::string{ reinterpret_cast<const char*>(data), size };
}

base::Bytes Statement::blob(int column) const
{
    const auto* const data
        = static_cast<const std::byte*>(sqlite3_column_blob(m_statement, column));
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(m_statement, column));
    return data == nullptr ? base::Bytes{} : base::Bytes{ data, data + size };
}

bool Statement::isNull(int column) const
{
    return sqlite3_column_type(m_statement, column) == SQLITE_NULL;
}

} // namespace loam::store
