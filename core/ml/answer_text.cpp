// SPDX-License-Identifier: GPL-3.0-or-later
#include "ml/answer_text.h"

#include <algorithm>
#include <utility>

namespace loam::ml {

namespace {

    /// Bytes at the end that begin a character without ending it (RFC 3629).
    std::size_t unfinishedBytes(std::string_view text)
    {
        for (std::size_t back = 1; back <= std::min<std::size_t>(3, text.size()); ++back) {
            const auto byte = static_cast<unsigned char>(text[text.size() - back]);
            if ((byte & 0xC0U) == 0x80U) {
                continue;
            }
            const std::size_t length = byte >= 0xF0U ? 4
                : byte >= 0xE0U                      ? 3
                : byte >= 0xC0U                      ? 2
                                                     : 1;
            return length > back ? back : 0;
        }
        return 0;
    }

    /// The longest end of `text` that is a true beginning of `stop`.
    std::size_t begunBytes(std::string_view text, std::string_view stop)
    {
        for (std::size_t n = std::min(text.size(), stop.size() - 1); n > 0; --n) {
            if (text.substr(text.size() - n) == stop.substr(0, n)) {
                return n;
            }
        }
        return 0;
    }

} // namespace

AnswerText::AnswerText(std::vector<std::string> stop)
    : m_stop{ std::move(stop) }
{
    std::erase(m_stop, "");
}

std::string AnswerText::push(std::string_view bytes)
{
    if (m_isStopped) {
        return {};
    }
    m_held += bytes;
    std::size_t end = std::string::npos;
    for (const std::string& stop : m_stop) {
        end = std::min(end, m_held.find(stop));
    }
    if (end != std::string::npos) {
        m_isStopped = true;
        m_held.resize(end);
        return std::exchange(m_held, {});
    }
    std::size_t held = unfinishedBytes(m_held);
    for (const std::string& stop : m_stop) {
        held = std::max(held, begunBytes(m_held, stop));
    }
    std::string shown = m_held.substr(0, m_held.size() - held);
    m_held.erase(0, shown.size());
    return shown;
}

std::string AnswerText::finish()
{
    const std::size_t broken = unfinishedBytes(m_held);
    if (broken > 0) {
        m_held.resize(m_held.size() - broken);
        m_held += "\xEF\xBF\xBD";
    }
    return std::exchange(m_held, {});
}

} // namespace loam::ml
