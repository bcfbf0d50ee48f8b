// SPDX-License-Identifier: GPL-3.0-or-later
// Weights times activations. One or a few rows are bound by reading the weights and take them in
// the file's format; prompts unpack each weight once for all of their rows.
#include "ml/cpu_inference.h"

namespace loam::ml {

namespace {

    /// Rows from which unpacking pays.
    constexpr std::size_t kPanelFrom = 4;
    constexpr std::size_t kLibraryFrom = 6;
    /// Bytes of weights of one task: some microseconds of reading.
    constexpr std::size_t kDotBytes = 48 * 1'024;
    /// Rows of weights of one task: few, so that a task fits L2 and an interrupt is heard.
    constexpr std::size_t kPanelsPerTask = 4;
    constexpr std::size_t kPanelStep = kPanelsPerTask * kPanelRows;
    /// Rows of activations that stay in cache while the panels pass.
    constexpr std::size_t kActivationRows = 64;
    constexpr std::size_t kFloatTile = 128;

    bool isFloat(WeightType type)
    {
        return type == WeightType::F32 || type == WeightType::F16 || type == WeightType::BF16;
    }

    std::size_t ceilDivide(std::size_t a, std::size_t b)
    {
        return (a + b - 1) / b;
    }

    QuantisedRows fromRow(const QuantisedRows& rows, std::size_t first, std::size_t columns)
    {
        return { rows.values + first * columns, rows.scales + first * (columns / 32),
            rows.sums16 + first * (columns / 16), rows.sums32 + first * (columns / 32) };
    }

    std::size_t lineRounded(std::size_t floats)
    {
        return ceilDivide(floats, 16) * 16;
    }

} // namespace

void CpuInference::needScratch(std::size_t floats)
{
    // Room to begin at a cache line.
    m_scratchFloats = std::max(m_scratchFloats, floats + 16);
}

void CpuInference::product(const Gemm& gemm, float* room)
{
    if (m_useLibrary) {
        libraryGemm(gemm);
    } else {
        fastKernels().gemm(gemm, room);
    }
}

void CpuInference::quantiseRows(View x, std::size_t rows, std::size_t columns)
{
    const std::size_t padded = ceilDivide(rows, kMostTileRows) * kMostTileRows;
    if (m_quants.size() < padded * columns) {
        m_quants.resize(padded * columns);
        m_quantScales.resize(padded * columns / 32);
        m_sums16.resize(padded * columns / 16);
        m_sums32.resize(padded * columns / 32);
        m_quantised = { m_quants.data(), m_quantScales.data(), m_sums16.data(), m_sums32.data() };
    }
    // Rows of padding are whatever was there: their results are not looked at.
    recordRows(
        {}, rows, columns, [this, from = at(x), columns](std::size_t begin, std::size_t count) {
            m_kernels.quantise(
                fromRow(m_quantised, begin, columns), from + begin * columns, count, columns);
        });
}

void CpuInference::multiply(View out, View x, const Weights& weights, std::size_t rows, Write write)
{
    const std::size_t columns = weights.columns();
    ASSERT(out.count >= rows * weights.rows() && x.count >= rows * columns);
    View in = x.slice(0, rows * columns);
    const View to = out.slice(0, rows * weights.rows());
    const auto touches = [](View a, View b) {
        return a.memory == b.memory && a.offset < b.offset + b.count
            && b.offset < a.offset + a.count;
    };
    const bool isSame = m_last.x.memory == in.memory && m_last.x.offset == in.offset
        && m_last.x.count == in.count && m_last.rows == rows;
    const bool mayRunBeside = isSame && m_last.isLast
        && std::ranges::none_of(m_last.outs, [&](View other) { return touches(other, to); });
    const bool isQuantised = !isFloat(weights.type());
    auto order = mayRunBeside ? PhaseList::Order::Beside : PhaseList::Order::After;
    const bool wasQuantised = isSame && m_last.isQuantised;
    if (isQuantised && !wasQuantised) {
        quantiseRows(in, rows, columns);
        order = PhaseList::Order::After;
    }
    const bool accumulate = write == Write::Accumulate;
    if (isQuantised && rows >= kPanelFrom) {
        recordPanels(to, weights, rows, accumulate, order);
    } else if (!isQuantised && rows >= kLibraryFrom) {
        recordFloats(to, in, weights, rows, accumulate, order);
    } else {
        recordDots(to, in, weights, rows, accumulate, order);
    }
    if (order == PhaseList::Order::After) {
        m_last.outs.clear();
    }
    m_last.outs.push_back(to);
    m_last.x = in;
    m_last.rows = rows;
    m_last.isLast = true;
    m_last.isQuantised = (isQuantised || wasQuantised) && !touches(to, in);
}

void CpuInference::recordDots(View out, View x, const Weights& weights, std::size_t rows,
    bool accumulate, PhaseList::Order order)
{
    const auto& host = dynamic_cast<const HostWeights&>(weights);
    const std::size_t count = weights.rows();
    const std::size_t step
        = std::clamp<std::size_t>(kDotBytes / host.rowSize(), 1, ceilDivide(count, 4));
    m_phases.add(
        ceilDivide(count, step),
        [this, &host, step, rows, accumulate, from = at(x), to = at(out)](
            std::size_t index, unsigned) {
            const std::size_t first = index * step;
            const DotJob job{ host.row(first), host.rowSize(), std::min(step, host.rows() - first),
                host.columns(), from, m_quantised, rows, to + first, host.rows(), accumulate };
            m_kernels.dot[static_cast<std::size_t>(host.type())](job);
        },
        order);
}

void CpuInference::recordPanels(
    View out, const Weights& weights, std::size_t rows, bool accumulate, PhaseList::Order order)
{
    const auto& host = dynamic_cast<const HostWeights&>(weights);
    const std::size_t columns = host.columns();
    const std::size_t quants = columns * kPanelRows / sizeof(float);
    const std::size_t scales = lineRounded(panelScales(columns));
    const std::size_t each = quants + 2 * scales;
    needScratch(kPanelsPerTask * each);
    m_phases.add(
        ceilDivide(host.rows(), kPanelStep),
        [this, &host, columns, quants, scales, each, rows, accumulate, to = at(out)](
            std::size_t index, unsigned worker) {
            const auto type = static_cast<std::size_t>(host.type());
            const std::size_t first = index * kPanelStep;
            const std::size_t count = std::min(kPanelStep, host.rows() - first);
            const auto panelAt = [&](std::size_t p) {
                auto* room = reinterpret_cast<float*>(
                    (reinterpret_cast<std::uintptr_t>(scratch(worker)) + 63) / 64 * 64);
                room += p * each;
                return Panel{ reinterpret_cast<std::uint8_t*>(room), room + quants,
                    room + quants + scales };
            };
            for (std::size_t p = 0; p * kPanelRows < count; ++p) {
                m_kernels.pack[type](panelAt(p), host.row(first + p * kPanelRows), host.rowSize(),
                    std::min(kPanelRows, count - p * kPanelRows), columns);
            }
            for (std::size_t row = 0; row < rows; row += kActivationRows) {
                for (std::size_t p = 0; p * kPanelRows < count; ++p) {
                    m_kernels.panel[type]({ panelAt(p),
                        std::min(kPanelRows, count - p * kPanelRows), columns,
                        fromRow(m_quantised, row, columns), std::min(kActivationRows, rows - row),
                        to + row * host.rows() + first + p * kPanelRows, host.rows(), accumulate });
                }
            }
        },
        order);
}

void CpuInference::recordFloats(View out, View x, const Weights& weights, std::size_t rows,
    bool accumulate, PhaseList::Order order)
{
    const auto& host = dynamic_cast<const HostWeights&>(weights);
    const std::size_t columns = host.columns();
    const bool converts = host.type() != WeightType::F32;
    const std::size_t own = m_useLibrary ? 0 : fastKernels().gemmScratch;
    needScratch(own + (converts ? kFloatTile * columns : 0));
    m_phases.add(
        ceilDivide(host.rows(), kFloatTile),
        [this, &host, columns, converts, own, rows, accumulate, from = at(x), to = at(out)](
            std::size_t index, unsigned worker) {
            const std::size_t first = index * kFloatTile;
            const std::size_t count = std::min(kFloatTile, host.rows() - first);
            const auto* tile = reinterpret_cast<const float*>(host.row(first));
            if (converts) {
                const auto* halves = reinterpret_cast<const std::uint16_t*>(host.row(first));
                float* room = scratch(worker) + own;
                (host.type() == WeightType::F16 ? m_kernels.halfToFloat : m_kernels.bfloatToFloat)(
                    room, halves, count * columns);
                tile = room;
            }
            product({ Layout::NT, rows, count, columns, from, columns, tile, columns, to + first,
                        host.rows(), accumulate },
                scratch(worker));
        },
        order);
}

} // namespace loam::ml
