// SPDX-License-Identifier: GPL-3.0-or-later
#include "worker/extract/sink.h"

#include <algorithm>
#include <cerrno>
#include <unistd.h>

namespace loam::worker {

namespace {

    constexpr std::size_t kBuffered = 65536;

} // namespace

void TextSink::write(std::string_view text)
{
    if (text.empty()) {
        return;
    }
    if (text.size() > m_left) {
        text = text.substr(0, static_cast<std::size_t>(m_left));
        m_isFull = true;
    }
    m_left -= text.size();
    if (text.empty()) {
        return;
    }
    m_last = text.back();
    m_buffer += text;
    if (m_descriptor >= 0 && m_buffer.size() >= kBuffered) {
        flush();
    }
}

void TextSink::endLine()
{
    if (m_last != '\n') {
        write("\n");
    }
}

void TextSink::flush()
{
    if (m_descriptor < 0) {
        return;
    }
    std::string_view rest = m_buffer;
    while (!rest.empty()) {
        const ssize_t done = ::write(m_descriptor, rest.data(), rest.size());
        if (done < 0 && errno == EINTR) {
            continue;
        }
        if (done <= 0) {
            m_isFull = true; // nobody listens any more
            break;
        }
        rest.remove_prefix(static_cast<std::size_t>(done));
    }
    m_buffer.clear();
}

} // namespace loam::worker
