// SPDX-License-Identifier: GPL-3.0-or-later
#include "swarm/shard_files.h"

#include "base/file.h"
#include "swarm/settings.h"

#include <algorithm>

namespace loam::swarm {

namespace fs = std::filesystem;
using base::Errc;
using base::fail;

namespace {

    constexpr std::size_t kMaxResumeFile = std::size_t{ 128 } << 20U;
    constexpr int kMaxDecodeItems = 10'000'000;
    constexpr std::string_view kSuffix = ".resume";

    /// Path, size and time of change of each file that exists: cheap evidence of meddling.
    lt::entry stampsOf(const lt::add_torrent_params& params)
    {
        lt::entry out{ lt::entry::list_t };
        if (!params.ti) {
            return out;
        }
        const lt::file_storage& files = params.ti->files();
        for (const lt::file_index_t file : files.file_range()) {
            if (files.pad_file_at(file)) {
                continue;
            }
            const std::string path = files.file_path(file, params.save_path);
            std::error_code error;
            const std::uintmax_t size = fs::file_size(path, error);
            if (error) {
                continue;
            }
            const auto changed = fs::last_write_time(path, error).time_since_epoch();
            lt::entry stamp{ lt::entry::list_t };
            stamp.list().emplace_back(path);
            stamp.list().emplace_back(static_cast<lt::entry::integer_type>(size));
            stamp.list().emplace_back(static_cast<lt::entry::integer_type>(changed.count()));
            out.list().push_back(std::move(stamp));
        }
        return out;
    }

    base::Result<SavedShard> decode(base::ByteView bytes)
    {
        const std::span<const char> chars = asChars(bytes);
        lt::error_code error;
        const lt::bdecode_node root
            = lt::bdecode({ chars.data(), static_cast<std::ptrdiff_t>(chars.size()) }, error,
                nullptr, 100, kMaxDecodeItems);
        if (error || root.type() != lt::bdecode_node::dict_t) {
            return fail(Errc::Corrupt, "it is not readable");
        }
        SavedShard out;
        out.params = lt::read_resume_data(root, error, kMaxDecodeItems);
        const lt::bdecode_node ours = root.dict_find_dict("loam");
        if (error || !ours) {
            return fail(Errc::Corrupt, "it is not complete");
        }
        out.complete = ours.dict_find_int_value("complete", 0) == 1;
        const lt::bdecode_node saved = ours.dict_find_list("files");
        std::string then;
        if (saved) {
            const lt::span<const char> section = saved.data_section();
            then.assign(section.data(), static_cast<std::size_t>(section.size()));
        }
        std::string now;
        lt::bencode(std::back_inserter(now), stampsOf(out.params));
        out.suspicious = then != now;
        return out;
    }

    bool isShardId(std::string_view text)
    {
        return (text.size() == 40 || text.size() == 64)
            && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
    }

} // namespace

fs::path ShardFiles::resumePath(const ShardId& id) const
{
    return m_folder / (id.value() + std::string{ kSuffix });
}

fs::path ShardFiles::markPath() const
{
    return m_folder / "in-use";
}

base::Result<bool> ShardFiles::open() const
{
    TRY(base::makeFolder(m_folder));
    std::error_code error;
    const bool unclean = fs::exists(markPath(), error);
    TRY(base::writeFileAtomically(
        markPath(), base::asBytes("A swarm is running, or was killed.\n")));
    return unclean;
}

void ShardFiles::close() const
{
    std::error_code error;
    fs::remove(markPath(), error);
}

base::Result<> ShardFiles::save(
    const ShardId& id, const lt::add_torrent_params& params, bool complete) const
try {
    lt::entry root = lt::write_resume_data(params);
    root["loam"]["complete"] = lt::entry::integer_type{ complete ? 1 : 0 };
    root["loam"]["files"] = stampsOf(params);
    std::string out;
    lt::bencode(std::back_inserter(out), root);
    return base::writeFileAtomically(resumePath(id), base::asBytes(out));
} catch (const std::exception& problem) {
    return fail(Errc::Io, "cannot save the state of a shard: " + std::string{ problem.what() });
}

void ShardFiles::erase(const ShardId& id) const
{
    std::error_code error;
    fs::remove(resumePath(id), error);
}

std::vector<std::pair<ShardId, SavedShard>> ShardFiles::load(
    std::vector<base::Error>& problems) const
{
    std::vector<std::pair<ShardId, SavedShard>> out;
    std::error_code error;
    for (const fs::directory_entry& entry : fs::directory_iterator{ m_folder, error }) {
        const std::string stem = entry.path().stem().string();
        if (entry.path().extension() != kSuffix || !isShardId(stem)) {
            continue;
        }
        auto shard = base::readFile(entry.path(), kMaxResumeFile).and_then([](const auto& bytes) {
            return decode(bytes);
        });
        if (shard) {
            out.emplace_back(ShardId{ stem }, std::move(*shard));
        } else {
            problems.push_back(
                std::move(shard).error().context("the shard state " + entry.path().string()));
        }
    }
    return out;
}

} // namespace loam::swarm
