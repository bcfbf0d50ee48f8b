// SPDX-License-Identifier: GPL-3.0-or-later
#include "swarm/shard_store.h"

#include "base/file.h"
#include "swarm/torrents.h"

#include <algorithm>

namespace loam::swarm {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using base::Errc;
using base::fail;

namespace {

    constexpr auto kSaveEvery = 30s;
    constexpr auto kProgressEvery = 500ms;
    constexpr auto kConnectEvery = 5s;
    constexpr auto kRepairEvery = 1min;
    constexpr std::size_t kMaxDialled = 50;

    lt::resume_data_flags_t saveFlags()
    {
        return lt::torrent_handle::save_info_dict | lt::torrent_handle::only_if_modified;
    }

    fs::path pathOf(const lt::torrent_status& status)
    {
        return fs::path{ status.save_path } / status.name;
    }

    /// Files that lack verified pieces, and how many bytes of them.
    std::pair<std::vector<fs::path>, std::uint64_t> missing(const lt::torrent_handle& handle)
    {
        std::pair<std::vector<fs::path>, std::uint64_t> out{ {}, 0 };
        const std::shared_ptr<const lt::torrent_info> torrent = handle.torrent_file();
        if (!torrent) {
            return out;
        }
        const std::string folder = handle.status(lt::torrent_handle::query_save_path).save_path;
        const std::vector<std::int64_t> done
            = handle.file_progress(lt::torrent_handle::piece_granularity);
        const lt::file_storage& files = torrent->files();
        for (const lt::file_index_t file : files.file_range()) {
            const std::int64_t have = done.at(static_cast<std::size_t>(static_cast<int>(file)));
            if (!files.pad_file_at(file) && have < files.file_size(file)) {
                out.first.emplace_back(files.file_path(file, folder));
                out.second += static_cast<std::uint64_t>(files.file_size(file) - have);
            }
        }
        return out;
    }

} // namespace

ShardStore::ShardStore(lt::session& session, const ShardFiles& files, asio::thread_pool& disk,
    const base::Clock& clock, std::function<void(Event)> emit)
    : m_session{ session }
    , m_files{ files }
    , m_disk{ disk }
    , m_clock{ clock }
    , m_emit{ std::move(emit) }
    , m_nextSave{ clock.monotonic() + kSaveEvery }
{
}

base::Result<ShardStore::Shards::iterator> ShardStore::find(const ShardId& id)
{
    const auto found = m_shards.find(id);
    if (found == m_shards.end()) {
        return fail(Errc::NotFound, "there is no shard " + id.value());
    }
    return found;
}

ShardStore::Shards::iterator ShardStore::find(const lt::torrent_handle& handle)
{
    return std::find_if(m_shards.begin(), m_shards.end(),
        [&handle](const auto& entry) { return entry.second.handle == handle; });
}

base::Result<ShardStore::Shards::iterator> ShardStore::add(
    const ShardId& id, lt::add_torrent_params params, Shard shard)
{
    // Whether and when a shard moves is the owner's decision, not that of a queue.
    params.flags &= ~lt::torrent_flags::auto_managed;
    params.flags |= lt::torrent_flags::duplicate_is_error;
    lt::error_code error;
    shard.handle = m_session.add_torrent(std::move(params), error);
    if (error) {
        return fail(Errc::Invalid, "the torrent is not accepted: " + error.message());
    }
    const auto entry = m_shards.insert_or_assign(id, std::move(shard)).first;
    connect(entry->second);
    return entry;
}

void ShardStore::load(bool unclean)
{
    std::vector<base::Error> problems;
    for (auto& [id, saved] : m_files.load(problems)) {
        Shard shard;
        shard.complete = saved.complete;
        shard.report = !saved.complete;
        shard.wantsCheck = unclean || saved.suspicious;
        if (auto added = add(id, std::move(saved.params), std::move(shard)); !added) {
            problems.push_back(std::move(added).error().context("shard " + id.value()));
        }
    }
    for (base::Error& problem : problems) {
        m_emit(Notice{ std::move(problem) });
    }
}

base::Result<ShardInfo> ShardStore::publish(
    std::shared_ptr<lt::torrent_info> torrent, const fs::path& folder)
{
    ShardInfo info = shardInfo(*torrent);
    if (m_shards.contains(info.id)) {
        return info;
    }
    lt::add_torrent_params params;
    params.ti = std::move(torrent);
    params.save_path = folder.string();
    params.flags &= ~lt::torrent_flags::paused;
    // Hashed a moment ago; each piece is hashed once more before it is first sent.
    params.flags |= lt::torrent_flags::seed_mode;
    Shard shard;
    shard.complete = true;
    shard.report = false;
    TRY_ASSIGN(const auto entry, add(info.id, std::move(params), std::move(shard)));
    save(entry->second);
    return info;
}

base::Result<ShardId> ShardStore::fetch(lt::add_torrent_params params, const fs::path& folder)
{
    const ShardId id = shardId(params.info_hashes);
    if (const auto known = m_shards.find(id); known != m_shards.end()) {
        TRY(resume(id));
        if (known->second.complete && !known->second.checking) {
            known->second.report = true;
            finished(known);
        }
        return id;
    }
    TRY(base::makeFolder(folder));
    params.save_path = folder.string();
    params.flags &= ~lt::torrent_flags::paused;
    TRY_ASSIGN(const auto entry, add(id, std::move(params), Shard{}));
    save(entry->second);
    return id;
}

void ShardStore::startCheck(Shard& shard)
{
    shard.wantsCheck = false;
    shard.checking = true;
    shard.error.clear();
    shard.handle.clear_error();
    // Where a full disk has left it.
    shard.handle.unset_flags(lt::torrent_flags::upload_mode);
    shard.handle.resume();
    shard.handle.force_recheck();
}

base::Result<> ShardStore::verify(const ShardId& id)
{
    TRY_ASSIGN(const auto entry, find(id));
    Shard& shard = entry->second;
    if (!shard.handle.torrent_file()) {
        return fail(Errc::Unavailable, "the shard's metadata has not come in yet");
    }
    shard.report = true;
    using Status = lt::torrent_status;
    const Status::state_t state = shard.handle.status({}).state;
    if (state == Status::checking_resume_data) {
        shard.wantsCheck = true;
    } else if (state != Status::checking_files) {
        startCheck(shard);
    }
    return {};
}

base::Result<> ShardStore::pause(const ShardId& id)
{
    TRY_ASSIGN(const auto entry, find(id));
    entry->second.handle.pause();
    save(entry->second);
    return {};
}

base::Result<> ShardStore::resume(const ShardId& id)
{
    TRY_ASSIGN(const auto entry, find(id));
    Shard& shard = entry->second;
    if (!shard.error.empty()) {
        // What stopped it may have left the files in any state.
        startCheck(shard);
        return {};
    }
    shard.handle.resume();
    connect(shard);
    return {};
}

base::Result<> ShardStore::remove(const ShardId& id, FilesOnDisk files)
{
    TRY_ASSIGN(const auto entry, find(id));
    m_session.remove_torrent(entry->second.handle,
        files == FilesOnDisk::Delete ? lt::session::delete_files : lt::remove_flags_t{});
    m_shards.erase(entry);
    // On the same thread as the writes, so that none of them comes after it.
    asio::post(m_disk, [&saved = m_files, id] { saved.erase(id); });
    return {};
}

void ShardStore::setPeers(std::vector<lt::tcp::endpoint> peers)
{
    m_peers = std::move(peers);
    m_peers.resize(std::min(m_peers.size(), kMaxDialled));
    m_nextConnect = m_clock.monotonic();
}

void ShardStore::connect(const Shard& shard) const
{
    if (shard.complete) {
        return;
    }
    for (const lt::tcp::endpoint& peer : m_peers) {
        shard.handle.connect_peer(peer);
    }
}

void ShardStore::save(Shard& shard)
{
    ++m_saving;
    shard.handle.save_resume_data(saveFlags());
}

void ShardStore::saveAll()
{
    for (auto& [id, shard] : m_shards) {
        if (shard.handle.need_save_resume_data()) {
            save(shard);
        }
    }
}

void ShardStore::write(const ShardId& id, const Shard& shard, const lt::add_torrent_params& params)
{
    asio::post(
        m_disk, [&files = m_files, id, params, complete = shard.complete, works = m_diskWorks] {
            if (!files.save(id, params, complete)) {
                *works = false;
            }
        });
}

void ShardStore::finished(Shards::iterator entry)
{
    Shard& shard = entry->second;
    if (shard.wantsCheck || shard.checking) {
        return;
    }
    const bool news = !shard.complete;
    shard.complete = true;
    shard.error.clear();
    if (news || shard.report) {
        save(shard);
    }
    if (std::exchange(shard.report, false)) {
        const lt::torrent_status now = shard.handle.status(
            lt::torrent_handle::query_name | lt::torrent_handle::query_save_path);
        m_emit(ShardComplete{
            entry->first, pathOf(now), static_cast<std::uint64_t>(now.total_wanted) });
    }
}

void ShardStore::checked(Shards::iterator entry)
{
    Shard& shard = entry->second;
    if (shard.wantsCheck) {
        startCheck(shard);
        return;
    }
    shard.checking = false;
    const lt::torrent_status now = shard.handle.status({});
    if (now.is_finished) {
        finished(entry);
        return;
    }
    if (std::exchange(shard.complete, false)) {
        auto [files, bytes] = missing(shard.handle);
        shard.report = true;
        m_emit(ShardDamaged{ entry->first, std::move(files), bytes });
    }
    connect(shard);
    save(shard);
}

void ShardStore::failed(Shards::iterator entry, Errc code, const std::string& message)
{
    entry->second.error = message;
    m_emit(ShardFailed{ entry->first, { code, message } });
}

void ShardStore::fileError(Shards::iterator entry, const lt::file_error_alert& alert)
{
    Shard& shard = entry->second;
    if (!shard.error.empty()) {
        return;
    }
    const base::MonotonicTime now = m_clock.monotonic();
    const bool reading = alert.op == lt::operation_t::file_read
        || alert.op == lt::operation_t::file_open || alert.op == lt::operation_t::file_stat;
    const bool repairedLately
        = shard.lastRepair != base::MonotonicTime{} && now - shard.lastRepair < kRepairEvery;
    if (reading && shard.complete && !repairedLately) {
        // Missing or cut short: a check finds what is left, peers have the rest.
        shard.lastRepair = now;
        startCheck(shard);
        return;
    }
    failed(entry, Errc::Io,
        std::string{ "cannot " } + (reading ? "read " : "write ") + alert.filename() + ": "
            + alert.error.message() + "; free space or repair access, then resume the shard");
}

bool ShardStore::handle(lt::alert& alert)
{
    const auto* about = dynamic_cast<const lt::torrent_alert*>(&alert);
    if (about == nullptr) {
        return false;
    }
    const auto entry = find(about->handle);
    const bool known = entry != m_shards.end();
    if (const auto* data = lt::alert_cast<lt::save_resume_data_alert>(&alert)) {
        m_saving -= std::min<std::size_t>(m_saving, 1);
        if (known) {
            write(entry->first, entry->second, data->params);
        }
        return true;
    }
    if (const auto* unsaved = lt::alert_cast<lt::save_resume_data_failed_alert>(&alert)) {
        m_saving -= std::min<std::size_t>(m_saving, 1);
        m_savedWell
            = m_savedWell && (unsaved->error == lt::errors::resume_data_not_modified || !known);
        return true;
    }
    if (!known) {
        return false;
    }
    if (lt::alert_cast<lt::torrent_checked_alert>(&alert) != nullptr) {
        checked(entry);
    } else if (lt::alert_cast<lt::torrent_finished_alert>(&alert) != nullptr) {
        finished(entry);
    } else if (lt::alert_cast<lt::metadata_received_alert>(&alert) != nullptr) {
        save(entry->second);
    } else if (const auto* broken = lt::alert_cast<lt::file_error_alert>(&alert)) {
        fileError(entry, *broken);
    } else if (const auto* wrong = lt::alert_cast<lt::torrent_error_alert>(&alert)) {
        if (entry->second.error.empty() && !entry->second.checking) {
            failed(entry, Errc::Io, wrong->message());
        }
    }
    return true;
}

void ShardStore::tick()
{
    const base::MonotonicTime now = m_clock.monotonic();
    if (!m_diskWorks->exchange(true)) {
        m_savedWell = false;
        m_emit(Notice{ { Errc::Io, "cannot save the state of a shard; is the disk full?" } });
    }
    if (now >= m_nextSave) {
        m_nextSave = now + kSaveEvery;
        saveAll();
    }
    if (now >= m_nextConnect) {
        m_nextConnect = now + kConnectEvery;
        for (const auto& [id, shard] : m_shards) {
            connect(shard);
        }
    }
    if (now < m_nextProgress) {
        return;
    }
    m_nextProgress = now + kProgressEvery;
    for (auto& [id, shard] : m_shards) {
        if (shard.complete && !shard.checking) {
            continue;
        }
        const ShardStatus status = this->status(id, shard);
        if (status.bytesDone != std::exchange(shard.reportedBytes, status.bytesDone)) {
            m_emit(ShardProgress{ id, status.bytesDone, status.info.bytes, status.downloadRate,
                status.uploadRate, status.peers });
        }
    }
}

ShardStatus ShardStore::status(const ShardId& id, const Shard& shard) const
{
    const lt::torrent_status now
        = shard.handle.status(lt::torrent_handle::query_name | lt::torrent_handle::query_save_path);
    ShardStatus out{ { id, "", "", "", 0 }, now.name, pathOf(now), ShardState::Downloading,
        static_cast<std::uint64_t>(now.total_wanted_done),
        static_cast<std::uint64_t>(now.all_time_upload),
        static_cast<std::uint64_t>(now.download_payload_rate),
        static_cast<std::uint64_t>(now.upload_payload_rate),
        static_cast<std::size_t>(now.num_peers), shard.error };
    if (const auto torrent = shard.handle.torrent_file()) {
        out.info = shardInfo(*torrent);
        out.info.id = id;
    }
    using State = lt::torrent_status;
    if (!shard.error.empty()) {
        out.state = ShardState::Failed;
    } else if (shard.checking || shard.wantsCheck || now.state == State::checking_files
        || now.state == State::checking_resume_data) {
        out.state = ShardState::Checking;
    } else if (now.flags & lt::torrent_flags::paused) {
        out.state = ShardState::Paused;
    } else if (now.state == State::downloading_metadata) {
        out.state = ShardState::Metadata;
    } else if (now.is_finished) {
        out.state = ShardState::Seeding;
    }
    return out;
}

std::vector<ShardStatus> ShardStore::list() const
{
    std::vector<ShardStatus> out;
    for (const auto& [id, shard] : m_shards) {
        out.push_back(status(id, shard));
    }
    return out;
}

} // namespace loam::swarm
