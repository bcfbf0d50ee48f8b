// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ml/backend.h"
#include "ml/cpu_kernels.h"
#include "ml/thread_pool.h"

#include <algorithm>
#include <atomic>
#include <vector>

namespace loam::ml {

/// A block of floats aligned to 64 bytes.
class HostMemory final : public Memory
{
public:
    static base::Result<std::unique_ptr<HostMemory>> create(std::size_t floats);
    ~HostMemory() override;
    HostMemory(const HostMemory&) = delete;
    HostMemory& operator=(const HostMemory&) = delete;

    std::size_t count() const override { return m_count; }
    float* host() override { return m_values; }

private:
    HostMemory(float* values, std::size_t count)
        : m_values{ values }
        , m_count{ count }
    {
    }

    float* m_values;
    std::size_t m_count;
};

/// Both CPU backends: splits ops into tiles for the pool and runs one kernel table on them. How an
/// op is split never depends on the number of threads where that could change a sum's order.
class CpuBackend final : public Backend
{
public:
    enum class Law { Exact, Fast };
    /// Which products go to the library's sgemm instead of the table's: those of attention heads,
    /// or all.
    enum class Library { None, Small, All };
    CpuBackend(ThreadPool& pool, Law law, const CpuKernels& kernels, Library library);

    /// By the instruction set alone, so that a training that is resumed goes on with the same
    /// kernels: docs/benchmarks.md has the measurements.
    static Library bestLibraryUse();

    std::string_view name() const override;
    bool isDeterministic() const override { return m_law == Law::Exact; }
    void setInterrupt(std::function<bool()> interrupt) override;
    base::Result<std::unique_ptr<Memory>> allocate(std::size_t floats) override;
    void upload(View to, std::span<const float> from) override;
    base::Result<> download(std::span<float> to, View from) override;
    void fill(View to, float value) override;
    void copy(View to, View from) override;
    base::Result<> finish() override;

    void matmul(std::span<const Product> products) override;
    void embed(View out, View table, std::span<const Token> tokens, std::size_t dim) override;
    void embedBackward(
        View dTable, View dOut, std::span<const Token> tokens, std::size_t dim) override;
    void addRmsNorm(View sum, View out, View inverse, View x, View delta, View gain,
        std::size_t rows, std::size_t dim, float eps) override;
    void rmsNormBackward(View dX, View dGain, View dOut, View x, View inverse, View gain,
        std::size_t rows, std::size_t dim, Write writeGain) override;
    void rope(View qkv, View table, const AttentionShape& shape, std::size_t position,
        Direction direction) override;
    void attention(View out, View logSum, View qkv, const AttentionShape& shape) override;
    void attentionBackward(View dQkv, View dOut, View qkv, View out, View logSum,
        const AttentionShape& shape) override;
    void attentionStep(
        View out, View query, View keys, View values, const AttentionShape& shape) override;
    void swiglu(View out, View gateUp, std::size_t rows, std::size_t ffn) override;
    void swigluBackward(
        View dGateUp, View out, View dOut, View gateUp, std::size_t rows, std::size_t ffn) override;
    void headLoss(View nats, View x, View head, std::span<const Token> targets, std::size_t dim,
        std::size_t vocab, View scratch) override;
    void headLossBackward(View nats, View dX, View dHead, View x, View head,
        std::span<const Token> targets, std::size_t dim, std::size_t vocab, float scale,
        Write writeHead, View scratch) override;
    std::size_t headScratch(std::size_t rows, std::size_t vocab) const override;
    void sumOfSquares(View out, View x) override;
    void adamW(
        View weights, View gradient, View first, View second, const AdamWStep& step) override;
    void packLargest(View out, View x, std::uint32_t keep) override;

private:
    /// A product cut into a grid of tiles.
    struct Grid
    {
        Gemm gemm;
        std::size_t tileM{ 0 };
        std::size_t tileN{ 0 };
        std::size_t columns{ 0 };
        std::size_t tiles{ 0 };
    };
    static constexpr std::size_t kMaxProducts = 4;

    bool isInterrupted();
    template <class Task> void parallel(std::size_t count, Task task)
    {
        if (isInterrupted()) {
            return;
        }
        m_pool.run(count, [&](std::size_t index, unsigned worker) {
            if (!isInterrupted()) {
                task(index, worker);
            }
        });
    }
    /// Calls task(begin, count) for pieces of `rows`, each of about kElementsPerTask elements.
    template <class Task> void parallelRows(std::size_t rows, std::size_t width, Task task)
    {
        constexpr std::size_t kElementsPerTask = 32'768;
        const std::size_t step = std::max<std::size_t>(1, kElementsPerTask / width);
        parallel((rows + step - 1) / step, [&](std::size_t index, unsigned) {
            const std::size_t begin = index * step;
            task(begin, std::min(step, rows - begin));
        });
    }

    /// Room for one worker; grown only between parallel parts.
    void reserveScratch(std::size_t floatsPerWorker);
    float* scratch(unsigned worker);
    void product(const Gemm& gemm, unsigned worker);
    void multiply(std::span<const Gemm> gemms);
    /// Tiles of about `tileWork` multiply-adds.
    Grid gridOf(const Gemm& gemm, double tileWork) const;
    std::size_t headRows(std::size_t rows, std::size_t vocab) const;
    void lossOfChunk(float* nats, float* logits, const Gemm& head, const Token* targets,
        bool gradient, float scale);

    ThreadPool& m_pool;
    Law m_law;
    const CpuKernels& m_kernels;
    Library m_library;
    std::function<bool()> m_interrupt;
    std::atomic<bool> m_stopped{ false };
    std::vector<std::unique_ptr<HostMemory>> m_scratch;
    std::vector<float> m_partials;
    std::vector<double> m_squares;
    std::vector<RowStatistics> m_statistics;
};

/// Where a view lies in host memory.
inline float* at(View view)
{
    return view.memory == nullptr ? nullptr : view.memory->host() + view.offset;
}

} // namespace loam::ml
