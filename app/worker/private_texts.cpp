// SPDX-License-Identifier: GPL-3.0-or-later
#include "worker/private_texts.h"

#include "crypto/random.h"

#include <utility>

namespace loam::worker {

using base::Errc;
using base::fail;
using base::Result;

PrivateTexts& PrivateTexts::operator=(PrivateTexts&& other) noexcept
{
    wipe();
    m_key = std::move(other.m_key);
    m_parts = std::exchange(other.m_parts, 0);
    m_bytes = std::exchange(other.m_bytes, 0);
    m_isOpen = std::exchange(other.m_isOpen, false);
    m_texts = std::move(other.m_texts);
    other.m_texts.clear();
    other.m_key.clear();
    return *this;
}

PrivateTexts::~PrivateTexts()
{
    wipe();
}

void PrivateTexts::wipe()
{
    for (std::string& text : m_texts) {
        crypto::wipe(std::as_writable_bytes(std::span{ text }));
    }
    m_texts.clear();
    m_key.clear();
    m_parts = 0;
    m_bytes = 0;
    m_isOpen = false;
}

Result<> PrivateTexts::add(
    std::string_view key, std::uint64_t part, std::string_view text, bool ends)
{
    if (part == 0) {
        wipe();
        m_key = key;
    }
    if (key != m_key || part != m_parts || m_bytes + text.size() > kMostBytes) {
        wipe();
        return fail(Errc::Invalid, "a piece of private text is out of order or one too many");
    }
    if (!m_isOpen) {
        m_texts.emplace_back();
    }
    // By hand, for a string that grows by itself leaves its old memory as it was.
    std::string& last = m_texts.back();
    if (last.capacity() < last.size() + text.size()) {
        std::string larger;
        larger.reserve(2 * (last.size() + text.size()));
        larger = last;
        crypto::wipe(std::as_writable_bytes(std::span{ last }));
        last.swap(larger);
    }
    last += text;
    m_isOpen = !ends;
    m_bytes += text.size();
    ++m_parts;
    return {};
}

Result<PrivateTexts> PrivateTexts::take(std::string_view key, std::uint64_t parts)
{
    if (key != m_key || parts != m_parts || parts == 0 || m_isOpen) {
        wipe();
        return fail(Errc::Unavailable, "the private texts of this job did not arrive complete");
    }
    PrivateTexts out;
    out = std::move(*this);
    return out;
}

} // namespace loam::worker
