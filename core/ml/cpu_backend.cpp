// SPDX-License-Identifier: GPL-3.0-or-later
#include "ml/cpu_backend.h"

#include <fmt/format.h>

#include <cmath>
#include <cstring>
#include <new>

namespace loam::ml {

using base::Errc;
using base::fail;
using base::Result;

namespace {

    constexpr std::align_val_t kAlignment{ 64 };
    /// Rows whose share of a gain's gradient is summed before the blocks are: part of the exact
    /// law.
    constexpr std::size_t kGainRows = 64;
    /// Floats whose squares are summed before the blocks are: part of the exact law.
    constexpr std::size_t kSquaresBlock = 65'536;

} // namespace

Result<std::unique_ptr<HostMemory>> HostMemory::create(std::size_t floats)
{
    constexpr std::size_t kMost = std::size_t{ 1 } << 40U;
    void* memory = floats > kMost
        ? nullptr
        : ::operator new[](floats * sizeof(float) + 1, kAlignment, std::nothrow);
    if (memory == nullptr) {
        return fail(Errc::Unavailable,
            fmt::format("no memory for {} floats of the model's working space", floats));
    }
    std::memset(memory, 0, floats * sizeof(float));
    return std::unique_ptr<HostMemory>{ new HostMemory{ static_cast<float*>(memory), floats } };
}

HostMemory::~HostMemory()
{
    ::operator delete[](m_values, kAlignment);
}

CpuBackend::CpuBackend(ThreadPool& pool, Law law, const CpuKernels& kernels, Library library)
    : m_pool{ pool }
    , m_law{ law }
    , m_kernels{ kernels }
    , m_library{ library }
{
}

std::string_view CpuBackend::name() const
{
    return m_kernels.name;
}

void CpuBackend::setInterrupt(std::function<bool()> interrupt)
{
    m_interrupt = std::move(interrupt);
}

bool CpuBackend::isInterrupted()
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

Result<std::unique_ptr<Memory>> CpuBackend::allocate(std::size_t floats)
{
    TRY_ASSIGN(std::unique_ptr<Memory> memory, HostMemory::create(floats));
    return memory;
}

void CpuBackend::upload(View to, std::span<const float> from)
{
    ASSERT(from.size() <= to.count);
    std::memcpy(at(to), from.data(), from.size_bytes());
}

Result<> CpuBackend::download(std::span<float> to, View from)
{
    ASSERT(to.size() <= from.count);
    if (m_stopped.load(std::memory_order_relaxed)) {
        return fail(Errc::Cancelled, "the computation was interrupted");
    }
    std::memcpy(to.data(), at(from), to.size_bytes());
    return {};
}

void CpuBackend::fill(View to, float value)
{
    parallelRows(to.count, 1, [out = at(to), value](std::size_t begin, std::size_t count) {
        std::fill_n(out + begin, count, value);
    });
}

void CpuBackend::copy(View to, View from)
{
    ASSERT(to.count == from.count);
    parallelRows(to.count, 1, [out = at(to), in = at(from)](std::size_t begin, std::size_t count) {
        std::memcpy(out + begin, in + begin, count * sizeof(float));
    });
}

Result<> CpuBackend::finish()
{
    if (m_stopped.exchange(false, std::memory_order_relaxed)) {
        return fail(Errc::Cancelled, "the computation was interrupted");
    }
    return {};
}

void CpuBackend::reserveScratch(std::size_t floatsPerWorker)
{
    m_scratch.resize(std::max<std::size_t>(m_scratch.size(), m_pool.threads()));
    for (std::unique_ptr<HostMemory>& memory : m_scratch) {
        if (memory == nullptr || memory->count() < floatsPerWorker) {
            auto grown = HostMemory::create(floatsPerWorker);
            ASSERT(grown.has_value());
            memory = std::move(*grown);
        }
    }
}

float* CpuBackend::scratch(unsigned worker)
{
    return m_scratch[worker]->host();
}

void CpuBackend::embed(View out, View table, std::span<const Token> tokens, std::size_t dim)
{
    parallelRows(tokens.size(), dim,
        [to = at(out), from = at(table), tokens, dim](std::size_t begin, std::size_t count) {
            for (std::size_t r = begin; r < begin + count; ++r) {
                std::memcpy(to + r * dim, from + static_cast<std::size_t>(tokens[r]) * dim,
                    dim * sizeof(float));
            }
        });
}

void CpuBackend::embedBackward(
    View dTable, View dOut, std::span<const Token> tokens, std::size_t dim)
{
    // A task owns a stripe of columns, so that equal tokens are summed in the order of rows.
    constexpr std::size_t kStripe = 64;
    parallel((dim + kStripe - 1) / kStripe,
        [&, to = at(dTable), from = at(dOut)](std::size_t index, unsigned) {
            const std::size_t begin = index * kStripe;
            const std::size_t width = std::min(kStripe, dim - begin);
            for (std::size_t r = 0; r < tokens.size(); ++r) {
                m_kernels.add(to + static_cast<std::size_t>(tokens[r]) * dim + begin,
                    from + r * dim + begin, width);
            }
        });
}

void CpuBackend::addRmsNorm(View sum, View out, View inverse, View x, View delta, View gain,
    std::size_t rows, std::size_t dim, float eps)
{
    parallelRows(rows, dim, [&](std::size_t begin, std::size_t count) {
        const std::size_t offset = begin * dim;
        const bool adds = delta.memory != nullptr;
        m_kernels.addRmsNorm(adds ? at(sum) + offset : nullptr, at(out) + offset,
            at(inverse) + begin, at(x) + offset, adds ? at(delta) + offset : nullptr, at(gain),
            count, dim, eps);
    });
}

void CpuBackend::rmsNormBackward(View dX, View dGain, View dOut, View x, View inverse, View gain,
    std::size_t rows, std::size_t dim, Write writeGain)
{
    const std::size_t blocks = (rows + kGainRows - 1) / kGainRows;
    m_partials.resize(std::max(m_partials.size(), blocks * dim));
    parallel(blocks, [&](std::size_t block, unsigned) {
        const std::size_t begin = block * kGainRows;
        const std::size_t offset = begin * dim;
        float* partial = m_partials.data() + block * dim;
        std::fill_n(partial, dim, 0.0F);
        m_kernels.rmsNormBackward(at(dX) + offset, partial, at(dOut) + offset, at(x) + offset,
            at(inverse) + begin, at(gain), std::min(kGainRows, rows - begin), dim);
    });
    if (isInterrupted() || dGain.memory == nullptr) {
        return;
    }
    float* out = at(dGain);
    if (writeGain == Write::Overwrite) {
        std::fill_n(out, dim, 0.0F);
    }
    for (std::size_t block = 0; block < blocks; ++block) {
        m_kernels.add(out, m_partials.data() + block * dim, dim);
    }
}

void CpuBackend::rope(
    View qkv, View table, const AttentionShape& shape, std::size_t position, Direction direction)
{
    const float sign = direction == Direction::Forward ? 1.0F : -1.0F;
    const std::size_t width = shape.rowDim();
    parallelRows(shape.batch * shape.length, width, [&](std::size_t begin, std::size_t count) {
        for (std::size_t r = begin; r < begin + count; ++r) {
            const float* angles = at(table) + (position + r % shape.length) * shape.headDim;
            m_kernels.rope(
                at(qkv) + r * width, angles, shape.heads + shape.kvHeads, shape.headDim, sign);
        }
    });
}

void CpuBackend::swiglu(View out, View gateUp, std::size_t rows, std::size_t ffn)
{
    parallelRows(rows, 2 * ffn, [&](std::size_t begin, std::size_t count) {
        m_kernels.swiglu(at(out) + begin * ffn, at(gateUp) + begin * 2 * ffn, count, ffn);
    });
}

void CpuBackend::swigluBackward(
    View dGateUp, View out, View dOut, View gateUp, std::size_t rows, std::size_t ffn)
{
    parallelRows(rows, 2 * ffn, [&](std::size_t begin, std::size_t count) {
        const std::size_t offset = begin * ffn;
        m_kernels.swigluBackward(at(dGateUp) + 2 * offset, at(out) + offset, at(dOut) + offset,
            at(gateUp) + 2 * offset, count, ffn);
    });
}

void CpuBackend::sumOfSquares(View out, View x)
{
    const std::size_t blocks = (x.count + kSquaresBlock - 1) / kSquaresBlock;
    m_squares.assign(blocks, 0.0);
    parallel(blocks, [&](std::size_t block, unsigned) {
        const std::size_t begin = block * kSquaresBlock;
        m_squares[block]
            = m_kernels.sumOfSquares(at(x) + begin, std::min(kSquaresBlock, x.count - begin));
    });
    double total = 0.0;
    for (const double square : m_squares) {
        total += square;
    }
    *at(out) = static_cast<float>(total);
}

void CpuBackend::adamW(View weights, View gradient, View first, View second, const AdamWStep& step)
{
    parallelRows(weights.count, 1, [&](std::size_t begin, std::size_t count) {
        m_kernels.adamW(at(weights) + begin, at(gradient) + begin, at(first) + begin,
            at(second) + begin, count, step);
    });
}

void CpuBackend::packLargest(View out, View x, std::uint32_t keep)
{
    const std::size_t stride = packedChunkWords(keep);
    const std::size_t chunks = (x.count + kChunkValues - 1) / kChunkValues;
    ASSERT(out.count >= chunks * stride);
    parallel(chunks, [&](std::size_t chunk, unsigned) {
        const std::size_t begin = chunk * kChunkValues;
        const std::span values{ at(x) + begin, std::min(kChunkValues, x.count - begin) };
        float* const place = at(out) + chunk * stride;
        std::uint32_t size = 0;
        if (std::ranges::all_of(values, [](float value) { return std::isfinite(value); })) {
            BitWriter bits;
            const auto count = static_cast<std::uint32_t>(values.size());
            ChunkPacker{}.pack(bits, values, std::min(keep, count));
            size = static_cast<std::uint32_t>(bits.size());
            const std::vector<std::uint32_t>& words = bits.words();
            std::memcpy(place + 1, words.data(), words.size() * sizeof(std::uint32_t));
        }
        std::memcpy(place, &size, sizeof size);
    });
}

Result<std::unique_ptr<Backend>> makeReferenceBackend(ThreadPool& pool)
{
    return std::make_unique<CpuBackend>(
        pool, CpuBackend::Law::Exact, exactKernels(), CpuBackend::Library::None);
}

Result<std::unique_ptr<Backend>> makeFastBackend(ThreadPool& pool)
{
    return std::make_unique<CpuBackend>(
        pool, CpuBackend::Law::Fast, fastKernels(), CpuBackend::bestLibraryUse());
}

} // namespace loam::ml
