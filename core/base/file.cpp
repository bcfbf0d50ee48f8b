// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/file.h"

#include "base/scope_guard.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace loam::base {

namespace {

    tl::unexpected<Error> ioError(
        const std::string& what, const std::filesystem::path& path, int code)
    {
        const Errc errc
            = code == ENOENT ? Errc::NotFound : (code == EACCES ? Errc::Denied : Errc::Io);
        return fail(
            errc, what + ' ' + path.string() + ": " + std::generic_category().message(code));
    }

    Result<> writeAll(int fd, ByteView contents, const std::filesystem::path& path)
    {
        while (!contents.empty()) {
            const ssize_t written = ::write(fd, contents.data(), contents.size());
            if (written < 0 && errno == EINTR) {
                continue;
            }
            if (written < 0) {
                return ioError("cannot write", path, errno);
            }
            contents = contents.subspan(static_cast<std::size_t>(written));
        }
        if (::fsync(fd) != 0) {
            return ioError("cannot flush", path, errno);
        }
        return {};
    }

} // namespace

Result<Bytes> readFile(const std::filesystem::path& path, std::size_t limit)
{
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return ioError("cannot open", path, errno);
    }
    const ScopeGuard closer{ [fd] { ::close(fd); } };
    Bytes out;
    constexpr std::size_t kStep = 256 * 1024;
    for (;;) {
        const std::size_t used = out.size();
        // One byte beyond the limit shows that there is more.
        out.resize(used + std::min(kStep, limit - used) + 1);
        const ssize_t got = ::read(fd, out.data() + used, out.size() - used);
        if (got < 0 && errno != EINTR) {
            return ioError("cannot read", path, errno);
        }
        out.resize(used + static_cast<std::size_t>(got < 0 ? 0 : got));
        if (got == 0) {
            return out;
        }
        if (out.size() > limit) {
            return fail(Errc::Invalid,
                path.string() + " is larger than the limit of " + std::to_string(limit) + " bytes");
        }
    }
}

Result<> writeFileAtomically(
    const std::filesystem::path& path, ByteView contents, FileAccess access)
{
    std::string temporary = path.string() + ".XXXXXX";
    const int fd = ::mkostemp(temporary.data(), O_CLOEXEC);
    if (fd < 0) {
        return ioError("cannot create a file beside", path, errno);
    }
    ScopeGuard remover{ [&temporary] { ::unlink(temporary.c_str()); } };
    {
        const ScopeGuard closer{ [fd] { ::close(fd); } };
        if (access == FileAccess::Everyone && ::fchmod(fd, 0644) != 0) {
            return ioError("cannot set the rights of", path, errno);
        }
        TRY(writeAll(fd, contents, path));
    }
    if (::rename(temporary.c_str(), path.c_str()) != 0) {
        return ioError("cannot replace", path, errno);
    }
    remover.dismiss();
    const std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : ".";
    const int folderFd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folderFd < 0) {
        return ioError("cannot open", folder, errno);
    }
    const ScopeGuard folderCloser{ [folderFd] { ::close(folderFd); } };
    if (::fsync(folderFd) != 0) {
        return ioError("cannot flush", folder, errno);
    }
    return {};
}

Result<> makeFolder(const std::filesystem::path& path)
{
    std::error_code code;
    std::filesystem::create_directories(path, code);
    if (code) {
        return ioError("cannot create folder", path, code.value());
    }
    return {};
}

} // namespace loam::base
