// SPDX-License-Identifier: GPL-3.0-or-later
#include "ml/hugging_face.h"
#include "ml/rope_scaling.h"
#include "ml/tensor_shelf.h"

#include <fmt/format.h>

#include <cmath>

namespace loam::ml {

using base::Errc;
using base::Result;

namespace {

    Result<Architecture> architectureOf(const JsonFields& config)
    {
        const nlohmann::json* list = config.find("architectures");
        const bool isOne
            = list != nullptr && list->is_array() && list->size() == 1 && list->front().is_string();
        const std::string name = isOne ? list->front().get<std::string>() : std::string{};
        if (name == "LlamaForCausalLM") {
            return Architecture::Llama;
        }
        if (name == "Qwen2ForCausalLM") {
            return Architecture::Qwen2;
        }
        if (name == "Gemma3ForCausalLM") {
            return Architecture::Gemma3;
        }
        return config.error(Errc::Invalid,
            fmt::format("the architecture {} is not known: choose a LlamaForCausalLM, "
                        "Qwen2ForCausalLM or Gemma3ForCausalLM",
                isOne ? name : "(none)"));
    }

    Result<std::vector<float>> llama3Factors(const JsonFields& scaling, const ModelShape& shape)
    {
        Llama3Scaling out;
        TRY_ASSIGN(out.factor, scaling.number("factor", out.factor));
        TRY_ASSIGN(out.low, scaling.number("low_freq_factor", out.low));
        TRY_ASSIGN(out.high, scaling.number("high_freq_factor", out.high));
        TRY_ASSIGN(out.context, scaling.needSize("original_max_position_embeddings"));
        if (!(out.factor >= 1.0F && out.low > 0.0F && out.high > out.low && out.context > 0)) {
            return scaling.error(Errc::Invalid, "impossible factors");
        }
        return ropeFactors(out, shape.ropeTheta, shape.headDim);
    }

    Result<> readScaling(ModelShape& shape, const JsonFields& scaling)
    {
        TRY_ASSIGN(const std::string old, scaling.text("type", "default"));
        TRY_ASSIGN(const std::string type, scaling.text("rope_type", old));
        if (type == "linear") {
            TRY_ASSIGN(shape.ropeScale, scaling.number("factor", 1.0F));
        } else if (type == "llama3") {
            TRY_ASSIGN(shape.ropeFactors, llama3Factors(scaling, shape));
        } else if (type != "default") {
            return scaling.error(
                Errc::Invalid, fmt::format("the rotary scaling {} is not supported", type));
        }
        return {};
    }

    Result<> readRope(ModelShape& shape, const JsonFields& config)
    {
        const bool isGemma = shape.architecture == Architecture::Gemma3;
        TRY_ASSIGN(shape.ropeTheta, config.number("rope_theta", isGemma ? 1e6F : 10000.0F));
        if (isGemma) {
            TRY_ASSIGN(shape.localRopeTheta, config.number("rope_local_base_freq", 10000.0F));
        }
        TRY_ASSIGN(const auto scaling, config.object("rope_scaling"));
        if (scaling) {
            TRY(readScaling(shape, *scaling));
        }
        // Newer files keep base and scaling together, for Gemma once for each kind of layer.
        TRY_ASSIGN(auto parameters, config.object("rope_parameters"));
        if (parameters && isGemma) {
            TRY_ASSIGN(const auto local, parameters->object("sliding_attention"));
            if (local) {
                TRY_ASSIGN(shape.localRopeTheta, local->number("rope_theta", shape.localRopeTheta));
            }
            TRY_ASSIGN(auto global, parameters->object("full_attention"));
            if (global) {
                parameters = std::move(global);
            }
        }
        if (parameters) {
            TRY_ASSIGN(shape.ropeTheta, parameters->number("rope_theta", shape.ropeTheta));
            TRY(readScaling(shape, *parameters));
        }
        return {};
    }

    Result<> readGemma(ModelShape& shape, const JsonFields& config)
    {
        shape.embeddingScale = std::sqrt(static_cast<float>(shape.dim));
        TRY_ASSIGN(const float scalar, config.number("query_pre_attn_scalar", 256.0F));
        shape.attentionScale = 1.0F / std::sqrt(scalar);
        TRY_ASSIGN(const auto window, config.size("sliding_window"));
        TRY_ASSIGN(const auto pattern, config.size("sliding_window_pattern"));
        TRY_ASSIGN(const auto pattern2, config.size("_sliding_window_pattern"));
        shape.window = window.value_or(4096);
        shape.windowPattern = pattern.value_or(pattern2.value_or(6));
        const nlohmann::json* kinds = config.find("layer_types");
        if (kinds == nullptr) {
            return {};
        }
        bool fits = kinds->is_array() && kinds->size() == shape.layers;
        for (std::uint32_t i = 0; fits && i < shape.layers; ++i) {
            fits = (*kinds)[i] == (shape.isLocal(i) ? "sliding_attention" : "full_attention");
        }
        if (!fits) {
            return config.error(Errc::Invalid,
                fmt::format(
                    "layer_types do not make every layer number {} global", shape.windowPattern));
        }
        return {};
    }

    /// What Loam's forward pass does not do.
    Result<> refuseForeign(const JsonFields& config, Architecture architecture)
    {
        const bool isGemma = architecture == Architecture::Gemma3;
        TRY_ASSIGN(const std::string act, config.text("hidden_act", isGemma ? "" : "silu"));
        TRY_ASSIGN(const std::string activation,
            config.text("hidden_activation", isGemma ? "gelu_pytorch_tanh" : act));
        if (activation != (isGemma ? "gelu_pytorch_tanh" : "silu")) {
            return config.error(
                Errc::Invalid, fmt::format("the activation {} is not supported", activation));
        }
        TRY_ASSIGN(const bool biasedMlp, config.flag("mlp_bias", false));
        TRY_ASSIGN(const bool slides, config.flag("use_sliding_window", false));
        TRY_ASSIGN(const float cap, config.number("final_logit_softcapping", 0.0F));
        TRY_ASSIGN(const float attentionCap, config.number("attn_logit_softcapping", 0.0F));
        if (biasedMlp || (slides && !isGemma) || cap != 0.0F || attentionCap != 0.0F) {
            return config.error(Errc::Invalid,
                "biases in the feed-forward part, sliding windows outside of Gemma and capped "
                "logits are not supported");
        }
        return {};
    }

    /// One token or the first of a list.
    Token tokenOf(const nlohmann::json* value)
    {
        if (value != nullptr && value->is_array() && !value->empty()) {
            value = &value->front();
        }
        constexpr std::uint64_t kMost = 1U << 30U;
        return value != nullptr && value->is_number_unsigned()
                && value->get<std::uint64_t>() < kMost
            ? value->get<Token>()
            : Token{ -1 };
    }

} // namespace

Result<HuggingFaceConfig> parseHuggingFaceConfig(const JsonFields& config)
{
    HuggingFaceConfig out;
    ModelShape& shape = out.shape;
    TRY_ASSIGN(shape.architecture, architectureOf(config));
    const bool isGemma = shape.architecture == Architecture::Gemma3;
    TRY(refuseForeign(config, shape.architecture));
    TRY_ASSIGN(shape.dim, config.needSize("hidden_size"));
    TRY_ASSIGN(shape.layers, config.needSize("num_hidden_layers"));
    TRY_ASSIGN(shape.heads, config.needSize("num_attention_heads"));
    TRY_ASSIGN(const auto kvHeads, config.size("num_key_value_heads"));
    shape.kvHeads = kvHeads.value_or(shape.heads);
    TRY_ASSIGN(const auto headDim, config.size("head_dim"));
    const std::uint32_t usual = shape.heads > 0 ? shape.dim / shape.heads : 0;
    shape.headDim = headDim.value_or(isGemma ? 256 : usual);
    TRY_ASSIGN(shape.ffn, config.needSize("intermediate_size"));
    TRY_ASSIGN(shape.vocab, config.needSize("vocab_size"));
    TRY_ASSIGN(const auto context, config.size("max_position_embeddings"));
    shape.context = context.value_or(2048);
    TRY_ASSIGN(shape.normEps, config.number("rms_norm_eps", 1e-6F));
    shape.ropeStyle = RopeStyle::Halves;
    shape.attentionScale = 1.0F / std::sqrt(static_cast<float>(shape.headDim));
    shape.activation = isGemma ? Activation::GeluTanh : Activation::Silu;
    if (isGemma) {
        TRY(readGemma(shape, config));
    }
    // The factors of Llama 3 need a head's width that is known to be sane.
    ModelShape plain = shape;
    plain.ropeTheta = 1.0F;
    if (const auto checked = checkShape(plain); !checked) {
        return config.error(checked.error().code, checked.error().message);
    }
    TRY(readRope(shape, config));
    if (const auto checked = checkShape(shape); !checked) {
        return config.error(checked.error().code, checked.error().message);
    }
    TRY_ASSIGN(out.isTied, config.flag("tie_word_embeddings", isGemma));
    out.bos = tokenOf(config.find("bos_token_id"));
    out.eos = tokenOf(config.find("eos_token_id"));
    return out;
}

} // namespace loam::ml
