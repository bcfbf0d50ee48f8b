// SPDX-License-Identifier: GPL-3.0-or-later
// Causal attention in blocks of queries: scores of one block and the keys it may see are held at a
// time; backward computes them anew from the kept log-sum (Dao et al., arXiv:2205.14135).
#include "ml/cpu_backend.h"
#include "ml/exact_math.h"

#include <array>
#include <cmath>

namespace loam::ml {

namespace {

    constexpr std::size_t kQueryRows = 64;
    constexpr std::size_t kFewestQueryRows = 8;
    /// Floats of scores that a worker holds: fits its L2 for usual lengths.
    constexpr std::size_t kScoreFloats = std::size_t{ 1 } << 18U;

    /// Part of the exact law only through the order of blocks, which is that of the queries.
    std::size_t queryRows(const AttentionShape& shape)
    {
        return std::clamp(kScoreFloats / shape.length, kFewestQueryRows, kQueryRows);
    }

    float scoreScale(const AttentionShape& shape)
    {
        return 1.0F / std::sqrt(static_cast<float>(shape.headDim));
    }

    /// Where the operands of one head of one sequence begin, and their row lengths.
    struct Head
    {
        const float* q;
        const float* k;
        const float* v;
        std::size_t row; ///< of q, k and v
    };

    Head headOf(
        const float* qkv, const AttentionShape& shape, std::size_t sequence, std::size_t head)
    {
        const std::size_t group = head / (shape.heads / shape.kvHeads);
        const float* base = qkv + sequence * shape.length * shape.rowDim();
        const float* keys = base + shape.qDim() + group * shape.headDim;
        return { base + head * shape.headDim, keys, keys + shape.kvDim(), shape.rowDim() };
    }

} // namespace

void CpuBackend::attention(View out, View logSum, View qkv, const AttentionShape& shape)
{
    const std::size_t rows = queryRows(shape);
    const std::size_t blocks = (shape.length + rows - 1) / rows;
    const std::size_t hd = shape.headDim;
    const float scale = scoreScale(shape);
    reserveScratch(m_kernels.gemmScratch + rows * shape.length);
    parallel(shape.batch * shape.heads * blocks, [&](std::size_t index, unsigned worker) {
        // Late blocks see most keys: they go first, so that the small ones fill up the end.
        const std::size_t block = blocks - 1 - index / (shape.batch * shape.heads);
        const std::size_t head = index % shape.heads;
        const std::size_t sequence = index / shape.heads % shape.batch;
        const std::size_t first = block * rows;
        const std::size_t count = std::min(rows, shape.length - first);
        const std::size_t keys = first + count;
        float* scores = scratch(worker) + m_kernels.gemmScratch;
        const Head h = headOf(at(qkv), shape, sequence, head);
        const std::size_t token = sequence * shape.length + first;

        product({ Layout::NT, count, keys, hd, h.q + first * h.row, h.row, h.k, h.row, scores, keys,
                    false },
            worker);
        std::array<RowStatistics, kQueryRows> statistics;
        m_kernels.causalSoftmax(scores, count, first, keys, keys, scale, statistics.data());
        product({ Layout::NN, count, hd, keys, scores, keys, h.v, h.row,
                    at(out) + token * shape.qDim() + head * hd, shape.qDim(), false },
            worker);
        for (std::size_t r = 0; r < count; ++r) {
            at(logSum)[(token + r) * shape.heads + head]
                = static_cast<float>(static_cast<double>(statistics[r].maximum)
                    + exact::log(static_cast<double>(statistics[r].sum)));
        }
    });
}

void CpuBackend::attentionBackward(
    View dQkv, View dOut, View qkv, View out, View logSum, const AttentionShape& shape)
{
    const std::size_t rows = queryRows(shape);
    const std::size_t hd = shape.headDim;
    const std::size_t heads = shape.heads / shape.kvHeads;
    const std::size_t width = shape.qDim();
    const float scale = scoreScale(shape);
    reserveScratch(m_kernels.gemmScratch + 2 * rows * shape.length);
    // A task owns the gradient of one key-value head of one sequence.
    parallel(shape.batch * shape.kvHeads, [&](std::size_t index, unsigned worker) {
        const std::size_t sequence = index / shape.kvHeads;
        const std::size_t group = index % shape.kvHeads;
        float* p = scratch(worker) + m_kernels.gemmScratch;
        float* ds = p + rows * shape.length;
        const std::size_t row = shape.rowDim();
        float* base = at(dQkv) + sequence * shape.length * row;
        float* dK = base + width + group * hd;
        float* dV = dK + shape.kvDim();
        for (std::size_t t = 0; t < shape.length; ++t) {
            std::fill_n(dK + t * row, hd, 0.0F);
            std::fill_n(dV + t * row, hd, 0.0F);
        }
        for (std::size_t head = group * heads; head < (group + 1) * heads; ++head) {
            const Head h = headOf(at(qkv), shape, sequence, head);
            for (std::size_t first = 0; first < shape.length && !isInterrupted(); first += rows) {
                const std::size_t count = std::min(rows, shape.length - first);
                const std::size_t keys = first + count;
                const std::size_t token = sequence * shape.length + first;
                const float* q = h.q + first * row;
                const float* d = at(dOut) + token * width + head * hd;
                const float* o = at(out) + token * width + head * hd;
                product({ Layout::NT, count, keys, hd, q, row, h.k, row, p, keys, false }, worker);
                m_kernels.causalProbabilities(p, count, first, keys, keys, scale,
                    at(logSum) + token * shape.heads + head, shape.heads);
                product(
                    { Layout::NT, count, keys, hd, d, width, h.v, row, ds, keys, false }, worker);
                product({ Layout::TN, keys, hd, count, p, keys, d, width, dV, row, true }, worker);
                m_kernels.scoreGradient(ds, p, count, keys, keys, scale, d, o, width, hd);
                product({ Layout::NN, count, hd, keys, ds, keys, h.k, row,
                            base + first * row + head * hd, row, false },
                    worker);
                product({ Layout::TN, keys, hd, count, ds, keys, q, row, dK, row, true }, worker);
            }
        }
    });
}

void CpuBackend::attentionStep(
    View out, View query, View keys, View values, const AttentionShape& shape)
{
    const std::size_t hd = shape.headDim;
    const std::size_t share = shape.heads / shape.kvHeads;
    const float scale = scoreScale(shape);
    reserveScratch(m_kernels.gemmScratch + shape.length);
    parallel(shape.heads, [&](std::size_t head, unsigned worker) {
        float* scores = scratch(worker) + m_kernels.gemmScratch;
        const std::size_t column = head / share * hd;
        m_kernels.gemm({ Layout::NT, 1, shape.length, hd, at(query) + head * hd, hd,
                           at(keys) + column, shape.kvDim(), scores, shape.length, false },
            scratch(worker));
        RowStatistics statistics;
        m_kernels.causalSoftmax(
            scores, 1, shape.length - 1, shape.length, shape.length, scale, &statistics);
        m_kernels.gemm({ Layout::NN, 1, hd, shape.length, scores, shape.length, at(values) + column,
                           shape.kvDim(), at(out) + head * hd, hd, false },
            scratch(worker));
    });
}

} // namespace loam::ml
