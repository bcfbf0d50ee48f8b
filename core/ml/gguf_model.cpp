// SPDX-License-Identifier: GPL-3.0-or-later
// What a GGUF file's metadata say about the model in it.
#include "ml/model_parts.h"
#include "ml/tensor_shelf.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>

namespace loam::ml {

using base::Errc;
using base::Result;

namespace {

    /// The value of general.file_type and the name it goes by.
    constexpr std::array<std::string_view, 33> kFileTypes{ "F32", "F16", "Q4_0", "Q4_1", "", "", "",
        "Q8_0", "Q5_0", "Q5_1", "Q2_K", "Q3_K_S", "Q3_K_M", "Q3_K_L", "Q4_K_S", "Q4_K_M", "Q5_K_S",
        "Q5_K_M", "Q6_K", "", "", "Q2_K_S", "", "", "", "", "", "", "", "", "", "", "BF16" };

    /// Gemma 3 27B is the one of its family that scales attention by width / heads.
    constexpr std::uint32_t kLayersOfGemma27B = 62;
    constexpr std::uint32_t kGemmaPattern = 6;
    constexpr float kGemmaLocalTheta = 10000.0F;

    /// Reads the keys of one architecture.
    class Keys
    {
    public:
        Keys(const Gguf& file, std::string_view architecture)
            : m_file{ file }
            , m_prefix{ fmt::format("{}.", architecture) }
        {
        }

        std::string full(std::string_view key) const { return m_prefix + std::string{ key }; }
        bool has(std::string_view key) const { return m_file.has(full(key)); }

        Result<std::uint32_t> size(
            std::string_view key, std::optional<std::uint32_t> otherwise = {}) const
        {
            TRY_ASSIGN(const std::optional<std::uint64_t> value, m_file.integer(full(key)));
            if (!value && !otherwise) {
                return m_file.error(Errc::Invalid, fmt::format("{} is missing", full(key)));
            }
            if (value && *value > std::numeric_limits<std::uint32_t>::max()) {
                return m_file.error(
                    Errc::Invalid, fmt::format("{} is {}, too large", full(key), *value));
            }
            return value ? static_cast<std::uint32_t>(*value) : *otherwise;
        }

        Result<float> number(std::string_view key, float otherwise) const
        {
            TRY_ASSIGN(const std::optional<double> value, m_file.number(full(key)));
            return value ? static_cast<float>(*value) : otherwise;
        }

        Result<std::string_view> text(std::string_view key) const
        {
            TRY_ASSIGN(const std::optional<std::string_view> value, m_file.text(full(key)));
            return value.value_or("");
        }

    private:
        const Gguf& m_file;
        std::string m_prefix;
    };

    Result<Architecture> architectureOf(const Gguf& file)
    {
        TRY_ASSIGN(const std::optional<std::string_view> name, file.text("general.architecture"));
        if (!name) {
            return file.error(Errc::Invalid, "general.architecture is missing");
        }
        for (const Architecture one :
            { Architecture::Llama, Architecture::Qwen2, Architecture::Gemma3 }) {
            if (architectureName(one) == *name) {
                return one;
            }
        }
        return file.error(Errc::Invalid,
            fmt::format(
                "the architecture {} is not known: choose a llama, qwen2 or gemma3 model", *name));
    }

    /// Features that change the computation and that Loam does not have.
    Result<> refuseForeign(const Gguf& file, const Keys& keys)
    {
        TRY_ASSIGN(const std::uint32_t experts, keys.size("expert_count", 0));
        if (experts > 0) {
            return file.error(Errc::Invalid, "mixtures of experts are not supported");
        }
        TRY_ASSIGN(const std::optional<std::uint64_t> parts, file.integer("split.count"));
        if (parts.value_or(1) > 1) {
            return file.error(Errc::Invalid,
                fmt::format("one of {} parts of a model: merge them into one file first", *parts));
        }
        TRY_ASSIGN(const float softcap, keys.number("final_logit_softcapping", 0.0F));
        if (softcap != 0.0F) {
            return file.error(Errc::Invalid, "capped logits are not supported");
        }
        return {};
    }

    Result<> readRope(ModelShape& shape, const Gguf& file, const Keys& keys)
    {
        TRY_ASSIGN(shape.ropeTheta, keys.number("rope.freq_base", 10000.0F));
        TRY_ASSIGN(const std::uint32_t turned, keys.size("rope.dimension_count", shape.headDim));
        if (turned != shape.headDim) {
            return file.error(Errc::Invalid,
                fmt::format("heads of width {} that turn only {} elements are not supported",
                    shape.headDim, turned));
        }
        TRY_ASSIGN(const std::string_view scaling, keys.text("rope.scaling.type"));
        if (scaling.empty() || scaling == "linear") {
            // Older files have the factor under another name and no type.
            TRY_ASSIGN(const float old, keys.number("rope.scale_linear", 1.0F));
            TRY_ASSIGN(shape.ropeScale, keys.number("rope.scaling.factor", old));
        } else if (scaling != "none") {
            return file.error(Errc::Invalid,
                fmt::format("the rotary scaling {} is not supported, only linear", scaling));
        }
        return {};
    }

    Result<> readWindow(ModelShape& shape, const Gguf& file, const Keys& keys)
    {
        TRY_ASSIGN(shape.window, keys.size("attention.sliding_window", 0));
        if (shape.window == 0) {
            return {};
        }
        shape.windowPattern = kGemmaPattern;
        if (const GgufValue* pattern = file.value(keys.full("attention.sliding_window_pattern"));
            pattern != nullptr && !pattern->isArray) {
            TRY_ASSIGN(shape.windowPattern, keys.size("attention.sliding_window_pattern"));
        }
        TRY_ASSIGN(shape.localRopeTheta, keys.number("rope.freq_base_swa", kGemmaLocalTheta));
        return {};
    }

    Result<ModelShape> shapeOf(const Gguf& file, Architecture architecture)
    {
        const Keys keys{ file, architectureName(architecture) };
        TRY(refuseForeign(file, keys));
        ModelShape shape;
        shape.architecture = architecture;
        TRY_ASSIGN(shape.dim, keys.size("embedding_length"));
        TRY_ASSIGN(shape.layers, keys.size("block_count"));
        TRY_ASSIGN(shape.heads, keys.size("attention.head_count"));
        TRY_ASSIGN(shape.kvHeads, keys.size("attention.head_count_kv", shape.heads));
        TRY_ASSIGN(shape.ffn, keys.size("feed_forward_length"));
        TRY_ASSIGN(shape.context, keys.size("context_length"));
        const std::uint32_t usual = shape.heads > 0 ? shape.dim / shape.heads : 0;
        TRY_ASSIGN(shape.headDim, keys.size("attention.key_length", usual));
        TRY_ASSIGN(const std::uint32_t valueDim, keys.size("attention.value_length", usual));
        if (valueDim != shape.headDim) {
            return file.error(Errc::Invalid, "keys and values of different width");
        }
        TRY_ASSIGN(shape.normEps, keys.number("attention.layer_norm_rms_epsilon", 1e-5F));
        TRY(readRope(shape, file, keys));
        shape.attentionScale = 1.0F / std::sqrt(static_cast<float>(shape.headDim));
        shape.ropeStyle
            = architecture == Architecture::Llama ? RopeStyle::Pairs : RopeStyle::Halves;
        if (architecture == Architecture::Gemma3) {
            TRY(readWindow(shape, file, keys));
            shape.embeddingScale = std::sqrt(static_cast<float>(shape.dim));
            shape.activation = Activation::GeluTanh;
            if (shape.layers == kLayersOfGemma27B) {
                shape.attentionScale = 1.0F / std::sqrt(static_cast<float>(usual));
            }
        }
        const GgufTensor* embedding = file.tensor(ggufNames().embedding);
        if (embedding == nullptr || embedding->shape.size() != 2
            || embedding->shape[1] > std::numeric_limits<std::uint32_t>::max()) {
            return file.error(Errc::Invalid, "the embedding (token_embd.weight) is missing");
        }
        shape.vocab = static_cast<std::uint32_t>(embedding->shape[1]);
        return shape;
    }

    std::string quantisationOf(const Gguf& file, std::optional<std::uint64_t> fileType)
    {
        if (fileType && *fileType < kFileTypes.size() && !kFileTypes[*fileType].empty()) {
            return std::string{ kFileTypes[*fileType] };
        }
        std::map<WeightType, std::uint64_t> counts;
        for (const GgufTensor& tensor : file.tensors()) {
            counts[tensor.type] += tensor.count();
        }
        const auto most
            = std::ranges::max_element(counts, {}, [](const auto& one) { return one.second; });
        return std::string{ weightTypeName(most->first) };
    }

} // namespace

Result<ModelParts> partsFromGguf(std::shared_ptr<const Gguf> file)
{
    TRY_ASSIGN(const Architecture architecture, architectureOf(*file));
    ModelParts parts;
    ModelDescription& about = parts.description;
    TRY_ASSIGN(about.shape, shapeOf(*file, architecture));
    TensorShelf shelf{ file->name() };
    for (const GgufTensor& tensor : file->tensors()) {
        TRY(shelf.put(std::string{ tensor.name },
            { tensor.type, { tensor.shape.rbegin(), tensor.shape.rend() }, tensor.bytes }));
        about.parameters += tensor.name == "rope_freqs.weight" ? 0 : tensor.count();
    }
    if (shelf.has("rope_freqs.weight")) {
        TRY_ASSIGN(
            about.shape.ropeFactors, shelf.vector("rope_freqs.weight", about.shape.headDim / 2));
    }
    if (const auto checked = checkShape(about.shape); !checked) {
        return file->error(checked.error().code, checked.error().message);
    }
    TRY_ASSIGN(parts.tensors, takeTensors(shelf, ggufNames(), about.shape, NormGains::AsStored));
    TRY(shelf.allTaken());

    TRY_ASSIGN(const std::optional<std::string_view> name, file->text("general.name"));
    about.name = name.value_or(file->name());
    TRY_ASSIGN(const std::optional<std::string_view> licence, file->text("general.license"));
    about.licence = licence.value_or("");
    TRY_ASSIGN(const std::optional<std::uint64_t> fileType, file->integer("general.file_type"));
    about.quantisation = quantisationOf(*file, fileType);
    about.bytes = file->bytes();

    TRY_ASSIGN(Vocabulary vocabulary, vocabularyFromGguf(*file));
    if (vocabulary.pieces.size() != about.shape.vocab) {
        return file->error(Errc::Corrupt,
            fmt::format("the vocabulary has {} tokens, the embedding {} rows",
                vocabulary.pieces.size(), about.shape.vocab));
    }
    auto codec = TextCodec::create(std::move(vocabulary));
    if (!codec) {
        return file->error(codec.error().code, codec.error().message);
    }
    parts.text = std::move(*codec);
    parts.files = std::move(file);
    return parts;
}

} // namespace loam::ml
