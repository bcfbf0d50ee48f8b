// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ml/bench_training.h"
#include "ml/model_file.h"

#include <filesystem>

namespace loam::ml {

/// The model whose answers are measured.
struct InferenceSubject
{
    std::filesystem::path model; ///< empty: a Llama of 134 million parameters made of noise
    WeightType type{ WeightType::Q8_0 }; ///< of the noise's matrices
};

/// A Llama of noise: dim 768, 12 layers, 12 heads, SwiGLU 2,048, vocabulary 32,000, head and
/// embedding apart. Invalid for a type that is only read.
base::Result<std::unique_ptr<ModelFile>> noiseModel(WeightType type);

/// Bytes per second that `threads` threads read from memory: the best of several tries.
double memoryBandwidth(unsigned threads);

/// Tokens/s of prompts of 512 tokens, and of answers of 128 to a prompt of one; on the CPU also the
/// first's share of `machine`'s peak (8-bit products may exceed that of fp32) and the second's
/// share of the memory's bandwidth. NotFound for an unknown device.
Measurements benchInference(
    const BenchOptions& options, const BenchMachine& machine, const InferenceSubject& subject);

} // namespace loam::ml
