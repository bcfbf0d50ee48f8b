// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/clock.h"
#include "swarm/events.h"
#include "swarm/shard_files.h"

#include <atomic>
#include <functional>
#include <map>

namespace loam::swarm {

/// The shards of this node: torrents that are seeded, fetched, checked and remembered. Lives on
/// the network thread; files are written on `disk`.
class ShardStore
{
public:
    ShardStore(lt::session& session, const ShardFiles& files, asio::thread_pool& disk,
        const base::Clock& clock, std::function<void(Event)> emit);

    /// Adds what was saved; after an unclean end every byte is checked again.
    void load(bool unclean);
    base::Result<ShardInfo> publish(
        std::shared_ptr<lt::torrent_info> torrent, const std::filesystem::path& folder);
    base::Result<ShardId> fetch(lt::add_torrent_params params, const std::filesystem::path& folder);
    base::Result<> verify(const ShardId& id);
    base::Result<> pause(const ShardId& id);
    base::Result<> resume(const ShardId& id);
    base::Result<> remove(const ShardId& id, FilesOnDisk files);
    std::vector<ShardStatus> list() const;

    /// The listening addresses of authenticated peers; they are asked for every shard we lack.
    void setPeers(std::vector<lt::tcp::endpoint> peers);
    /// False when the alert is not about a shard.
    bool handle(lt::alert& alert);
    void tick();
    /// Asks for resume data of everything that has changed.
    void saveAll();
    /// Answers that saveAll still waits for.
    std::size_t saving() const { return m_saving; }
    /// Whether every save so far worked.
    bool savedWell() const { return m_savedWell && *m_diskWorks; }

private:
    struct Shard
    {
        lt::torrent_handle handle;
        /// Every byte is there and checked, as far as we know.
        bool complete{ false };
        /// A full check must follow the one that libtorrent makes by itself.
        bool wantsCheck{ false };
        bool checking{ false };
        /// ShardComplete is due when it is complete.
        bool report{ true };
        std::string error;
        std::uint64_t reportedBytes{ 0 };
        base::MonotonicTime lastRepair;
    };
    using Shards = std::map<ShardId, Shard>;

    base::Result<Shards::iterator> find(const ShardId& id);
    Shards::iterator find(const lt::torrent_handle& handle);
    base::Result<Shards::iterator> add(
        const ShardId& id, lt::add_torrent_params params, Shard shard);
    void save(Shard& shard);
    void write(const ShardId& id, const Shard& shard, const lt::add_torrent_params& params);
    void startCheck(Shard& shard);
    void checked(Shards::iterator entry);
    void finished(Shards::iterator entry);
    void failed(Shards::iterator entry, base::Errc code, const std::string& message);
    void fileError(Shards::iterator entry, const lt::file_error_alert& alert);
    void connect(const Shard& shard) const;
    ShardStatus status(const ShardId& id, const Shard& shard) const;

    lt::session& m_session;
    const ShardFiles& m_files;
    asio::thread_pool& m_disk;
    const base::Clock& m_clock;
    std::function<void(Event)> m_emit;
    Shards m_shards;
    std::vector<lt::tcp::endpoint> m_peers;
    std::size_t m_saving{ 0 };
    std::shared_ptr<std::atomic<bool>> m_diskWorks{ std::make_shared<std::atomic<bool>>(true) };
    bool m_savedWell{ true };
    base::MonotonicTime m_nextSave;
    base::MonotonicTime m_nextProgress;
    base::MonotonicTime m_nextConnect;
};

} // namespace loam::swarm
