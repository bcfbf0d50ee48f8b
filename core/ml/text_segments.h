// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace loam::ml {

/// The character by which SentencePiece stands for a space (U+2581).
inline constexpr std::string_view kSpaceMark = "\xE2\x96\x81";

/// Length of the well-formed UTF-8 character (RFC 3629) at the start of `text`, 0 if there is none.
std::size_t utf8CharacterLength(std::string_view text);

/// SentencePiece would change broken UTF-8, NUL and its own space mark: calls
/// visit(segment, plain) for the maximal runs it keeps (plain) and for what must go byte by byte.
template <class Visit> void forEachSegment(std::string_view text, Visit visit)
{
    const auto plainLength = [](std::string_view rest) {
        return rest.front() == '\0' || rest.starts_with(kSpaceMark) ? 0 : utf8CharacterLength(rest);
    };
    std::size_t begin = 0;
    while (begin < text.size()) {
        std::size_t end = begin;
        for (std::size_t length = 0;
             end < text.size() && (length = plainLength(text.substr(end))) > 0;) {
            end += length;
        }
        if (end > begin) {
            visit(text.substr(begin, end - begin), true);
        } else {
            visit(text.substr(begin, ++end - begin), false);
        }
        begin = end;
    }
}

/// The text of a piece: space marks become spaces.
std::string withPlainSpaces(std::string_view piece);

} // namespace loam::ml
