// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ml/memory.h"
#include "ml/parameters.h"

#include <vector>

namespace loam::ml {

/// The matrices of one layer inside a buffer laid out by the table, joined where they neighbour.
struct LayerWeights
{
    View norm1; ///< [dim]
    View qkv; ///< [qkvDim, dim]
    View qkvBias; ///< [qkvDim], or without memory
    View output; ///< [dim, dim]
    View norm2; ///< [dim]
    View gateUp; ///< [2 ffn, dim]
    View down; ///< [dim, ffn]
};

struct ModelWeights
{
    View embedding; ///< [vocab, dim]
    std::vector<LayerWeights> layers;
    View norm; ///< [dim]
    View head; ///< [vocab, dim], the embedding when tied
};

/// Names the parts of `buffer`, which holds weights or gradients in the order of ParameterTable.
ModelWeights weightsIn(const ModelConfig& config, View buffer);

/// [context, headDim]: for each position headDim/2 cosines, then sines; the same bits everywhere.
std::vector<float> ropeTable(const ModelConfig& config);

/// Lays out one block of memory: parts begin at multiples of 64 bytes.
class ArenaPlan
{
public:
    /// Offset of a part of `floats`.
    std::size_t add(std::size_t floats)
    {
        constexpr std::size_t kFloatsPerLine = 16;
        const std::size_t offset = m_total;
        m_total += (floats + kFloatsPerLine - 1) / kFloatsPerLine * kFloatsPerLine;
        return offset;
    }
    std::size_t total() const { return m_total; }

private:
    std::size_t m_total{ 0 };
};

} // namespace loam::ml
