// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ml/model_file.h"

#include <map>

namespace loam::ml {

struct StoredTensor
{
    WeightType type{ WeightType::F32 };
    std::vector<std::uint64_t> shape; ///< row-major
    base::ByteView bytes;
};

/// How a kind of file names the tensors of a model. Empty names do not exist in it.
struct TensorNames
{
    struct Layer
    {
        std::string_view attentionNorm, q, k, v, qBias, kBias, vBias, qNorm, kNorm, output;
        std::string_view postAttentionNorm, ffnNorm, gate, up, down, postFfnNorm;
    };
    std::string_view embedding;
    std::string_view outputNorm;
    std::string_view head;
    std::string_view layerPrefix; ///< before the layer's number and a dot
    Layer layer;
};

/// The names in GGUF files and in Hugging Face's folders.
TensorNames ggufNames();
TensorNames huggingFaceNames(Architecture architecture);

/// The tensors of one model's files by name, handed out once each with their shapes checked.
class TensorShelf
{
public:
    /// `file` stands in front of all messages.
    explicit TensorShelf(std::string file);

    /// Corrupt when the name is already there.
    base::Result<> put(std::string name, StoredTensor tensor);
    bool has(const std::string& name) const { return m_tensors.contains(name); }
    /// Invalid, naming the tensor, when it is absent or has another shape.
    base::Result<WeightSource> matrix(
        const std::string& name, std::uint64_t rows, std::uint64_t columns);
    base::Result<std::vector<float>> vector(const std::string& name, std::uint64_t size);
    /// Marks a tensor as known and not needed.
    void ignore(const std::string& name);
    /// Invalid, naming one, when tensors were put there that nobody took: a model that has more
    /// than its architecture would compute something else.
    base::Result<> allTaken() const;

    const std::map<std::string, StoredTensor>& tensors() const { return m_tensors; }
    tl::unexpected<base::Error> error(base::Errc code, std::string_view what) const;

private:
    base::Result<const StoredTensor*> take(const std::string& name);

    std::string m_file;
    std::map<std::string, StoredTensor> m_tensors;
    std::map<std::string, bool, std::less<>> m_taken;
};

/// Added to the gains of norms: Hugging Face's Gemma keeps them less one.
enum class NormGains { AsStored, LessOne };

/// All tensors of a model of this shape. Whether the head is tied follows from its absence.
base::Result<ModelTensors> takeTensors(
    TensorShelf& shelf, const TensorNames& names, const ModelShape& shape, NormGains gains);

/// Invalid, naming the field, when a shape is out of range or inconsistent.
base::Result<> checkShape(const ModelShape& shape);

} // namespace loam::ml
