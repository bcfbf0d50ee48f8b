// SPDX-License-Identifier: GPL-3.0-or-later
// What the blocks of every weight type mean. Scales have 11 significant bits, sub-scales 6 and
// quants up to 8, so the products are exact in a float: the only rounding is that of adding an
// offset, and any kernel that multiplies in another order finds the same values.
#include "base/require.h"
#include "ml/half.h"
#include "ml/weight_type.h"

#include <cstring>

namespace loam::ml {

namespace {

    unsigned at(const std::byte* bytes, std::size_t i)
    {
        return std::to_integer<unsigned>(bytes[i]);
    }

    float scaleAt(const std::byte* bytes, std::size_t offset)
    {
        return halfToFloat(loadU16(bytes + offset));
    }

    /// Nibble `i` of 32: low halves of 16 bytes first, then the high halves.
    unsigned nibble(const std::byte* quants, std::size_t i)
    {
        return i < 16 ? at(quants, i) & 0xFU : at(quants, i - 16) >> 4U;
    }

    /// The fifth bits of 32 quants lie in one little-endian word.
    unsigned fifthBit(const std::byte* word, std::size_t i)
    {
        return (at(word, i / 8) >> (i % 8) & 1U) << 4U;
    }

    void q4_0(float* out, const std::byte* block)
    {
        const float d = scaleAt(block, 0);
        for (std::size_t i = 0; i < 32; ++i) {
            out[i] = d * static_cast<float>(static_cast<int>(nibble(block + 2, i)) - 8);
        }
    }

    void q4_1(float* out, const std::byte* block)
    {
        const float d = scaleAt(block, 0);
        const float least = scaleAt(block, 2);
        for (std::size_t i = 0; i < 32; ++i) {
            out[i] = d * static_cast<float>(nibble(block + 4, i)) + least;
        }
    }

    void q5_0(float* out, const std::byte* block)
    {
        const float d = scaleAt(block, 0);
        for (std::size_t i = 0; i < 32; ++i) {
            const unsigned quant = nibble(block + 6, i) | fifthBit(block + 2, i);
            out[i] = d * static_cast<float>(static_cast<int>(quant) - 16);
        }
    }

    void q5_1(float* out, const std::byte* block)
    {
        const float d = scaleAt(block, 0);
        const float least = scaleAt(block, 2);
        for (std::size_t i = 0; i < 32; ++i) {
            const unsigned quant = nibble(block + 8, i) | fifthBit(block + 4, i);
            out[i] = d * static_cast<float>(quant) + least;
        }
    }

    void q8_0(float* out, const std::byte* block)
    {
        const float d = scaleAt(block, 0);
        for (std::size_t i = 0; i < 32; ++i) {
            out[i] = d * static_cast<float>(static_cast<std::int8_t>(block[2 + i]));
        }
    }

    /// scales[16] (low nibble scale, high nibble offset), quants[64] of 2 bits, d, dmin. Each half
    /// of 128 values has 32 bytes; bits 2s and 2s+1 of them are values 32 s..32 s + 31.
    void q2_K(float* out, const std::byte* block)
    {
        const std::byte* quants = block + 16;
        const float d = scaleAt(block, 80);
        const float offset = scaleAt(block, 82);
        for (std::size_t i = 0; i < 256; ++i) {
            const unsigned scales = at(block, i / 16);
            const unsigned quant = at(quants, i / 128 * 32 + i % 32) >> (i % 128 / 32 * 2) & 3U;
            out[i] = d * static_cast<float>(scales & 0xFU) * static_cast<float>(quant)
                - offset * static_cast<float>(scales >> 4U);
        }
    }

    /// High bits [32], quants [64] of 2 low bits as in Q2_K, scales [12], d. Scale j has four low
    /// bits in nibble j of the first eight bytes and two high bits in the last four bytes.
    void q3_K(float* out, const std::byte* block)
    {
        const std::byte* quants = block + 32;
        const std::byte* scales = block + 96;
        const float d = scaleAt(block, 108);
        for (std::size_t i = 0; i < 256; ++i) {
            const std::size_t j = i / 16;
            const unsigned low = j < 8 ? at(scales, j) & 0xFU : at(scales, j - 8) >> 4U;
            const unsigned high = at(scales, 8 + j % 4) >> (j / 4 * 2) & 3U;
            const int scale = static_cast<int>(low | high << 4U) - 32;
            const unsigned pair = at(quants, i / 128 * 32 + i % 32) >> (i % 128 / 32 * 2) & 3U;
            const unsigned top = at(block, i % 32) >> (i / 32) & 1U;
            const int quant = static_cast<int>(pair | top << 2U) - 4;
            out[i] = d * static_cast<float>(scale) * static_cast<float>(quant);
        }
    }

    struct ScaleAndOffset
    {
        unsigned scale;
        unsigned offset;
    };

    /// Eight scales and eight offsets of 6 bits in 12 bytes: the first four of each fill the low
    /// six bits of the first eight bytes; the others have their low nibbles in the last four bytes
    /// and their two high bits on top of the first eight.
    ScaleAndOffset packedScale(const std::byte* packed, std::size_t j)
    {
        if (j < 4) {
            return { at(packed, j) & 63U, at(packed, j + 4) & 63U };
        }
        const unsigned low = at(packed, j + 4);
        return { (low & 0xFU) | at(packed, j - 4) >> 6U << 4U,
            low >> 4U | at(packed, j) >> 6U << 4U };
    }

    /// Values of 4-bit K blocks: 32 bytes hold 64 values, low nibbles first.
    unsigned nibbleOf64(const std::byte* quants, std::size_t i)
    {
        return at(quants, i / 64 * 32 + i % 32) >> (i % 64 / 32 * 4) & 0xFU;
    }

    /// d, dmin, scales [12], quants [128].
    void q4_K(float* out, const std::byte* block)
    {
        const float d = scaleAt(block, 0);
        const float offset = scaleAt(block, 2);
        for (std::size_t j = 0; j < 8; ++j) {
            const ScaleAndOffset packed = packedScale(block + 4, j);
            const float scale = d * static_cast<float>(packed.scale);
            const float least = offset * static_cast<float>(packed.offset);
            for (std::size_t i = 32 * j; i < 32 * (j + 1); ++i) {
                out[i] = scale * static_cast<float>(nibbleOf64(block + 16, i)) - least;
            }
        }
    }

    /// d, dmin, scales [12], fifth bits [32] (bit j of byte l is value 32 j + l), quants [128].
    void q5_K(float* out, const std::byte* block)
    {
        const float d = scaleAt(block, 0);
        const float offset = scaleAt(block, 2);
        for (std::size_t j = 0; j < 8; ++j) {
            const ScaleAndOffset packed = packedScale(block + 4, j);
            const float scale = d * static_cast<float>(packed.scale);
            const float least = offset * static_cast<float>(packed.offset);
            for (std::size_t i = 32 * j; i < 32 * (j + 1); ++i) {
                const unsigned top = (at(block + 16, i % 32) >> j & 1U) << 4U;
                out[i] = scale * static_cast<float>(nibbleOf64(block + 48, i) | top) - least;
            }
        }
    }

    /// Low nibbles [128], high pairs of bits [64], scales [16] of 8 bits, d. In each half of 128
    /// values, 64 bytes hold nibbles (low ones first) and 32 bytes the pairs (lowest first).
    void q6_K(float* out, const std::byte* block)
    {
        const float d = scaleAt(block, 208);
        for (std::size_t i = 0; i < 256; ++i) {
            const std::size_t half = i / 128;
            const std::size_t in = i % 128;
            const unsigned low = at(block, half * 64 + in % 64) >> (in / 64 * 4) & 0xFU;
            const unsigned high = at(block, 128 + half * 32 + in % 32) >> (in / 32 * 2) & 3U;
            const int quant = static_cast<int>(low | high << 4U) - 32;
            const float scale
                = d * static_cast<float>(static_cast<std::int8_t>(block[192 + i / 16]));
            out[i] = scale * static_cast<float>(quant);
        }
    }

    template <class Decode>
    void forBlocks(WeightType type, std::span<float> values, const std::byte* blocks, Decode decode)
    {
        const BlockFormat format = blockFormat(type);
        for (std::size_t i = 0; i < values.size(); i += format.columns) {
            decode(values.data() + i, blocks);
            blocks += format.bytes;
        }
    }

} // namespace

void dequantise(WeightType type, std::span<float> values, const std::byte* blocks)
{
    ASSERT(values.size() % blockFormat(type).columns == 0);
    switch (type) {
    case WeightType::F32:
        std::memcpy(values.data(), blocks, values.size_bytes());
        return;
    case WeightType::F16:
        return forBlocks(type, values, blocks,
            [](float* out, const std::byte* block) { *out = halfToFloat(loadU16(block)); });
    case WeightType::BF16:
        return forBlocks(type, values, blocks,
            [](float* out, const std::byte* block) { *out = bfloatToFloat(loadU16(block)); });
    case WeightType::Q4_0:
        return forBlocks(type, values, blocks, q4_0);
    case WeightType::Q4_1:
        return forBlocks(type, values, blocks, q4_1);
    case WeightType::Q5_0:
        return forBlocks(type, values, blocks, q5_0);
    case WeightType::Q5_1:
        return forBlocks(type, values, blocks, q5_1);
    case WeightType::Q8_0:
        return forBlocks(type, values, blocks, q8_0);
    case WeightType::Q2_K:
        return forBlocks(type, values, blocks, q2_K);
    case WeightType::Q3_K:
        return forBlocks(type, values, blocks, q3_K);
    case WeightType::Q4_K:
        return forBlocks(type, values, blocks, q4_K);
    case WeightType::Q5_K:
        return forBlocks(type, values, blocks, q5_K);
    case WeightType::Q6_K:
        return forBlocks(type, values, blocks, q6_K);
    }
}

} // namespace loam::ml
