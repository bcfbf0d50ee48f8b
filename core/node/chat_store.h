// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/clock.h"
#include "store/database.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace loam::node {

struct Conversation
{
    std::int64_t id{ 0 };
    std::string title;
    std::string model; ///< id of the model asked last
    base::UnixTime changed;
};

struct ChatEntry
{
    std::int64_t id{ 0 };
    std::string role; ///< user or assistant
    std::string content;
    std::string model; ///< that answered
    base::UnixTime time;
    std::int64_t tokens{ 0 };
    std::int64_t milliseconds{ 0 }; ///< spent on the answer's tokens
    std::string end; ///< of an answer: stop, length, cancelled or error
    std::string error;
};

/// The owner's conversations in node.db. They never leave this computer.
class ChatStore
{
public:
    /// `database` has the tables of NodeStore and outlives the store.
    explicit ChatStore(store::Database& database)
        : m_database{ database }
    {
    }

    base::Result<Conversation> create(
        std::string_view title, std::string_view model, base::UnixTime now);
    /// The latest first; `search` is looked for in titles and messages, case does not matter in
    /// ASCII.
    base::Result<std::vector<Conversation>> list(std::string_view search, std::size_t limit);
    /// NotFound when there is none.
    base::Result<Conversation> conversation(std::int64_t id);
    base::Result<> touch(std::int64_t id, std::string_view model, base::UnixTime now);
    base::Result<> rename(std::int64_t id, std::string_view title);
    /// With its messages.
    base::Result<> remove(std::int64_t id);
    base::Result<> removeAll();

    /// Returns the entry's id; `entry.id` is not read.
    base::Result<std::int64_t> append(std::int64_t conversation, const ChatEntry& entry);
    base::Result<std::vector<ChatEntry>> entries(std::int64_t conversation);
    /// Forgets an answer, so that another one takes its place.
    base::Result<> removeEntry(std::int64_t id);

private:
    store::Database& m_database;
};

} // namespace loam::node
