// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ml/op_types.h"

#include <cmath>
#include <functional>
#include <span>
#include <vector>

/// The mathematics written down once more in double and in the plainest way, sharing no code with
/// the backends: what both of them are measured against.
namespace loam::oracle {

using Values = std::vector<double>;

inline Values matmul(ml::Layout layout, ml::MatmulShape s, const Values& a, const Values& b)
{
    Values c(s.m * s.n, 0.0);
    for (std::size_t i = 0; i < s.m; ++i) {
        for (std::size_t j = 0; j < s.n; ++j) {
            for (std::size_t p = 0; p < s.k; ++p) {
                const double left = layout == ml::Layout::TN ? a[p * s.m + i] : a[i * s.k + p];
                const double right = layout == ml::Layout::NT ? b[j * s.k + p] : b[p * s.n + j];
                c[i * s.n + j] += left * right;
            }
        }
    }
    return c;
}

inline Values rmsNorm(const Values& x, const Values& gain, double eps)
{
    const std::size_t dim = gain.size();
    Values out(x.size());
    for (std::size_t row = 0; row < x.size(); row += dim) {
        double squares = 0.0;
        for (std::size_t i = 0; i < dim; ++i) {
            squares += x[row + i] * x[row + i];
        }
        for (std::size_t i = 0; i < dim; ++i) {
            out[row + i]
                = x[row + i] / std::sqrt(squares / static_cast<double>(dim) + eps) * gain[i];
        }
    }
    return out;
}

/// Queries and keys of rows [B*T, rowDim] turned by position * theta^(-2i / headDim).
inline Values rope(
    const Values& qkv, const ml::AttentionShape& s, double theta, std::size_t position)
{
    Values out = qkv;
    const std::size_t half = s.headDim / 2;
    for (std::size_t r = 0; r < s.batch * s.length; ++r) {
        for (std::size_t h = 0; h < s.heads + s.kvHeads; ++h) {
            for (std::size_t i = 0; i < half; ++i) {
                const double angle = static_cast<double>(position + r % s.length)
                    * std::pow(
                        theta, -2.0 * static_cast<double>(i) / static_cast<double>(s.headDim));
                const std::size_t low = r * s.rowDim() + h * s.headDim + i;
                out[low] = qkv[low] * std::cos(angle) - qkv[low + half] * std::sin(angle);
                out[low + half] = qkv[low + half] * std::cos(angle) + qkv[low] * std::sin(angle);
            }
        }
    }
    return out;
}

inline Values attention(const Values& qkv, const ml::AttentionShape& s)
{
    Values out(s.batch * s.length * s.qDim(), 0.0);
    const std::size_t row = s.rowDim();
    for (std::size_t b = 0; b < s.batch; ++b) {
        for (std::size_t h = 0; h < s.heads; ++h) {
            const std::size_t q0 = h * s.headDim;
            const std::size_t k0 = s.qDim() + h / (s.heads / s.kvHeads) * s.headDim;
            const std::size_t v0 = k0 + s.kvDim();
            for (std::size_t t = 0; t < s.length; ++t) {
                const std::size_t query = b * s.length + t;
                Values weight(t + 1);
                double total = 0.0;
                for (std::size_t u = 0; u <= t; ++u) {
                    double dot = 0.0;
                    for (std::size_t i = 0; i < s.headDim; ++i) {
                        dot += qkv[query * row + q0 + i] * qkv[(b * s.length + u) * row + k0 + i];
                    }
                    weight[u] = std::exp(dot / std::sqrt(static_cast<double>(s.headDim)));
                    total += weight[u];
                }
                for (std::size_t u = 0; u <= t; ++u) {
                    for (std::size_t i = 0; i < s.headDim; ++i) {
                        out[query * s.qDim() + q0 + i]
                            += weight[u] / total * qkv[(b * s.length + u) * row + v0 + i];
                    }
                }
            }
        }
    }
    return out;
}

inline Values swiglu(const Values& gateUp, std::size_t ffn)
{
    Values out(gateUp.size() / 2);
    for (std::size_t i = 0; i < out.size(); ++i) {
        const std::size_t row = i / ffn * 2 * ffn;
        const double gate = gateUp[row + i % ffn];
        out[i] = gate / (1.0 + std::exp(-gate)) * gateUp[row + ffn + i % ffn];
    }
    return out;
}

/// -log softmax(x head^T)[target] of each row.
inline Values headLoss(const Values& x, const Values& head, std::span<const ml::Token> targets,
    std::size_t dim, std::size_t vocab)
{
    const Values logits = matmul(ml::Layout::NT, { targets.size(), vocab, dim }, x, head);
    Values nats(targets.size(), 0.0);
    for (std::size_t r = 0; r < targets.size(); ++r) {
        if (targets[r] < 0) {
            continue;
        }
        double total = 0.0;
        for (std::size_t j = 0; j < vocab; ++j) {
            total += std::exp(logits[r * vocab + j]);
        }
        nats[r] = std::log(total) - logits[r * vocab + static_cast<std::size_t>(targets[r])];
    }
    return nats;
}

/// d f / d x[i] by central differences, with the error of order h^4.
inline double derivative(const std::function<double(const Values&)>& f, Values x, std::size_t i)
{
    constexpr double kStep = 1e-3;
    const double middle = x[i];
    const auto at = [&](double shift) {
        x[i] = middle + shift;
        return f(x);
    };
    return (8.0 * (at(kStep) - at(-kStep)) - (at(2.0 * kStep) - at(-2.0 * kStep))) / (12.0 * kStep);
}

} // namespace loam::oracle
