// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

namespace loam::training {

/// Largest finite IEEE 754 binary16 value.
inline constexpr float kHalfMax = 65504.0F;

/// Nearest binary16 of a finite value, ties to even, saturating at +-kHalfMax; both zeros give +0.
/// Integer arithmetic only, so every machine rounds alike. NaN gives +0.
std::uint16_t toHalf(float value);
/// Exact. Infinities and NaN patterns are the caller's to reject (isFiniteHalf).
float fromHalf(std::uint16_t half);

constexpr bool isFiniteHalf(std::uint16_t half)
{
    return (half & 0x7C00U) != 0x7C00U;
}

} // namespace loam::training
