// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ml/model_file.h"

namespace loam::ml {

struct ExportOptions
{
    WeightType type{ WeightType::F16 }; ///< of the matrices; vectors stay F32
    std::string name; ///< empty: the model's own
};

/// Writes a GGUF file that other programs load, its vocabulary inside. Matrices whose rows are no
/// whole blocks of the wanted type become F16; a quantised type keeps the embedding and head at
/// 8 bits at least, which small models need. Invalid for a type that is only read.
base::Result<> exportGguf(
    const ModelFile& model, const std::filesystem::path& path, const ExportOptions& options);

/// Writes config.json, model.safetensors and the tokenizer into a folder as Hugging Face's
/// transformers reads them. Types are F32, F16 and BF16. Invalid for what those files cannot say:
/// rotary factors that are not Llama 3's, tokens or merges that tokenizer.json has no form for.
base::Result<> exportHuggingFace(
    const ModelFile& model, const std::filesystem::path& folder, const ExportOptions& options);

} // namespace loam::ml
