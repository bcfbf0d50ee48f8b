// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ml/backend.h"
#include "ml/lora.h"
#include "ml/parameters.h"

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace loam::ml {

struct BatchShape
{
    std::size_t sequences{ 0 };
    std::size_t length{ 0 }; ///< tokens of one sequence, at most the model's context

    std::size_t tokens() const { return sequences * length; }
};

/// Sequences of equal length, row-major [sequences, length]. targets[i] is the token that should
/// follow inputs[0..i], or kIgnoredTarget.
struct TokenBatch
{
    BatchShape shape;
    std::span<const Token> inputs;
    std::span<const Token> targets;
};

/// What a batch cost, in nats; sums in double and in order, so that equal backends give equal sums.
struct LossReport
{
    double nats{ 0 };
    std::uint64_t tokens{ 0 }; ///< targets that counted
    std::vector<double> natsPerSequence;
    std::vector<std::uint64_t> tokensPerSequence;

    double mean() const { return tokens == 0 ? 0.0 : nats / static_cast<double>(tokens); }
};

/// What forward leaves for backward.
enum class Keep {
    Everything, ///< each layer's activations
    LayerInputs ///< only what enters a layer: backward computes the rest anew, a forward more
};

/// How a model works within its memory. Every plan gives the same bits on a deterministic backend.
struct MemoryPlan
{
    Keep keep{ Keep::Everything };
    std::size_t sequencesAtATime{ 0 }; ///< a larger batch is worked off in parts, gradients summed
    std::uint64_t bytes{ 0 }; ///< weights, gradients, activations; not the optimiser's moments

    /// One line for people, e.g. "layers computed twice, 2 sequences at a time, 41.3 MiB".
    std::string describe() const;
};

/// A Llama model on one backend. All memory is planned at creation; a step allocates no tensor.
/// One thread at a time. With the reference backend every number it returns is deterministic.
class Transformer
{
public:
    enum class Purpose { Evaluate, Train };
    struct Options
    {
        Purpose purpose{ Purpose::Train };
        /// With one, the adapter alone is trained and the base stays as it is.
        std::optional<LoraConfig> adapter;
        /// Bytes that the model may take on the device; 0: no limit. The quickest plan that fits is
        /// chosen, and what even the smallest one lacks is said in an Unavailable.
        std::uint64_t memoryBudget{ 0 };
    };

    /// `backend` must outlive the model. Weights are zero until setParameters; so is the adapter
    /// until setAdapter.
    static base::Result<std::unique_ptr<Transformer>> create(
        const ModelConfig& config, Backend& backend, BatchShape largest, const Options& options);
    static base::Result<std::unique_ptr<Transformer>> create(
        const ModelConfig& config, Backend& backend, BatchShape largest, Purpose purpose);
    ~Transformer();
    Transformer(const Transformer&) = delete;
    Transformer& operator=(const Transformer&) = delete;

    const ModelConfig& config() const;
    const ParameterTable& table() const;
    Backend& backend();
    const MemoryPlan& memoryPlan() const;

    /// Copies weights to the device; Invalid when the configurations differ.
    base::Result<> setParameters(const Parameters& parameters);
    base::Result<> copyParametersTo(Parameters& parameters) const;
    View parameters() const; ///< laid out as the table says

    /// Invalid without an adapter of this shape.
    base::Result<> setAdapter(const Lora& adapter);
    base::Result<> copyAdapterTo(Lora& adapter) const;

    /// What is trained, its gradients, and their tensors with offsets in both: all weights, or the
    /// trained half of the adapter. Only for Purpose::Train.
    View trained() const;
    View gradients() const;
    std::vector<ParameterEntry> trainedEntries() const;
    base::Result<> copyGradientsTo(std::span<float> values) const;

    /// Loss without gradients. Invalid for a batch that does not fit or holds a foreign token;
    /// Cancelled after an interrupt.
    base::Result<LossReport> evaluate(const TokenBatch& batch);

    /// Loss and the gradient of `scale` x (sum of nats) with respect to what is trained; without a
    /// scale 1 / (counted targets), the gradient of the mean. Accumulate sums several batches.
    base::Result<LossReport> computeGradients(const TokenBatch& batch,
        Write write = Write::Overwrite, std::optional<float> scale = std::nullopt);

private:
    struct State;
    explicit Transformer(std::unique_ptr<State> state);
    std::unique_ptr<State> m_state;
};

} // namespace loam::ml
