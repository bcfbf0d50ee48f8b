// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"
#include "ml/measurement.h"
#include "ml/vulkan_backend.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace loam::ml {

/// How a benchmark runs. Between repetitions it asks `shouldStop`; Cancelled when it says so.
struct BenchOptions
{
    unsigned threads{ 1 }; ///< the most; what scales is measured with one thread, too
    unsigned repetitions{ 5 };
    std::optional<VulkanOptions> card; ///< measured instead of the processor
    std::function<bool()> shouldStop;
};

/// The machine that the figures are of.
struct BenchMachine
{
    std::string core; ///< the processor's name as the system gives it
    double peak{ 0 }; ///< fused multiply-adds of one core, FLOP/s: the best of several tries
};

/// Measures for about a fifth of a second.
BenchMachine benchMachine();

using Measurements = base::Result<std::vector<Measurement>>;

/// Products of a training step's shapes, GF/s.
Measurements benchGemm(const BenchOptions& options);
/// A training step of the 8 million Llama shape (8 x 256 tokens, forward, backward and AdamW):
/// tokens/s and GF/s; of the processor with one thread and with all, interleaved, also the share of
/// `machine`'s peak and how it scales.
Measurements benchTraining(const BenchOptions& options, const BenchMachine& machine);
/// Each operation of a step but the products, on one layer's shapes, microseconds a call.
Measurements benchOps(const BenchOptions& options);

} // namespace loam::ml
