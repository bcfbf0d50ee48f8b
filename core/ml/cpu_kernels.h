// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ml/op_types.h"

#include <span>

namespace loam::ml {

/// A product of row-major operands with leading dimensions (floats from row to row).
struct Gemm
{
    Layout layout{ Layout::NN };
    std::size_t m{ 0 };
    std::size_t n{ 0 };
    std::size_t k{ 0 };
    const float* a{ nullptr };
    std::size_t lda{ 0 };
    const float* b{ nullptr };
    std::size_t ldb{ 0 };
    float* c{ nullptr };
    std::size_t ldc{ 0 };
    bool accumulate{ false };
};

/// What softmax of one row left: log(sum of exponentials) = maximum + log(sum).
struct RowStatistics
{
    float maximum{ 0 };
    float sum{ 1 };
    float target{ 0 }; ///< the logit of the target, for losses
};

/// Single-threaded inner loops, one table for each law and instruction set. The sources of a table
/// are the same text (cpu_kernels.inc) compiled with different flags: "exact" tables never contract
/// or reorder, so all exact tables give the same bits; "fast" tables use fused multiply-add.
struct CpuKernels
{
    const char* name;
    /// Exact law: each output is c + a0 b0 + a1 b1 + ..., in this order, every step rounded.
    void (*gemm)(const Gemm& gemm, float* scratch);
    std::size_t gemmScratch; ///< floats
    /// y[n] = or += B[n,k] x[k]
    void (*gemv)(
        float* y, const float* b, const float* x, std::size_t n, std::size_t k, bool accumulate);
    void (*addRmsNorm)(float* sum, float* out, float* inverse, const float* x, const float* delta,
        const float* gain, std::size_t rows, std::size_t dim, float eps);
    /// dGain += over these rows
    void (*rmsNormBackward)(float* dX, float* dGain, const float* dOut, const float* x,
        const float* inverse, const float* gain, std::size_t rows, std::size_t dim);
    /// One row of `heads` neighbouring heads; `sign` -1 rotates back.
    void (*rope)(
        float* row, const float* cosSin, std::size_t heads, std::size_t headDim, float sign);
    /// scores[rows, stride] -> probabilities of keys 0..firstRow+r, zero beyond up to `keys`.
    void (*causalSoftmax)(float* scores, std::size_t rows, std::size_t firstRow, std::size_t keys,
        std::size_t stride, float scale, RowStatistics* statistics);
    /// The same again from logSum[r * logStride].
    void (*causalProbabilities)(float* scores, std::size_t rows, std::size_t firstRow,
        std::size_t keys, std::size_t stride, float scale, const float* logSum,
        std::size_t logStride);
    /// dP[rows, stride] -> gradient of the unscaled scores: scale * p * (dP - sum(dOut * out)).
    void (*scoreGradient)(float* dP, const float* p, std::size_t rows, std::size_t keys,
        std::size_t stride, float scale, const float* dOut, const float* out, std::size_t outStride,
        std::size_t headDim);
    void (*swiglu)(float* out, const float* gateUp, std::size_t rows, std::size_t ffn);
    void (*swigluBackward)(float* dGateUp, float* out, const float* dOut, const float* gateUp,
        std::size_t rows, std::size_t ffn);
    /// Statistics of each row of logits; with `gradient` the row becomes
    /// scale * (softmax - [target]), or zero for an ignored target.
    void (*softmaxLoss)(float* logits, std::size_t rows, std::size_t vocab, const Token* targets,
        RowStatistics* statistics, bool gradient, float scale);
    void (*add)(float* y, const float* x, std::size_t count);
    double (*sumOfSquares)(const float* x, std::size_t count);
    void (*adamW)(float* weights, const float* gradient, float* first, float* second,
        std::size_t count, const AdamWStep& step);
};

/// The tables that this CPU can run, best last.
std::span<const CpuKernels* const> exactTables();
std::span<const CpuKernels* const> fastTables();

/// The best table for this CPU.
const CpuKernels& exactKernels();
const CpuKernels& fastKernels();

/// True on a CPU with the AVX-512 tables.
bool hasWideVectors();

/// Single-threaded sgemm of oneDNN, when this build and CPU have it; false if it is not to be had.
bool hasLibraryGemm();
void libraryGemm(const Gemm& gemm);

} // namespace loam::ml
