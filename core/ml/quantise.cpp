// SPDX-License-Identifier: GPL-3.0-or-later
// The simple formats: floats, and blocks of 32 with one scale. The blocks equal those of ggml's
// reference quantisers bit for bit, which fixes the order of the arithmetic: this file is compiled
// without contraction of products and sums.
#include "base/require.h"
#include "ml/half.h"
#include "ml/quantise_k.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

namespace loam::ml {

using base::Errc;
using base::fail;
using base::Result;

namespace {

    constexpr std::size_t kBlock = 32;
    constexpr float kLargestHalf = 65504.0F;

    float inverse(float scale)
    {
        // Of a subnormal scale the inverse overflows; in 16 bits that scale is zero anyway.
        const float out = scale == 0.0F ? 0.0F : 1.0F / scale;
        return std::isfinite(out) ? out : 0.0F;
    }

    /// The value that lies farthest from zero, the first of equals.
    float extreme(const float* values)
    {
        float most = 0.0F;
        float out = 0.0F;
        for (std::size_t i = 0; i < kBlock; ++i) {
            if (std::fabs(values[i]) > most) {
                most = std::fabs(values[i]);
                out = values[i];
            }
        }
        return out;
    }

    /// Quants 0..most; the scale is signed so that the extreme value becomes quant 0 exactly.
    struct Symmetric
    {
        std::array<unsigned, kBlock> quants;
        float scale;
    };
    Symmetric symmetric(const float* values, int most)
    {
        const int middle = (most + 1) / 2;
        Symmetric out{};
        out.scale = extreme(values) / static_cast<float>(-middle);
        const float factor = inverse(out.scale);
        for (std::size_t i = 0; i < kBlock; ++i) {
            const float shifted = values[i] * factor + (static_cast<float>(middle) + 0.5F);
            out.quants[i] = static_cast<unsigned>(std::min(most, static_cast<int>(shifted)));
        }
        return out;
    }

    /// Quants 0..most from the least to the largest value.
    struct Affine
    {
        std::array<unsigned, kBlock> quants;
        float scale;
        float least;
    };
    Affine affine(const float* values, int most)
    {
        // The first of equals each: zeros of both signs differ in the bits they leave.
        const float high = *std::max_element(values, values + kBlock);
        Affine out{};
        out.least = *std::min_element(values, values + kBlock);
        out.scale = (high - out.least) / static_cast<float>(most);
        const float factor = inverse(out.scale);
        for (std::size_t i = 0; i < kBlock; ++i) {
            const float shifted = (values[i] - out.least) * factor + 0.5F;
            out.quants[i] = static_cast<unsigned>(std::min(most, static_cast<int>(shifted)));
        }
        return out;
    }

    void putNibbles(std::byte* to, const std::array<unsigned, kBlock>& quants)
    {
        for (std::size_t i = 0; i < kBlock / 2; ++i) {
            to[i] = static_cast<std::byte>((quants[i] & 0xFU) | (quants[i + 16] & 0xFU) << 4U);
        }
    }

    void putFifthBits(std::byte* to, const std::array<unsigned, kBlock>& quants)
    {
        std::fill_n(to, 4, std::byte{ 0 });
        for (std::size_t i = 0; i < kBlock; ++i) {
            to[i / 8] |= static_cast<std::byte>((quants[i] >> 4U & 1U) << (i % 8));
        }
    }

    void q4_0(std::byte* block, const float* values)
    {
        const Symmetric found = symmetric(values, 15);
        storeU16(block, floatToHalf(found.scale));
        putNibbles(block + 2, found.quants);
    }

    void q4_1(std::byte* block, const float* values)
    {
        const Affine found = affine(values, 15);
        storeU16(block, floatToHalf(found.scale));
        storeU16(block + 2, floatToHalf(found.least));
        putNibbles(block + 4, found.quants);
    }

    void q5_0(std::byte* block, const float* values)
    {
        const Symmetric found = symmetric(values, 31);
        storeU16(block, floatToHalf(found.scale));
        putFifthBits(block + 2, found.quants);
        putNibbles(block + 6, found.quants);
    }

    void q5_1(std::byte* block, const float* values)
    {
        const Affine found = affine(values, 31);
        storeU16(block, floatToHalf(found.scale));
        storeU16(block + 2, floatToHalf(found.least));
        putFifthBits(block + 4, found.quants);
        putNibbles(block + 8, found.quants);
    }

    void q8_0(std::byte* block, const float* values)
    {
        const float scale = std::fabs(extreme(values)) / 127.0F;
        const float factor = inverse(scale);
        storeU16(block, floatToHalf(scale));
        for (std::size_t i = 0; i < kBlock; ++i) {
            block[2 + i]
                = static_cast<std::byte>(static_cast<std::int8_t>(std::round(values[i] * factor)));
        }
    }

    template <class Encode>
    void forBlocks(WeightType type, std::byte* blocks, std::span<const float> values, Encode encode)
    {
        const BlockFormat format = blockFormat(type);
        for (std::size_t i = 0; i < values.size(); i += format.columns) {
            encode(blocks, values.data() + i);
            blocks += format.bytes;
        }
    }

} // namespace

Result<> quantise(WeightType type, std::byte* blocks, std::span<const float> values)
{
    ASSERT(values.size() % blockFormat(type).columns == 0);
    const bool scaled = blockFormat(type).columns > 1;
    // Scales have 16 bits: what exceeds them would come back as infinity or not as a number.
    if (scaled && !std::ranges::all_of(values, [](float value) {
            return std::fabs(value) <= kLargestHalf; // false for NaN
        })) {
        return fail(Errc::Invalid,
            fmt::format("{} holds no weights above {} or that are not numbers: choose F32",
                weightTypeName(type), kLargestHalf));
    }
    switch (type) {
    case WeightType::F32:
        std::memcpy(blocks, values.data(), values.size_bytes());
        return {};
    case WeightType::F16:
        forBlocks(type, blocks, values,
            [](std::byte* out, const float* value) { storeU16(out, floatToHalf(*value)); });
        return {};
    case WeightType::BF16:
        forBlocks(type, blocks, values,
            [](std::byte* out, const float* value) { storeU16(out, floatToBfloat(*value)); });
        return {};
    case WeightType::Q4_0:
        forBlocks(type, blocks, values, q4_0);
        return {};
    case WeightType::Q4_1:
        forBlocks(type, blocks, values, q4_1);
        return {};
    case WeightType::Q5_0:
        forBlocks(type, blocks, values, q5_0);
        return {};
    case WeightType::Q5_1:
        forBlocks(type, blocks, values, q5_1);
        return {};
    case WeightType::Q8_0:
        forBlocks(type, blocks, values, q8_0);
        return {};
    case WeightType::Q4_K:
        forBlocks(type, blocks, values, quantiseQ4K);
        return {};
    case WeightType::Q5_K:
        forBlocks(type, blocks, values, quantiseQ5K);
        return {};
    case WeightType::Q6_K:
        forBlocks(type, blocks, values, quantiseQ6K);
        return {};
    case WeightType::Q2_K:
    case WeightType::Q3_K:
        break;
    }
    return fail(Errc::Invalid,
        fmt::format("{} is only read, never written: choose Q4_K or Q4_0", weightTypeName(type)));
}

} // namespace loam::ml
