// SPDX-License-Identifier: GPL-3.0-or-later
#include "ml/chunk_packer.h"

#include "ml/half.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace loam::ml {

unsigned riceShift(std::uint32_t values, std::uint32_t kept)
{
    unsigned shift = 0;
    while ((std::uint64_t{ kept } << (shift + 1U)) * 1000U <= std::uint64_t{ values } * 693U) {
        ++shift;
    }
    return shift;
}

std::size_t packedChunkWords(std::uint32_t keep)
{
    // Sign, class, a gap's end and its remainder; the quotients add up to (values - kept) >> b,
    // which the choice of b keeps below three for each kept value, in shorter chunks as well.
    const std::size_t each = 3 + riceShift(kChunkValues, keep) + 3;
    return 1 + (32 + keep * each + 31) / 32;
}

void ChunkPacker::choose(std::span<const float> values, std::uint32_t kept)
{
    m_order.resize(values.size());
    std::iota(m_order.begin(), m_order.end(), 0U);
    const auto larger = [values](std::uint32_t a, std::uint32_t b) {
        const float x = std::fabs(values[a]);
        const float y = std::fabs(values[b]);
        return x > y || (x == y && a < b);
    };
    const auto at
        = [this](std::uint32_t n) { return m_order.begin() + static_cast<std::ptrdiff_t>(n); };
    if (kept < m_order.size()) {
        std::nth_element(m_order.begin(), at(kept), m_order.end(), larger);
        m_order.resize(kept);
    }
    const std::uint32_t largeCount = kept / 2;
    std::nth_element(m_order.begin(), at(largeCount), m_order.end(), larger);
    m_isLarge.fill(false);
    for (std::uint32_t i = 0; i < largeCount; ++i) {
        m_isLarge[m_order[i]] = true;
    }
    std::sort(m_order.begin(), m_order.end());
    double sumSmall = 0;
    double sumLarge = 0;
    for (const std::uint32_t index : m_order) {
        const double magnitude = std::fabs(static_cast<double>(values[index]));
        (m_isLarge[index] ? sumLarge : sumSmall) += magnitude;
    }
    m_small = floatToFiniteHalf(static_cast<float>(sumSmall / (kept - largeCount)));
    m_large
        = largeCount == 0 ? m_small : floatToFiniteHalf(static_cast<float>(sumLarge / largeCount));
}

void ChunkPacker::pack(BitWriter& out, std::span<const float> values, std::uint32_t kept)
{
    ASSERT(kept >= 1 && kept <= values.size() && values.size() <= kChunkValues);
    choose(values, kept);
    out.bits(m_small, 16);
    out.bits(m_large, 16);
    const auto length = static_cast<std::uint32_t>(values.size());
    const unsigned shift = riceShift(length, kept);
    std::uint32_t next = 0;
    for (const std::uint32_t index : m_order) {
        if (kept < length) {
            out.rice(index - next, shift);
            next = index + 1;
        }
        const bool isLarge = m_small != m_large && m_isLarge[index];
        const std::uint16_t magnitude = isLarge ? m_large : m_small;
        out.bits(magnitude != 0 && values[index] < 0 ? 1U : 0U, 1);
        out.bits(isLarge ? 1U : 0U, 1);
    }
}

} // namespace loam::ml
