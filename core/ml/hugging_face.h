// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ml/json_fields.h"
#include "ml/model_parts.h"

namespace loam::ml {

/// What a config.json says about a model.
struct HuggingFaceConfig
{
    ModelShape shape;
    bool isTied{ false };
    Token bos{ -1 };
    Token eos{ -1 };
};

/// LlamaForCausalLM, Qwen2ForCausalLM and Gemma3ForCausalLM; Invalid naming what is not supported.
base::Result<HuggingFaceConfig> parseHuggingFaceConfig(const JsonFields& config);

/// A tokenizer.json: byte-level BPE, or merges with byte fallback as Llama 2 has them.
base::Result<Vocabulary> parseTokenizerJson(const JsonFields& tokenizer);

/// The vocabulary beside a model (tokenizer.model or tokenizer.json, tokenizer_config.json),
/// filled up to the rows of the embedding.
base::Result<Vocabulary> vocabularyFromFolder(
    const std::filesystem::path& folder, const HuggingFaceConfig& config);

base::Result<ModelParts> partsFromFolder(const std::filesystem::path& folder);
base::Result<ModelParts> partsFromSafetensors(const std::filesystem::path& file);

} // namespace loam::ml
