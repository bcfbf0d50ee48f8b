// SPDX-License-Identifier: GPL-3.0-or-later
#include "consent/beneath.h"

#include "crypto/hash.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <memory>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace loam::consent {

using base::Errc;
using base::fail;
using base::Result;

namespace {

    constexpr int kFolderFlags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    // Without O_NONBLOCK a pipe put in a file's place would hold Loam up for ever.
    constexpr int kFileFlags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;

    tl::unexpected<base::Error> failure(int code, std::string_view what)
    {
        std::string name{ what };
        switch (code) {
        case ENOENT:
            return fail(Errc::NotFound, name + " is not there any more");
        case ELOOP:
        case ENOTDIR:
            return fail(Errc::Denied, name + " is, or lies behind, a symbolic link");
        case EACCES:
        case EPERM:
            return fail(Errc::Denied, name + " may not be read by this user");
        default:
            return fail(Errc::Io, "cannot open " + name + ": " + std::strerror(code));
        }
    }

    FileStamp toStamp(const struct stat& info)
    {
        return { .size = static_cast<std::uint64_t>(info.st_size),
            .modifiedNs = info.st_mtim.tv_sec * 1'000'000'000LL + info.st_mtim.tv_nsec,
            .inode = info.st_ino };
    }

    bool isPlain(std::string_view component)
    {
        return !component.empty() && component != "." && component != ".."
            && component.find('\0') == std::string_view::npos;
    }

} // namespace

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept
{
    if (this != &other) {
        reset();
        m_fd = std::exchange(other.m_fd, -1);
    }
    return *this;
}

Descriptor::~Descriptor()
{
    reset();
}

void Descriptor::reset()
{
    if (m_fd >= 0) {
        ::close(std::exchange(m_fd, -1));
    }
}

Result<Descriptor> openRoot(const std::filesystem::path& root)
{
    Descriptor out{ ::open(root.c_str(), kFileFlags) };
    if (!out.isOpen()) {
        return failure(errno, root.string());
    }
    return out;
}

Result<Descriptor> openFolderBeneath(const Descriptor& root, std::string_view relative)
{
    Descriptor at{ ::openat(root.get(), ".", kFolderFlags) };
    if (!at.isOpen()) {
        return failure(errno, "the source's folder");
    }
    for (std::string_view rest = relative; !rest.empty();) {
        const std::size_t slash = rest.find('/');
        const std::string component{ rest.substr(0, slash) };
        rest = slash == std::string_view::npos ? std::string_view{} : rest.substr(slash + 1);
        if (!isPlain(component)) {
            return fail(
                Errc::Invalid, "\"" + std::string{ relative } + "\" is no path in a source");
        }
        at = Descriptor{ ::openat(at.get(), component.c_str(), kFolderFlags) };
        if (!at.isOpen()) {
            return failure(errno, relative);
        }
    }
    return at;
}

Result<OpenedFile> openBeneath(const Descriptor& root, std::string_view relative)
{
    const std::size_t slash = relative.rfind('/');
    const std::string name{ slash == std::string_view::npos ? relative
                                                            : relative.substr(slash + 1) };
    if (!isPlain(name)) {
        return fail(Errc::Invalid, "\"" + std::string{ relative } + "\" is no path in a source");
    }
    TRY_ASSIGN(const Descriptor folder,
        openFolderBeneath(root, slash == std::string_view::npos ? "" : relative.substr(0, slash)));
    OpenedFile out;
    out.descriptor = Descriptor{ ::openat(folder.get(), name.c_str(), kFileFlags) };
    if (!out.descriptor.isOpen()) {
        return failure(errno, relative);
    }
    TRY_ASSIGN(out.stamp, stampOf(out.descriptor));
    return out;
}

Result<FileStamp> stampOf(const Descriptor& file)
{
    struct stat info = {};
    if (::fstat(file.get(), &info) != 0) {
        return failure(errno, "the file");
    }
    if (!S_ISREG(info.st_mode)) {
        return fail(Errc::Invalid, "it is not a regular file");
    }
    return toStamp(info);
}

Result<> listFolder(const Descriptor& folder,
    const std::function<Result<>(std::string_view, EntryType, const FileStamp&)>& visit)
{
    const int copy = ::openat(folder.get(), ".", kFolderFlags);
    if (copy < 0) {
        return failure(errno, "the folder");
    }
    const auto close = [](DIR* stream) { ::closedir(stream); };
    const std::unique_ptr<DIR, decltype(close)> stream{ ::fdopendir(copy), close };
    if (!stream) {
        ::close(copy);
        return failure(errno, "the folder");
    }
    for (;;) {
        errno = 0;
        const dirent* entry = ::readdir(stream.get());
        if (entry == nullptr) {
            return errno == 0 ? Result<>{} : Result<>{ failure(errno, "the folder") };
        }
        const std::string_view name{ entry->d_name };
        if (name == "." || name == "..") {
            continue;
        }
        struct stat info = {};
        if (::fstatat(folder.get(), entry->d_name, &info, AT_SYMLINK_NOFOLLOW) != 0) {
            continue; // gone since it was listed
        }
        const EntryType type = S_ISREG(info.st_mode) ? EntryType::File
            : S_ISDIR(info.st_mode)                  ? EntryType::Folder
                                                     : EntryType::Other;
        TRY(visit(name, type, toStamp(info)));
    }
}

Result<base::Hash256> hashOf(const Descriptor& file, std::uint64_t limit)
{
    crypto::Sha256 hash;
    std::array<std::byte, 65536> buffer{};
    std::uint64_t offset = 0;
    for (;;) {
        const ssize_t got
            = ::pread(file.get(), buffer.data(), buffer.size(), static_cast<off_t>(offset));
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return failure(errno, "the file");
        }
        if (got == 0) {
            return hash.finish();
        }
        offset += static_cast<std::uint64_t>(got);
        if (offset > limit) {
            return fail(Errc::Invalid, "it grew beyond what Loam reads");
        }
        hash.update(base::ByteView{ buffer }.first(static_cast<std::size_t>(got)));
    }
}

} // namespace loam::consent
