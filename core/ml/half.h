// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace loam::ml {

/// IEEE 754 binary16 bits as a float; exact.
inline float halfToFloat(std::uint16_t half)
{
    const std::uint32_t sign = (half & 0x8000U) << 16U;
    const std::uint32_t magnitude = half & 0x7FFFU;
    if (magnitude >= 0x7C00U) {
        return std::bit_cast<float>(sign | 0x7F800000U | (magnitude & 0x3FFU) << 13U);
    }
    // Moved into a float's fields the exponent is 112 too small; the product also gives
    // subnormals their place.
    constexpr float kRebias = 0x1p112F;
    const float value = std::bit_cast<float>(magnitude << 13U) * kRebias;
    return std::bit_cast<float>(std::bit_cast<std::uint32_t>(value) | sign);
}

/// Nearest binary16, ties to even; infinity above 65,519.996, NaN stays (quiet).
inline std::uint16_t floatToHalf(float value)
{
    const auto bits = std::bit_cast<std::uint32_t>(value);
    const auto sign = static_cast<std::uint16_t>(bits >> 16U & 0x8000U);
    const std::uint32_t magnitude = bits & 0x7FFFFFFFU;
    const auto with
        = [sign](std::uint32_t rest) { return static_cast<std::uint16_t>(sign | rest); };
    if (magnitude > 0x7F800000U) {
        return with(0x7E00U);
    }
    if (magnitude >= 0x477FF000U) {
        return with(0x7C00U);
    }
    if (magnitude < 0x38800000U) {
        // Subnormal: adding 0.5 leaves units of 2^-24 in the last place, rounded by the addition.
        const float rounded = std::bit_cast<float>(magnitude) + 0.5F;
        return with(std::bit_cast<std::uint32_t>(rounded) - 0x3F000000U);
    }
    const std::uint32_t odd = magnitude >> 13U & 1U;
    return with((magnitude - 0x38000000U + 0xFFFU + odd) >> 13U);
}

/// Largest finite binary16.
inline constexpr float kHalfMax = 65504.0F;

constexpr bool isFiniteHalf(std::uint16_t half)
{
    return (half & 0x7C00U) != 0x7C00U;
}

/// Nearest finite binary16, ties to even, beyond kHalfMax that; both zeros and NaN give +0.
inline std::uint16_t floatToFiniteHalf(float value)
{
    if (std::isnan(value)) {
        return 0;
    }
    const std::uint16_t half = floatToHalf(std::clamp(value, -kHalfMax, kHalfMax));
    return half == 0x8000U ? std::uint16_t{ 0 } : half;
}

/// bfloat16 bits as a float; exact.
inline float bfloatToFloat(std::uint16_t bits)
{
    return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16U);
}

/// Nearest bfloat16, ties to even; NaN stays (quiet).
inline std::uint16_t floatToBfloat(float value)
{
    const auto bits = std::bit_cast<std::uint32_t>(value);
    if ((bits & 0x7FFFFFFFU) > 0x7F800000U) {
        return static_cast<std::uint16_t>(bits >> 16U | 0x40U);
    }
    return static_cast<std::uint16_t>((bits + 0x7FFFU + (bits >> 16U & 1U)) >> 16U);
}

/// Sixteen bits, little-endian, from anywhere.
inline std::uint16_t loadU16(const std::byte* from)
{
    std::uint16_t value = 0;
    std::memcpy(&value, from, sizeof value);
    return value;
}

inline void storeU16(std::byte* to, std::uint16_t value)
{
    std::memcpy(to, &value, sizeof value);
}

} // namespace loam::ml
