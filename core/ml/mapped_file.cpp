// SPDX-License-Identifier: GPL-3.0-or-later
#include "ml/mapped_file.h"

#include "base/scope_guard.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace loam::ml {

using base::Errc;
using base::fail;
using base::Result;

Result<MappedFile> MappedFile::open(const std::filesystem::path& path)
{
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        const int reason = errno;
        return fail(reason == ENOENT ? Errc::NotFound : Errc::Io,
            fmt::format("cannot open {}: {}", path.string(), std::strerror(reason)));
    }
    const base::ScopeGuard closeFile{ [file] { ::close(file); } };
    struct stat status = {};
    if (::fstat(file, &status) != 0 || !S_ISREG(status.st_mode)) {
        return fail(Errc::Io, fmt::format("{} is not a readable file", path.string()));
    }
    MappedFile out;
    const auto bytes = static_cast<std::size_t>(status.st_size);
    if (bytes == 0) {
        return out;
    }
    void* address = ::mmap(nullptr, bytes, PROT_READ, MAP_PRIVATE, file, 0);
    if (address == MAP_FAILED) {
        return fail(
            Errc::Io, fmt::format("cannot map {}: {}", path.string(), std::strerror(errno)));
    }
    out.m_mapping
        = { address, [bytes](const void* mapped) { ::munmap(const_cast<void*>(mapped), bytes); } };
    out.m_bytes = { static_cast<const std::byte*>(address), bytes };
    return out;
}

} // namespace loam::ml
