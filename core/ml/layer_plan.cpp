// SPDX-License-Identifier: GPL-3.0-or-later
#include "ml/layer_plan.h"

#include "ml/exact_math.h"

namespace loam::ml {

ModelWeights weightsIn(const ModelConfig& config, View buffer)
{
    const std::size_t dim = config.dim;
    const std::size_t ffn = config.ffn;
    std::size_t offset = 0;
    const auto take = [&](std::size_t floats) {
        const View part = buffer.slice(offset, floats);
        offset += floats;
        return part;
    };
    ModelWeights weights;
    weights.embedding = take(config.vocab * dim);
    for (std::uint32_t i = 0; i < config.layers; ++i) {
        LayerWeights layer;
        layer.norm1 = take(dim);
        layer.qkv = take(config.qkvDim() * dim);
        layer.qkvBias = config.qkvBias ? take(config.qkvDim()) : View{};
        layer.output = take(dim * dim);
        layer.norm2 = take(dim);
        layer.gateUp = take(2 * ffn * dim);
        layer.down = take(dim * ffn);
        weights.layers.push_back(layer);
    }
    weights.norm = take(dim);
    weights.head = config.tied ? weights.embedding : take(config.vocab * dim);
    ASSERT(offset == buffer.count);
    return weights;
}

std::vector<float> ropeTable(const ModelConfig& config)
{
    const std::size_t headDim = config.headDim();
    const std::size_t half = headDim / 2;
    const double logTheta = exact::log(static_cast<double>(config.ropeTheta));
    std::vector<float> table(config.context * headDim);
    for (std::size_t i = 0; i < half; ++i) {
        const double exponent = 2.0 * static_cast<double>(i) / static_cast<double>(headDim);
        const double frequency = exact::exp(-exponent * logTheta);
        for (std::size_t position = 0; position < config.context; ++position) {
            const auto angle = exact::sinCos(static_cast<double>(position) * frequency);
            table[position * headDim + i] = static_cast<float>(angle.cos);
            table[position * headDim + half + i] = static_cast<float>(angle.sin);
        }
    }
    return table;
}

} // namespace loam::ml
