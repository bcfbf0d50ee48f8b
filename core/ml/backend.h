// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"
#include "ml/chunk_packer.h"
#include "ml/memory.h"
#include "ml/op_types.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string_view>

namespace loam::ml {

/// c[m,n] = or += a b.
struct Product
{
    Layout layout{ Layout::NN };
    MatmulShape shape;
    View c;
    View a;
    View b;
    Write write{ Write::Overwrite };
};

/// The operations a model is made of. Ops are issued in order by one thread; a backend may run
/// them at once (CPU) or record them (GPU); results are there after `finish`. Operands must not
/// overlap unless said so, must be large enough, and belong to this backend. R below is a number
/// of rows, D a width. "+=" means that the op adds to what is there.
class Backend
{
public:
    virtual ~Backend() = default;
    virtual std::string_view name() const = 0;
    /// True when results are the same bits on every machine, for any number of threads.
    virtual bool isDeterministic() const = 0;

    /// Asked between ops and between tiles, from any thread of the backend. It may block (a pause
    /// in place); true abandons what is under way: ops return at once until `finish`, which then
    /// fails with Cancelled, and what they should have written is undefined.
    virtual void setInterrupt(std::function<bool()> interrupt) = 0;

    /// Zeroed, aligned to 64 bytes. Unavailable without memory.
    virtual base::Result<std::unique_ptr<Memory>> allocate(std::size_t floats) = 0;
    virtual void upload(View to, std::span<const float> from) = 0;
    /// Waits for the ops before it.
    virtual base::Result<> download(std::span<float> to, View from) = 0;
    virtual void fill(View to, float value) = 0;
    virtual void copy(View to, View from) = 0;
    /// For a pause: what lies in a device's own memory moves to the host, and the device's memory
    /// goes back to its driver, until restore(). May be called out of the interrupt. Unavailable
    /// when not all of it could be moved. Nothing happens on a CPU.
    virtual base::Result<> evict() { return {}; }
    /// Unavailable when the device has no room any more: it is then as good as lost.
    virtual base::Result<> restore() { return {}; }
    /// Waits for everything issued; Cancelled after an interrupt, Unavailable when the device is
    /// lost.
    virtual base::Result<> finish() = 0;

    /// Products that do not depend on one another and may run side by side.
    virtual void matmul(std::span<const Product> products) = 0;
    void matmul(const Product& product) { matmul({ &product, 1 }); }
    /// out[R,D] = table[token[R], D]
    virtual void embed(View out, View table, std::span<const Token> tokens, std::size_t dim) = 0;
    /// dTable[token[R], D] += dOut[R,D], rows in order
    virtual void embedBackward(
        View dTable, View dOut, std::span<const Token> tokens, std::size_t dim)
        = 0;
    /// sum[R,D] = x[R,D] + delta[R,D]; inverse[R] = 1/sqrt(mean(sum^2) + eps);
    /// out = sum * inverse * gain[D]. Without a delta (null memory) sum is not written and x is
    /// normed.
    virtual void addRmsNorm(View sum, View out, View inverse, View x, View delta, View gain,
        std::size_t rows, std::size_t dim, float eps)
        = 0;
    /// dX[R,D] += gradient through the norm; dGain[D] = or +=, left out without memory. `x` is what
    /// was normed.
    virtual void rmsNormBackward(View dX, View dGain, View dOut, View x, View inverse, View gain,
        std::size_t rows, std::size_t dim, Write writeGain)
        = 0;
    /// Rotates queries and keys of qkv[B*T, rowDim] in place, element i of a head with i +
    /// headDim/2 (the convention of Hugging Face's Llama); table[context, headDim] holds headDim/2
    /// cosines, then sines; sequences begin at `position`. Backward rotates the other way.
    virtual void rope(View qkv, View table, const AttentionShape& shape, std::size_t position,
        Direction direction)
        = 0;
    /// Causal softmax(q k^T / sqrt(headDim)) v: out[B*T, qDim]; logSum[B*T, heads] is kept for
    /// backward.
    virtual void attention(View out, View logSum, View qkv, const AttentionShape& shape) = 0;
    /// dQkv[B*T, rowDim] is overwritten.
    virtual void attentionBackward(
        View dQkv, View dOut, View qkv, View out, View logSum, const AttentionShape& shape)
        = 0;
    /// One new token against a cache: out[qDim] from query[qDim], keys and values [length, kvDim].
    virtual void attentionStep(
        View out, View query, View keys, View values, const AttentionShape& shape)
        = 0;
    /// out[R,F] = silu(gateUp[R, 0..F)) * gateUp[R, F..2F)
    virtual void swiglu(View out, View gateUp, std::size_t rows, std::size_t ffn) = 0;
    /// dGateUp[R,2F] overwritten; out[R,F] is computed anew for the caller's next product.
    virtual void swigluBackward(
        View dGateUp, View out, View dOut, View gateUp, std::size_t rows, std::size_t ffn)
        = 0;
    /// nats[R] = -log softmax(x head^T)[target], 0 for ignored targets; head[vocab, D]. The logits
    /// are never stored whole: `scratch` is the backend's room for a few rows, headScratch()
    /// floats.
    virtual void headLoss(View nats, View x, View head, std::span<const Token> targets,
        std::size_t dim, std::size_t vocab, View scratch)
        = 0;
    /// headLoss and at once its gradient times `scale`: dX[R,D] overwritten, dHead[vocab,D] = or
    /// +=, left out without memory.
    virtual void headLossBackward(View nats, View dX, View dHead, View x, View head,
        std::span<const Token> targets, std::size_t dim, std::size_t vocab, float scale,
        Write writeHead, View scratch)
        = 0;
    virtual std::size_t headScratch(std::size_t rows, std::size_t vocab) const = 0;
    /// out[0] = sum of squares of x, in double where the device has it, rounded once.
    virtual void sumOfSquares(View out, View x) = 0;
    /// weights, first and second moment in one pass (Loshchilov and Hutter, arXiv:1711.05101).
    virtual void adamW(View weights, View gradient, View first, View second, const AdamWStep& step)
        = 0;
    /// Cuts x[count] into chunks of kChunkValues (the last may be shorter) and packs the `keep`
    /// largest magnitudes of each as an update travels (docs/protocol-training.md): out[chunks,
    /// packedChunkWords(keep)] holds words, not floats: the number of bits, 0 where a value of the
    /// chunk is not finite, then the bits.
    virtual void packLargest(View out, View x, std::uint32_t keep) = 0;
};

class ThreadPool;

/// Plain loops in a fixed order with +, -, *, / and square root only: the law by which nodes
/// check each other. `pool` must outlive it.
base::Result<std::unique_ptr<Backend>> makeReferenceBackend(ThreadPool& pool);

/// The quickest this CPU can do. Rounding differs from the reference and between CPUs.
base::Result<std::unique_ptr<Backend>> makeFastBackend(ThreadPool& pool);

} // namespace loam::ml
