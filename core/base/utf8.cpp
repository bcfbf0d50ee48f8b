// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/utf8.h"

#include <cstddef>
#include <cstdint>

namespace loam::base {

bool isUtf8(std::string_view text)
{
    // The table of RFC 3629 section 4: the first byte fixes the length and the range of the second.
    std::size_t i = 0;
    while (i < text.size()) {
        const auto at = [text, i](std::size_t k) { return static_cast<std::uint8_t>(text[i + k]); };
        const std::uint8_t first = at(0);
        if (first < 0x80) {
            ++i;
            continue;
        }
        const std::size_t length = first < 0xe0 ? 2 : (first < 0xf0 ? std::size_t{ 3 } : 4);
        if (first < 0xc2 || first > 0xf4 || text.size() - i < length) {
            return false;
        }
        const std::uint8_t low = first == 0xe0 ? 0xa0 : (first == 0xf0 ? 0x90 : 0x80);
        const std::uint8_t high = first == 0xed ? 0x9f : (first == 0xf4 ? 0x8f : 0xbf);
        if (at(1) < low || at(1) > high) {
            return false;
        }
        for (std::size_t k = 2; k < length; ++k) {
            if ((at(k) & 0xc0U) != 0x80U) {
                return false;
            }
        }
        i += length;
    }
    return true;
}

} // namespace loam::base
