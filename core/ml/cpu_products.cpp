// SPDX-License-Identifier: GPL-3.0-or-later
// The part of the CPU backends that is made of matrix products: linear layers and the head.
#include "ml/cpu_backend.h"
#include "ml/exact_math.h"

#include <array>

namespace loam::ml {

namespace {

    /// Large enough for the product's own blocking, small enough that tiles can be shared out and
    /// an interrupt is heard within milliseconds.
    constexpr std::size_t kLargestTile = 512;
    constexpr std::size_t kSmallestTile = 96;
    /// Tiles per thread at which the last one no longer matters much.
    constexpr std::size_t kTilesPerThread = 6;
    /// Floats of logits that are held at a time.
    constexpr std::size_t kLogitsFloats = std::size_t{ 1 } << 20U;
    constexpr std::size_t kFewestHeadRows = 16;
    constexpr std::size_t kMostHeadRows = 1'024;

    std::size_t ceilDivide(std::size_t a, std::size_t b)
    {
        return (a + b - 1) / b;
    }

    /// Equal parts, rounded up to whole vectors.
    std::size_t evenTile(std::size_t extent, std::size_t largest)
    {
        const std::size_t parts = ceilDivide(extent, largest);
        return ceilDivide(ceilDivide(extent, parts), 16) * 16;
    }

} // namespace

void CpuBackend::product(const Gemm& gemm, unsigned worker)
{
    if (m_useLibrary) {
        libraryGemm(gemm);
    } else {
        m_kernels.gemm(gemm, scratch(worker));
    }
}

CpuBackend::Grid CpuBackend::gridOf(const Gemm& gemm) const
{
    std::size_t tileM = evenTile(gemm.m, kLargestTile);
    std::size_t tileN = evenTile(gemm.n, kLargestTile);
    const std::size_t threads = m_pool.threads();
    const std::size_t wanted = threads == 1 ? 1 : threads * kTilesPerThread;
    while (ceilDivide(gemm.m, tileM) * ceilDivide(gemm.n, tileN) < wanted) {
        std::size_t& larger = tileM >= tileN ? tileM : tileN;
        if (larger < 2 * kSmallestTile) {
            break;
        }
        larger = evenTile(larger, larger / 2);
    }
    const std::size_t columns = ceilDivide(gemm.n, tileN);
    return { gemm, tileM, tileN, columns, columns * ceilDivide(gemm.m, tileM) };
}

void CpuBackend::multiply(std::span<const Gemm> gemms)
{
    ASSERT(gemms.size() <= kMaxProducts);
    reserveScratch(m_kernels.gemmScratch);
    std::array<Grid, kMaxProducts> grids;
    std::size_t tiles = 0;
    for (std::size_t i = 0; i < gemms.size(); ++i) {
        grids[i] = gridOf(gemms[i]);
        tiles += grids[i].tiles;
    }
    parallel(tiles, [&](std::size_t index, unsigned worker) {
        std::size_t which = 0;
        while (index >= grids[which].tiles) {
            index -= grids[which].tiles;
            ++which;
        }
        const Grid& grid = grids[which];
        const std::size_t row = index / grid.columns * grid.tileM;
        const std::size_t column = index % grid.columns * grid.tileN;
        Gemm part = grid.gemm;
        part.m = std::min(grid.tileM, part.m - row);
        part.n = std::min(grid.tileN, part.n - column);
        part.a += part.layout == Layout::TN ? row : row * part.lda;
        part.b += part.layout == Layout::NT ? column * part.ldb : column;
        part.c += row * part.ldc + column;
        product(part, worker);
    });
}

void CpuBackend::matmul(std::span<const Product> products)
{
    ASSERT(products.size() <= kMaxProducts);
    std::array<Gemm, kMaxProducts> gemms;
    std::size_t count = 0;
    for (const Product& p : products) {
        const auto [m, n, k] = p.shape;
        ASSERT(p.a.count >= m * k && p.b.count >= k * n && p.c.count >= m * n);
        const bool accumulate = p.write == Write::Accumulate;
        if (m == 1 && p.layout == Layout::NT && m_law == Law::Fast) {
            // A matrix times one vector is bound by reading the matrix: no packing.
            parallelRows(n, k, [&, width = k](std::size_t begin, std::size_t rows) {
                m_kernels.gemv(
                    at(p.c) + begin, at(p.b) + begin * width, at(p.a), rows, width, accumulate);
            });
            continue;
        }
        gemms[count++] = { p.layout, m, n, k, at(p.a), p.layout == Layout::TN ? m : k, at(p.b),
            p.layout == Layout::NT ? k : n, at(p.c), n, accumulate };
    }
    multiply({ gemms.data(), count });
}

std::size_t CpuBackend::headRows(std::size_t rows, std::size_t vocab) const
{
    return std::min(rows, std::clamp(kLogitsFloats / vocab, kFewestHeadRows, kMostHeadRows));
}

std::size_t CpuBackend::headScratch(std::size_t rows, std::size_t vocab) const
{
    return headRows(rows, vocab) * vocab;
}

void CpuBackend::lossOfChunk(
    float* nats, float* logits, const Gemm& head, const Token* targets, bool gradient, float scale)
{
    const std::size_t vocab = head.n;
    multiply({ &head, 1 });
    m_statistics.resize(std::max(m_statistics.size(), head.m));
    parallelRows(head.m, vocab, [&](std::size_t begin, std::size_t count) {
        m_kernels.softmaxLoss(logits + begin * vocab, count, vocab, targets + begin,
            m_statistics.data() + begin, gradient, scale);
        for (std::size_t r = begin; r < begin + count; ++r) {
            const RowStatistics& row = m_statistics[r];
            nats[r] = targets[r] < 0
                ? 0.0F
                : static_cast<float>(exact::log(static_cast<double>(row.sum))
                    + (static_cast<double>(row.maximum) - static_cast<double>(row.target)));
        }
    });
}

void CpuBackend::headLoss(View nats, View x, View head, std::span<const Token> targets,
    std::size_t dim, std::size_t vocab, View scratchView)
{
    const std::size_t step = headRows(targets.size(), vocab);
    for (std::size_t begin = 0; begin < targets.size(); begin += step) {
        const std::size_t rows = std::min(step, targets.size() - begin);
        const Gemm forward{ Layout::NT, rows, vocab, dim, at(x) + begin * dim, dim, at(head), dim,
            at(scratchView), vocab, false };
        lossOfChunk(
            at(nats) + begin, at(scratchView), forward, targets.data() + begin, false, 0.0F);
    }
}

void CpuBackend::headLossBackward(View nats, View dX, View dHead, View x, View head,
    std::span<const Token> targets, std::size_t dim, std::size_t vocab, float scale,
    Write writeHead, View scratchView)
{
    const std::size_t step = headRows(targets.size(), vocab);
    float* logits = at(scratchView);
    for (std::size_t begin = 0; begin < targets.size(); begin += step) {
        const std::size_t rows = std::min(step, targets.size() - begin);
        const float* in = at(x) + begin * dim;
        const Gemm forward{ Layout::NT, rows, vocab, dim, in, dim, at(head), dim, logits, vocab,
            false };
        lossOfChunk(at(nats) + begin, logits, forward, targets.data() + begin, true, scale);
        const bool accumulate = begin > 0 || writeHead == Write::Accumulate;
        const std::array<Gemm, 2> backward{ Gemm{ Layout::TN, vocab, dim, rows, logits, vocab, in,
                                                dim, at(dHead), dim, accumulate },
            Gemm{ Layout::NN, rows, dim, vocab, logits, vocab, at(head), dim, at(dX) + begin * dim,
                dim, false } };
        multiply(backward);
    }
}

} // namespace loam::ml
