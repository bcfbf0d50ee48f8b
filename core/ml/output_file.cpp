// SPDX-License-Identifier: GPL-3.0-or-later
#include "ml/output_file.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>
#include <utility>

namespace loam::ml {

using base::Errc;
using base::fail;
using base::Result;

namespace {

    constexpr std::size_t kBuffer = std::size_t{ 4 } << 20U;

    tl::unexpected<base::Error> failure(std::string_view doing, const std::filesystem::path& path)
    {
        return fail(
            Errc::Io, fmt::format("cannot {} {}: {}", doing, path.string(), std::strerror(errno)));
    }

} // namespace

OutputFile::OutputFile(std::filesystem::path path, std::filesystem::path part, int file)
    : m_path{ std::move(path) }
    , m_part{ std::move(part) }
    , m_file{ file }
{
}

OutputFile::OutputFile(OutputFile&& other) noexcept
    : m_path{ std::move(other.m_path) }
    , m_part{ std::move(other.m_part) }
    , m_file{ std::exchange(other.m_file, -1) }
    , m_buffer{ std::move(other.m_buffer) }
{
}

OutputFile::~OutputFile()
{
    if (m_file >= 0) {
        ::close(m_file);
        ::unlink(m_part.c_str());
    }
}

Result<OutputFile> OutputFile::create(const std::filesystem::path& path)
{
    std::filesystem::path part = path;
    part += ".part";
    const int file = ::open(part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (file < 0) {
        return failure("write", part);
    }
    return OutputFile{ path, std::move(part), file };
}

Result<> OutputFile::write(base::ByteView bytes)
{
    if (bytes.size() >= kBuffer) {
        TRY(flush());
        return put(bytes);
    }
    m_buffer.insert(m_buffer.end(), bytes.begin(), bytes.end());
    return m_buffer.size() < kBuffer ? Result<>{} : flush();
}

Result<> OutputFile::put(base::ByteView rest)
{
    while (!rest.empty()) {
        const ssize_t written = ::write(m_file, rest.data(), rest.size());
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written < 0) {
            return failure("write", m_part);
        }
        rest = rest.subspan(static_cast<std::size_t>(written));
    }
    return {};
}

Result<> OutputFile::flush()
{
    TRY(put(m_buffer));
    m_buffer.clear();
    return {};
}

Result<> OutputFile::finish()
{
    TRY(flush());
    if (::fsync(m_file) != 0) {
        return failure("write", m_part);
    }
    ::close(std::exchange(m_file, -1));
    if (::rename(m_part.c_str(), m_path.c_str()) != 0) {
        const auto failed = failure("write", m_path);
        ::unlink(m_part.c_str());
        return failed;
    }
    return {};
}

} // namespace loam::ml
