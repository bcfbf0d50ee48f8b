// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ml/op_types.h"
#include "ml/weight_type.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace loam::ml {

enum class Activation;

/// Columns of activations that share a scale.
inline constexpr std::size_t kQuantBlock = 32;
/// Rows of weights that are interleaved for prompts.
inline constexpr std::size_t kPanelRows = 16;
/// Rows of activations are padded to a multiple of this, so that every tile is whole.
inline constexpr std::size_t kMostTileRows = 8;

/// Activations as 8-bit integers, x = scale * value; row-major.
struct QuantisedRows
{
    std::int8_t* values{ nullptr }; ///< [rows, columns]
    float* scales{ nullptr }; ///< [rows, columns / 32]
    float* sums16{ nullptr }; ///< [rows, columns / 16]: scale * sum of 16 values
    float* sums32{ nullptr }; ///< [rows, columns / 32]
};

/// y[r, i] = or += x[r] . w[i] for `rows` rows of weights and few rows of x, straight from the
/// weights' own format.
struct DotJob
{
    const std::byte* weights{ nullptr };
    std::size_t rowBytes{ 0 };
    std::size_t rows{ 0 };
    std::size_t columns{ 0 };
    const float* x{ nullptr }; ///< [xRows, columns], for F32, F16 and BF16
    QuantisedRows quantised; ///< for the others
    std::size_t xRows{ 0 };
    float* y{ nullptr };
    std::size_t yStride{ 0 };
    bool accumulate{ false };
};

/// Sixteen rows of quantised weights, w = scale * quant - offset, where a column group's bytes of
/// all rows lie together. The layout of `quants` is [columns / 4][16][4].
struct Panel
{
    std::uint8_t* quants{ nullptr };
    float* scales{ nullptr }; ///< [columns / 32][1 or 2][16]
    float* offsets{ nullptr }; ///< the same
};

inline constexpr std::size_t panelScales(std::size_t columns)
{
    return columns / kQuantBlock * 2 * kPanelRows;
}

/// y[xRows, 16] = or += x w^T for one panel; only `rows` columns of y are written.
struct PanelJob
{
    Panel panel;
    std::size_t rows{ 0 };
    std::size_t columns{ 0 };
    QuantisedRows x;
    std::size_t xRows{ 0 };
    float* y{ nullptr };
    std::size_t yStride{ 0 };
    bool accumulate{ false };
};

/// Some query rows that look at the same keys; keys and values are binary16, [keys, headDim].
struct AttendJob
{
    const float* q{ nullptr }; ///< [queries, headDim], already scaled
    std::size_t queries{ 0 };
    const std::uint16_t* k{ nullptr };
    const std::uint16_t* v{ nullptr };
    std::size_t keys{ 0 };
    std::size_t headDim{ 0 };
    float* scores{ nullptr }; ///< [queries, keys]
    float* out{ nullptr }; ///< [queries, headDim]
};

/// Single-threaded inner loops of answering for one instruction set: the same text
/// (inference_kernels.inc and what it includes) compiled with different flags.
struct InferenceKernels
{
    const char* name;
    void (*quantise)(
        const QuantisedRows& to, const float* x, std::size_t rows, std::size_t columns);
    std::array<void (*)(const DotJob&), kWeightTypes> dot;
    /// Rows beyond `rows` become zero. Null for the types that are not quantised.
    std::array<void (*)(const Panel&, const std::byte* weights, std::size_t rowBytes,
                   std::size_t rows, std::size_t columns),
        kWeightTypes>
        pack;
    std::array<void (*)(const PanelJob&), kWeightTypes> panel;

    void (*halfToFloat)(float* to, const std::uint16_t* from, std::size_t count);
    void (*floatToHalf)(std::uint16_t* to, const float* from, std::size_t count);
    void (*bfloatToFloat)(float* to, const std::uint16_t* from, std::size_t count);
    void (*rmsNorm)(float* out, const float* x, const float* gain, std::size_t rows,
        std::size_t dim, float eps);
    void (*add)(float* y, const float* x, std::size_t count);
    /// cosSin[headDim / 2][2]
    void (*ropeHalves)(float* row, const float* cosSin, std::size_t heads, std::size_t headDim);
    void (*ropePairs)(float* row, const float* cosSin, std::size_t heads, std::size_t headDim);
    void (*gatedSilu)(float* out, const float* gate, const float* up, std::size_t count);
    void (*gatedGelu)(float* out, const float* gate, const float* up, std::size_t count);
    /// scores = q k^T
    void (*score)(const AttendJob& job);
    /// out += scores v
    void (*mix)(const AttendJob& job);
    /// scores[count] -> e^(score - maximum); returns their sum.
    float (*exponentials)(float* scores, std::size_t count, float maximum);
    float (*maximum)(const float* x, std::size_t count);
    /// x *= factor
    void (*scale)(float* x, float factor, std::size_t count);
};

/// The tables that this CPU can run, best last.
std::span<const InferenceKernels* const> inferenceTables();

} // namespace loam::ml
