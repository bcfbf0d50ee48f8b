// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "synthetic_model.h"

/// What a synthetic model must answer, in double and from the recipe and the weights alone: no code
/// is shared with the reading of files or with the kernels.
namespace loam::ops {

/// What the cache keeps of a key or a value: 11 significant bits.
inline double asHalf(double x)
{
    int exponent = 0;
    const double fraction = std::frexp(x, &exponent);
    return std::ldexp(std::nearbyint(std::ldexp(fraction, 11)), exponent - 11);
}

/// What the kernels of quantised weights take of activations: 8 bits, a scale for each 32.
inline oracle::Values asEightBits(oracle::Values x)
{
    for (std::size_t block = 0; block < x.size(); block += 32) {
        const auto values = std::span{ x }.subspan(block, 32);
        double most = 0.0;
        for (const double value : values) {
            most = std::max(most, std::abs(value));
        }
        for (double& value : values) {
            value = most > 0.0 ? std::nearbyint(value * 127.0 / most) * most / 127.0 : 0.0;
        }
    }
    return x;
}

/// x w^T with the activations that the kernels of the weights' type see.
inline oracle::Values product(
    const Recipe& recipe, const oracle::Values& x, const oracle::Values& w, std::size_t rows)
{
    const std::size_t in = x.size() / rows;
    const bool isFloat = ml::blockFormat(recipe.type).columns == 1;
    return oracle::matmul(
        ml::Layout::NT, { rows, w.size() / in, in }, isFloat ? x : asEightBits(x), w);
}

/// Final hidden states [tokens, kDim] after the norm.
inline oracle::Values hiddenOf(
    const Recipe& recipe, const Tensors& tensors, std::span<const ml::Token> tokens)
{
    const std::size_t rows = tokens.size();
    const std::size_t hd = recipe.headDim();
    const auto at
        = [&](const std::string& name) -> const oracle::Values& { return tensors.at(name); };
    const auto linear = [&](const oracle::Values& x, const oracle::Values& w) {
        return product(recipe, x, w, rows);
    };
    /// Gemma's post norm, then the residual.
    const auto addTo = [&](oracle::Values& x, oracle::Values change, const std::string& norm) {
        if (recipe.isGemma()) {
            change = oracle::rmsNorm(change, at(norm), kEps);
        }
        for (std::size_t i = 0; i < x.size(); ++i) {
            x[i] += change[i];
        }
    };
    const auto turn = [&](oracle::Values& x, double theta) {
        const bool pairs = recipe.architecture == ml::Architecture::Llama;
        for (std::size_t i = 0; i < x.size() / 2; ++i) {
            const std::size_t head = i / (hd / 2);
            const std::size_t pair = i % (hd / 2);
            const auto position = static_cast<double>(head * hd / (x.size() / rows));
            const double angle = position
                * std::pow(theta, -2.0 * static_cast<double>(pair) / static_cast<double>(hd));
            double& a = x[head * hd + (pairs ? 2 * pair : pair)];
            double& b = x[head * hd + (pairs ? 2 * pair + 1 : pair + hd / 2)];
            const double was = a;
            a = was * std::cos(angle) - b * std::sin(angle);
            b = b * std::cos(angle) + was * std::sin(angle);
        }
    };
    oracle::Values x(rows * kDim);
    const double scale = recipe.isGemma() ? std::sqrt(static_cast<double>(kDim)) : 1.0;
    for (std::size_t i = 0; i < x.size(); ++i) {
        x[i] = scale
            * at("token_embd.weight")[static_cast<std::size_t>(tokens[i / kDim]) * kDim + i % kDim];
    }
    for (std::size_t layer = 0; layer < kLayers; ++layer) {
        const std::string blk = "blk." + std::to_string(layer) + ".";
        const bool isLocal = recipe.isGemma() && layer % kPattern != kPattern - 1;
        const oracle::Values normed = oracle::rmsNorm(x, at(blk + "attn_norm.weight"), kEps);
        const auto projected = [&](const std::string& part) {
            oracle::Values y = linear(normed, at(blk + "attn_" + part + ".weight"));
            if (const auto bias = tensors.find(blk + "attn_" + part + ".bias");
                bias != tensors.end()) {
                for (std::size_t i = 0; i < y.size(); ++i) {
                    y[i] += bias->second[i % bias->second.size()];
                }
            }
            if (part != "v") {
                if (recipe.isGemma()) {
                    y = oracle::rmsNorm(y, at(blk + "attn_" + part + "_norm.weight"), kEps);
                }
                turn(y, isLocal ? kLocalTheta : kTheta);
            }
            if (part != "q") {
                std::ranges::transform(y, y.begin(), asHalf);
            }
            return y;
        };
        const oracle::Values q = projected("q");
        const oracle::Values k = projected("k");
        const oracle::Values v = projected("v");
        oracle::Values attended(rows * recipe.qDim(), 0.0);
        for (std::size_t n = 0; n < rows * recipe.heads(); ++n) {
            const std::size_t row = n / recipe.heads();
            const std::size_t group = n % recipe.heads() / (recipe.heads() / recipe.kvHeads);
            const std::size_t first = isLocal && row + 1 > kWindow ? row + 1 - kWindow : 0;
            oracle::Values weights;
            double total = 0.0;
            for (std::size_t p = first; p <= row; ++p) {
                double dot = 0.0;
                for (std::size_t i = 0; i < hd; ++i) {
                    dot += q[n * hd + i] * k[p * recipe.kvDim() + group * hd + i];
                }
                weights.push_back(std::exp(dot / std::sqrt(static_cast<double>(hd))));
                total += weights.back();
            }
            for (std::size_t p = first; p <= row; ++p) {
                for (std::size_t i = 0; i < hd; ++i) {
                    attended[n * hd + i]
                        += weights[p - first] / total * v[p * recipe.kvDim() + group * hd + i];
                }
            }
        }
        addTo(x, linear(attended, at(blk + "attn_output.weight")),
            blk + "post_attention_norm.weight");
        const oracle::Values again = oracle::rmsNorm(x, at(blk + "ffn_norm.weight"), kEps);
        oracle::Values gate = linear(again, at(blk + "ffn_gate.weight"));
        const oracle::Values up = linear(again, at(blk + "ffn_up.weight"));
        for (std::size_t i = 0; i < gate.size(); ++i) {
            const double g = gate[i];
            const double gelu
                = 0.5 * g * (1.0 + std::tanh(std::sqrt(2.0 / M_PI) * (g + 0.044715 * g * g * g)));
            gate[i] = (recipe.isGemma() ? gelu : g / (1.0 + std::exp(-g))) * up[i];
        }
        addTo(x, linear(gate, at(blk + "ffn_down.weight")), blk + "post_ffw_norm.weight");
    }
    return oracle::rmsNorm(x, at("output_norm.weight"), kEps);
}

/// Logits [tokens, kVocab].
inline oracle::Values logitsOf(
    const Recipe& recipe, const Tensors& tensors, std::span<const ml::Token> tokens)
{
    return product(recipe, hiddenOf(recipe, tensors, tokens),
        tensors.at(recipe.tied ? "token_embd.weight" : "output.weight"), tokens.size());
}

} // namespace loam::ops
