// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backends.h"
#include "ml/gguf_writer.h"
#include "ml/model_file.h"

#include <filesystem>
#include <map>

/// Small models of every family: a GGUF file of random weights.
namespace loam::ops {

struct Recipe
{
    ml::Architecture architecture{ ml::Architecture::Llama };
    ml::WeightType type{ ml::WeightType::F32 };
    std::size_t kvHeads{ 2 };
    bool tied{ false };
    ml::Token eos{ 2 };

    bool isGemma() const { return architecture == ml::Architecture::Gemma3; }
    std::size_t heads() const { return 4; }
    std::size_t headDim() const { return isGemma() ? 32 : 16; }
    std::size_t qDim() const { return heads() * headDim(); }
    std::size_t kvDim() const { return kvHeads * headDim(); }
};

inline constexpr std::size_t kDim = 64;
inline constexpr std::size_t kFfn = 96;
inline constexpr std::size_t kLayers = 4;
inline constexpr std::size_t kVocab = 90;
inline constexpr std::size_t kModelContext = 96;
/// Gemma: layers 0, 1 and 3 see this many tokens, layer 2 all.
inline constexpr std::size_t kWindow = 7;
inline constexpr std::size_t kPattern = 3;
inline constexpr double kTheta = 5000.0;
inline constexpr double kLocalTheta = 300.0;
inline constexpr double kEps = 1e-5;

using Tensors = std::map<std::string, oracle::Values>;

/// Two letters each, so that a stop text can lie across tokens.
inline std::string pieceText(std::size_t token)
{
    return { static_cast<char>('a' + token % 26), static_cast<char>('A' + token / 26) };
}

/// Writes the file and returns the values that its tensors have once they are quantised.
inline Tensors writeModel(const std::filesystem::path& path, const Recipe& recipe)
{
    const std::string name{ ml::architectureName(recipe.architecture) };
    ml::GgufWriter out;
    const auto number = [&](const char* key, std::size_t value) {
        out.number(name + key, static_cast<std::uint32_t>(value));
    };
    out.text("general.architecture", name);
    number(".context_length", kModelContext);
    number(".embedding_length", kDim);
    number(".block_count", kLayers);
    number(".feed_forward_length", kFfn);
    number(".attention.head_count", recipe.heads());
    number(".attention.head_count_kv", recipe.kvHeads);
    number(".attention.key_length", recipe.headDim());
    number(".attention.value_length", recipe.headDim());
    out.real(name + ".attention.layer_norm_rms_epsilon", static_cast<float>(kEps));
    out.real(name + ".rope.freq_base", static_cast<float>(kTheta));
    if (recipe.isGemma()) {
        number(".attention.sliding_window", kWindow);
        number(".attention.sliding_window_pattern", kPattern);
        out.real(name + ".rope.freq_base_swa", static_cast<float>(kLocalTheta));
    }
    std::vector<std::string> texts{ "<unk>", "<s>", "</s>" };
    std::vector<std::int32_t> kinds{ 2, 3, 3 };
    while (texts.size() < kVocab) {
        texts.push_back(pieceText(texts.size()));
        kinds.push_back(1);
    }
    out.text("tokenizer.ggml.model", "llama");
    out.texts("tokenizer.ggml.tokens", texts);
    out.integers("tokenizer.ggml.token_type", kinds);
    out.number("tokenizer.ggml.bos_token_id", 1);
    out.number("tokenizer.ggml.eos_token_id", static_cast<std::uint32_t>(recipe.eos));
    out.number("tokenizer.ggml.unknown_token_id", 0);

    Tensors tensors;
    std::uint32_t stream = 40;
    const auto put = [&](const std::string& tensor, ml::WeightType type,
                         std::vector<std::uint64_t> shape, std::vector<float> values) {
        std::vector<std::byte> bytes(values.size() / shape[0] * ml::rowBytes(type, shape[0]));
        succeed(ml::quantise(type, bytes.data(), values));
        ml::dequantise(type, values, bytes.data());
        tensors[tensor] = widen(values);
        out.tensor(tensor, shape, type,
            [bytes = std::move(bytes)](ml::OutputFile& file) { return file.write(bytes); });
    };
    const auto weights = [&](std::size_t rows, std::size_t columns) {
        return noise(rows * columns, stream++, 1.5 / std::sqrt(static_cast<double>(columns)));
    };
    const auto matrix = [&](const std::string& tensor, std::size_t rows, std::size_t columns) {
        put(tensor, recipe.type, { columns, rows }, weights(rows, columns));
    };
    /// The control tokens have no weights, so that they are never the likeliest.
    const auto vocabularyMatrix = [&](const std::string& tensor) {
        std::vector<float> values = weights(kVocab, kDim);
        std::fill_n(values.begin(), 3 * kDim, 0.0F);
        put(tensor, recipe.type, { kDim, kVocab }, std::move(values));
    };
    const auto vector = [&](const std::string& tensor, std::size_t count, float middle) {
        std::vector<float> values = noise(count, stream++, 0.2);
        for (float& value : values) {
            value += middle;
        }
        put(tensor, ml::WeightType::F32, { count }, std::move(values));
    };
    vocabularyMatrix("token_embd.weight");
    if (!recipe.tied) {
        vocabularyMatrix("output.weight");
    }
    vector("output_norm.weight", kDim, 1.0F);
    for (std::size_t i = 0; i < kLayers; ++i) {
        const std::string blk = "blk." + std::to_string(i) + ".";
        vector(blk + "attn_norm.weight", kDim, 1.0F);
        vector(blk + "ffn_norm.weight", kDim, 1.0F);
        matrix(blk + "attn_q.weight", recipe.qDim(), kDim);
        matrix(blk + "attn_k.weight", recipe.kvDim(), kDim);
        matrix(blk + "attn_v.weight", recipe.kvDim(), kDim);
        matrix(blk + "attn_output.weight", kDim, recipe.qDim());
        matrix(blk + "ffn_gate.weight", kFfn, kDim);
        matrix(blk + "ffn_up.weight", kFfn, kDim);
        matrix(blk + "ffn_down.weight", kDim, kFfn);
        if (recipe.architecture == ml::Architecture::Qwen2) {
            vector(blk + "attn_q.bias", recipe.qDim(), 0.0F);
            vector(blk + "attn_k.bias", recipe.kvDim(), 0.0F);
            vector(blk + "attn_v.bias", recipe.kvDim(), 0.0F);
        }
        if (recipe.isGemma()) {
            vector(blk + "attn_q_norm.weight", recipe.headDim(), 1.0F);
            vector(blk + "attn_k_norm.weight", recipe.headDim(), 1.0F);
            vector(blk + "post_attention_norm.weight", kDim, 1.0F);
            vector(blk + "post_ffw_norm.weight", kDim, 1.0F);
        }
    }
    succeed(out.write(path));
    return tensors;
}

} // namespace loam::ops
