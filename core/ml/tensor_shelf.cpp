// SPDX-License-Identifier: GPL-3.0-or-later
#include "ml/tensor_shelf.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

namespace loam::ml {

using base::Errc;
using base::fail;
using base::Result;

TensorNames ggufNames()
{
    return { "token_embd.weight", "output_norm.weight", "output.weight", "blk.",
        { "attn_norm.weight", "attn_q.weight", "attn_k.weight", "attn_v.weight", "attn_q.bias",
            "attn_k.bias", "attn_v.bias", "attn_q_norm.weight", "attn_k_norm.weight",
            "attn_output.weight", "post_attention_norm.weight", "ffn_norm.weight",
            "ffn_gate.weight", "ffn_up.weight", "ffn_down.weight", "post_ffw_norm.weight" } };
}

TensorNames huggingFaceNames(Architecture architecture)
{
    TensorNames out{ "model.embed_tokens.weight", "model.norm.weight", "lm_head.weight",
        "model.layers.",
        { "input_layernorm.weight", "self_attn.q_proj.weight", "self_attn.k_proj.weight",
            "self_attn.v_proj.weight", "self_attn.q_proj.bias", "self_attn.k_proj.bias",
            "self_attn.v_proj.bias", "self_attn.q_norm.weight", "self_attn.k_norm.weight",
            "self_attn.o_proj.weight", "", "post_attention_layernorm.weight",
            "mlp.gate_proj.weight", "mlp.up_proj.weight", "mlp.down_proj.weight", "" } };
    if (architecture == Architecture::Gemma3) {
        // The name that is the norm before the feed-forward elsewhere.
        out.layer.postAttentionNorm = "post_attention_layernorm.weight";
        out.layer.ffnNorm = "pre_feedforward_layernorm.weight";
        out.layer.postFfnNorm = "post_feedforward_layernorm.weight";
    }
    return out;
}

TensorShelf::TensorShelf(std::string file)
    : m_file{ std::move(file) }
{
}

tl::unexpected<base::Error> TensorShelf::error(Errc code, std::string_view what) const
{
    return fail(code, fmt::format("{}: {}", m_file, what));
}

Result<> TensorShelf::put(std::string name, StoredTensor tensor)
{
    const auto [place, isNew] = m_tensors.emplace(std::move(name), std::move(tensor));
    if (!isNew) {
        return error(Errc::Corrupt, fmt::format("the tensor {} occurs twice", place->first));
    }
    m_taken.emplace(place->first, false);
    return {};
}

Result<const StoredTensor*> TensorShelf::take(const std::string& name)
{
    const auto found = m_tensors.find(name);
    if (found == m_tensors.end()) {
        return error(Errc::Invalid, fmt::format("the tensor {} is missing", name));
    }
    m_taken[name] = true;
    return &found->second;
}

Result<WeightSource> TensorShelf::matrix(
    const std::string& name, std::uint64_t rows, std::uint64_t columns)
{
    TRY_ASSIGN(const StoredTensor* tensor, take(name));
    if (tensor->shape != std::vector{ rows, columns }) {
        return error(Errc::Invalid,
            fmt::format("the tensor {} is [{}], this model needs [{}, {}]", name,
                fmt::join(tensor->shape, ", "), rows, columns));
    }
    return WeightSource{ tensor->type, rows, columns, tensor->bytes };
}

Result<std::vector<float>> TensorShelf::vector(const std::string& name, std::uint64_t size)
{
    TRY_ASSIGN(const StoredTensor* tensor, take(name));
    if (tensor->shape != std::vector{ size }) {
        return error(Errc::Invalid,
            fmt::format("the tensor {} is [{}], this model needs [{}]", name,
                fmt::join(tensor->shape, ", "), size));
    }
    std::vector<float> out(size);
    dequantise(tensor->type, out, tensor->bytes.data());
    if (!std::ranges::all_of(out, [](float value) { return std::isfinite(value); })) {
        return error(Errc::Corrupt, fmt::format("the tensor {} holds what is no number", name));
    }
    return out;
}

void TensorShelf::ignore(const std::string& name)
{
    if (has(name)) {
        m_taken[name] = true;
    }
}

Result<> TensorShelf::allTaken() const
{
    const auto left = std::ranges::find_if(m_taken, [](const auto& one) { return !one.second; });
    if (left != m_taken.end()) {
        return error(Errc::Invalid,
            fmt::format("the tensor {} is none that this architecture has", left->first));
    }
    return {};
}

namespace {

    /// Takes the tensors of one layer, or of what stands around the layers.
    class Taker
    {
    public:
        Taker(TensorShelf& shelf, NormGains gains, std::string prefix)
            : m_shelf{ shelf }
            , m_gains{ gains }
            , m_prefix{ std::move(prefix) }
        {
        }

        bool has(std::string_view name) const { return !name.empty() && m_shelf.has(full(name)); }

        Result<> matrix(
            WeightSource& to, std::string_view name, std::uint64_t rows, std::uint64_t columns)
        {
            TRY_ASSIGN(to, m_shelf.matrix(full(name), rows, columns));
            return {};
        }

        Result<> vector(std::vector<float>& to, std::string_view name, std::uint64_t size)
        {
            TRY_ASSIGN(to, m_shelf.vector(full(name), size));
            return {};
        }

        Result<> norm(std::vector<float>& to, std::string_view name, std::uint64_t size)
        {
            TRY(vector(to, name, size));
            if (m_gains == NormGains::LessOne) {
                std::ranges::for_each(to, [](float& gain) { gain += 1.0F; });
            }
            return {};
        }

    private:
        std::string full(std::string_view name) const { return m_prefix + std::string{ name }; }

        TensorShelf& m_shelf;
        NormGains m_gains;
        std::string m_prefix;
    };

    Result<> takeLayer(
        LayerTensors& layer, Taker from, const TensorNames::Layer& names, const ModelShape& shape)
    {
        const std::uint64_t q = std::uint64_t{ shape.heads } * shape.headDim;
        const std::uint64_t kv = std::uint64_t{ shape.kvHeads } * shape.headDim;
        TRY(from.norm(layer.attentionNorm, names.attentionNorm, shape.dim));
        TRY(from.matrix(layer.q, names.q, q, shape.dim));
        TRY(from.matrix(layer.k, names.k, kv, shape.dim));
        TRY(from.matrix(layer.v, names.v, kv, shape.dim));
        TRY(from.matrix(layer.output, names.output, shape.dim, q));
        TRY(from.norm(layer.ffnNorm, names.ffnNorm, shape.dim));
        TRY(from.matrix(layer.gate, names.gate, shape.ffn, shape.dim));
        TRY(from.matrix(layer.up, names.up, shape.ffn, shape.dim));
        TRY(from.matrix(layer.down, names.down, shape.dim, shape.ffn));
        // Some llamas have biases, all Qwen 2 do.
        const bool biased = shape.architecture == Architecture::Qwen2
            || (shape.architecture == Architecture::Llama && from.has(names.qBias));
        if (biased) {
            TRY(from.vector(layer.qBias, names.qBias, q));
            TRY(from.vector(layer.kBias, names.kBias, kv));
            TRY(from.vector(layer.vBias, names.vBias, kv));
        }
        if (shape.architecture == Architecture::Gemma3) {
            TRY(from.norm(layer.qNorm, names.qNorm, shape.headDim));
            TRY(from.norm(layer.kNorm, names.kNorm, shape.headDim));
            TRY(from.norm(layer.postAttentionNorm, names.postAttentionNorm, shape.dim));
            TRY(from.norm(layer.postFfnNorm, names.postFfnNorm, shape.dim));
        }
        return {};
    }

    Result<> inRange(std::string_view field, std::uint64_t value, std::uint64_t most)
    {
        if (value == 0 || value > most) {
            return fail(Errc::Invalid,
                fmt::format("a model's {} is {}, must be 1 to {}", field, value, most));
        }
        return {};
    }

    bool isPositive(float value)
    {
        return std::isfinite(value) && value > 0.0F;
    }

} // namespace

Result<ModelTensors> takeTensors(
    TensorShelf& shelf, const TensorNames& names, const ModelShape& shape, NormGains gains)
{
    ModelTensors out;
    Taker whole{ shelf, gains, "" };
    TRY(whole.matrix(out.embedding, names.embedding, shape.vocab, shape.dim));
    TRY(whole.norm(out.outputNorm, names.outputNorm, shape.dim));
    out.tied = !whole.has(names.head);
    if (out.tied) {
        out.head = out.embedding;
    } else {
        TRY(whole.matrix(out.head, names.head, shape.vocab, shape.dim));
    }
    for (std::uint32_t i = 0; i < shape.layers; ++i) {
        LayerTensors layer;
        TRY(takeLayer(layer, Taker{ shelf, gains, fmt::format("{}{}.", names.layerPrefix, i) },
            names.layer, shape));
        out.layers.push_back(std::move(layer));
    }
    return out;
}

Result<> checkShape(const ModelShape& shape)
{
    // Generous for what a home computer holds, small enough that no product overflows.
    TRY(inRange("width", shape.dim, 65'536));
    TRY(inRange("layer count", shape.layers, 512));
    TRY(inRange("head count", shape.heads, 1'024));
    TRY(inRange("key head count", shape.kvHeads, shape.heads));
    TRY(inRange("head width", shape.headDim, 1'024));
    TRY(inRange("feed-forward width", shape.ffn, 1U << 20U));
    TRY(inRange("vocabulary", shape.vocab, 1U << 21U));
    TRY(inRange("context", shape.context, 1U << 26U));
    if (shape.headDim % 2 != 0 || shape.heads % shape.kvHeads != 0) {
        return fail(Errc::Invalid,
            fmt::format("{} heads of width {} do not share {} key heads", shape.heads,
                shape.headDim, shape.kvHeads));
    }
    if (!isPositive(shape.normEps) || shape.normEps > 0.1F) {
        return fail(Errc::Invalid, "a model's norm epsilon must be above 0 and at most 0.1");
    }
    if (!isPositive(shape.ropeTheta) || !isPositive(shape.ropeScale)
        || !(shape.localRopeTheta == 0.0F || isPositive(shape.localRopeTheta))) {
        return fail(Errc::Invalid, "a model's rotary base and scale must be positive numbers");
    }
    if (!shape.ropeFactors.empty()
        && (shape.ropeFactors.size() != shape.headDim / 2
            || !std::ranges::all_of(shape.ropeFactors, isPositive))) {
        return fail(Errc::Invalid, "a model's rotary factors must be positive numbers, one a pair");
    }
    if (!isPositive(shape.embeddingScale) || !isPositive(shape.attentionScale)) {
        return fail(Errc::Invalid, "a model's scales must be positive numbers");
    }
    if (shape.windowPattern > 0 && shape.window == 0) {
        return fail(Errc::Invalid, "a model with local layers must say how far they see");
    }
    return {};
}

} // namespace loam::ml
