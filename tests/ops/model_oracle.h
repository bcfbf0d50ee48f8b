// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ml/parameters.h"
#include "oracle.h"

#include <span>
#include <string>

/// A whole model out of the plain operations.
namespace loam::oracle {

/// A Llama by tensor names: nats of every token.
inline Values transformer(const ml::ModelConfig& config, const ml::ParameterTable& table,
    const Values& weights, std::size_t sequences, std::size_t length,
    std::span<const ml::Token> inputs, std::span<const ml::Token> targets)
{
    const std::size_t rows = sequences * length;
    const std::size_t dim = config.dim;
    const ml::AttentionShape shape{ sequences, length, config.heads, config.kvHeads,
        config.headDim() };
    const auto weight = [&](const std::string& name) {
        const ml::ParameterEntry* entry = table.find(name);
        const auto begin = weights.begin() + static_cast<std::ptrdiff_t>(entry->offset);
        return Values(begin, begin + static_cast<std::ptrdiff_t>(entry->count));
    };
    const auto linear = [&](const Values& x, const Values& w, std::size_t in) {
        return matmul(ml::Layout::NT, { rows, w.size() / in, in }, x, w);
    };
    const auto addTo = [](Values& x, const Values& change) {
        for (std::size_t i = 0; i < x.size(); ++i) {
            x[i] += change[i];
        }
    };
    const Values embedding = weight("model.embed_tokens.weight");
    Values x(rows * dim);
    for (std::size_t i = 0; i < x.size(); ++i) {
        x[i] = embedding[static_cast<std::size_t>(inputs[i / dim]) * dim + i % dim];
    }
    const double eps = static_cast<double>(config.normEps);
    for (std::uint32_t layer = 0; layer < config.layers; ++layer) {
        const std::string prefix = "model.layers." + std::to_string(layer) + ".";
        const Values normed = rmsNorm(x, weight(prefix + "input_layernorm.weight"), eps);
        const auto projected = [&](const std::string& name) {
            Values out = linear(normed, weight(prefix + name + ".weight"), dim);
            if (config.qkvBias) {
                const Values bias = weight(prefix + name + ".bias");
                for (std::size_t i = 0; i < out.size(); ++i) {
                    out[i] += bias[i % bias.size()];
                }
            }
            return out;
        };
        const Values q = projected("self_attn.q_proj");
        const Values k = projected("self_attn.k_proj");
        const Values v = projected("self_attn.v_proj");
        Values qkv;
        for (std::size_t r = 0; r < rows; ++r) {
            const auto append = [&](const Values& from, std::size_t width) {
                const auto begin = from.begin() + static_cast<std::ptrdiff_t>(r * width);
                qkv.insert(qkv.end(), begin, begin + static_cast<std::ptrdiff_t>(width));
            };
            append(q, shape.qDim());
            append(k, shape.kvDim());
            append(v, shape.kvDim());
        }
        const Values rotated = rope(qkv, shape, static_cast<double>(config.ropeTheta), 0);
        addTo(
            x, linear(attention(rotated, shape), weight(prefix + "self_attn.o_proj.weight"), dim));
        const Values again = rmsNorm(x, weight(prefix + "post_attention_layernorm.weight"), eps);
        const Values gate = linear(again, weight(prefix + "mlp.gate_proj.weight"), dim);
        const Values up = linear(again, weight(prefix + "mlp.up_proj.weight"), dim);
        Values gateUp;
        for (std::size_t r = 0; r < rows; ++r) {
            const auto at = static_cast<std::ptrdiff_t>(r * config.ffn);
            const auto width = static_cast<std::ptrdiff_t>(config.ffn);
            gateUp.insert(gateUp.end(), gate.begin() + at, gate.begin() + at + width);
            gateUp.insert(gateUp.end(), up.begin() + at, up.begin() + at + width);
        }
        addTo(x,
            linear(
                swiglu(gateUp, config.ffn), weight(prefix + "mlp.down_proj.weight"), config.ffn));
    }
    const Values last = rmsNorm(x, weight("model.norm.weight"), eps);
    return headLoss(
        last, config.tied ? embedding : weight("lm_head.weight"), targets, dim, config.vocab);
}

} // namespace loam::oracle
