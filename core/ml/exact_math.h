// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>

/// Elementary functions made of +, -, * and / alone (and integer work on exponents), which IEEE 754
/// rounds exactly: the same bits on every machine, provided that nothing is contracted into fused
/// products. Accurate to a few units in the last place, not correctly rounded.
namespace loam::ml::exact {

inline constexpr double kPi = 3.14159265358979323846;
inline constexpr double kLn2High = 0x1.62e42fee00000p-1;
inline constexpr double kLn2Low = 0x1.a39ef35793c76p-33;
/// Adding and taking away this number rounds a double to an integer.
inline constexpr double kRounder = 0x1.8p52;

/// Natural logarithm of a positive normal number: log of the mantissa in [sqrt(1/2), sqrt(2)) by
/// 2 atanh((m - 1) / (m + 1)).
inline double log(double x)
{
    const auto bits = std::bit_cast<std::uint64_t>(x);
    constexpr std::uint64_t kSqrtHalf = 0x3fe6a09e667f3bcd;
    const std::uint64_t shifted = bits - kSqrtHalf;
    const auto exponent = static_cast<std::int64_t>(shifted) >> 52;
    const double mantissa
        = std::bit_cast<double>(bits - (static_cast<std::uint64_t>(exponent) << 52U));
    const double s = (mantissa - 1.0) / (mantissa + 1.0);
    const double z = s * s;
    double series = 1.0 / 21.0;
    for (int odd = 19; odd >= 1; odd -= 2) {
        series = series * z + 1.0 / odd;
    }
    const double e = static_cast<double>(exponent);
    return e * kLn2High + (2.0 * s * series + e * kLn2Low);
}

/// e^x for |x| <= 700: 2^n times the series of the rest in [-ln2/2, ln2/2].
inline double exp(double x)
{
    const double n = (x * 1.44269504088896340736 + kRounder) - kRounder;
    const double r = (x - n * kLn2High) - n * kLn2Low;
    double series = 1.0;
    for (int i = 14; i >= 1; --i) {
        series = series * r / i + 1.0;
    }
    const auto exponent = static_cast<std::int64_t>(n);
    return series * std::bit_cast<double>(static_cast<std::uint64_t>(1023 + exponent) << 52U);
}

struct SinCos
{
    double sin;
    double cos;
};

/// Sine and cosine of x for 0 <= x <= 2^20, argument reduced by multiples of pi/2 held in three
/// parts.
inline SinCos sinCos(double x)
{
    constexpr double kHalfPi1 = 0x1.921fb54400000p+0;
    constexpr double kHalfPi2 = 0x1.0b4611a600000p-34;
    constexpr double kHalfPi3 = 0x1.3198a2e037073p-69;
    const double n = (x * 0.63661977236758134308 + kRounder) - kRounder;
    const double r = ((x - n * kHalfPi1) - n * kHalfPi2) - n * kHalfPi3;
    const double z = r * r;
    double s = 1.0;
    double c = 1.0;
    for (int i = 16; i >= 2; i -= 2) {
        s = 1.0 - s * z / (i * (i + 1));
        c = 1.0 - c * z / (i * (i - 1));
    }
    s *= r;
    switch (static_cast<std::int64_t>(n) & 3) {
    case 0:
        return { s, c };
    case 1:
        return { c, -s };
    case 2:
        return { -s, -c };
    default:
        return { -c, s };
    }
}

/// Ten rounds of Philox 4x32 (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as
/// 1, 2, 3", SC'11): 128 random bits for each counter and key.
inline std::array<std::uint32_t, 4> philox(
    std::array<std::uint32_t, 4> counter, std::array<std::uint32_t, 2> key)
{
    for (int round = 0; round < 10; ++round) {
        const std::uint64_t a = std::uint64_t{ 0xD2511F53 } * counter[0];
        const std::uint64_t b = std::uint64_t{ 0xCD9E8D57 } * counter[2];
        counter = { static_cast<std::uint32_t>(b >> 32U) ^ counter[1] ^ key[0],
            static_cast<std::uint32_t>(b),
            static_cast<std::uint32_t>(a >> 32U) ^ counter[3] ^ key[1],
            static_cast<std::uint32_t>(a) };
        key = { key[0] + 0x9E3779B9U, key[1] + 0xBB67AE85U };
    }
    return counter;
}

/// Uniform in (0, 1) from 32 bits.
inline double uniform(std::uint32_t bits)
{
    return (static_cast<double>(bits) + 0.5) * 0x1p-32;
}

/// Two independent standard normal values from two random words (Box and Muller, 1958); tails reach
/// 6.7 deviations.
inline std::array<double, 2> normalPair(std::uint32_t first, std::uint32_t second)
{
    const double radius = std::sqrt(-2.0 * log(uniform(first)));
    const SinCos angle = sinCos(2.0 * kPi * uniform(second));
    return { radius * angle.cos, radius * angle.sin };
}

} // namespace loam::ml::exact
