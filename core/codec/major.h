// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

/// Major types of RFC 8949 section 3.1 that the subset knows.
namespace loam::codec::major {

inline constexpr std::uint8_t kUnsigned = 0;
inline constexpr std::uint8_t kNegative = 1;
inline constexpr std::uint8_t kBytes = 2;
inline constexpr std::uint8_t kText = 3;
inline constexpr std::uint8_t kArray = 4;
inline constexpr std::uint8_t kMap = 5;
inline constexpr std::uint8_t kTag = 6;
inline constexpr std::uint8_t kSimple = 7;
/// Simple values (section 3.3).
inline constexpr std::uint64_t kFalse = 20;
inline constexpr std::uint64_t kTrue = 21;

} // namespace loam::codec::major
