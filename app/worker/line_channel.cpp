// SPDX-License-Identifier: GPL-3.0-or-later
#include "worker/line_channel.h"

#include <array>
#include <cerrno>
#include <unistd.h>

namespace loam::worker {

std::optional<LineReader::Line> LineReader::next()
{
    for (;;) {
        const std::size_t end = m_buffer.find('\n', m_scanned);
        if (end != std::string::npos) {
            Line line{ m_buffer.substr(0, end), m_isSkipping };
            m_buffer.erase(0, end + 1);
            m_scanned = 0;
            m_isSkipping = false;
            return line;
        }
        m_scanned = m_buffer.size();
        if (m_scanned > kMaxLine) {
            m_buffer.clear();
            m_scanned = 0;
            m_isSkipping = true;
        }
        std::array<char, 65536> chunk;
        const ssize_t got = ::read(m_descriptor, chunk.data(), chunk.size());
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            return std::nullopt;
        }
        m_buffer.append(chunk.data(), static_cast<std::size_t>(got));
    }
}

bool LineWriter::write(std::string_view line)
{
    std::string whole{ line };
    whole.push_back('\n');
    std::string_view rest{ whole };
    const std::lock_guard lock{ m_mutex };
    while (!rest.empty()) {
        const ssize_t put = ::write(m_descriptor, rest.data(), rest.size());
        if (put < 0 && errno == EINTR) {
            continue;
        }
        if (put <= 0) {
            return false;
        }
        rest.remove_prefix(static_cast<std::size_t>(put));
    }
    return true;
}

} // namespace loam::worker
