// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ml/bit_writer.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace loam::ml {

/// Values of one chunk of an update: SparseLoCo's 4,096 (arXiv 2508.15706).
inline constexpr std::size_t kChunkValues = 4096;

/// Rice parameter for `kept` positions among `values`: the largest b with 2^b <= ln 2
/// values/kept, which is within a few thousandths of a bit of the best for geometric gaps.
unsigned riceShift(std::uint32_t values, std::uint32_t kept);

/// Words of 32 bits that Backend::packLargest writes for each chunk, of which it keeps `keep`
/// (1..kChunkValues) values: how many bits follow, then the bits, and room for the longest.
std::size_t packedChunkWords(std::uint32_t keep);

/// Top-k selection and packing in 2 bits and a gap for each value (docs/protocol-training.md).
class ChunkPacker
{
public:
    /// Appends the `kept` (1..values) largest magnitudes, ties to the lower index. All values must
    /// be finite.
    void pack(BitWriter& out, std::span<const float> values, std::uint32_t kept);

private:
    void choose(std::span<const float> values, std::uint32_t kept);

    std::vector<std::uint32_t> m_order; ///< kept positions, ascending
    std::array<bool, kChunkValues> m_isLarge{};
    std::uint16_t m_small{ 0 };
    std::uint16_t m_large{ 0 };
};

} // namespace loam::ml
