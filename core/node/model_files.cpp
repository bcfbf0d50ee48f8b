// SPDX-License-Identifier: GPL-3.0-or-later
#include "node/model_files.h"

#include "crypto/hash.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

namespace loam::node {

namespace fs = std::filesystem;
using base::Errc;
using base::Result;

namespace {

    constexpr std::size_t kMaxFiles = 1024;
    constexpr std::size_t kPieceBytes = std::size_t{ 1 } << 20U;
    constexpr std::size_t kPiecesBetweenFlushes = 64;

    Result<SourceFile> sourceFile(const fs::path& path)
    {
        std::error_code code;
        const std::uintmax_t bytes = fs::file_size(path, code);
        if (code) {
            return base::fail(Errc::Io, "cannot read " + path.string() + ": " + code.message());
        }
        return SourceFile{ path, bytes };
    }

    /// Files that describe the weights beside them: configuration, tokenizer, licence.
    bool isCompanion(const fs::path& path)
    {
        const std::string name = path.filename().string();
        const std::string extension = path.extension().string();
        return extension == ".json" || extension == ".model" || name.starts_with("LICENSE")
            || name.starts_with("LICENCE") || name == "README.md" || name == "merges.txt"
            || name == "vocab.txt";
    }

    Result<ModelSource> fromFolder(const fs::path& folder, const fs::path& onlyWeights)
    {
        ModelSource source;
        source.name = folder.filename().string();
        source.opens = folder;
        bool hasWeights = false;
        std::error_code code;
        for (fs::directory_iterator it{ folder, code }, end; !code && it != end;
             it.increment(code)) {
            const fs::path& path = it->path();
            const bool isWeights = path.extension() == ".safetensors";
            if (!it->is_regular_file() || (!isWeights && !isCompanion(path))
                || (isWeights && !onlyWeights.empty() && path.filename() != onlyWeights)) {
                continue;
            }
            TRY_ASSIGN(SourceFile file, sourceFile(path));
            hasWeights |= isWeights;
            source.bytes += file.bytes;
            source.files.push_back(std::move(file));
            if (source.files.size() > kMaxFiles) {
                return base::fail(Errc::Invalid,
                    folder.string()
                        + " holds more than 1,024 files of a model; choose the folder "
                          "of one model");
            }
        }
        if (code) {
            return base::fail(Errc::Io, "cannot read " + folder.string() + ": " + code.message());
        }
        if (!hasWeights || !fs::exists(folder / "config.json", code)) {
            return base::fail(Errc::Invalid,
                folder.string()
                    + " is no model: it needs config.json and .safetensors files, or choose a "
                      ".gguf file");
        }
        std::ranges::sort(source.files, {}, &SourceFile::path);
        return source;
    }

    /// A file descriptor that closes itself.
    class Descriptor
    {
    public:
        explicit Descriptor(int number)
            : m_number{ number }
        {
        }
        Descriptor(const Descriptor&) = delete;
        Descriptor& operator=(const Descriptor&) = delete;
        ~Descriptor()
        {
            if (m_number >= 0) {
                ::close(m_number);
            }
        }
        int number() const { return m_number; }

    private:
        int m_number;
    };

    tl::unexpected<base::Error> failure(const char* what, const fs::path& path)
    {
        const int reason = errno;
        return base::fail(Errc::Io,
            std::string{ what } + ' ' + path.string() + ": " + std::strerror(reason)
                + (reason == ENOSPC ? "; make room, or link the model instead of copying it" : ""));
    }

    Result<> writeAll(const Descriptor& to, base::ByteView piece, const fs::path& path)
    {
        while (!piece.empty()) {
            const ssize_t put = ::write(to.number(), piece.data(), piece.size());
            if (put < 0 && errno == EINTR) {
                continue;
            }
            if (put <= 0) {
                return failure("cannot write", path);
            }
            piece = piece.subspan(static_cast<std::size_t>(put));
        }
        return {};
    }

    /// Reads `from` to its end; each piece is hashed and, with a target, written.
    Result<ModelPart> pump(const fs::path& from, const fs::path& target,
        const base::CancelToken& cancel, std::atomic<std::uint64_t>& done)
    {
        const Descriptor in{ ::open(from.c_str(), O_RDONLY | O_CLOEXEC) };
        if (in.number() < 0) {
            return failure("cannot read", from);
        }
        ::posix_fadvise(in.number(), 0, 0, POSIX_FADV_SEQUENTIAL);
        const Descriptor out{ target.empty()
                ? -1
                : ::open(target.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600) };
        if (!target.empty() && out.number() < 0) {
            return failure("cannot make", target);
        }
        crypto::Sha256 hash;
        ModelPart part{ from.filename().string(), 0, {} };
        base::Bytes buffer(kPieceBytes);
        for (std::size_t pieces = 1;; ++pieces) {
            if (cancel.isCancelled()) {
                return base::fail(Errc::Cancelled, "the import was cancelled");
            }
            const ssize_t got = ::read(in.number(), buffer.data(), buffer.size());
            if (got < 0 && errno == EINTR) {
                continue;
            }
            if (got < 0) {
                return failure("cannot read", from);
            }
            if (got == 0) {
                break;
            }
            const base::ByteView piece{ buffer.data(), static_cast<std::size_t>(got) };
            hash.update(piece);
            part.bytes += piece.size();
            if (!target.empty()) {
                TRY(writeAll(out, piece, target));
                // In portions, so that the last flush is short and other programs are not starved.
                if (pieces % kPiecesBetweenFlushes == 0) {
                    ::fdatasync(out.number());
                }
            }
            done += piece.size();
        }
        if (!target.empty() && ::fsync(out.number()) != 0) {
            return failure("cannot write", target);
        }
        part.sha256 = base::toHex(hash.finish().view());
        return part;
    }

} // namespace

Result<ModelSource> findModelSource(const fs::path& path)
{
    std::error_code code;
    const fs::path full = fs::absolute(path, code).lexically_normal();
    if (!fs::exists(full, code)) {
        return base::fail(Errc::NotFound, "there is no file or folder " + full.string());
    }
    if (fs::is_directory(full, code)) {
        return fromFolder(full.has_filename() ? full : full.parent_path(), {});
    }
    if (full.extension() == ".safetensors") {
        TRY_ASSIGN(ModelSource source, fromFolder(full.parent_path(), full.filename()));
        source.entry = full.filename().string();
        source.opens = full;
        return source;
    }
    if (full.extension() != ".gguf") {
        return base::fail(Errc::Invalid,
            full.string()
                + " is no model: choose a .gguf or .safetensors file, or a folder with "
                  "config.json");
    }
    TRY_ASSIGN(SourceFile file, sourceFile(full));
    ModelSource source;
    source.bytes = file.bytes;
    source.entry = full.filename().string();
    source.name = full.stem().string();
    source.opens = full;
    source.files.push_back(std::move(file));
    return source;
}

Result<std::vector<ModelPart>> placeModelFiles(const ModelSource& source, const fs::path& folder,
    Placement placement, const base::CancelToken& cancel, std::atomic<std::uint64_t>& done)
{
    std::vector<ModelPart> parts;
    for (const SourceFile& file : source.files) {
        const fs::path target = folder / file.path.filename();
        std::error_code code;
        if (placement == Placement::Link) {
            fs::create_symlink(file.path, target, code);
            if (code) {
                return base::fail(
                    Errc::Io, "cannot link " + target.string() + ": " + code.message());
            }
        }
        TRY_ASSIGN(ModelPart part,
            pump(file.path, placement == Placement::Link ? fs::path{} : target, cancel, done));
        parts.push_back(std::move(part));
    }
    return parts;
}

} // namespace loam::node
