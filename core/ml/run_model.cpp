// SPDX-License-Identifier: GPL-3.0-or-later
// Models that Loam trained itself, as they lie on disk or in memory.
#include "ml/model_parts.h"
#include "ml/parameters.h"
#include "ml/safetensors.h"
#include "ml/sentencepiece_model.h"
#include "ml/tensor_shelf.h"
#include "ml/tokenizer_json.h"

#include <fmt/format.h>

#include <cmath>

namespace loam::ml {

using base::Errc;
using base::fail;
using base::Result;

namespace {

    ModelShape shapeOf(const ModelConfig& config)
    {
        ModelShape shape;
        shape.architecture = config.qkvBias ? Architecture::Qwen2 : Architecture::Llama;
        shape.dim = config.dim;
        shape.layers = config.layers;
        shape.heads = config.heads;
        shape.kvHeads = config.kvHeads;
        shape.headDim = config.headDim();
        shape.ffn = config.ffn;
        shape.vocab = config.vocab;
        shape.context = config.context;
        shape.normEps = config.normEps;
        shape.ropeStyle = RopeStyle::Halves;
        shape.ropeTheta = config.ropeTheta;
        shape.attentionScale = 1.0F / std::sqrt(static_cast<float>(config.headDim()));
        return shape;
    }

    Result<std::unique_ptr<TextCodec>> codecOf(const ModelConfig& config, base::ByteView tokenizer)
    {
        TRY_ASSIGN(Vocabulary vocabulary, parseSentencePieceModel(tokenizer));
        if (vocabulary.pieces.size() > config.vocab) {
            return fail(Errc::Invalid,
                fmt::format("the vocabulary has {} tokens, the model {}", vocabulary.pieces.size(),
                    config.vocab));
        }
        while (vocabulary.pieces.size() < config.vocab) {
            vocabulary.pieces.push_back(
                { fillerText(vocabulary.pieces.size()), -1e9F, PieceKind::Unused });
        }
        // Training reads texts without a mark in front.
        vocabulary.addBos = false;
        return TextCodec::create(std::move(vocabulary));
    }

    /// Every tensor of the configuration, from wherever `bytesOf` finds it.
    template <class BytesOf>
    Result<std::unique_ptr<ModelFile>> build(const ModelConfig& config, std::string name,
        base::ByteView tokenizer, std::shared_ptr<const void> owner, BytesOf bytesOf)
    {
        TRY(config.validate());
        const ParameterTable table{ config };
        ModelParts parts;
        parts.description.shape = shapeOf(config);
        parts.description.parameters = table.count();
        parts.description.bytes = table.count() * sizeof(float);
        parts.description.quantisation = weightTypeName(WeightType::F32);
        TensorShelf shelf{ name };
        parts.description.name = std::move(name);
        for (const ParameterEntry& entry : table.entries()) {
            TRY_ASSIGN(const base::ByteView bytes, bytesOf(entry));
            TRY(shelf.put(entry.name,
                { WeightType::F32, { entry.shape.begin(), entry.shape.end() }, bytes }));
        }
        TRY_ASSIGN(parts.tensors,
            takeTensors(shelf, huggingFaceNames(parts.description.shape.architecture),
                parts.description.shape, NormGains::AsStored));
        TRY_ASSIGN(parts.text, codecOf(config, tokenizer));
        parts.files = std::move(owner);
        return modelFileOf(std::move(parts));
    }

} // namespace

Result<std::unique_ptr<ModelFile>> ModelFile::openRun(
    const ModelConfig& config, const std::filesystem::path& parameters, base::ByteView tokenizer)
{
    TRY_ASSIGN(Safetensors opened, Safetensors::open(parameters));
    const auto file = std::make_shared<const Safetensors>(std::move(opened));
    return build(config, parameters.stem().string(), tokenizer, file,
        [&](const ParameterEntry& entry) -> Result<base::ByteView> {
            const SafetensorsEntry* found = file->find(entry.name);
            if (found == nullptr || found->dtype != DType::F32 || found->shape != entry.shape) {
                return fail(Errc::Invalid,
                    fmt::format("{}: the tensor {} is missing or has another shape",
                        parameters.filename().string(), entry.name));
            }
            return file->bytes(*found);
        });
}

Result<std::unique_ptr<ModelFile>> ModelFile::ofParameters(
    std::shared_ptr<const Parameters> parameters, std::string name, base::ByteView tokenizer)
{
    const ModelConfig config = parameters->config();
    const Parameters& source = *parameters;
    return build(config, std::move(name), tokenizer, std::move(parameters),
        [&source](const ParameterEntry& entry) -> Result<base::ByteView> {
            return std::as_bytes(source.values(entry));
        });
}

} // namespace loam::ml
