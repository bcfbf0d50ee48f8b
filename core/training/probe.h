// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "training/aggregation.h"

#include <memory>

namespace loam::training {

/// Scores parameters on one fixed sample of the probe text: the same windows before and after, so
/// that differences are due to the parameters alone.
class ProbeScorer
{
public:
    /// `backend` and the probe's tokens must outlive the object. Invalid when the text is shorter
    /// than one window.
    static base::Result<std::unique_ptr<ProbeScorer>> create(const RunManifest& manifest,
        const ProbeText& probe, const base::Hash256& seed, ml::Backend& backend);

    /// Loss in 10^-6 nats per byte, rounded to nearest; saturates at 10^12 for anything not finite.
    base::Result<std::int64_t> lossMicro(const ml::Parameters& parameters);

private:
    ProbeScorer() = default;

    std::unique_ptr<ml::Transformer> m_model;
    std::unique_ptr<WindowSampler> m_sampler;
    ml::TokenBatch m_batch;
    double m_tokensPerByte{ 0 };
};

} // namespace loam::training
