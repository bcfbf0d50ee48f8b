// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/bytes.h"
#include "base/clock.h"
#include "node/chat_store.h"
#include "store/database.h"
#include "swarm/swarm.h"

#include <string>
#include <vector>

namespace loam::node {

/// A run this node takes part in and the folders it trains on.
struct JoinedRun
{
    base::Hash256 run;
    std::vector<std::string> corpora;
};

/// One point of a measured series.
struct MetricPoint
{
    base::UnixTime time;
    double value{ 0 };
};

/// node.db: what this node remembers besides the ledger. Losing it costs convenience, not money.
class NodeStore
{
public:
    static base::Result<std::unique_ptr<NodeStore>> open(const std::filesystem::path& path);

    base::Result<> rememberEndpoint(const swarm::Endpoint& endpoint, base::UnixTime seen);
    /// The most recently seen first.
    base::Result<std::vector<swarm::Endpoint>> endpoints(std::size_t limit);

    base::Result<> setJoined(const JoinedRun& run);
    base::Result<> removeJoined(const base::Hash256& run);
    base::Result<std::vector<JoinedRun>> joinedRuns();

    base::Result<> addMetric(std::string_view name, const MetricPoint& point);
    /// At most `limit` points since the time, oldest first; the newest win.
    base::Result<std::vector<MetricPoint>> metrics(
        std::string_view name, base::UnixTime since, std::size_t limit);

    ChatStore& chats() { return m_chats; }

private:
    explicit NodeStore(std::unique_ptr<store::Database> database)
        : m_database{ std::move(database) }
        , m_chats{ *m_database }
    {
    }
    std::unique_ptr<store::Database> m_database;
    ChatStore m_chats;
};

} // namespace loam::node
