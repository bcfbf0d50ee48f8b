// SPDX-License-Identifier: GPL-3.0-or-later
#include "training/skellam.h"

#include "base/require.h"
#include "crypto/hash.h"

#include <algorithm>
#include <bit>
#include <cfloat>
#include <cmath>
#include <numeric>

namespace loam::training {
namespace {

    using base::Errc;
    using base::fail;
    using base::Result;

#if LDBL_MANT_DIG >= 113
    using Quad = long double;
#else
    __extension__ using Quad = __float128;
#endif
    __extension__ using Word = unsigned __int128;

    constexpr std::size_t kGuideBits = 12;
    constexpr int kRoundingTries = 1000;

    /// floor(value * 2^128) for 0 <= value < 1.
    Word toFixed(Quad value)
    {
        constexpr Quad kHalf = 18446744073709551616.0; // 2^64
        const Quad scaled = value * kHalf;
        const auto high = static_cast<std::uint64_t>(scaled);
        const auto low = static_cast<std::uint64_t>((scaled - static_cast<Quad>(high)) * kHalf);
        return (Word{ high } << 64U) | low;
    }

    /// Sign of coordinate i: bit i of SHA-256(seed || block) blocks.
    std::vector<bool> signs(const base::Hash256& seed, std::size_t count)
    {
        std::vector<bool> out(count);
        base::Hash256 block;
        for (std::size_t i = 0; i < count; ++i) {
            if (i % 256 == 0) {
                std::array<std::byte, 8> number{};
                for (std::size_t k = 0; k < 8; ++k) {
                    number[7 - k] = static_cast<std::byte>((i / 256) >> (8 * k) & 255U);
                }
                block = crypto::Sha256{}
                            .update(base::asBytes("loam/private/rotation/v1"))
                            .update(seed.view())
                            .update(number)
                            .finish();
            }
            out[i] = (std::to_integer<unsigned>(block.data[i % 256 / 8]) >> (i % 8) & 1U) != 0;
        }
        return out;
    }

    /// In place, orthonormal: its own inverse.
    void walshHadamard(std::vector<double>& values)
    {
        for (std::size_t half = 1; half < values.size(); half *= 2) {
            for (std::size_t start = 0; start < values.size(); start += 2 * half) {
                for (std::size_t i = start; i < start + half; ++i) {
                    const double a = values[i];
                    const double b = values[i + half];
                    values[i] = a + b;
                    values[i + half] = a - b;
                }
            }
        }
        const double shrink = 1 / std::sqrt(static_cast<double>(values.size()));
        for (double& value : values) {
            value *= shrink;
        }
    }

    /// Up with the probability of the fraction: 53 random bits against it.
    std::int64_t roundRandomly(double value, crypto::KeyStream& random)
    {
        const double below = std::floor(value);
        const auto drawn = static_cast<double>(random.next64() >> 11U) * 0x1p-53;
        return static_cast<std::int64_t>(below) + (drawn < value - below ? 1 : 0);
    }

    double sumOfSquares(std::span<const std::int64_t> values)
    {
        return std::accumulate(values.begin(), values.end(), 0.0, [](double sum, std::int64_t v) {
            return sum + static_cast<double>(v) * static_cast<double>(v);
        });
    }

} // namespace

Result<SkellamSampler> SkellamSampler::create(double variance)
{
    if (!(variance >= 0 && variance <= kMostVariance)) {
        return fail(Errc::Invalid, "the noise's variance must be 0 to 1e10");
    }
    SkellamSampler out;
    out.m_variance = variance;
    // Poisson masses by their recursion from the mode outwards; 2^-120 of the mode ends the table.
    const Quad mean = static_cast<Quad>(variance / 2);
    const auto mode = static_cast<std::int64_t>(std::floor(variance / 2));
    constexpr Quad kEnd = 0x1p-120;
    constexpr Quad kBelowOne = static_cast<Quad>(1) - static_cast<Quad>(0x1p-113);
    std::vector<Quad> below;
    Quad mass = 1;
    for (std::int64_t k = mode; k > 0; --k) {
        mass = mass * static_cast<Quad>(k) / mean;
        if (mass < kEnd) {
            break;
        }
        below.push_back(mass);
    }
    std::vector<Quad> masses(below.rbegin(), below.rend());
    out.m_first = mode - static_cast<std::int64_t>(below.size());
    mass = 1;
    for (std::int64_t k = mode; mass >= kEnd; ++k) {
        masses.push_back(mass);
        mass = mass * mean / static_cast<Quad>(k + 1);
    }
    // From the small ends inwards nothing is lost in adding up.
    Quad total = 0;
    for (const Quad one : masses) {
        total += one;
    }
    Quad sum = 0;
    for (const Quad one : masses) {
        sum += one;
        out.m_bounds.push_back(toFixed(std::min<Quad>(sum / total, kBelowOne)));
    }
    out.m_guide.resize(std::size_t{ 1 } << kGuideBits);
    std::size_t row = 0;
    for (std::size_t slot = 0; slot < out.m_guide.size(); ++slot) {
        const Word start = Word{ slot } << (128U - kGuideBits);
        while (row + 1 < out.m_bounds.size() && out.m_bounds[row] <= start) {
            ++row;
        }
        out.m_guide[slot] = static_cast<std::uint32_t>(row);
    }
    return out;
}

std::int64_t SkellamSampler::drawPoisson(crypto::KeyStream& random) const
{
    const std::uint64_t high = random.next64();
    const Word drawn = (Word{ high } << 64U) | random.next64();
    std::size_t row = m_guide[static_cast<std::size_t>(high >> (64U - kGuideBits))];
    // Within a slot a few rows at most stand at usual variances; many stand only in a wide table.
    const std::size_t last = m_bounds.size() - 1;
    std::size_t step = 1;
    while (row + step < last && m_bounds[row + step - 1] <= drawn) {
        row += step;
        step *= 2;
    }
    const auto from = m_bounds.begin() + static_cast<std::ptrdiff_t>(row);
    const auto to = m_bounds.begin() + static_cast<std::ptrdiff_t>(std::min(row + step, last));
    return m_first + (std::upper_bound(from, to, drawn) - m_bounds.begin());
}

std::int64_t SkellamSampler::draw(crypto::KeyStream& random) const
{
    const std::int64_t plus = drawPoisson(random);
    return plus - drawPoisson(random);
}

bool clipNorm(std::span<float> values, double clip)
{
    double sum = 0;
    for (const float value : values) {
        sum += static_cast<double>(value) * static_cast<double>(value);
    }
    const double norm = std::sqrt(sum);
    if (norm <= clip) {
        return true;
    }
    // A hair more than needed, so that rounding to float cannot leave the norm above the clip.
    const double factor = clip / norm * (1 - 1e-6);
    for (float& value : values) {
        value = static_cast<float>(static_cast<double>(value) * factor);
    }
    return false;
}

double adaptedClip(double clip, double within, double quantile, double rate)
{
    return clip * std::exp(-rate * (std::clamp(within, 0.0, 1.0) - quantile));
}

std::size_t rotatedSize(std::size_t size)
{
    return std::bit_ceil(std::max<std::size_t>(size, 1));
}

std::vector<double> rotate(std::span<const float> values, const base::Hash256& seed)
{
    std::vector<double> out(rotatedSize(values.size()));
    const std::vector<bool> flips = signs(seed, values.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
        out[i] = flips[i] ? -static_cast<double>(values[i]) : static_cast<double>(values[i]);
    }
    walshHadamard(out);
    return out;
}

std::vector<double> rotateBack(
    std::vector<double> values, const base::Hash256& seed, std::size_t size)
{
    ASSERT(values.size() == rotatedSize(size));
    walshHadamard(values);
    values.resize(size);
    const std::vector<bool> flips = signs(seed, size);
    for (std::size_t i = 0; i < size; ++i) {
        values[i] = flips[i] ? -values[i] : values[i];
    }
    return values;
}

double RingCoding::l2Bound() const
{
    const auto d = static_cast<double>(rotatedSize(size));
    const double real = scale * clip;
    // sqrt(2 ln(1 / e^-1/2)) = 1.
    const double square = real * real + d / 4 + real + std::sqrt(d) / 2;
    const auto counted = static_cast<double>(bitWeight);
    return std::sqrt(square + counted * counted);
}

double RingCoding::l1Bound() const
{
    // Integers: the magnitudes' sum is at most their squares' sum too.
    const double l2 = l2Bound();
    return std::min(l2 * l2, std::sqrt(static_cast<double>(encodedSize())) * l2);
}

std::uint8_t RingCoding::bitsNeeded(std::size_t members, double variance) const
{
    const auto n = static_cast<double>(members);
    const auto d = static_cast<double>(rotatedSize(size));
    const double spread = 6 * std::sqrt(n * n * scale * scale * clip * clip / d + variance);
    const double counted = n * static_cast<double>(bitWeight) + 6 * std::sqrt(variance);
    const double reach = bitWeight > 0 ? std::max(spread, counted) : spread;
    return static_cast<std::uint8_t>(std::clamp(std::ceil(std::log2(2 * reach)) + 1, 8.0, 255.0));
}

Result<> RingCoding::validate() const
{
    if (!(clip > 0 && std::isfinite(clip) && scale > 0 && clip * scale <= 0x1p30)) {
        return fail(Errc::Invalid, "clip and scale must be above 0, their product at most 2^30");
    }
    if (size == 0 || size > (std::size_t{ 1 } << 24U)) {
        return fail(Errc::Invalid, "a private update has 1 to 16,777,216 values");
    }
    if (bits < 8 || bits > 32) {
        return fail(Errc::Invalid, "the ring has 8 to 32 bits");
    }
    if (bitWeight < 0 || bitWeight > (std::int64_t{ 1 } << 30U)) {
        return fail(Errc::Invalid, "the weight of the counting coordinate is out of bounds");
    }
    return {};
}

std::int64_t countingWeight(const RingCoding& coding, double noise, double countDeviation)
{
    RingCoding without = coding;
    without.bitWeight = 0;
    const double part = noise / (2 * countDeviation);
    // At most half of the squared sensitivity goes into counting.
    if (!(part * part <= 0.5)) {
        return 0;
    }
    return static_cast<std::int64_t>(
        std::ceil(without.l2Bound() * part / std::sqrt(1 - part * part)));
}

Result<std::vector<std::uint32_t>> encodeShare(const RingCoding& coding,
    std::span<const float> values, const SkellamSampler& noise, crypto::KeyStream& random)
{
    TRY(coding.validate());
    if (values.size() != coding.size) {
        return fail(Errc::Invalid, "the private update has another size than the run says");
    }
    std::vector<float> clipped(values.begin(), values.end());
    if (!std::all_of(
            clipped.begin(), clipped.end(), [](float value) { return std::isfinite(value); })) {
        return fail(Errc::Invalid, "the private update holds a value that is not finite");
    }
    const bool isWithin = clipNorm(clipped, coding.clip);
    std::vector<double> rotated = rotate(clipped, coding.seed);
    for (double& value : rotated) {
        value *= coding.scale;
    }
    RingCoding plain = coding;
    plain.bitWeight = 0;
    const double most = plain.l2Bound() * plain.l2Bound();
    std::vector<std::int64_t> whole(rotated.size());
    int tries = 0;
    do {
        if (++tries > kRoundingTries) {
            return fail(Errc::Invalid, "the private update cannot be rounded within its norm");
        }
        for (std::size_t i = 0; i < rotated.size(); ++i) {
            whole[i] = roundRandomly(rotated[i], random);
        }
    } while (sumOfSquares(whole) > most);
    if (coding.bitWeight > 0) {
        whole.push_back(isWithin ? coding.bitWeight : -coding.bitWeight);
    }
    std::vector<std::uint32_t> out(whole.size());
    for (std::size_t i = 0; i < whole.size(); ++i) {
        // Two's complement: the low bits of a signed sum are the ring's.
        out[i]
            = static_cast<std::uint32_t>(static_cast<std::uint64_t>(whole[i] + noise.draw(random)))
            & coding.mask();
    }
    crypto::wipe(std::as_writable_bytes(std::span{ clipped }));
    crypto::wipe(std::as_writable_bytes(std::span{ rotated }));
    crypto::wipe(std::as_writable_bytes(std::span{ whole }));
    return out;
}

Result<DecodedSum> decodeSum(
    const RingCoding& coding, std::span<const std::uint32_t> sum, std::size_t members)
{
    TRY(coding.validate());
    if (sum.size() != coding.encodedSize() || members == 0) {
        return fail(Errc::Invalid, "the sum has another size than the run says");
    }
    const std::int64_t modulus = std::int64_t{ 1 } << coding.bits;
    const auto lift = [modulus, &coding](std::uint32_t value) {
        const auto whole = static_cast<std::int64_t>(value & coding.mask());
        return static_cast<double>(whole >= modulus / 2 ? whole - modulus : whole);
    };
    const std::size_t rotated = rotatedSize(coding.size);
    std::vector<double> values(rotated);
    const double unit = coding.scale * static_cast<double>(members);
    for (std::size_t i = 0; i < rotated; ++i) {
        values[i] = lift(sum[i]) / unit;
    }
    DecodedSum out;
    out.mean = rotateBack(std::move(values), coding.seed, coding.size);
    if (coding.bitWeight > 0) {
        const double counted = lift(sum[rotated])
            / (static_cast<double>(coding.bitWeight) * static_cast<double>(members));
        out.within = std::clamp((counted + 1) / 2, 0.0, 1.0);
    }
    return out;
}

double noiseShare(double total, std::size_t threshold, std::size_t colluders)
{
    ASSERT(threshold > colluders);
    return total / static_cast<double>(threshold - colluders);
}

} // namespace loam::training
