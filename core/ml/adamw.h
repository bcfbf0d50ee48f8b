// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ml/transformer.h"

#include <memory>
#include <span>

namespace loam::ml {

struct AdamWSettings
{
    float beta1{ 0.9F };
    float beta2{ 0.95F };
    float epsilon{ 1e-8F };
    float weightDecay{ 0.1F }; ///< of matrices; gains never decay
    float clipNorm{ 1.0F }; ///< largest Euclidean norm of the whole gradient; 0 = no limit
};

/// AdamW with clipping by the global norm, on the device of the model. Deterministic on a
/// deterministic backend.
class AdamW
{
public:
    /// `backend` must outlive the object.
    static base::Result<std::unique_ptr<AdamW>> create(
        const ParameterTable& table, Backend& backend, const AdamWSettings& settings);
    /// For what `model` trains: all its weights or its adapter. The backend is the model's.
    static base::Result<std::unique_ptr<AdamW>> create(
        Transformer& model, const AdamWSettings& settings);
    ~AdamW();
    AdamW(const AdamW&) = delete;
    AdamW& operator=(const AdamW&) = delete;

    /// Moves what the model trains by its gradients; returns the gradient's norm before clipping.
    /// Invalid, with nothing changed, when the gradient is not finite. After Cancelled the weights
    /// and moments are undefined: restore them from a copy.
    base::Result<float> step(Transformer& model, float learningRate);

    std::uint64_t steps() const;
    /// Forgets moments and step count.
    void reset();
    /// The moments, for checkpoints; each span has as many floats as are trained.
    base::Result<> copyStateTo(std::span<float> first, std::span<float> second) const;
    base::Result<> setState(
        std::span<const float> first, std::span<const float> second, std::uint64_t steps);

private:
    static base::Result<std::unique_ptr<AdamW>> create(
        std::span<const ParameterEntry> entries, Backend& backend, const AdamWSettings& settings);

    struct State;
    explicit AdamW(std::unique_ptr<State> state);
    std::unique_ptr<State> m_state;
};

} // namespace loam::ml
