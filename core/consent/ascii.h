// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

/// Classes of characters that do not depend on a locale. Bytes above 0x7f belong to none.
namespace loam::consent::ascii {

constexpr bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}
constexpr bool isUpper(char c)
{
    return c >= 'A' && c <= 'Z';
}
constexpr bool isLower(char c)
{
    return c >= 'a' && c <= 'z';
}
constexpr bool isAlpha(char c)
{
    return isUpper(c) || isLower(c);
}
constexpr bool isAlnum(char c)
{
    return isAlpha(c) || isDigit(c);
}
constexpr bool isSpace(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}
constexpr bool isHex(char c)
{
    return isDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
/// A byte of a character outside ASCII.
constexpr bool isHigh(char c)
{
    return static_cast<unsigned char>(c) >= 0x80;
}
constexpr char lower(char c)
{
    return isUpper(c) ? static_cast<char>(c - 'A' + 'a') : c;
}
inline std::string lowered(std::string_view text)
{
    std::string out{ text };
    for (char& c : out) {
        c = lower(c);
    }
    return out;
}
/// Whether `text` begins with `folded`, which is lower case, at `at`.
inline bool startsAt(std::string_view text, std::size_t at, std::string_view folded)
{
    if (at > text.size() || text.size() - at < folded.size()) {
        return false;
    }
    for (std::size_t i = 0; i < folded.size(); ++i) {
        if (lower(text[at + i]) != folded[i]) {
            return false;
        }
    }
    return true;
}

} // namespace loam::consent::ascii
