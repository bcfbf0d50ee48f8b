// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/file.h"
#include "ml/model_export.h"
#include "ml/rope_scaling.h"
#include "ml/safetensors.h"
#include "ml/sentencepiece_model.h"
#include "ml/tensor_shelf.h"
#include "ml/tokenizer_json.h"
#include "ml/weight_convert.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <functional>

namespace loam::ml {

using base::Errc;
using base::fail;
using base::Result;
using Json = nlohmann::ordered_json;

namespace {

    Result<DType> dtypeOf(WeightType type)
    {
        if (type == WeightType::F32) {
            return DType::F32;
        }
        if (type == WeightType::F16) {
            return DType::F16;
        }
        if (type == WeightType::BF16) {
            return DType::BF16;
        }
        return fail(Errc::Invalid,
            fmt::format("safetensors hold no {}: choose F32, F16 or BF16", weightTypeName(type)));
    }

    std::string_view torchName(WeightType type)
    {
        return type == WeightType::F32 ? "float32"
            : type == WeightType::F16  ? "float16"
                                       : "bfloat16";
    }

    std::string_view className(Architecture architecture)
    {
        switch (architecture) {
        case Architecture::Llama:
            return "LlamaForCausalLM";
        case Architecture::Qwen2:
            return "Qwen2ForCausalLM";
        case Architecture::Gemma3:
            return "Gemma3ForCausalLM";
        }
        return {};
    }

    /// The shortest decimal text of a float, so that 1e-5F becomes 1e-05 and not its 17 digits;
    /// whole numbers keep a fraction, for programs that want one.
    Json shortest(float value)
    {
        return Json::parse(fmt::format("{}", value)).get<double>();
    }

    /// null when positions are as they are.
    Result<Json> ropeScaling(const ModelShape& shape)
    {
        if (shape.ropeFactors.empty()) {
            return shape.ropeScale == 1.0F
                ? Json{}
                : Json{ { "rope_type", "linear" }, { "factor", shortest(shape.ropeScale) } };
        }
        const auto llama3 = scalingOf(shape.ropeFactors, shape.ropeTheta);
        if (!llama3 || shape.ropeScale != 1.0F) {
            return fail(Errc::Invalid,
                "rotary factors other than those of Llama 3 have no form in config.json: export "
                "to GGUF");
        }
        return Json{ { "rope_type", "llama3" }, { "factor", shortest(llama3->factor) },
            { "low_freq_factor", shortest(llama3->low) },
            { "high_freq_factor", shortest(llama3->high) },
            { "original_max_position_embeddings", llama3->context } };
    }

    std::string configText(const ModelFile& model, WeightType type, Json scaling)
    {
        const ModelShape& shape = model.description().shape;
        const Vocabulary& vocabulary = model.text().vocabulary();
        const bool isGemma = shape.architecture == Architecture::Gemma3;
        Json out;
        out["architectures"] = { className(shape.architecture) };
        out["model_type"] = isGemma ? "gemma3_text" : architectureName(shape.architecture);
        out["hidden_size"] = shape.dim;
        out["num_hidden_layers"] = shape.layers;
        out["num_attention_heads"] = shape.heads;
        out["num_key_value_heads"] = shape.kvHeads;
        out["head_dim"] = shape.headDim;
        out["intermediate_size"] = shape.ffn;
        out["vocab_size"] = shape.vocab;
        out["max_position_embeddings"] = shape.context;
        out["rms_norm_eps"] = shortest(shape.normEps);
        out["rope_theta"] = shortest(shape.ropeTheta);
        out["tie_word_embeddings"] = model.tensors().tied;
        out["torch_dtype"] = torchName(type);
        out[isGemma ? "hidden_activation" : "hidden_act"] = isGemma ? "gelu_pytorch_tanh" : "silu";
        if (vocabulary.bos >= 0) {
            out["bos_token_id"] = vocabulary.bos;
        }
        if (vocabulary.eos >= 0) {
            out["eos_token_id"] = vocabulary.eos;
        }
        if (shape.architecture == Architecture::Llama) {
            out["attention_bias"] = !model.tensors().layers.front().qBias.empty();
        }
        if (!scaling.is_null()) {
            out["rope_scaling"] = std::move(scaling);
        }
        if (isGemma) {
            // A whole number in every model of the family.
            out["query_pre_attn_scalar"]
                = std::lround(1.0F / (shape.attentionScale * shape.attentionScale));
            out["sliding_window"] = shape.window;
            out["sliding_window_pattern"] = shape.windowPattern;
            out["rope_local_base_freq"] = shortest(shape.localRopeTheta);
        }
        return out.dump(2) + "\n";
    }

    /// How transformers write an answer: it ends where Loam's would.
    std::string generationText(const TextCodec& text)
    {
        const Vocabulary& vocabulary = text.vocabulary();
        Json out = Json::object();
        const auto put = [&](const char* key, Token token) {
            if (token >= 0) {
                out[key] = token;
            }
        };
        put("bos_token_id", vocabulary.bos);
        put("pad_token_id", vocabulary.padding);
        std::vector<Token> ends;
        for (Token token = 0; token < static_cast<Token>(vocabulary.pieces.size()); ++token) {
            if (text.endsAnswer(token)) {
                ends.push_back(token);
            }
        }
        if (!ends.empty()) {
            out["eos_token_id"] = ends.size() == 1 ? Json(ends.front()) : Json(ends);
        }
        return out.dump(2) + "\n";
    }

    /// The tensors in the order in which they are written, with what writes them.
    class TensorList
    {
    public:
        TensorList(DType dtype, WeightType type, NormGains gains)
            : m_dtype{ dtype }
            , m_type{ type }
            , m_gains{ gains }
        {
        }

        void matrix(std::string name, const WeightSource& source, const RowOrder& order = {})
        {
            m_entries.push_back(
                { std::move(name), m_dtype, { source.rows, source.columns }, 0, 0 });
            m_bodies.push_back([source, order, type = m_type](OutputFile& file) {
                return writeConverted(file, source, type, order);
            });
        }

        void vector(std::string name, std::vector<float> values)
        {
            if (values.empty()) {
                return;
            }
            m_entries.push_back({ std::move(name), m_dtype, { values.size() }, 0, 0 });
            m_bodies.push_back([kept = std::move(values), type = m_type](OutputFile& file) {
                const WeightSource row{ WeightType::F32, 1, kept.size(),
                    std::as_bytes(std::span{ kept }) };
                return writeConverted(file, row, type, {});
            });
        }

        void norm(std::string name, std::vector<float> values)
        {
            for (float& value : values) {
                value -= m_gains == NormGains::LessOne ? 1.0F : 0.0F;
            }
            vector(std::move(name), std::move(values));
        }

        Result<> write(const std::filesystem::path& path) const
        {
            TRY_ASSIGN(OutputFile out, OutputFile::create(path));
            TRY(out.write(safetensorsHeader(m_entries)));
            for (const auto& body : m_bodies) {
                TRY(body(out));
            }
            return out.finish();
        }

    private:
        DType m_dtype;
        WeightType m_type;
        NormGains m_gains;
        std::vector<SafetensorsEntry> m_entries;
        std::vector<std::function<Result<>(OutputFile&)>> m_bodies;
    };

    void listTensors(TensorList& list, const ModelFile& model)
    {
        const ModelShape& shape = model.description().shape;
        const ModelTensors& tensors = model.tensors();
        const TensorNames names = huggingFaceNames(shape.architecture);
        const RowOrder order{ shape.headDim, shape.ropeStyle, RopeStyle::Halves };
        list.matrix(std::string{ names.embedding }, tensors.embedding);
        for (std::size_t i = 0; i < tensors.layers.size(); ++i) {
            const LayerTensors& layer = tensors.layers[i];
            const TensorNames::Layer& in = names.layer;
            const auto name = [&](std::string_view rest) {
                return fmt::format("{}{}.{}", names.layerPrefix, i, rest);
            };
            list.norm(name(in.attentionNorm), layer.attentionNorm);
            list.matrix(name(in.q), layer.q, order);
            list.matrix(name(in.k), layer.k, order);
            list.matrix(name(in.v), layer.v);
            list.vector(name(in.qBias), reordered(layer.qBias, order));
            list.vector(name(in.kBias), reordered(layer.kBias, order));
            list.vector(name(in.vBias), layer.vBias);
            list.norm(name(in.qNorm), layer.qNorm);
            list.norm(name(in.kNorm), layer.kNorm);
            list.matrix(name(in.output), layer.output);
            list.norm(name(in.postAttentionNorm), layer.postAttentionNorm);
            list.norm(name(in.ffnNorm), layer.ffnNorm);
            list.matrix(name(in.gate), layer.gate);
            list.matrix(name(in.up), layer.up);
            list.matrix(name(in.down), layer.down);
            list.norm(name(in.postFfnNorm), layer.postFfnNorm);
        }
        list.norm(std::string{ names.outputNorm }, tensors.outputNorm);
        if (!tensors.tied) {
            list.matrix(std::string{ names.head }, tensors.head);
        }
    }

} // namespace

Result<> exportHuggingFace(
    const ModelFile& model, const std::filesystem::path& folder, const ExportOptions& options)
{
    TRY_ASSIGN(const DType dtype, dtypeOf(options.type));
    const ModelShape& shape = model.description().shape;
    TRY_ASSIGN(Json scaling, ropeScaling(shape));
    const Vocabulary& vocabulary = model.text().vocabulary();
    TRY_ASSIGN(const std::string tokenizer, tokenizerJson(vocabulary));
    TRY(base::makeFolder(folder));
    TensorList list{ dtype, options.type,
        shape.architecture == Architecture::Gemma3 ? NormGains::LessOne : NormGains::AsStored };
    listTensors(list, model);
    TRY(list.write(folder / "model.safetensors"));
    if (vocabulary.algorithm == Vocabulary::Algorithm::SentencePiece) {
        TRY_ASSIGN(const base::Bytes pieces, writeSentencePieceModel(vocabulary));
        TRY(base::writeFileAtomically(folder / "tokenizer.model", pieces));
    }
    const auto write = [&folder](const char* name, const std::string& text) {
        return base::writeFileAtomically(folder / name, base::asBytes(text));
    };
    TRY(write("tokenizer.json", tokenizer));
    TRY(write("tokenizer_config.json", tokenizerConfigJson(vocabulary, shape.context)));
    TRY(write("generation_config.json", generationText(model.text())));
    // Last: a folder with a configuration is a whole model.
    return write("config.json", configText(model, options.type, std::move(scaling)));
}

} // namespace loam::ml
