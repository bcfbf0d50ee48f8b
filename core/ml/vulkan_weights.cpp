// SPDX-License-Identifier: GPL-3.0-or-later
// Turns the blocks of GGUF types (ml/dequantise.cpp says what they mean) into the few layouts that
// the kernels read: words of quants, rows side by side, scales of their own.
#include "ml/vulkan_weights.h"

#include "base/require.h"
#include "ml/half.h"

#include <array>
#include <bit>
#include <cstring>

namespace loam::ml {

namespace {

    constexpr std::size_t kEight = 8;

    std::size_t ceilDivide(std::size_t a, std::size_t b)
    {
        return (a + b - 1) / b;
    }

    unsigned at(const std::byte* bytes, std::size_t i)
    {
        return std::to_integer<unsigned>(bytes[i]);
    }

    float halfAt(const std::byte* bytes, std::size_t offset)
    {
        return halfToFloat(loadU16(bytes + offset));
    }

    unsigned nibbleOf32(const std::byte* quants, std::size_t i)
    {
        return i < 16 ? at(quants, i) & 15U : at(quants, i - 16) >> 4U;
    }

    unsigned nibbleOf64(const std::byte* quants, std::size_t i)
    {
        return at(quants, i / 64 * 32 + i % 32) >> (i % 64 / 32 * 4) & 15U;
    }

    unsigned pairOf128(const std::byte* quants, std::size_t i)
    {
        return at(quants, i / 128 * 32 + i % 32) >> (i % 128 / 32 * 2) & 3U;
    }

    /// Quant `i` of a block, without its bias taken.
    unsigned quantOf(WeightType type, const std::byte* block, std::size_t i)
    {
        switch (type) {
        case WeightType::Q4_0:
            return nibbleOf32(block + 2, i);
        case WeightType::Q4_1:
            return nibbleOf32(block + 4, i);
        case WeightType::Q5_0:
            return nibbleOf32(block + 6, i) | (at(block + 2, i / 8) >> (i % 8) & 1U) << 4U;
        case WeightType::Q5_1:
            return nibbleOf32(block + 8, i) | (at(block + 4, i / 8) >> (i % 8) & 1U) << 4U;
        case WeightType::Q8_0:
            return at(block + 2, i);
        case WeightType::Q2_K:
            return pairOf128(block + 16, i);
        case WeightType::Q3_K:
            return pairOf128(block + 32, i) | (at(block, i % 32) >> (i / 32) & 1U) << 2U;
        case WeightType::Q4_K:
            return nibbleOf64(block + 16, i);
        case WeightType::Q5_K:
            return nibbleOf64(block + 48, i) | (at(block + 16, i % 32) >> (i / 32) & 1U) << 4U;
        case WeightType::Q6_K: {
            const std::size_t in = i % 128;
            const unsigned low = at(block, i / 128 * 64 + in % 64) >> (in / 64 * 4) & 15U;
            return low | pairOf128(block + 128, i) << 4U;
        }
        case WeightType::F32:
        case WeightType::F16:
        case WeightType::BF16:
            break;
        }
        return 0;
    }

    struct ScaleOffset
    {
        float scale{ 1 };
        float offset{ 0 };
    };

    /// Scale and offset of 6 bits each, as Q4_K and Q5_K pack eight of them.
    ScaleOffset packedOf12(const std::byte* packed, std::size_t j)
    {
        if (j < 4) {
            return { static_cast<float>(at(packed, j) & 63U),
                static_cast<float>(at(packed, j + 4) & 63U) };
        }
        const unsigned low = at(packed, j + 4);
        return { static_cast<float>((low & 15U) | at(packed, j - 4) >> 6U << 4U),
            static_cast<float>(low >> 4U | at(packed, j) >> 6U << 4U) };
    }

    /// Of group `j` of a block.
    ScaleOffset scaleOf(WeightType type, const std::byte* block, std::size_t j)
    {
        switch (type) {
        case WeightType::Q4_0:
        case WeightType::Q5_0:
        case WeightType::Q8_0:
            return { halfAt(block, 0), 0.0F };
        case WeightType::Q4_1:
        case WeightType::Q5_1:
            return { halfAt(block, 0), halfAt(block, 2) };
        case WeightType::Q2_K:
            return { halfAt(block, 80) * static_cast<float>(at(block, j) & 15U),
                -halfAt(block, 82) * static_cast<float>(at(block, j) >> 4U) };
        case WeightType::Q3_K: {
            const std::byte* scales = block + 96;
            const unsigned low = j < 8 ? at(scales, j) & 15U : at(scales, j - 8) >> 4U;
            const unsigned high = at(scales, 8 + j % 4) >> (j / 4 * 2) & 3U;
            return { halfAt(block, 108)
                    * static_cast<float>(static_cast<int>(low | high << 4U) - 32),
                0.0F };
        }
        case WeightType::Q4_K:
        case WeightType::Q5_K: {
            const ScaleOffset packed = packedOf12(block + 4, j);
            return { halfAt(block, 0) * packed.scale, -halfAt(block, 2) * packed.offset };
        }
        case WeightType::Q6_K:
            return { halfAt(block, 208)
                    * static_cast<float>(static_cast<std::int8_t>(block[192 + j])),
                0.0F };
        case WeightType::F32:
        case WeightType::F16:
        case WeightType::BF16:
            break;
        }
        return {};
    }

    /// One row of a float type: words of one or two values, zero beyond the last column.
    void packFloats(WeightType type, std::uint32_t* words, std::size_t stride, const std::byte* row,
        std::size_t columns)
    {
        for (std::size_t c = 0; c < columns; ++c) {
            if (type == WeightType::F32) {
                std::memcpy(words + c * stride, row + 4 * c, 4);
            } else {
                words[c / 2 * stride] |= static_cast<std::uint32_t>(loadU16(row + 2 * c))
                    << (c % 2 * 16);
            }
        }
    }

    void packQuants(WeightType type, std::uint32_t* words, const PartSections& sections,
        std::size_t stride, const std::byte* row, std::size_t columns)
    {
        const BlockFormat format = blockFormat(type);
        const WeightLayout layout = weightLayout(type);
        const std::size_t groups = format.columns / layout.group;
        for (std::size_t c = 0; c < columns; ++c) {
            const std::byte* block = row + c / format.columns * format.bytes;
            const unsigned quant = quantOf(type, block, c % format.columns);
            if (layout.kind == 3) {
                words[c / 4 * stride] |= quant << (c % 4 * 8);
                continue;
            }
            words[c / 8 * stride] |= (quant & 15U) << (c % 8 * 4);
            if (layout.highBits == 1) {
                words[sections.high + c / 32 * stride] |= (quant >> 4U) << (c % 32);
            } else if (layout.highBits == 2) {
                words[sections.high + c / 16 * stride] |= (quant >> 4U) << (c % 16 * 2);
            }
        }
        for (std::size_t g = 0; g < columns / layout.group; ++g) {
            const ScaleOffset pair = scaleOf(type, row + g / groups * format.bytes, g % groups);
            words[sections.scales + g * stride] = std::bit_cast<std::uint32_t>(pair.scale);
            if (layout.hasOffset) {
                words[sections.offsets + g * stride] = std::bit_cast<std::uint32_t>(pair.offset);
            }
        }
    }

} // namespace

WeightLayout weightLayout(WeightType type)
{
    switch (type) {
    case WeightType::F32:
        return { .kind = 0 };
    case WeightType::F16:
        return { .kind = 1 };
    case WeightType::BF16:
        return { .kind = 2 };
    case WeightType::Q8_0:
        return { .kind = 3 };
    case WeightType::Q4_0:
        return { .kind = 4, .bias = 8 };
    case WeightType::Q4_1:
    case WeightType::Q4_K:
        return { .kind = 4, .hasOffset = true };
    case WeightType::Q5_0:
        return { .kind = 4, .highBits = 1, .bias = 16 };
    case WeightType::Q5_1:
    case WeightType::Q5_K:
        return { .kind = 4, .highBits = 1, .hasOffset = true };
    case WeightType::Q2_K:
        return { .kind = 4, .group = 16, .hasOffset = true };
    case WeightType::Q3_K:
        return { .kind = 4, .group = 16, .bias = 4 };
    case WeightType::Q6_K:
        return { .kind = 4, .highBits = 2, .group = 16, .bias = 32 };
    }
    return {};
}

PartSections partSections(WeightType type, std::size_t rows, std::size_t columns)
{
    const WeightLayout layout = weightLayout(type);
    const std::size_t eighths = ceilDivide(columns, kEight);
    constexpr std::array<std::size_t, 5> kWordsOfEight{ 8, 4, 4, 2, 1 };
    const std::size_t quants = eighths * kWordsOfEight[layout.kind] * rows;
    const std::size_t high = layout.highBits * ceilDivide(columns, 32) * rows;
    const std::size_t scales = layout.kind < 3 ? 0 : columns / layout.group * rows;
    PartSections sections;
    sections.high = quants;
    sections.scales = quants + high;
    sections.offsets = sections.scales + scales;
    sections.words = sections.offsets + (layout.hasOffset ? scales : 0);
    return sections;
}

std::vector<std::uint32_t> packWeights(
    const WeightSource& source, std::size_t first, std::size_t rows)
{
    const std::size_t width = rowBytes(source.type, source.columns);
    ASSERT(source.bytes.size() >= (first + rows) * width);
    const PartSections sections = partSections(source.type, rows, source.columns);
    std::vector<std::uint32_t> words(sections.words, 0);
    for (std::size_t r = 0; r < rows; ++r) {
        const std::byte* row = source.bytes.data() + (first + r) * width;
        if (weightLayout(source.type).kind < 3) {
            packFloats(source.type, words.data() + r, rows, row, source.columns);
        } else {
            packQuants(source.type, words.data() + r, sections, rows, row, source.columns);
        }
    }
    return words;
}

} // namespace loam::ml
