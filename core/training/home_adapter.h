// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ml/transformer.h"
#include "training/home_checkpoint.h"
#include "training/work_control.h"

#include <chrono>
#include <functional>
#include <optional>
#include <span>
#include <string>

namespace loam::training {

/// How an adapter is trained on its owner's text (DESIGN 6, lane 3).
struct HomeSettings
{
    ml::LoraConfig lora{ .targets = { ml::kLinears.begin(), ml::kLinears.end() } };
    std::uint32_t steps{ 300 }; ///< at most; early stopping may end before
    std::uint32_t batch{ 4 }; ///< sequences of one step
    std::uint32_t length{ 256 }; ///< tokens of a sequence at most
    float learningRate{ 1e-3F }; ///< peak; rises over a twentieth, falls to a tenth
    std::uint32_t measureEvery{ 20 }; ///< steps between two measurements of the held-out loss
    std::uint32_t patience{ 4 }; ///< measurements without gain that end the training
    std::uint64_t memoryBudget{ 0 }; ///< bytes on the device; 0: no limit

    /// Invalid, naming the field.
    base::Result<> validate(const ml::ModelConfig& model) const;
};

struct HomeJob
{
    const ml::Parameters& base;
    std::span<const ml::Token> tokens; ///< the owner's text, documents parted by the end mark
    std::span<const ml::Token> heldOut; ///< of his text too, and never trained on
    HomeSettings settings;
    std::uint64_t seed{ 0 };
};

struct HomeProgress
{
    std::uint32_t step{ 0 }; ///< steps done
    std::uint32_t steps{ 0 };
    double loss{ 0 }; ///< nats per token of the last batch; 0 before the first
    double tokensPerSecond{ 0 };
    double lossBefore{ 0 }; ///< held-out nats per token of the base alone
    double heldOut{ 0 }; ///< newest held-out nats per token
    double bestLoss{ 0 };
};

struct HomeHooks
{
    /// Asked before anything is computed on the text and before each step, with the number of steps
    /// done; an error ends the training with it.
    std::function<base::Result<>(std::uint32_t step)> mayStep;
    std::function<void(const HomeProgress&)> onProgress;
    /// Where to go on; passed over when it is of another job.
    std::optional<HomeCheckpoint> resume;
    /// Keeps a checkpoint in the place of the one before. After a failure training goes on without.
    std::function<base::Result<>(const HomeCheckpoint&)> save;
    std::chrono::milliseconds saveEvery{ 10'000 };
};

struct HomeReport
{
    ml::Lora adapter; ///< where the held-out loss was least
    double lossBefore{ 0 }; ///< held-out nats per token
    double lossAfter{ 0 };
    std::uint32_t steps{ 0 }; ///< done
    std::uint32_t bestStep{ 0 }; ///< 0: nothing was better than the base alone
    std::uint32_t resumedAt{ 0 };
    bool endedEarly{ false }; ///< the held-out loss had stopped falling
    double seconds{ 0 };
    std::string checkpointFailure; ///< why checkpoints could not be kept
};

/// Trains a fresh adapter of the base on the text, measuring on what is held out, and returns the
/// best one. Equal input gives equal bits on one device, resumed or not. Cancelled after a cancel.
base::Result<HomeReport> trainHomeAdapter(
    const HomeJob& job, ml::Backend& backend, WorkControl& control, const HomeHooks& hooks);

} // namespace loam::training
