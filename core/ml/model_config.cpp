// SPDX-License-Identifier: GPL-3.0-or-later
#include "ml/model_config.h"

#include <fmt/format.h>

#include <cmath>

namespace loam::ml {

using base::Errc;
using base::fail;
using base::Result;

namespace {

    // Generous for anything a home computer trains, small enough that no product of two overflows.
    constexpr std::uint32_t kMaxDim = 16'384;
    constexpr std::uint32_t kMaxLayers = 256;
    constexpr std::uint32_t kMaxFfn = 65'536;
    constexpr std::uint32_t kMaxVocab = 1'048'576;
    constexpr std::uint32_t kMaxContext = 131'072;

    Result<> inRange(std::string_view field, std::uint32_t value, std::uint32_t most)
    {
        if (value == 0 || value > most) {
            return fail(
                Errc::Invalid, fmt::format("model {} is {}, must be 1 to {}", field, value, most));
        }
        return {};
    }

} // namespace

Result<> ModelConfig::validate() const
{
    TRY(inRange("dim", dim, kMaxDim));
    TRY(inRange("layers", layers, kMaxLayers));
    TRY(inRange("heads", heads, dim));
    TRY(inRange("kvHeads", kvHeads, heads));
    TRY(inRange("ffn", ffn, kMaxFfn));
    TRY(inRange("vocab", vocab, kMaxVocab));
    TRY(inRange("context", context, kMaxContext));
    if (dim % heads != 0 || headDim() % 2 != 0) {
        return fail(Errc::Invalid,
            fmt::format("model dim {} must be an even multiple of its {} heads", dim, heads));
    }
    if (heads % kvHeads != 0) {
        return fail(Errc::Invalid,
            fmt::format("model heads {} must be a multiple of kvHeads {}", heads, kvHeads));
    }
    if (!std::isfinite(ropeTheta) || ropeTheta < 1.0F) {
        return fail(Errc::Invalid, "model ropeTheta must be a number of at least 1");
    }
    if (!std::isfinite(normEps) || normEps <= 0.0F || normEps > 0.1F) {
        return fail(Errc::Invalid, "model normEps must be above 0 and at most 0.1");
    }
    return {};
}

double ModelConfig::trainingFlopPerToken(std::size_t length) const
{
    const double width = dim;
    const double perLayer = width * qkvDim() + width * width + 3.0 * width * ffn;
    const double products = layers * perLayer + width * vocab;
    return 6.0 * products + 12.0 * layers * width * static_cast<double>(length);
}

std::string ModelConfig::toConfigJson() const
{
    // Shortest text that reads back as the same float, so that equal models give equal files.
    return fmt::format(R"({{
  "architectures": ["LlamaForCausalLM"],
  "attention_bias": false,
  "bos_token_id": 1,
  "eos_token_id": 2,
  "head_dim": {},
  "hidden_act": "silu",
  "hidden_size": {},
  "intermediate_size": {},
  "max_position_embeddings": {},
  "model_type": "llama",
  "num_attention_heads": {},
  "num_hidden_layers": {},
  "num_key_value_heads": {},
  "rms_norm_eps": {},
  "rope_theta": {},
  "tie_word_embeddings": {},
  "torch_dtype": "float32",
  "vocab_size": {}
}}
)",
        headDim(), dim, ffn, context, heads, layers, kvHeads, normEps, ropeTheta, tied, vocab);
}

} // namespace loam::ml
