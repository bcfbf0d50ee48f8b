// SPDX-License-Identifier: GPL-3.0-or-later
#include "node/chat_store.h"

namespace loam::node {

using base::Errc;
using base::Result;

namespace {

    std::int64_t toMillis(base::UnixTime time)
    {
        return time.time_since_epoch().count();
    }

    base::UnixTime fromMillis(std::int64_t millis)
    {
        return base::UnixTime{ std::chrono::milliseconds{ millis } };
    }

    Conversation readConversation(const store::Statement& row)
    {
        return { row.integer(0), row.text(1), row.text(2), fromMillis(row.integer(3)) };
    }

    /// A pattern for LIKE that finds the text itself anywhere.
    std::string containing(std::string_view text)
    {
        std::string pattern{ '%' };
        for (const char letter : text) {
            if (letter == '%' || letter == '_' || letter == '\\') {
                pattern += '\\';
            }
            pattern += letter;
        }
        return pattern + '%';
    }

} // namespace

Result<Conversation> ChatStore::create(
    std::string_view title, std::string_view model, base::UnixTime now)
{
    TRY_ASSIGN(auto statement,
        m_database.prepare("INSERT INTO conversations (title, model, changed) VALUES (?, ?, ?)"));
    TRY(statement.bind(1, title).bind(2, model).bind(3, toMillis(now)).run());
    return Conversation{ m_database.lastInsertId(), std::string{ title }, std::string{ model },
        now };
}

Result<std::vector<Conversation>> ChatStore::list(std::string_view search, std::size_t limit)
{
    TRY_ASSIGN(auto statement,
        m_database.prepare("SELECT id, title, model, changed FROM conversations"
                           " WHERE title LIKE ?1 ESCAPE '\\' OR EXISTS (SELECT 1 FROM messages"
                           " WHERE conversation = conversations.id AND content LIKE ?1 ESCAPE '\\')"
                           " ORDER BY changed DESC, id DESC LIMIT ?2"));
    const std::string pattern = containing(search);
    statement.bind(1, pattern).bind(2, static_cast<std::int64_t>(limit));
    std::vector<Conversation> out;
    for (;;) {
        TRY_ASSIGN(const bool more, statement.step());
        if (!more) {
            return out;
        }
        out.push_back(readConversation(statement));
    }
}

Result<Conversation> ChatStore::conversation(std::int64_t id)
{
    TRY_ASSIGN(auto statement,
        m_database.prepare("SELECT id, title, model, changed FROM conversations WHERE id = ?"));
    statement.bind(1, id);
    TRY_ASSIGN(const bool isThere, statement.step());
    if (!isThere) {
        return base::fail(Errc::NotFound, "there is no conversation " + std::to_string(id));
    }
    return readConversation(statement);
}

Result<> ChatStore::touch(std::int64_t id, std::string_view model, base::UnixTime now)
{
    TRY_ASSIGN(auto statement,
        m_database.prepare("UPDATE conversations SET model = ?, changed = ? WHERE id = ?"));
    return statement.bind(1, model).bind(2, toMillis(now)).bind(3, id).run();
}

Result<> ChatStore::rename(std::int64_t id, std::string_view title)
{
    TRY_ASSIGN(
        auto statement, m_database.prepare("UPDATE conversations SET title = ? WHERE id = ?"));
    return statement.bind(1, title).bind(2, id).run();
}

Result<> ChatStore::remove(std::int64_t id)
{
    TRY_ASSIGN(auto statement, m_database.prepare("DELETE FROM conversations WHERE id = ?"));
    return statement.bind(1, id).run();
}

Result<> ChatStore::removeAll()
{
    return m_database.execute("DELETE FROM conversations");
}

Result<std::int64_t> ChatStore::append(std::int64_t conversation, const ChatEntry& entry)
{
    TRY_ASSIGN(auto statement,
        m_database.prepare("INSERT INTO messages (conversation, role, content, model, time, tokens,"
                           " milliseconds, ending, error) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"));
    TRY(statement.bind(1, conversation)
            .bind(2, std::string_view{ entry.role })
            .bind(3, std::string_view{ entry.content })
            .bind(4, std::string_view{ entry.model })
            .bind(5, toMillis(entry.time))
            .bind(6, entry.tokens)
            .bind(7, entry.milliseconds)
            .bind(8, std::string_view{ entry.end })
            .bind(9, std::string_view{ entry.error })
            .run());
    return m_database.lastInsertId();
}

Result<std::vector<ChatEntry>> ChatStore::entries(std::int64_t conversation)
{
    TRY_ASSIGN(auto statement,
        m_database.prepare("SELECT id, role, content, model, time, tokens, milliseconds, ending,"
                           " error FROM messages WHERE conversation = ? ORDER BY id"));
    statement.bind(1, conversation);
    std::vector<ChatEntry> out;
    for (;;) {
        TRY_ASSIGN(const bool more, statement.step());
        if (!more) {
            return out;
        }
        out.push_back({ statement.integer(0), statement.text(1), statement.text(2),
            statement.text(3), fromMillis(statement.integer(4)), statement.integer(5),
            statement.integer(6), statement.text(7), statement.text(8) });
    }
}

Result<> ChatStore::removeEntry(std::int64_t id)
{
    TRY_ASSIGN(auto statement, m_database.prepare("DELETE FROM messages WHERE id = ?"));
    return statement.bind(1, id).run();
}

} // namespace loam::node
