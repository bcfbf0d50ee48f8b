// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/bytes.h"
#include "base/result.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace loam::ml {

/// How a matrix of weights is stored. The quantised types are those of GGUF (ggml): blocks of 32
/// or, for the K types, 256 neighbouring columns share scales.
enum class WeightType : std::uint8_t {
    F32,
    F16,
    BF16,
    Q4_0,
    Q4_1,
    Q5_0,
    Q5_1,
    Q8_0,
    Q2_K,
    Q3_K,
    Q4_K,
    Q5_K,
    Q6_K
};

inline constexpr std::size_t kWeightTypes = 13;

/// Name as GGUF tools print it: "F32", "Q4_0", "Q4_K".
std::string_view weightTypeName(WeightType type);
std::optional<WeightType> weightTypeFromName(std::string_view name);

struct BlockFormat
{
    std::size_t columns{ 1 }; ///< values in a block
    std::size_t bytes{ 4 }; ///< of a block
};
BlockFormat blockFormat(WeightType type);

/// Bytes of one row; `columns` must be a multiple of the block's.
std::size_t rowBytes(WeightType type, std::size_t columns);

/// Scalar, exact to the format's definition: the reference for all kernels.
/// values[count] from rowBytes(type, count) bytes.
void dequantise(WeightType type, std::span<float> values, const std::byte* blocks);
/// Round to nearest in the manner of ggml's reference quantisers, so that files equal what other
/// tools make. Invalid for a type that Loam only reads (Q2_K, Q3_K).
base::Result<> quantise(WeightType type, std::byte* blocks, std::span<const float> values);

/// A matrix [rows, columns], row-major, whose bytes somebody else keeps (a mapped file).
struct WeightSource
{
    WeightType type{ WeightType::F32 };
    std::size_t rows{ 0 };
    std::size_t columns{ 0 };
    base::ByteView bytes;
};

} // namespace loam::ml
