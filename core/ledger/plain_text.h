// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/utf8.h"

#include <algorithm>
#include <cstdint>
#include <string_view>

namespace loam::ledger {

/// Times and durations beyond 2^48 ms (the year 10889) are out of bounds everywhere.
inline constexpr std::uint64_t kMaxMilliseconds = std::uint64_t{ 1 } << 48U;

/// Length within bounds, valid UTF-8, no control characters.
inline bool isPlainText(std::string_view text, std::size_t minimum, std::size_t maximum)
{
    return text.size() >= minimum && text.size() <= maximum && base::isUtf8(text)
        && std::none_of(text.begin(), text.end(), [](char c) {
               const auto byte = static_cast<unsigned char>(c);
               return byte < 0x20 || byte == 0x7F;
           });
}

} // namespace loam::ledger
