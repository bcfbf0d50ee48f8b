// SPDX-License-Identifier: GPL-3.0-or-later
#include "node/node_store.h"

#include <algorithm>
#include <bit>

namespace loam::node {

namespace {

    constexpr std::int32_t kApplicationId = 0x4c6f4e64; // "LoNd"

    constexpr store::Migration kMigrations[] = {
        { 1,
            "CREATE TABLE endpoints (address TEXT NOT NULL, port INTEGER NOT NULL, seen INTEGER "
            "NOT NULL,"
            " PRIMARY KEY (address, port)) STRICT, WITHOUT ROWID;"
            "CREATE TABLE joined_runs (run BLOB PRIMARY KEY, corpora TEXT NOT NULL)"
            " STRICT, WITHOUT ROWID;"
            "CREATE TABLE metrics (name TEXT NOT NULL, time INTEGER NOT NULL, value INTEGER NOT "
            "NULL)"
            " STRICT;"
            "CREATE INDEX metrics_by_time ON metrics (name, time);" },
        { 2,
            "CREATE TABLE conversations (id INTEGER PRIMARY KEY AUTOINCREMENT, title TEXT NOT NULL,"
            " model TEXT NOT NULL, changed INTEGER NOT NULL) STRICT;"
            "CREATE INDEX conversations_by_change ON conversations (changed);"
            "CREATE TABLE messages (id INTEGER PRIMARY KEY AUTOINCREMENT,"
            " conversation INTEGER NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,"
            " role TEXT NOT NULL, content TEXT NOT NULL, model TEXT NOT NULL,"
            " time INTEGER NOT NULL, tokens INTEGER NOT NULL, milliseconds INTEGER NOT NULL,"
            " ending TEXT NOT NULL, error TEXT NOT NULL) STRICT;"
            "CREATE INDEX messages_by_conversation ON messages (conversation, id);" },
    };

    std::int64_t toMillis(base::UnixTime time)
    {
        return time.time_since_epoch().count();
    }

} // namespace

base::Result<std::unique_ptr<NodeStore>> NodeStore::open(const std::filesystem::path& path)
{
    TRY_ASSIGN(auto database,
        store::Database::open(path,
            { .applicationId = kApplicationId,
                .migrations = kMigrations,
                .durability = store::Durability::Normal }));
    return std::unique_ptr<NodeStore>{ new NodeStore{ std::move(database) } };
}

base::Result<> NodeStore::rememberEndpoint(const swarm::Endpoint& endpoint, base::UnixTime seen)
{
    TRY_ASSIGN(auto statement,
        m_database->prepare("INSERT INTO endpoints (address, port, seen) VALUES (?, ?, ?)"
                            " ON CONFLICT DO UPDATE SET seen = excluded.seen"));
    return statement.bind(1, endpoint.address)
        .bind(2, std::int64_t{ endpoint.port })
        .bind(3, toMillis(seen))
        .run();
}

base::Result<std::vector<swarm::Endpoint>> NodeStore::endpoints(std::size_t limit)
{
    TRY_ASSIGN(auto statement,
        m_database->prepare("SELECT address, port FROM endpoints ORDER BY seen DESC LIMIT ?"));
    statement.bind(1, static_cast<std::int64_t>(limit));
    std::vector<swarm::Endpoint> out;
    for (;;) {
        TRY_ASSIGN(const bool more, statement.step());
        if (!more) {
            return out;
        }
        out.push_back({ statement.text(0), static_cast<std::uint16_t>(statement.integer(1)) });
    }
}

base::Result<> NodeStore::setJoined(const JoinedRun& run)
{
    std::string folders;
    for (const std::string& folder : run.corpora) {
        folders += folder + '\n';
    }
    TRY_ASSIGN(auto statement,
        m_database->prepare("INSERT INTO joined_runs (run, corpora) VALUES (?, ?)"
                            " ON CONFLICT DO UPDATE SET corpora = excluded.corpora"));
    return statement.bind(1, run.run.view()).bind(2, folders).run();
}

base::Result<> NodeStore::removeJoined(const base::Hash256& run)
{
    TRY_ASSIGN(auto statement, m_database->prepare("DELETE FROM joined_runs WHERE run = ?"));
    return statement.bind(1, run.view()).run();
}

base::Result<std::vector<JoinedRun>> NodeStore::joinedRuns()
{
    TRY_ASSIGN(auto statement, m_database->prepare("SELECT run, corpora FROM joined_runs"));
    std::vector<JoinedRun> out;
    for (;;) {
        TRY_ASSIGN(const bool more, statement.step());
        if (!more) {
            return out;
        }
        TRY_ASSIGN(auto run, base::Hash256::from(statement.blob(0)));
        JoinedRun joined{ run, {} };
        std::string folders = statement.text(1);
        for (std::size_t begin = 0, end = 0; (end = folders.find('\n', begin)) != std::string::npos;
             begin = end + 1) {
            joined.corpora.push_back(folders.substr(begin, end - begin));
        }
        out.push_back(std::move(joined));
    }
}

base::Result<> NodeStore::addMetric(std::string_view name, const MetricPoint& point)
{
    TRY_ASSIGN(auto statement,
        m_database->prepare("INSERT INTO metrics (name, time, value) VALUES (?, ?, ?)"));
    // The bits, because the database layer speaks integers, text and blobs only.
    return statement.bind(1, name)
        .bind(2, toMillis(point.time))
        .bind(3, std::bit_cast<std::int64_t>(point.value))
        .run();
}

base::Result<std::vector<MetricPoint>> NodeStore::metrics(
    std::string_view name, base::UnixTime since, std::size_t limit)
{
    TRY_ASSIGN(auto statement,
        m_database->prepare("SELECT time, value FROM metrics WHERE name = ? AND time >= ?"
                            " ORDER BY time DESC LIMIT ?"));
    statement.bind(1, name).bind(2, toMillis(since)).bind(3, static_cast<std::int64_t>(limit));
    std::vector<MetricPoint> out;
    for (;;) {
        TRY_ASSIGN(const bool more, statement.step());
        if (!more) {
            std::reverse(out.begin(), out.end());
            return out;
        }
        out.push_back({ base::UnixTime{ std::chrono::milliseconds{ statement.integer(0) } },
            std::bit_cast<double>(statement.integer(1)) });
    }
}

} // namespace loam::node
