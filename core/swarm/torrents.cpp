// SPDX-License-Identifier: GPL-3.0-or-later
#include "swarm/torrents.h"

#include "crypto/hash.h"

#include <algorithm>

namespace loam::swarm {

namespace fs = std::filesystem;
using base::Errc;
using base::fail;

namespace {

    constexpr int kRendezvousPiece = 16 * 1024;
    constexpr std::size_t kMaxFiles = 10'000;

    struct SourceFile
    {
        /// With the torrent's name as the first part.
        fs::path relative;
        std::int64_t size{ 0 };
    };

    int pieceSize(std::int64_t total)
    {
        constexpr std::int64_t mebi = std::int64_t{ 1 } << 20;
        if (total <= 64 * mebi) {
            return 128 * 1024;
        }
        return total <= 2048 * mebi ? 1 << 20 : 4 << 20;
    }

    base::Result<SourceFile> sourceFile(const fs::path& path, const fs::path& parent)
    {
        std::error_code error;
        const fs::file_status status = fs::symlink_status(path, error);
        if (!fs::exists(status)) {
            return fail(Errc::NotFound, "there is no file " + path.string());
        }
        if (!fs::is_regular_file(status)) {
            return fail(Errc::Invalid, path.string() + " is not an ordinary file");
        }
        const std::uintmax_t size = fs::file_size(path, error);
        if (error) {
            return fail(Errc::Io, "cannot read " + path.string() + ": " + error.message());
        }
        return SourceFile{ path.lexically_relative(parent), static_cast<std::int64_t>(size) };
    }

    base::Result<std::vector<SourceFile>> sourceFiles(const fs::path& path)
    {
        const fs::path parent = path.parent_path();
        std::vector<SourceFile> out;
        std::error_code error;
        if (!fs::is_directory(fs::symlink_status(path, error))) {
            TRY_ASSIGN(SourceFile only, sourceFile(path, parent));
            out.push_back(std::move(only));
        } else {
            fs::recursive_directory_iterator entry{ path, error };
            for (; !error && entry != fs::recursive_directory_iterator{}; entry.increment(error)) {
                if (fs::is_directory(entry->symlink_status())) {
                    continue;
                }
                TRY_ASSIGN(SourceFile file, sourceFile(entry->path(), parent));
                out.push_back(std::move(file));
                if (out.size() > kMaxFiles) {
                    return fail(Errc::Invalid, path.string() + " holds more than 10,000 files");
                }
            }
            if (error) {
                return fail(Errc::Io, "cannot read " + path.string() + ": " + error.message());
            }
        }
        std::sort(out.begin(), out.end(), [](const SourceFile& a, const SourceFile& b) {
            return a.relative.generic_string() < b.relative.generic_string();
        });
        return out;
    }

    lt::entry bytesEntry(base::ByteView bytes)
    {
        return lt::entry{ std::string{ base::asText(bytes) } };
    }

    base::Result<std::shared_ptr<lt::torrent_info>> parseTorrent(const lt::entry& torrent)
    {
        std::vector<char> buffer;
        lt::bencode(std::back_inserter(buffer), torrent);
        lt::error_code error;
        auto out = std::make_shared<lt::torrent_info>(
            lt::span<const char>{ buffer }, error, lt::from_span);
        if (error) {
            return fail(Errc::Invalid, "cannot make a torrent: " + error.message());
        }
        return out;
    }

    base::Result<std::shared_ptr<lt::torrent_info>> hashFiles(
        const fs::path& path, const std::vector<SourceFile>& files)
    {
        lt::file_storage storage;
        std::int64_t total = 0;
        for (const SourceFile& file : files) {
            storage.add_file(file.relative.generic_string(), file.size);
            total += file.size;
        }
        if (total == 0) {
            return fail(Errc::Invalid, path.string() + " is empty");
        }
        lt::create_torrent torrent{ storage, pieceSize(total) };
        torrent.set_creation_date(0);
        lt::error_code error;
        lt::set_piece_hashes(torrent, path.parent_path().string(), error);
        if (error) {
            return fail(Errc::Io, "cannot read " + path.string() + ": " + error.message());
        }
        return parseTorrent(torrent.generate());
    }

} // namespace

base::Result<std::shared_ptr<lt::torrent_info>> makeRendezvous(const base::NetworkId& network)
try {
    crypto::Sha256 hash;
    hash.update(base::asBytes("loam/rendezvous/v1")).update(network.view());
    const base::Hash256 root = hash.finish();

    lt::entry info;
    lt::entry& file = info["file tree"]["loam"][""];
    file["length"] = lt::entry::integer_type{ kRendezvousPiece };
    file["pieces root"] = bytesEntry(root.view());
    info["meta version"] = lt::entry::integer_type{ 2 };
    info["name"] = "loam";
    info["piece length"] = lt::entry::integer_type{ kRendezvousPiece };
    lt::entry torrent;
    torrent["info"] = std::move(info);
    return parseTorrent(torrent);
} catch (const std::exception& problem) {
    return fail(Errc::Invalid, std::string{ "cannot make the rendezvous: " } + problem.what());
}

base::Result<std::shared_ptr<lt::torrent_info>> makeShardTorrent(const fs::path& path)
try {
    fs::path whole = fs::absolute(path).lexically_normal();
    if (!whole.has_filename()) {
        whole = whole.parent_path();
    }
    TRY_ASSIGN(const std::vector<SourceFile> files, sourceFiles(whole));
    return hashFiles(whole, files);
} catch (const std::exception& problem) {
    return fail(Errc::Io, "cannot publish " + path.string() + ": " + problem.what());
}

ShardId shardId(const lt::info_hash_t& hashes)
{
    if (hashes.has_v2()) {
        return ShardId{ lt::aux::to_hex(hashes.v2) };
    }
    return ShardId{ lt::aux::to_hex(hashes.v1) };
}

ShardInfo shardInfo(const lt::torrent_info& torrent)
{
    const lt::info_hash_t hashes = torrent.info_hashes();
    ShardInfo out{ shardId(hashes), "", "", lt::make_magnet_uri(torrent), 0 };
    if (hashes.has_v1()) {
        out.infoHashV1 = lt::aux::to_hex(hashes.v1);
    }
    if (hashes.has_v2()) {
        out.infoHashV2 = lt::aux::to_hex(hashes.v2);
    }
    const lt::file_storage& files = torrent.files();
    for (const lt::file_index_t file : files.file_range()) {
        if (!files.pad_file_at(file)) {
            out.bytes += static_cast<std::uint64_t>(files.file_size(file));
        }
    }
    return out;
}

base::Result<lt::add_torrent_params> parseSource(std::string_view magnetOrHash, bool open)
try {
    lt::add_torrent_params params;
    if (magnetOrHash.starts_with("magnet:")) {
        lt::error_code error;
        params = lt::parse_magnet_uri(
            lt::string_view{ magnetOrHash.data(), magnetOrHash.size() }, error);
        if (error) {
            return fail(Errc::Invalid, "this is not a magnet link: " + error.message());
        }
        if (!open) {
            params.trackers.clear();
            params.dht_nodes.clear();
        }
        params.url_seeds.clear();
        return params;
    }
    TRY_ASSIGN(const base::Bytes hash, base::fromHex(magnetOrHash));
    const char* const raw = base::asText(hash).data();
    if (hash.size() == 20) {
        params.info_hashes = lt::info_hash_t{ lt::sha1_hash{ raw } };
    } else if (hash.size() == 32) {
        params.info_hashes = lt::info_hash_t{ lt::sha256_hash{ raw } };
    } else {
        return fail(Errc::Invalid, "an info hash has 40 or 64 hexadecimal digits");
    }
    return params;
} catch (const std::exception& problem) {
    return fail(Errc::Invalid, std::string{ "this is not a magnet link: " } + problem.what());
}

} // namespace loam::swarm
