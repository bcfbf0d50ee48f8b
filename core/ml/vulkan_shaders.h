// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace loam::ml {

/// The kernels of shaders/, by file name.
enum class Shader : std::uint8_t {
    Adamw,
    Add,
    Attention,
    AttentionBackwardKeys,
    AttentionBackwardQueries,
    AttentionRow,
    Embed,
    EmbedBackward,
    EmbedWeights,
    Gated,
    MatmulLanes,
    MatmulRegister,
    MatmulTile,
    MatmulTileBf16,
    MultiplyWeights,
    MultiplyWeightsLanes,
    PackLargest,
    RmsNorm,
    RmsNormBackward,
    Rope,
    RopePlaces,
    SoftmaxLoss,
    StoreRows,
    SumSquares,
    SwigluBackward,
    UnpackWeights
};

struct ShaderCode
{
    std::string_view name;
    std::span<const std::uint32_t> spirv;
};
ShaderCode shaderCode(Shader shader);

/// Differs between builds whose kernels differ.
std::string_view shaderBuild();

} // namespace loam::ml
