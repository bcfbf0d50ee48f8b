// SPDX-License-Identifier: GPL-3.0-or-later
#include "ml/trainable_model.h"

#include "base/require.h"
#include "ml/weight_convert.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace loam::ml {

using base::Errc;
using base::fail;
using base::Result;

namespace {

    bool hasBias(const LayerTensors& layer)
    {
        return !layer.qBias.empty();
    }

    /// What keeps a model from being a Llama, with or without biases of queries, keys and values;
    /// empty when nothing does.
    std::string_view hindrance(const ModelShape& shape, const ModelTensors& tensors)
    {
        if (!isTrainable(shape.architecture) || shape.activation != Activation::Silu) {
            return "only models of the llama and qwen2 families can be trained";
        }
        if (shape.headDim * shape.heads != shape.dim) {
            return "its heads are not as wide together as its residual stream";
        }
        if (shape.ropeScale != 1.0F || !shape.ropeFactors.empty()) {
            return "it stretches its positions";
        }
        const float usual = 1.0F / std::sqrt(static_cast<float>(shape.headDim));
        if (shape.window != 0 || shape.embeddingScale != 1.0F
            || std::abs(shape.attentionScale - usual) > 1e-6F) {
            return "its attention is of another kind";
        }
        for (const LayerTensors& layer : tensors.layers) {
            for (const auto* extra :
                { &layer.qNorm, &layer.kNorm, &layer.postAttentionNorm, &layer.postFfnNorm }) {
                if (!extra->empty()) {
                    return "it has norms that a plain Llama has not";
                }
            }
            for (const auto* bias : { &layer.qBias, &layer.kBias, &layer.vBias }) {
                if (bias->empty() == hasBias(tensors.layers.front())) {
                    return "some of its layers have biases, others have not";
                }
            }
        }
        return {};
    }

    /// values[rows, columns] of a matrix; rows regrouped as `order` says.
    void copyMatrix(const WeightSource& source, const RowOrder& order, std::span<float> values)
    {
        ASSERT(values.size() == source.rows * source.columns);
        const std::size_t bytes = rowBytes(source.type, source.columns);
        for (std::size_t row = 0; row < source.rows; ++row) {
            dequantise(source.type, values.subspan(row * source.columns, source.columns),
                source.bytes.data() + order.sourceOf(row) * bytes);
        }
    }

    /// The layer's matrix, as const as the layer.
    template <class Layer> auto& weightsOf(Layer& layer, Linear linear)
    {
        switch (linear) {
        case Linear::Query:
            return layer.q;
        case Linear::Key:
            return layer.k;
        case Linear::Value:
            return layer.v;
        case Linear::Output:
            return layer.output;
        case Linear::Gate:
            return layer.gate;
        case Linear::Up:
            return layer.up;
        case Linear::Down:
            return layer.down;
        }
        ASSERT(false);
        return layer.q;
    }

    void copyBias(const std::vector<float>& bias, const RowOrder& order, std::span<float> values)
    {
        ASSERT(values.size() == bias.size());
        for (std::size_t row = 0; row < bias.size(); ++row) {
            values[row] = bias[order.sourceOf(row)];
        }
    }

    /// Queries and keys turn by pairs; the others have no order of their own.
    RowOrder orderOf(Linear linear, std::size_t headDim, RowOrder order)
    {
        const bool turns = linear == Linear::Query || linear == Linear::Key;
        order.headDim = turns ? headDim : 0;
        return order;
    }

    class AdaptedModel final : public ModelFile
    {
    public:
        AdaptedModel(std::unique_ptr<ModelFile> file, const Lora& adapter)
            : m_base{ std::move(file) }
            , m_description{ m_base->description() }
            , m_tensors{ m_base->tensors() }
        {
            const ModelShape& shape = m_description.shape;
            for (std::size_t i = 0; i < m_tensors.layers.size(); ++i) {
                for (const Linear linear : adapter.config().targets) {
                    const RowOrder order
                        = orderOf(linear, shape.headDim, { 0, RopeStyle::Halves, shape.ropeStyle });
                    change(weightsOf(m_tensors.layers[i], linear), adapter, i, linear, order);
                }
            }
        }

        const ModelDescription& description() const override { return m_description; }
        const ModelTensors& tensors() const override { return m_tensors; }
        const TextCodec& text() const override { return m_base->text(); }

    private:
        /// W += scale B A, row by row. B's rows are in the order of halves, W's in the file's.
        void change(WeightSource& weights, const Lora& adapter, std::size_t layer, Linear linear,
            const RowOrder& order)
        {
            const std::size_t rank = adapter.config().rank;
            const std::size_t in = weights.columns;
            const auto a = adapter.values().subspan(adapter.table().a(layer, linear).offset);
            const auto b = adapter.values().subspan(adapter.table().b(layer, linear).offset);
            const bool isWide = weights.type == WeightType::F32 || weights.type == WeightType::BF16;
            const WeightType type = isWide ? WeightType::F32 : WeightType::F16;
            const std::size_t from = rowBytes(weights.type, in);
            const std::size_t to = rowBytes(type, in);
            base::Bytes bytes(weights.rows * to);
            std::vector<float> row(in);
            for (std::size_t i = 0; i < weights.rows; ++i) {
                dequantise(weights.type, row, weights.bytes.data() + i * from);
                const std::size_t mine = order.sourceOf(i);
                for (std::size_t r = 0; r < rank; ++r) {
                    const float factor = adapter.config().scale() * b[mine * rank + r];
                    const float* const change = a.data() + r * in;
                    for (std::size_t k = 0; k < in; ++k) {
                        row[k] += factor * change[k];
                    }
                }
                const auto done = quantise(type, bytes.data() + i * to, row);
                ASSERT(done.has_value());
            }
            m_description.bytes += bytes.size() - std::min(bytes.size(), weights.bytes.size());
            m_kept.push_back(std::move(bytes));
            weights = { type, weights.rows, in, m_kept.back() };
        }

        std::unique_ptr<ModelFile> m_base;
        ModelDescription m_description;
        ModelTensors m_tensors;
        std::vector<base::Bytes> m_kept;
    };

} // namespace

bool isTrainable(Architecture architecture)
{
    return architecture == Architecture::Llama || architecture == Architecture::Qwen2;
}

Result<ModelConfig> trainableConfig(const ModelFile& file)
{
    const ModelShape& shape = file.description().shape;
    const std::string_view reason = hindrance(shape, file.tensors());
    if (!reason.empty()) {
        return fail(Errc::Invalid,
            fmt::format("{} cannot be trained here: {}", file.description().name, reason));
    }
    ModelConfig config;
    config.dim = shape.dim;
    config.layers = shape.layers;
    config.heads = shape.heads;
    config.kvHeads = shape.kvHeads;
    config.ffn = shape.ffn;
    config.vocab = shape.vocab;
    config.context = std::min(shape.context, kMostTrainedContext);
    config.ropeTheta = shape.ropeTheta;
    config.normEps = shape.normEps;
    config.tied = file.tensors().tied;
    config.qkvBias = hasBias(file.tensors().layers.front());
    TRY(config.validate());
    return config;
}

Result<Parameters> trainableParameters(const ModelFile& file)
{
    TRY_ASSIGN(const ModelConfig config, trainableConfig(file));
    TRY_ASSIGN(Parameters out, Parameters::zero(config));
    const ModelTensors& tensors = file.tensors();
    const auto at = [&out](const std::string& name) {
        const ParameterEntry* entry = out.table().find(name);
        ASSERT(entry != nullptr);
        return out.values(*entry);
    };
    copyMatrix(tensors.embedding, {}, at("model.embed_tokens.weight"));
    std::ranges::copy(tensors.outputNorm, at("model.norm.weight").begin());
    if (!config.tied) {
        copyMatrix(tensors.head, {}, at("lm_head.weight"));
    }
    const RowOrder toHalves{ 0, file.description().shape.ropeStyle, RopeStyle::Halves };
    for (std::size_t i = 0; i < tensors.layers.size(); ++i) {
        const LayerTensors& layer = tensors.layers[i];
        const std::string prefix = fmt::format("model.layers.{}.", i);
        std::ranges::copy(layer.attentionNorm, at(prefix + "input_layernorm.weight").begin());
        std::ranges::copy(layer.ffnNorm, at(prefix + "post_attention_layernorm.weight").begin());
        for (const Linear linear : kLinears) {
            const std::string_view block = linear <= Linear::Output ? "self_attn" : "mlp";
            copyMatrix(weightsOf(layer, linear), orderOf(linear, config.headDim(), toHalves),
                at(fmt::format("{}{}.{}.weight", prefix, block, linearName(linear))));
        }
        if (config.qkvBias) {
            const RowOrder turned = orderOf(Linear::Query, config.headDim(), toHalves);
            copyBias(layer.qBias, turned, at(prefix + "self_attn.q_proj.bias"));
            copyBias(layer.kBias, turned, at(prefix + "self_attn.k_proj.bias"));
            copyBias(layer.vBias, {}, at(prefix + "self_attn.v_proj.bias"));
        }
    }
    return out;
}

Result<std::unique_ptr<ModelFile>> adaptedModel(
    std::unique_ptr<ModelFile> file, const Lora& adapter)
{
    TRY_ASSIGN(const ModelConfig config, trainableConfig(*file));
    if (config != adapter.model()) {
        return fail(Errc::Invalid, "the adapter belongs to a model of another shape");
    }
    return std::make_unique<AdaptedModel>(std::move(file), adapter);
}

} // namespace loam::ml
