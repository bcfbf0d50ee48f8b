// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace loam::base {

/// True for well-formed UTF-8 (RFC 3629): no overlong forms, no surrogates, nothing above U+10FFFF.
bool isUtf8(std::string_view text);

/// The text with every malformed byte replaced by U+FFFD, and without control characters except
/// tab and line feed. Linear.
std::string repairUtf8(std::string_view text);

/// Bytes of the longest beginning of at most `most` bytes (4 or more) that cuts no character of
/// well-formed text.
std::size_t wholeCharacters(std::string_view text, std::size_t most);

} // namespace loam::base
