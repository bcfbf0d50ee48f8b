// SPDX-License-Identifier: GPL-3.0-or-later
// Shapes in comments: N tokens of a pass, B tokens of the largest batch, C dim, F ffn, Q qkvDim,
// V vocab, H heads.
#pragma once

#include "ml/layer_plan.h"
#include "ml/lora_device.h"
#include "ml/transformer.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace loam::ml {

/// What one layer's forward pass computes and its backward pass reads.
struct LayerActivations
{
    View normed1; ///< [N,C]
    View inverse1; ///< [N]
    View qkv; ///< [N,Q] after rotation
    View attended; ///< [N,C]
    View logSum; ///< [N,H]
    View middle; ///< [N,C] after attention's residual
    View normed2; ///< [N,C]
    View inverse2; ///< [N]
    View gateUp; ///< [N,2F]
};

struct Activations
{
    std::vector<View> inputs; ///< [N,C] of every layer, or of one where nothing is kept
    std::vector<LayerActivations> layers;
    View last; ///< [N,C] output of the last layer
    View normed; ///< [N,C]
    View inverse; ///< [N]
    View delta; ///< [N,C] what a half layer adds to the residual stream
    View hidden; ///< [N,F]
    View ones; ///< [N], for biases
    View nats; ///< [B]
    View headScratch;
    View dX; ///< [B,C]: all parts of a batch, since the embedding's gradient comes last
    View dNormed; ///< [N,C]
    View dQkv; ///< [N,Q]
    View dHidden; ///< [N,F]
    View dGateUp; ///< [N,2F]
};

struct Transformer::State
{
    State(const ModelConfig& modelConfig, Backend& device, const Options& options);

    /// Chooses the plan and allocates everything.
    base::Result<> plan(BatchShape largest, std::uint64_t memoryBudget);
    base::Result<> check(const TokenBatch& batch) const;
    base::Result<LossReport> report(const TokenBatch& batch);

    /// Sequences of a part of a batch with sequences of this length.
    std::size_t sequencesOfPart(BatchShape batch) const;
    /// Calls task(part, first token of the part) in order.
    template <class Task> void forEachPart(const TokenBatch& batch, Task task)
    {
        const std::size_t length = batch.shape.length;
        const std::size_t most = sequencesOfPart(batch.shape);
        for (std::size_t first = 0; first < batch.shape.sequences; first += most) {
            const std::size_t count = std::min(most, batch.shape.sequences - first);
            task(
                TokenBatch{ { count, length }, batch.inputs.subspan(first * length, count * length),
                    batch.targets.subspan(first * length, count * length) },
                first * length);
        }
    }

    void forward(const TokenBatch& batch);
    /// From the head's gradient to act.dX at `firstToken`.
    void backward(const TokenBatch& batch, std::size_t firstToken, Write write, float scale);
    void backwardLayer(std::size_t index, View dX, BatchShape shape, Write write);
    /// Computes anew what Keep::LayerInputs did not keep.
    void recompute(std::size_t index, BatchShape shape);
    /// The embedding's gradient over the whole batch and the adapter's out of its packed form.
    void finishGradients(const TokenBatch& batch, Write write);

    AttentionShape attentionShape(BatchShape batch) const
    {
        return { batch.sequences, batch.length, config.heads, config.kvHeads, config.headDim() };
    }
    bool trainsBase() const { return trains && adapter == nullptr; }

    ModelConfig config;
    ParameterTable table;
    Backend& backend;
    BatchShape planned; ///< the largest batch
    MemoryPlan memory;
    bool trains{ false };
    std::unique_ptr<LoraDevice> adapter;
    std::unique_ptr<Memory> parameterMemory;
    std::unique_ptr<Memory> gradientMemory;
    std::unique_ptr<Memory> arena;
    std::unique_ptr<Memory> rope;
    ModelWeights weights;
    ModelWeights gradients;
    Activations act;
    std::vector<float> nats;

private:
    /// Views and the floats they want in the arena.
    using Parts = std::vector<std::pair<View*, std::size_t>>;
    Parts partsOf(Keep keep, std::size_t sequencesAtATime);
    std::uint64_t bytesOf(Keep keep, std::size_t sequencesAtATime);
    /// The plans worth trying, quickest first.
    std::vector<MemoryPlan> plans() const;
    base::Result<> allocate();

    /// Norms the layer's input; with a delta to `before` it makes that input first.
    void normInput(std::size_t index, View before, View delta, std::size_t rows);
    /// From the normed input to gate and up.
    void layerBody(std::size_t index, BatchShape shape);
    void linear(View out, View in, View weight, std::size_t to, std::size_t from, std::size_t rows);
    LayerActivations& layer(std::size_t index) { return act.layers[index % act.layers.size()]; }
    View input(std::size_t index) { return act.inputs[index % act.inputs.size()]; }
};

} // namespace loam::ml
