// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ml/lora.h"
#include "ml/model_file.h"
#include "ml/parameters.h"

#include <filesystem>
#include <memory>
#include <string_view>

namespace loam::ml {

/// Tokens of the longest sequence that an adapter is trained on, whatever the base was made for.
inline constexpr std::uint32_t kMostTrainedContext = 512;

/// Whether models of a family can be trained at all; trainableConfig() says it of one of them.
bool isTrainable(Architecture architecture);

/// The shape under which Transformer computes exactly what the file's model computes, its context
/// cut to kMostTrainedContext. Invalid, with the reason, for a model that is more than a Llama with
/// biases of queries, keys and values: norms of heads, stretched positions, another activation.
base::Result<ModelConfig> trainableConfig(const ModelFile& file);

/// The file's weights in fp32 and in the order of Hugging Face (rotary halves), dequantised where
/// need be. Fails as trainableConfig, and with Unavailable without memory.
base::Result<Parameters> trainableParameters(const ModelFile& file);

/// The base with an adapter's change in the weights of the adapted layers: those become F32 where
/// the base has F32 or BF16, else F16; all others are the base's own bytes. Invalid when the
/// adapter is of another shape.
base::Result<std::unique_ptr<ModelFile>> adaptedModel(
    std::unique_ptr<ModelFile> file, const Lora& adapter);

/// Writes an adapter as a GGUF file that llama.cpp lays over the base's own GGUF file, which is of
/// `architecture` (general.type "adapter", tensors NAME.lora_a and NAME.lora_b in F32).
base::Result<> exportLoraGguf(const Lora& adapter, Architecture architecture, std::string_view name,
    const std::filesystem::path& path);

} // namespace loam::ml
