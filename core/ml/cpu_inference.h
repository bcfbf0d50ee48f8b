// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ml/cpu_backend.h"
#include "ml/cpu_kernels.h"
#include "ml/inference_backend.h"
#include "ml/inference_kernels.h"
#include "ml/phase_list.h"
#include "ml/thread_pool.h"

#include <algorithm>
#include <atomic>
#include <deque>
#include <memory>
#include <vector>

namespace loam::ml {

/// Answers on the CPU: ops are recorded and run by `finish`, over one table of kernels. How an op
/// is split never changes the order of a sum, so results do not depend on the number of threads.
class CpuInference final : public InferenceBackend
{
public:
    /// With `useLibrary` products of floats go to the library's sgemm.
    CpuInference(ThreadPool& pool, const InferenceKernels& kernels, bool useLibrary);

    std::string_view name() const override { return m_kernels.name; }
    void setInterrupt(std::function<bool()> interrupt) override;
    base::Result<std::unique_ptr<Memory>> allocate(std::size_t floats) override;
    void upload(View to, std::span<const float> from) override;
    base::Result<> download(std::span<float> to, View from) override;
    base::Result<> finish() override;
    base::Result<std::unique_ptr<Weights>> adopt(const WeightSource& source) override;
    base::Result<std::unique_ptr<KvCache>> makeCache(const KvShape& shape) override;

    void embed(View out, const Weights& table, std::span<const Token> tokens, float scale) override;
    void multiply(View out, View x, const Weights& weights, std::size_t rows, Write write) override;
    void addBias(View x, View bias, std::size_t rows, std::size_t dim) override;
    void add(View x, View delta) override;
    void rmsNorm(
        View out, View x, View gain, std::size_t rows, std::size_t dim, float eps) override;
    void rope(View x, View frequencies, std::span<const RowPlace> places, std::size_t heads,
        std::size_t headDim, RopeStyle style) override;
    void store(KvCache& cache, std::size_t layer, View k, View v,
        std::span<const RowPlace> places) override;
    void attention(View out, View q, const KvCache& cache, std::size_t layer,
        std::span<const RowPlace> places, std::size_t heads, float scale,
        std::size_t window) override;
    void gatedActivation(View out, View gate, View up, std::size_t rows, std::size_t width,
        Activation activation) override;

private:
    /// Cosines and sines of one list of frequencies, kept for all positions met so far.
    struct Angles
    {
        std::vector<float> frequencies;
        std::deque<std::vector<float>> rows; ///< of each position [headDim / 2][2]
    };

    /// What the next multiply may run beside: the last one, of the same x.
    struct LastProduct
    {
        View x;
        std::size_t rows{ 0 };
        bool isQuantised{ false };
        bool isLast{ false }; ///< nothing was recorded since
        std::vector<View> outs;
    };

    /// Tells `task(begin, count)` pieces of `rows`, each of about kElementsPerTask elements.
    template <class Task>
    void recordRows(View written, std::size_t rows, std::size_t width, Task task)
    {
        constexpr std::size_t kElementsPerTask = 16'384;
        const std::size_t step = std::max<std::size_t>(1, kElementsPerTask / width);
        record(written, (rows + step - 1) / step, [=](std::size_t index, unsigned) {
            const std::size_t begin = index * step;
            task(begin, std::min(step, rows - begin));
        });
    }
    void record(View written, std::size_t tasks, PhaseList::Task task);
    void runRecorded();
    bool isInterrupted();

    void quantiseRows(View x, std::size_t rows, std::size_t columns);
    void recordDots(View out, View x, const Weights& weights, std::size_t rows, bool accumulate,
        PhaseList::Order order);
    void recordPanels(View out, const Weights& weights, std::size_t rows, bool accumulate,
        PhaseList::Order order);
    void recordFloats(View out, View x, const Weights& weights, std::size_t rows, bool accumulate,
        PhaseList::Order order);
    void needScratch(std::size_t floats);
    float* scratch(unsigned worker) { return m_scratch[worker].data(); }
    void product(const Gemm& gemm, float* room);
    Angles& anglesOf(View frequencies, std::size_t positions);

    ThreadPool& m_pool;
    const InferenceKernels& m_kernels;
    bool m_useLibrary;
    std::function<bool()> m_interrupt;
    std::atomic<bool> m_stopped{ false };
    PhaseList m_phases;
    LastProduct m_last;
    /// The activations of the products being run; each is quantised when its turn comes.
    std::vector<std::int8_t> m_quants;
    std::vector<float> m_quantScales;
    std::vector<float> m_sums16;
    std::vector<float> m_sums32;
    QuantisedRows m_quantised;
    std::size_t m_scratchFloats{ 0 };
    std::vector<std::vector<float>> m_scratch; ///< of each worker
    std::deque<Angles> m_angles;
};

/// Weights stay where they are: the kernels read the file's own format.
class HostWeights final : public Weights
{
public:
    explicit HostWeights(const WeightSource& source)
        : Weights{ source }
        , m_bytes{ source.bytes }
    {
    }
    std::size_t rowSize() const { return rowBytes(type(), columns()); }
    const std::byte* row(std::size_t index) const { return m_bytes.data() + index * rowSize(); }

private:
    base::ByteView m_bytes;
};

/// Keys and values in binary16: [layer][slot][head][position][headDim].
class HostCache final : public KvCache
{
public:
    explicit HostCache(const KvShape& shape)
        : m_shape{ shape }
    {
    }
    base::Result<> allocate();
    const KvShape& shape() const { return m_shape; }
    std::uint16_t* keys(std::size_t layer, std::size_t slot, std::size_t head)
    {
        return m_keys.data() + offset(layer, slot, head);
    }
    std::uint16_t* values(std::size_t layer, std::size_t slot, std::size_t head)
    {
        return m_values.data() + offset(layer, slot, head);
    }
    const std::uint16_t* keys(std::size_t layer, std::size_t slot, std::size_t head) const
    {
        return m_keys.data() + offset(layer, slot, head);
    }
    const std::uint16_t* values(std::size_t layer, std::size_t slot, std::size_t head) const
    {
        return m_values.data() + offset(layer, slot, head);
    }

private:
    std::size_t offset(std::size_t layer, std::size_t slot, std::size_t head) const
    {
        return ((layer * m_shape.slots + slot) * m_shape.kvHeads + head) * m_shape.context
            * m_shape.headDim;
    }
    KvShape m_shape;
    std::vector<std::uint16_t> m_keys;
    std::vector<std::uint16_t> m_values;
};

} // namespace loam::ml
