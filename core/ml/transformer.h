// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ml/backend.h"
#include "ml/parameters.h"

#include <memory>
#include <optional>
#include <span>
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

/// A Llama model on one backend. All memory is planned at creation; a step allocates no tensor.
/// One thread at a time. With the reference backend every number it returns is deterministic.
class Transformer
{
public:
    enum class Purpose { Evaluate, Train };

    /// `backend` must outlive the model. Weights are zero until setParameters.
    static base::Result<std::unique_ptr<Transformer>> create(
        const ModelConfig& config, Backend& backend, BatchShape largest, Purpose purpose);
    ~Transformer();
    Transformer(const Transformer&) = delete;
    Transformer& operator=(const Transformer&) = delete;

    const ModelConfig& config() const;
    const ParameterTable& table() const;
    Backend& backend();

    /// Copies weights to the device; Invalid when the configurations differ.
    base::Result<> setParameters(const Parameters& parameters);
    base::Result<> copyParametersTo(Parameters& parameters) const;
    /// Laid out as the table says. Gradients exist only for Purpose::Train.
    View parameters() const;
    View gradients() const;
    base::Result<> copyGradientsTo(std::span<float> values) const;

    /// Loss without gradients. Invalid for a batch that does not fit or holds a foreign token;
    /// Cancelled after an interrupt.
    base::Result<LossReport> evaluate(const TokenBatch& batch);

    /// Loss and the gradient of `scale` x (sum of nats) with respect to every weight; without a
    /// scale 1 / (counted targets), the gradient of the mean. Accumulate sums several batches.
    base::Result<LossReport> computeGradients(const TokenBatch& batch,
        Write write = Write::Overwrite, std::optional<float> scale = std::nullopt);

private:
    struct State;
    explicit Transformer(std::unique_ptr<State> state);
    std::unique_ptr<State> m_state;
};

} // namespace loam::ml
