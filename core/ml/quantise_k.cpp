// SPDX-License-Identifier: GPL-3.0-or-later
// Scales of the K types by search: for several ranges of quants the best scale (and offset) is
// found by weighted least squares, and the range with the smallest error wins. Large weights count
// more: they move the product more. Then the sub-scales are themselves rounded to integers, and the
// quants are chosen anew for what the reader will compute.
#include "ml/quantise_k.h"

#include "ml/half.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace loam::ml {

namespace {

    constexpr std::size_t kSuper = 256;
    constexpr std::size_t kSub = 32; ///< values under one scale and offset (Q4_K, Q5_K)
    constexpr std::size_t kSubs = kSuper / kSub;
    constexpr std::size_t kSigned = 16; ///< values under one scale (Q6_K)
    constexpr std::size_t kSigneds = kSuper / kSigned;

    int nearest(float value)
    {
        return static_cast<int>(std::lround(value));
    }

    /// value ~ scale * quant - offset, offset >= 0
    struct AffineFit
    {
        float scale{ 0 };
        float offset{ 0 };
    };

    float errorOf(const float* values, const std::array<float, kSub>& weights,
        const std::array<int, kSub>& quants, AffineFit fit)
    {
        float error = 0;
        for (std::size_t i = 0; i < kSub; ++i) {
            const float miss = fit.scale * static_cast<float>(quants[i]) - fit.offset - values[i];
            error += weights[i] * miss * miss;
        }
        return error;
    }

    /// The scale and offset that serve given quants best.
    AffineFit leastSquares(const float* values, const std::array<float, kSub>& weights,
        const std::array<int, kSub>& quants)
    {
        double w = 0;
        double q = 0;
        double qq = 0;
        double x = 0;
        double qx = 0;
        for (std::size_t i = 0; i < kSub; ++i) {
            const double weight = static_cast<double>(weights[i]);
            const double quant = quants[i];
            const double value = static_cast<double>(values[i]);
            w += weight;
            q += weight * quant;
            qq += weight * quant * quant;
            x += weight * value;
            qx += weight * quant * value;
        }
        const double determinant = w * qq - q * q;
        if (determinant <= 0) {
            return {};
        }
        const double scale = (w * qx - q * x) / determinant;
        const double offset = (q * qx - qq * x) / determinant;
        if (offset >= 0) {
            return { static_cast<float>(scale), static_cast<float>(offset) };
        }
        // The format has no negative offsets: the best line through zero.
        return { qq > 0 ? static_cast<float>(qx / qq) : 0.0F, 0.0F };
    }

    AffineFit fitAffine(const float* values, int most)
    {
        const auto [low, high] = std::minmax_element(values, values + kSub);
        const float least = std::min(*low, 0.0F);
        const float range = *high - least;
        if (range <= 0.0F || !std::isfinite(static_cast<float>(most) / range)) {
            return { 0.0F, -least };
        }
        float squares = 0;
        for (std::size_t i = 0; i < kSub; ++i) {
            squares += values[i] * values[i];
        }
        const float typical = std::sqrt(squares / static_cast<float>(kSub));
        std::array<float, kSub> weights{};
        for (std::size_t i = 0; i < kSub; ++i) {
            weights[i] = typical + std::fabs(values[i]);
        }
        AffineFit best{ range / static_cast<float>(most), -least };
        float bestError = -1;
        constexpr int kTries = 20;
        for (int attempt = 0; attempt <= kTries; ++attempt) {
            // Ranges from one quant narrower to one quant wider than the values need.
            const float factor
                = (static_cast<float>(most) - 1.0F + 0.1F * static_cast<float>(attempt)) / range;
            std::array<int, kSub> quants{};
            for (std::size_t i = 0; i < kSub; ++i) {
                quants[i] = std::clamp(nearest(factor * (values[i] - least)), 0, most);
            }
            const AffineFit fit = leastSquares(values, weights, quants);
            const float error = errorOf(values, weights, quants, fit);
            if (fit.scale > 0.0F && (bestError < 0 || error < bestError)) {
                best = fit;
                bestError = error;
            }
        }
        return best;
    }

    /// Eight integer scales and offsets under two 16-bit factors.
    struct SuperBlock
    {
        std::uint16_t d{ 0 };
        std::uint16_t dmin{ 0 };
        std::array<unsigned, kSubs> scales{};
        std::array<unsigned, kSubs> offsets{};
        std::array<unsigned, kSuper> quants{};
    };

    unsigned inUnits(float value, float unit)
    {
        return unit > 0.0F ? static_cast<unsigned>(std::clamp(nearest(value / unit), 0, 63)) : 0U;
    }

    SuperBlock fitSuperBlock(const float* values, int most)
    {
        std::array<AffineFit, kSubs> fits{};
        float largestScale = 0;
        float largestOffset = 0;
        for (std::size_t j = 0; j < kSubs; ++j) {
            fits[j] = fitAffine(values + j * kSub, most);
            largestScale = std::max(largestScale, fits[j].scale);
            largestOffset = std::max(largestOffset, fits[j].offset);
        }
        SuperBlock out;
        out.d = floatToHalf(largestScale / 63.0F);
        out.dmin = floatToHalf(largestOffset / 63.0F);
        const float d = halfToFloat(out.d);
        const float dmin = halfToFloat(out.dmin);
        for (std::size_t j = 0; j < kSubs; ++j) {
            out.scales[j] = inUnits(fits[j].scale, d);
            out.offsets[j] = inUnits(fits[j].offset, dmin);
            const float scale = d * static_cast<float>(out.scales[j]);
            const float offset = dmin * static_cast<float>(out.offsets[j]);
            for (std::size_t i = j * kSub; i < (j + 1) * kSub && scale > 0.0F; ++i) {
                const float quant
                    = std::clamp((values[i] + offset) / scale, 0.0F, static_cast<float>(most));
                out.quants[i] = static_cast<unsigned>(nearest(quant));
            }
        }
        return out;
    }

    /// The header of Q4_K and Q5_K blocks: factors and packed sub-scales, 16 bytes.
    void putHeader(std::byte* block, const SuperBlock& fit)
    {
        storeU16(block, fit.d);
        storeU16(block + 2, fit.dmin);
        std::byte* packed = block + 4;
        for (std::size_t j = 0; j < 4; ++j) {
            const unsigned scale = fit.scales[j + 4];
            const unsigned offset = fit.offsets[j + 4];
            packed[j] = static_cast<std::byte>(fit.scales[j] | scale >> 4U << 6U);
            packed[j + 4] = static_cast<std::byte>(fit.offsets[j] | offset >> 4U << 6U);
            packed[j + 8] = static_cast<std::byte>((scale & 0xFU) | (offset & 0xFU) << 4U);
        }
    }

    void putNibbles(std::byte* to, const std::array<unsigned, kSuper>& quants)
    {
        for (std::size_t i = 0; i < kSuper / 2; ++i) {
            const std::size_t low = i / 32 * 64 + i % 32;
            to[i] = static_cast<std::byte>((quants[low] & 0xFU) | (quants[low + 32] & 0xFU) << 4U);
        }
    }

    /// value ~ scale * quant, quant -32..31; the scale may be negative.
    float fitSymmetric(const float* values)
    {
        float most = 0;
        for (std::size_t i = 0; i < kSigned; ++i) {
            if (std::fabs(values[i]) > std::fabs(most)) {
                most = values[i];
            }
        }
        if (most == 0.0F || !std::isfinite(32.0F / most)) {
            return 0.0F;
        }
        float best = -most / 32.0F;
        double bestGain = -1;
        for (int attempt = -9; attempt <= 9; ++attempt) {
            const float factor = -(32.0F + 0.1F * static_cast<float>(attempt)) / most;
            double qq = 0;
            double qx = 0;
            for (std::size_t i = 0; i < kSigned; ++i) {
                const double value = static_cast<double>(values[i]);
                const double quant = std::clamp(nearest(factor * values[i]), -32, 31);
                qq += value * value * quant * quant;
                qx += value * value * quant * value;
            }
            // The weighted error of the best scale qx / qq is a constant less this gain.
            const double gain = qq > 0 ? qx * qx / qq : 0;
            if (gain > bestGain) {
                bestGain = gain;
                best = static_cast<float>(qx / qq);
            }
        }
        return best;
    }

} // namespace

void quantiseQ4K(std::byte* block, const float* values)
{
    const SuperBlock fit = fitSuperBlock(values, 15);
    putHeader(block, fit);
    putNibbles(block + 16, fit.quants);
}

void quantiseQ5K(std::byte* block, const float* values)
{
    const SuperBlock fit = fitSuperBlock(values, 31);
    putHeader(block, fit);
    std::fill_n(block + 16, 32, std::byte{ 0 });
    for (std::size_t i = 0; i < kSuper; ++i) {
        block[16 + i % 32] |= static_cast<std::byte>((fit.quants[i] >> 4U) << (i / 32));
    }
    putNibbles(block + 48, fit.quants);
}

void quantiseQ6K(std::byte* block, const float* values)
{
    std::array<float, kSigneds> scales{};
    float most = 0;
    for (std::size_t j = 0; j < kSigneds; ++j) {
        scales[j] = fitSymmetric(values + j * kSigned);
        if (std::fabs(scales[j]) > std::fabs(most)) {
            most = scales[j];
        }
    }
    std::fill_n(block, blockFormat(WeightType::Q6_K).bytes, std::byte{ 0 });
    // Signed so that the largest sub-scale is -128 exactly.
    const std::uint16_t stored = floatToHalf(most / -128.0F);
    const float d = halfToFloat(stored);
    storeU16(block + 208, stored);
    if (d == 0.0F) {
        return;
    }
    for (std::size_t j = 0; j < kSigneds; ++j) {
        const int scale = std::clamp(nearest(scales[j] / d), -128, 127);
        block[192 + j] = static_cast<std::byte>(static_cast<std::int8_t>(scale));
        const float step = d * static_cast<float>(scale);
        for (std::size_t i = j * kSigned; i < (j + 1) * kSigned; ++i) {
            const float ideal = step == 0.0F ? 0.0F : std::clamp(values[i] / step, -32.0F, 31.0F);
            const auto quant = static_cast<unsigned>(nearest(ideal) + 32);
            const std::size_t half = i / 128;
            const std::size_t in = i % 128;
            block[half * 64 + in % 64] |= static_cast<std::byte>((quant & 0xFU) << (in / 64 * 4));
            block[128 + half * 32 + in % 32]
                |= static_cast<std::byte>((quant >> 4U) << (in / 32 * 2));
        }
    }
}

} // namespace loam::ml
