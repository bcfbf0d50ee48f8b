// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ml/backend.h"
#include "ml/layer_plan.h"
#include "ml/lora.h"

#include <array>
#include <functional>
#include <memory>
#include <vector>

namespace loam::ml {

/// Matrices of a block that are one product: query with key with value, and gate with up.
enum class Joined { Qkv, Output, GateUp, Down };
inline constexpr std::size_t kJoined = 4;

/// An adapter on a device, made of matrix products alone. The A's of a joined matrix lie below one
/// another, A[R, in] with R = rank x targets; its B's are packed with their scale into one
/// block-diagonal B[out, R], so that forward and backward are two small products each.
/// N is the number of rows of a pass.
class LoraDevice
{
public:
    /// Names parts of an arena: the view is set once the arena's memory is there.
    using Want = std::function<void(View& view, std::size_t floats)>;

    /// `backend` must outlive the object.
    LoraDevice(const ModelConfig& model, const LoraConfig& config, Backend& backend);

    const LoraTable& table() const { return m_table; }
    const LoraConfig& config() const { return m_config; }
    View values() const { return *m_values; }
    View trained() const;
    View gradients() const { return *m_gradients; }

    /// Bytes that allocate() takes.
    std::size_t ownFloats(bool trains) const;
    base::Result<> allocate(bool trains);
    /// What the passes keep of up to `rows` rows: of every layer, or of one at a time.
    void planActivations(const Want& want, std::size_t rows, std::size_t layersKept, bool trains);

    /// Packs the B's: before the first pass after the values changed.
    void pack();
    bool adapts(Joined joined) const { return m_parts[static_cast<std::size_t>(joined)].width > 0; }
    /// in A^T, which backward reads.
    void project(std::size_t layer, Joined joined, View in, std::size_t rows);
    /// project(), and out[N, joined width] += what the adapter adds
    void forward(std::size_t layer, Joined joined, View out, View in, std::size_t rows);
    /// dIn += gradient through the adapter. Leaves what weightGradients() needs.
    void inputGradient(std::size_t layer, Joined joined, View dIn, View dOut, std::size_t rows);
    /// After inputGradient() of the same matrix: gradients of A and of the packed B.
    void weightGradients(
        std::size_t layer, Joined joined, View dOut, View in, std::size_t rows, Write write);
    /// Takes the B's gradients out of the packed ones: after the last pass of a step.
    void unpackGradients();

private:
    struct Part
    {
        std::size_t in{ 0 };
        std::size_t out{ 0 };
        std::size_t width{ 0 }; ///< R; 0 where nothing is adapted
        std::size_t a{ 0 }; ///< offset among the values, and among the gradients of a trained A
        std::size_t packed{ 0 }; ///< offset of the packed B
    };
    /// A target's B: rows of a packed B and their columns.
    struct Block
    {
        std::size_t layer{ 0 };
        Joined joined{ Joined::Qkv };
        std::size_t b{ 0 }; ///< offset among the values
        std::size_t rows{ 0 };
        std::size_t firstRow{ 0 };
        std::size_t number{ 0 }; ///< among the targets of its joined matrix
    };
    Part& part(std::size_t layer, Joined joined)
    {
        return m_parts[layer * kJoined + static_cast<std::size_t>(joined)];
    }
    View hidden(std::size_t layer, Joined joined) const
    {
        return m_hidden[layer % m_layersKept][static_cast<std::size_t>(joined)];
    }
    /// selector[rank, R] with the scale at (i, number * rank + i).
    View selector(std::size_t width, std::size_t number, bool transposed) const;

    LoraConfig m_config;
    LoraTable m_table;
    Backend& m_backend;
    std::vector<Part> m_parts;
    std::vector<Block> m_blocks;
    std::size_t m_packedFloats{ 0 };
    std::size_t m_layersKept{ 1 };
    std::vector<std::array<View, kJoined>> m_hidden; ///< x A^T of a layer, [N, R]
    View m_dHidden; ///< [N, R]
    std::unique_ptr<Memory> m_values;
    std::unique_ptr<Memory> m_gradients;
    std::unique_ptr<Memory> m_packed;
    std::unique_ptr<Memory> m_packedGradients;
    std::unique_ptr<Memory> m_selectors;
};

} // namespace loam::ml
