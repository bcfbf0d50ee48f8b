// SPDX-License-Identifier: GPL-3.0-or-later
#include "ml/vulkan_shaders.h"

#include <array>
#include <string>

namespace loam::ml {

namespace {

    constexpr std::uint32_t kAdamw[] =
#include "adamw.spv.inc"
        ;
    constexpr std::uint32_t kAdd[] =
#include "add.spv.inc"
        ;
    constexpr std::uint32_t kAttention[] =
#include "attention.spv.inc"
        ;
    constexpr std::uint32_t kAttentionBackwardKeys[] =
#include "attention_backward_keys.spv.inc"
        ;
    constexpr std::uint32_t kAttentionBackwardQueries[] =
#include "attention_backward_queries.spv.inc"
        ;
    constexpr std::uint32_t kAttentionRow[] =
#include "attention_row.spv.inc"
        ;
    constexpr std::uint32_t kEmbed[] =
#include "embed.spv.inc"
        ;
    constexpr std::uint32_t kEmbedBackward[] =
#include "embed_backward.spv.inc"
        ;
    constexpr std::uint32_t kEmbedWeights[] =
#include "embed_weights.spv.inc"
        ;
    constexpr std::uint32_t kGated[] =
#include "gated.spv.inc"
        ;
    constexpr std::uint32_t kMatmulLanes[] =
#include "matmul_lanes.spv.inc"
        ;
    constexpr std::uint32_t kMatmulRegister[] =
#include "matmul_register.spv.inc"
        ;
    constexpr std::uint32_t kMatmulTile[] =
#include "matmul_tile.spv.inc"
        ;
    constexpr std::uint32_t kMatmulTileBf16[] =
#include "matmul_tile_bf16.spv.inc"
        ;
    constexpr std::uint32_t kMultiplyWeights[] =
#include "multiply_weights.spv.inc"
        ;
    constexpr std::uint32_t kMultiplyWeightsLanes[] =
#include "multiply_weights_lanes.spv.inc"
        ;
    constexpr std::uint32_t kPackLargest[] =
#include "pack_largest.spv.inc"
        ;
    constexpr std::uint32_t kRmsNorm[] =
#include "rms_norm.spv.inc"
        ;
    constexpr std::uint32_t kRmsNormBackward[] =
#include "rms_norm_backward.spv.inc"
        ;
    constexpr std::uint32_t kRope[] =
#include "rope.spv.inc"
        ;
    constexpr std::uint32_t kRopePlaces[] =
#include "rope_places.spv.inc"
        ;
    constexpr std::uint32_t kSoftmaxLoss[] =
#include "softmax_loss.spv.inc"
        ;
    constexpr std::uint32_t kStoreRows[] =
#include "store_rows.spv.inc"
        ;
    constexpr std::uint32_t kSumSquares[] =
#include "sum_squares.spv.inc"
        ;
    constexpr std::uint32_t kSwigluBackward[] =
#include "swiglu_backward.spv.inc"
        ;
    constexpr std::uint32_t kUnpackWeights[] =
#include "unpack_weights.spv.inc"
        ;

    constexpr std::array kShaders{
        ShaderCode{ "adamw", kAdamw },
        ShaderCode{ "add", kAdd },
        ShaderCode{ "attention", kAttention },
        ShaderCode{ "attention_backward_keys", kAttentionBackwardKeys },
        ShaderCode{ "attention_backward_queries", kAttentionBackwardQueries },
        ShaderCode{ "attention_row", kAttentionRow },
        ShaderCode{ "embed", kEmbed },
        ShaderCode{ "embed_backward", kEmbedBackward },
        ShaderCode{ "embed_weights", kEmbedWeights },
        ShaderCode{ "gated", kGated },
        ShaderCode{ "matmul_lanes", kMatmulLanes },
        ShaderCode{ "matmul_register", kMatmulRegister },
        ShaderCode{ "matmul_tile", kMatmulTile },
        ShaderCode{ "matmul_tile_bf16", kMatmulTileBf16 },
        ShaderCode{ "multiply_weights", kMultiplyWeights },
        ShaderCode{ "multiply_weights_lanes", kMultiplyWeightsLanes },
        ShaderCode{ "pack_largest", kPackLargest },
        ShaderCode{ "rms_norm", kRmsNorm },
        ShaderCode{ "rms_norm_backward", kRmsNormBackward },
        ShaderCode{ "rope", kRope },
        ShaderCode{ "rope_places", kRopePlaces },
        ShaderCode{ "softmax_loss", kSoftmaxLoss },
        ShaderCode{ "store_rows", kStoreRows },
        ShaderCode{ "sum_squares", kSumSquares },
        ShaderCode{ "swiglu_backward", kSwigluBackward },
        ShaderCode{ "unpack_weights", kUnpackWeights },
    };

    std::string sumOfAll()
    {
        std::uint64_t sum = 0xcbf29ce484222325U; // FNV-1a
        for (const ShaderCode& shader : kShaders) {
            for (const std::uint32_t word : shader.spirv) {
                sum = (sum ^ word) * 0x100000001b3U;
            }
        }
        return std::to_string(sum);
    }

} // namespace

ShaderCode shaderCode(Shader shader)
{
    return kShaders[static_cast<std::size_t>(shader)];
}

std::string_view shaderBuild()
{
    static const std::string build = sumOfAll();
    return build;
}

} // namespace loam::ml
