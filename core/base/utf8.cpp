// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/utf8.h"

#include <cstddef>
#include <cstdint>

namespace loam::base {

namespace {

    /// Bytes of the well-formed character that `text` begins with, or 0: the table of RFC 3629
    /// section 4, in which the first byte fixes the length and the range of the second.
    std::size_t characterLength(std::string_view text)
    {
        const auto at = [text](std::size_t k) { return static_cast<std::uint8_t>(text[k]); };
        const std::uint8_t first = at(0);
        if (first < 0x80) {
            return 1;
        }
        const std::size_t length = first < 0xe0 ? 2 : (first < 0xf0 ? std::size_t{ 3 } : 4);
        if (first < 0xc2 || first > 0xf4 || text.size() < length) {
            return 0;
        }
        const std::uint8_t low = first == 0xe0 ? 0xa0 : (first == 0xf0 ? 0x90 : 0x80);
        const std::uint8_t high = first == 0xed ? 0x9f : (first == 0xf4 ? 0x8f : 0xbf);
        if (at(1) < low || at(1) > high) {
            return 0;
        }
        for (std::size_t k = 2; k < length; ++k) {
            if ((at(k) & 0xc0U) != 0x80U) {
                return 0;
            }
        }
        return length;
    }

} // namespace

bool isUtf8(std::string_view text)
{
    while (!text.empty()) {
        const std::size_t length = characterLength(text);
        if (length == 0) {
            return false;
        }
        text.remove_prefix(length);
    }
    return true;
}

std::string repairUtf8(std::string_view text)
{
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const std::size_t length = characterLength(text);
        if (length == 0) {
            out += "\xef\xbf\xbd";
            text.remove_prefix(1);
            continue;
        }
        const auto first = static_cast<unsigned char>(text[0]);
        const bool isControl = first < 0x20 || first == 0x7f;
        if (!isControl || first == '\t' || first == '\n') {
            out += text.substr(0, length);
        }
        text.remove_prefix(length);
    }
    return out;
}

std::size_t wholeCharacters(std::string_view text, std::size_t most)
{
    if (text.size() <= most) {
        return text.size();
    }
    std::size_t end = most;
    while (end > most - 4 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U) {
        --end;
    }
    return end;
}

} // namespace loam::base
