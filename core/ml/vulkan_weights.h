// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ml/weight_type.h"

#include <cstdint>
#include <vector>

namespace loam::ml {

/// How shaders/include/weights.glsl reads a type.
struct WeightLayout
{
    std::uint32_t kind{ 0 }; ///< 0 fp32, 1 fp16, 2 bf16, 3 int8, 4 nibbles
    std::uint32_t highBits{ 0 };
    std::uint32_t group{ 32 }; ///< columns that share a scale
    bool hasOffset{ false };
    std::int32_t bias{ 0 };
};
WeightLayout weightLayout(WeightType type);

/// Where the sections of a part of some rows begin, in words; the quants come first.
struct PartSections
{
    std::size_t high{ 0 };
    std::size_t scales{ 0 };
    std::size_t offsets{ 0 };
    std::size_t words{ 0 }; ///< of all
};
PartSections partSections(WeightType type, std::size_t rows, std::size_t columns);

/// Rows [first, first + rows) of a matrix in the order of the device: exact, nothing is rounded.
std::vector<std::uint32_t> packWeights(
    const WeightSource& source, std::size_t first, std::size_t rows);

} // namespace loam::ml
