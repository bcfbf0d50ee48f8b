// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "swarm/lt.h"
#include "swarm/types.h"

namespace loam::swarm {

/// What is remembered of one shard between runs.
struct SavedShard
{
    lt::add_torrent_params params;
    /// Every piece had been verified.
    bool complete{ false };
    /// The files do not look as they did when this was saved: check them all.
    bool suspicious{ false };
};

/// The folder `torrents`: one resume file a shard, and a mark that stands while a swarm is
/// running. Thread-safe; nothing is kept in memory.
class ShardFiles
{
public:
    explicit ShardFiles(std::filesystem::path folder)
        : m_folder{ std::move(folder) }
    {
    }

    /// Makes the folder and sets the mark. True when the last run ended without removing it.
    base::Result<bool> open() const;
    /// Everything is saved: removes the mark.
    void close() const;
    /// Saves atomically, with size and time of change of each file.
    base::Result<> save(
        const ShardId& id, const lt::add_torrent_params& params, bool complete) const;
    void erase(const ShardId& id) const;
    /// Every saved shard that can be read; the others are reported in `problems`.
    std::vector<std::pair<ShardId, SavedShard>> load(std::vector<base::Error>& problems) const;

private:
    std::filesystem::path resumePath(const ShardId& id) const;
    std::filesystem::path markPath() const;

    std::filesystem::path m_folder;
};

} // namespace loam::swarm
