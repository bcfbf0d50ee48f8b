// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"
#include "ml/inference_backend.h"
#include "ml/text_codec.h"
#include "ml/weight_type.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace loam::ml {

class Parameters;
struct ModelConfig;

enum class Architecture { Llama, Qwen2, Gemma3 };

std::string_view architectureName(Architecture architecture);

/// Everything about a model's shape that its forward pass depends on.
struct ModelShape
{
    Architecture architecture{ Architecture::Llama };
    std::uint32_t dim{ 0 };
    std::uint32_t layers{ 0 };
    std::uint32_t heads{ 0 };
    std::uint32_t kvHeads{ 0 };
    std::uint32_t headDim{ 0 };
    std::uint32_t ffn{ 0 };
    std::uint32_t vocab{ 0 };
    std::uint32_t context{ 0 }; ///< what the model was trained for
    float normEps{ 1e-5F };
    RopeStyle ropeStyle{ RopeStyle::Halves };
    float ropeTheta{ 10000.0F };
    float ropeScale{ 1.0F }; ///< positions are divided by it (linear), in global layers only
    std::vector<float>
        ropeFactors; ///< [headDim / 2] divisors of the frequencies (Llama 3), or empty
    float localRopeTheta{ 0.0F }; ///< of layers with a window (Gemma 3); 0: the same
    std::uint32_t window{ 0 }; ///< tokens that a local layer sees; 0: all
    std::uint32_t windowPattern{
        0
    }; ///< every n-th layer is global, the others local; 0: all global
    float embeddingScale{ 1.0F };
    float attentionScale{ 0.0F }; ///< of q k^T
    Activation activation{ Activation::Silu };

    bool isLocal(std::uint32_t layer) const
    {
        return windowPattern > 0 && (layer + 1) % windowPattern != 0;
    }
    friend bool operator==(const ModelShape&, const ModelShape&) = default;
};

/// One layer's weights; their bytes need not be aligned. Absent vectors and matrices (bias, head
/// norms, post norms) are empty.
struct LayerTensors
{
    std::vector<float> attentionNorm; ///< [dim]
    WeightSource q; ///< [heads * headDim, dim]
    WeightSource k; ///< [kvHeads * headDim, dim]
    WeightSource v;
    std::vector<float> qBias, kBias, vBias;
    std::vector<float> qNorm, kNorm; ///< [headDim] (Gemma 3)
    WeightSource output; ///< [dim, heads * headDim]
    std::vector<float> postAttentionNorm; ///< [dim] (Gemma 3)
    std::vector<float> ffnNorm; ///< [dim]
    WeightSource gate; ///< [ffn, dim]
    WeightSource up;
    WeightSource down; ///< [dim, ffn]
    std::vector<float> postFfnNorm; ///< [dim] (Gemma 3)
};

struct ModelTensors
{
    WeightSource embedding; ///< [vocab, dim]
    std::vector<LayerTensors> layers;
    std::vector<float> outputNorm; ///< [dim]
    WeightSource head; ///< [vocab, dim]; the embedding's bytes when tied
    bool tied{ false };
};

struct ModelDescription
{
    std::string name;
    std::string licence; ///< as the file says, may be empty
    ModelShape shape;
    std::uint64_t parameters{ 0 };
    std::uint64_t bytes{ 0 }; ///< of the file
    std::string quantisation; ///< the file's own word ("Q4_K_M") or the type most weights have
};

/// A model on disk, mapped read-only and checked in full before anything is used: GGUF, or
/// safetensors with its config.json (and a tokenizer beside it). All errors name the file and what
/// is wrong with it; hostile files cost bounded time and memory.
class ModelFile
{
public:
    /// A .gguf file; a .safetensors file or a folder with config.json.
    static base::Result<std::unique_ptr<ModelFile>> open(const std::filesystem::path& path);
    /// A model that Loam trained: its safetensors file and the bytes of its .model vocabulary.
    static base::Result<std::unique_ptr<ModelFile>> openRun(const ModelConfig& config,
        const std::filesystem::path& parameters, base::ByteView tokenizer);
    /// The same from memory, which the model shares.
    static base::Result<std::unique_ptr<ModelFile>> ofParameters(
        std::shared_ptr<const Parameters> parameters, std::string name, base::ByteView tokenizer);
    virtual ~ModelFile() = default;

    virtual const ModelDescription& description() const = 0;
    virtual const ModelTensors& tensors() const = 0;
    virtual const TextCodec& text() const = 0;
};

} // namespace loam::ml
