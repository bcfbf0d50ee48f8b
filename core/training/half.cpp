// SPDX-License-Identifier: GPL-3.0-or-later
#include "training/half.h"

#include <bit>
#include <cmath>

namespace loam::training {

std::uint16_t toHalf(float value)
{
    if (std::isnan(value)) {
        return 0;
    }
    const auto bits = std::bit_cast<std::uint32_t>(value);
    const std::uint32_t sign = (bits >> 16U) & 0x8000U;
    const std::uint32_t magnitude = bits & 0x7FFFFFFFU;
    // 65520 is the first value that would round up to infinity.
    if (magnitude >= 0x477FF000U) {
        return static_cast<std::uint16_t>(sign | 0x7BFFU);
    }
    std::uint32_t half = 0;
    if (magnitude >= 0x38800000U) {
        // Normal in binary16: rebias the exponent by 127 - 15, round the 13 lost bits to even.
        const std::uint32_t rebased = magnitude - (112U << 23U);
        half = (rebased + 0xFFFU + ((rebased >> 13U) & 1U)) >> 13U;
    } else if (magnitude >= 0x33000000U) {
        // Subnormal in binary16: units of 2^-24.
        const std::uint32_t exponent = magnitude >> 23U;
        const std::uint32_t mantissa = (magnitude & 0x7FFFFFU) | 0x800000U;
        const std::uint32_t shift = 126U - exponent;
        const std::uint32_t rest = mantissa & ((1U << shift) - 1U);
        const std::uint32_t middle = 1U << (shift - 1U);
        half = mantissa >> shift;
        if (rest > middle || (rest == middle && (half & 1U) != 0)) {
            ++half;
        }
    }
    return half == 0 ? std::uint16_t{ 0 } : static_cast<std::uint16_t>(sign | half);
}

float fromHalf(std::uint16_t half)
{
    const std::uint32_t sign = (std::uint32_t{ half } & 0x8000U) << 16U;
    const std::uint32_t exponent = (std::uint32_t{ half } >> 10U) & 0x1FU;
    const std::uint32_t mantissa = std::uint32_t{ half } & 0x3FFU;
    if (exponent == 0) {
        const float magnitude = static_cast<float>(mantissa) * 0x1p-24F;
        return sign != 0 ? -magnitude : magnitude;
    }
    if (exponent == 31) {
        return std::bit_cast<float>(sign | 0x7F800000U | (mantissa << 13U));
    }
    return std::bit_cast<float>(sign | ((exponent + 112U) << 23U) | (mantissa << 13U));
}

} // namespace loam::training
