// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"
#include "ml/memory.h"
#include "ml/op_types.h"
#include "ml/weight_type.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string_view>

namespace loam::ml {

/// A matrix of weights on a device, in whatever order suits its kernels.
class Weights
{
public:
    virtual ~Weights() = default;
    std::size_t rows() const { return m_rows; }
    std::size_t columns() const { return m_columns; }
    WeightType type() const { return m_type; }

protected:
    explicit Weights(const WeightSource& source)
        : m_rows{ source.rows }
        , m_columns{ source.columns }
        , m_type{ source.type }
    {
    }

private:
    std::size_t m_rows;
    std::size_t m_columns;
    WeightType m_type;
};

/// Keys and values of several sequences (slots), for every layer.
class KvCache
{
public:
    virtual ~KvCache() = default;
};

struct KvShape
{
    std::size_t layers{ 0 };
    std::size_t slots{ 0 }; ///< sequences that are written side by side
    std::size_t context{ 0 }; ///< tokens of one slot
    std::size_t kvHeads{ 0 };
    std::size_t headDim{ 0 };
};

/// Where one row of a batch stands: token number `position` of sequence `slot`.
struct RowPlace
{
    std::uint32_t slot{ 0 };
    std::uint32_t position{ 0 };
};

enum class RopeStyle {
    Halves, ///< element i turns with i + headDim/2 (qwen2, gemma3, Hugging Face's llama)
    Pairs ///< element 2i turns with 2i + 1 (llama in GGUF files)
};
enum class Activation { Silu, GeluTanh };

/// The operations of answering: what a decoder-only model needs, over weights in their file's
/// format and a cache of keys and values. The rows of a batch may belong to different sequences, so
/// that prompts and single new tokens run together. Ops are issued in order by one thread; results
/// are there after `finish`. R is the number of rows; activations are fp32.
class InferenceBackend
{
public:
    virtual ~InferenceBackend() = default;
    virtual std::string_view name() const = 0;
    /// Asked between ops and tiles, from any thread; true abandons what is under way: `finish`
    /// then fails with Cancelled.
    virtual void setInterrupt(std::function<bool()> interrupt) = 0;

    /// Zeroed. Unavailable without memory.
    virtual base::Result<std::unique_ptr<Memory>> allocate(std::size_t floats) = 0;
    virtual void upload(View to, std::span<const float> from) = 0;
    virtual base::Result<> download(std::span<float> to, View from) = 0;
    virtual base::Result<> finish() = 0;

    /// Takes a matrix over; `source.bytes` must stay valid as long as the result. Invalid for a
    /// type or shape that this device has no kernel for; Unavailable without memory.
    virtual base::Result<std::unique_ptr<Weights>> adopt(const WeightSource& source) = 0;
    virtual base::Result<std::unique_ptr<KvCache>> makeCache(const KvShape& shape) = 0;

    /// out[R, D] = scale * table[tokens[R]]
    virtual void embed(View out, const Weights& table, std::span<const Token> tokens, float scale)
        = 0;
    /// out[R, w.rows] = or += x[R, w.columns] w^T
    virtual void multiply(View out, View x, const Weights& weights, std::size_t rows, Write write)
        = 0;
    /// x[R, D] += bias[D]
    virtual void addBias(View x, View bias, std::size_t rows, std::size_t dim) = 0;
    /// x[count] += delta[count]
    virtual void add(View x, View delta) = 0;
    /// out[R, D] = x[R, D] / sqrt(mean(x^2) + eps) * gain[D]; out may be x. Per-head norms are
    /// R * heads rows of headDim.
    virtual void rmsNorm(View out, View x, View gain, std::size_t rows, std::size_t dim, float eps)
        = 0;
    /// Turns x[R, heads, headDim] in place by position * frequencies[headDim / 2].
    virtual void rope(View x, View frequencies, std::span<const RowPlace> places, std::size_t heads,
        std::size_t headDim, RopeStyle style)
        = 0;
    /// Puts k and v [R, kvHeads * headDim] at their places in the cache.
    virtual void store(
        KvCache& cache, std::size_t layer, View k, View v, std::span<const RowPlace> places)
        = 0;
    /// out[R, heads * headDim] = softmax(scale * q k^T) v over positions 0..position of the row's
    /// slot, or only the last `window` of them when window > 0.
    virtual void attention(View out, View q, const KvCache& cache, std::size_t layer,
        std::span<const RowPlace> places, std::size_t heads, float scale, std::size_t window)
        = 0;
    /// out[R, F] = activation(gate[R, F]) * up[R, F]; out may be gate.
    virtual void gatedActivation(
        View out, View gate, View up, std::size_t rows, std::size_t width, Activation activation)
        = 0;
};

class ThreadPool;

/// On this CPU, with the best kernels it has. `pool` must outlive it.
base::Result<std::unique_ptr<InferenceBackend>> makeCpuInference(ThreadPool& pool);

} // namespace loam::ml
