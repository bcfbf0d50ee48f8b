// SPDX-License-Identifier: GPL-3.0-or-later
#include "ml/cpu_inference.h"

#include "ml/exact_math.h"

#include <fmt/format.h>

#include <cstring>
#include <new>

namespace loam::ml {

using base::Errc;
using base::fail;
using base::Result;

namespace {

    bool overlap(View a, View b)
    {
        return a.memory == b.memory && a.offset < b.offset + b.count
            && b.offset < a.offset + a.count;
    }

} // namespace

Result<> HostCache::allocate()
{
    const std::size_t each
        = m_shape.layers * m_shape.slots * m_shape.kvHeads * m_shape.context * m_shape.headDim;
    try {
        m_keys.resize(each);
        m_values.resize(each);
    } catch (const std::exception&) {
        return fail(Errc::Unavailable,
            fmt::format("no memory for a cache of {} sequences of {} tokens: ask for a shorter "
                        "context or fewer answers at once",
                m_shape.slots, m_shape.context));
    }
    return {};
}

CpuInference::CpuInference(ThreadPool& pool, const InferenceKernels& kernels, bool useLibrary)
    : m_pool{ pool }
    , m_kernels{ kernels }
    , m_useLibrary{ useLibrary }
{
}

void CpuInference::setInterrupt(std::function<bool()> interrupt)
{
    m_interrupt = std::move(interrupt);
}

bool CpuInference::isInterrupted()
{
    if (m_stopped.load(std::memory_order_relaxed)) {
        return true;
    }
    if (m_interrupt && m_interrupt()) {
        m_stopped.store(true, std::memory_order_relaxed);
        return true;
    }
    return false;
}

Result<std::unique_ptr<Memory>> CpuInference::allocate(std::size_t floats)
{
    TRY_ASSIGN(std::unique_ptr<Memory> memory, HostMemory::create(floats));
    return memory;
}

void CpuInference::record(View written, std::size_t tasks, PhaseList::Task task)
{
    if (m_last.isQuantised && overlap(written, m_last.x)) {
        m_last.isQuantised = false;
    }
    m_last.isLast = false;
    m_phases.add(tasks, std::move(task));
}

void CpuInference::runRecorded()
{
    if (m_phases.isEmpty()) {
        return;
    }
    m_scratch.resize(std::max<std::size_t>(m_scratch.size(), m_pool.threads()));
    for (std::vector<float>& room : m_scratch) {
        if (room.size() < m_scratchFloats) {
            room.resize(m_scratchFloats);
        }
    }
    m_phases.run(m_pool, [this] { return isInterrupted(); });
    m_last = {};
}

void CpuInference::upload(View to, std::span<const float> from)
{
    ASSERT(from.size() <= to.count);
    runRecorded();
    std::memcpy(at(to), from.data(), from.size_bytes());
}

Result<> CpuInference::download(std::span<float> to, View from)
{
    ASSERT(to.size() <= from.count);
    runRecorded();
    std::memcpy(to.data(), at(from), to.size_bytes());
    return {};
}

Result<> CpuInference::finish()
{
    runRecorded();
    if (m_stopped.exchange(false, std::memory_order_relaxed)) {
        return fail(Errc::Cancelled, "the computation was interrupted");
    }
    return {};
}

Result<std::unique_ptr<Weights>> CpuInference::adopt(const WeightSource& source)
{
    const BlockFormat format = blockFormat(source.type);
    if (source.rows == 0 || source.columns == 0 || source.columns % format.columns != 0) {
        return fail(Errc::Invalid,
            fmt::format("a matrix of {} x {} weights cannot be of type {}: its rows must be "
                        "multiples of {}",
                source.rows, source.columns, weightTypeName(source.type), format.columns));
    }
    if (source.bytes.size() / source.rows < rowBytes(source.type, source.columns)) {
        return fail(Errc::Invalid,
            fmt::format("{} bytes are too few for {} x {} weights of type {}", source.bytes.size(),
                source.rows, source.columns, weightTypeName(source.type)));
    }
    return std::make_unique<HostWeights>(source);
}

Result<std::unique_ptr<KvCache>> CpuInference::makeCache(const KvShape& shape)
{
    auto cache = std::make_unique<HostCache>(shape);
    TRY(cache->allocate());
    return cache;
}

void CpuInference::embed(View out, const Weights& table, std::span<const Token> tokens, float scale)
{
    const auto& weights = dynamic_cast<const HostWeights&>(table);
    const std::size_t dim = weights.columns();
    ASSERT(out.count >= tokens.size() * dim);
    recordRows(out, tokens.size(), dim,
        [this, to = at(out), &weights, scale, dim,
            rows = std::vector<Token>(tokens.begin(), tokens.end())](
            std::size_t begin, std::size_t count) {
            for (std::size_t r = begin; r < begin + count; ++r) {
                float* row = to + r * dim;
                dequantise(
                    weights.type(), { row, dim }, weights.row(static_cast<std::size_t>(rows[r])));
                m_kernels.scale(row, scale, dim);
            }
        });
}

void CpuInference::addBias(View x, View bias, std::size_t rows, std::size_t dim)
{
    recordRows(x, rows, dim,
        [this, to = at(x), from = at(bias), dim](std::size_t begin, std::size_t count) {
            for (std::size_t r = begin; r < begin + count; ++r) {
                m_kernels.add(to + r * dim, from, dim);
            }
        });
}

void CpuInference::add(View x, View delta)
{
    ASSERT(x.count <= delta.count);
    recordRows(
        x, x.count, 1, [this, to = at(x), from = at(delta)](std::size_t begin, std::size_t count) {
            m_kernels.add(to + begin, from + begin, count);
        });
}

void CpuInference::rmsNorm(
    View out, View x, View gain, std::size_t rows, std::size_t dim, float eps)
{
    ASSERT(out.count >= rows * dim && x.count >= rows * dim && gain.count >= dim);
    recordRows(out, rows, dim,
        [this, to = at(out), from = at(x), gains = at(gain), dim, eps](
            std::size_t begin, std::size_t count) {
            m_kernels.rmsNorm(to + begin * dim, from + begin * dim, gains, count, dim, eps);
        });
}

CpuInference::Angles& CpuInference::anglesOf(View frequencies, std::size_t positions)
{
    const float* begin = at(frequencies);
    const auto isSame = [&](const Angles& angles) {
        return std::ranges::equal(angles.frequencies, std::span{ begin, frequencies.count });
    };
    auto found = std::ranges::find_if(m_angles, isSame);
    if (found == m_angles.end()) {
        m_angles.push_back({ { begin, begin + frequencies.count }, {} });
        found = std::prev(m_angles.end());
    }
    // A deque never moves what recorded tasks point to.
    while (found->rows.size() < positions) {
        std::vector<float> row;
        row.reserve(2 * frequencies.count);
        for (const float frequency : found->frequencies) {
            const auto [sin, cos] = exact::sinCos(
                static_cast<double>(found->rows.size()) * static_cast<double>(frequency));
            row.push_back(static_cast<float>(cos));
            row.push_back(static_cast<float>(sin));
        }
        found->rows.push_back(std::move(row));
    }
    return *found;
}

void CpuInference::rope(View x, View frequencies, std::span<const RowPlace> places,
    std::size_t heads, std::size_t headDim, RopeStyle style)
{
    ASSERT(frequencies.count == headDim / 2 && x.count >= places.size() * heads * headDim);
    std::size_t positions = 0;
    for (const RowPlace& place : places) {
        positions = std::max<std::size_t>(positions, place.position + std::size_t{ 1 });
    }
    const Angles& angles = anglesOf(frequencies, positions);
    std::vector<const float*> rows;
    rows.reserve(places.size());
    for (const RowPlace& place : places) {
        rows.push_back(angles.rows[place.position].data());
    }
    const auto turn = style == RopeStyle::Halves ? m_kernels.ropeHalves : m_kernels.ropePairs;
    recordRows(x, places.size(), heads * headDim,
        [to = at(x), rows = std::move(rows), turn, heads, headDim](
            std::size_t begin, std::size_t count) {
            for (std::size_t r = begin; r < begin + count; ++r) {
                turn(to + r * heads * headDim, rows[r], heads, headDim);
            }
        });
}

void CpuInference::gatedActivation(
    View out, View gate, View up, std::size_t rows, std::size_t width, Activation activation)
{
    const auto gated = activation == Activation::Silu ? m_kernels.gatedSilu : m_kernels.gatedGelu;
    recordRows(out, rows, width,
        [to = at(out), first = at(gate), second = at(up), gated, width](
            std::size_t begin, std::size_t count) {
            const std::size_t offset = begin * width;
            gated(to + offset, first + offset, second + offset, count * width);
        });
}

Result<std::unique_ptr<InferenceBackend>> makeCpuInference(ThreadPool& pool)
{
    return std::make_unique<CpuInference>(pool, *inferenceTables().back(), hasLibraryGemm());
}

} // namespace loam::ml
