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
    /// Tiles per thread, over all products at hand, at which the last one no longer matters much.
    /// Larger tiles read and pack their operands less often.
    constexpr std::size_t kTilesPerThread = 6;
    /// Multiply-adds up to which the library's code beats the table's.
    constexpr std::size_t kLargestSmallProduct = std::size_t{ 1 } << 20U;
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

    double workOf(std::size_t m, std::size_t n, std::size_t k)
    {
        return static_cast<double>(m) * static_cast<double>(n) * static_cast<double>(k);
    }

} // namespace

CpuBackend::Library CpuBackend::bestLibraryUse()
{
    if (!hasLibraryGemm()) {
        return Library::None;
    }
    return hasWideVectors() ? Library::All : Library::Small;
}

void CpuBackend::product(const Gemm& gemm, unsigned worker)
{
    const bool isSmall = gemm.m * gemm.n * gemm.k <= kLargestSmallProduct;
    if (m_library == Library::All || (m_library == Library::Small && isSmall)) {
        libraryGemm(gemm);
    } else {
        m_kernels.gemm(gemm, scratch(worker));
    }
}

CpuBackend::Grid CpuBackend::gridOf(const Gemm& gemm, double tileWork) const
{
    std::size_t tileM = evenTile(gemm.m, kLargestTile);
    std::size_t tileN = evenTile(gemm.n, kLargestTile);
    const auto workOfTile = [&] { return workOf(std::min(tileM, gemm.m), tileN, gemm.k); };
    while (m_pool.threads() > 1 && workOfTile() > tileWork) {
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
    double work = 0.0;
    for (const Gemm& gemm : gemms) {
        work += workOf(gemm.m, gemm.n, gemm.k);
    }
    const double tileWork = work / static_cast<double>(m_pool.threads() * kTilesPerThread);
    std::array<Grid, kMaxProducts> grids;
    std::size_t tiles = 0;
    for (std::size_t i = 0; i < gemms.size(); ++i) {
        grids[i] = gridOf(gemms[i], tileWork);
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
        const std::array<Gemm, 2> backward{ Gemm{ Layout::NN, rows, dim, vocab, logits, vocab,
                                                at(head), dim, at(dX) + begin * dim, dim, false },
            Gemm{ Layout::TN, vocab, dim, rows, logits, vocab, in, dim, at(dHead), dim,
                accumulate } };
        multiply(std::span{ backward }.first(dHead.memory == nullptr ? 1 : 2));
    }
}

} // namespace loam::ml
