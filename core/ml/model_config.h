// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"

#include <cstddef>
#include <cstdint>
#include <string>

namespace loam::ml {

/// The shape of a Llama model: RMSNorm, rotary positions, grouped-query attention, SwiGLU.
/// Two nodes with equal configurations lay parameters out alike.
struct ModelConfig
{
    std::uint32_t dim{ 128 }; ///< width of the residual stream
    std::uint32_t layers{ 4 }; ///< decoder blocks
    std::uint32_t heads{ 4 }; ///< query heads; dim / heads is even
    std::uint32_t kvHeads{ 4 }; ///< key and value heads; divides heads
    std::uint32_t ffn{ 352 }; ///< width of the SwiGLU
    std::uint32_t vocab{ 2048 }; ///< tokens
    std::uint32_t context{ 128 }; ///< longest sequence, in tokens
    float ropeTheta{ 10000.0F }; ///< base of the rotary frequencies
    float normEps{ 1e-5F }; ///< added to the mean square in RMSNorm
    bool tied{ true }; ///< the head shares the embedding's matrix
    bool qkvBias{ false }; ///< queries, keys and values have a bias, as in Qwen 2; never in a run

    std::uint32_t headDim() const { return dim / heads; }
    /// Width of one row of the joined query, key and value projection.
    std::uint32_t qkvDim() const { return (heads + 2 * kvHeads) * headDim(); }

    /// Fails with Invalid and names the field that is out of range.
    base::Result<> validate() const;

    /// Floating-point operations of forward and backward for one token of a sequence of `length`:
    /// 6 x (parameters of the matrix products) + 12 x layers x dim x length.
    double trainingFlopPerToken(std::size_t length) const;

    /// The config.json with which Hugging Face transformers loads the model (LlamaForCausalLM).
    /// Deterministic text.
    std::string toConfigJson() const;

    friend bool operator==(const ModelConfig&, const ModelConfig&) = default;
};

} // namespace loam::ml
