// SPDX-License-Identifier: GPL-3.0-or-later
#include "ml/text_segments.h"

namespace loam::ml {

std::size_t utf8CharacterLength(std::string_view text)
{
    const auto byte = [text](std::size_t i) -> unsigned {
        return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
    };
    const auto follows = [&](std::size_t i) { return (byte(i) & 0xC0U) == 0x80U; };
    const unsigned lead = byte(0);
    if (text.empty()) {
        return 0;
    }
    if (lead < 0x80) {
        return 1;
    }
    if (lead >= 0xC2 && lead <= 0xDF) {
        return follows(1) ? 2 : 0;
    }
    if (lead >= 0xE0 && lead <= 0xEF) {
        // No overlong forms and no surrogates.
        const bool second
            = follows(1) && (lead != 0xE0 || byte(1) >= 0xA0) && (lead != 0xED || byte(1) <= 0x9F);
        return second && follows(2) ? 3 : 0;
    }
    if (lead >= 0xF0 && lead <= 0xF4) {
        const bool second
            = follows(1) && (lead != 0xF0 || byte(1) >= 0x90) && (lead != 0xF4 || byte(1) <= 0x8F);
        return second && follows(2) && follows(3) ? 4 : 0;
    }
    return 0;
}

std::string withPlainSpaces(std::string_view piece)
{
    std::string text;
    while (!piece.empty()) {
        if (piece.starts_with(kSpaceMark)) {
            text += ' ';
            piece.remove_prefix(kSpaceMark.size());
        } else {
            text += piece.front();
            piece.remove_prefix(1);
        }
    }
    return text;
}

} // namespace loam::ml
