// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ml/parameters.h"
#include "training/compression.h"
#include "training/manifest.h"
#include "training/round_checkpoint.h"
#include "training/sampler.h"
#include "training/work_control.h"

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace loam::training {

/// Values of each tensor of a model, in the order of its buffer.
std::vector<std::size_t> tensorSizesOf(const ml::ParameterTable& table);
/// The chunks of a model's parameters.
ChunkLayout layoutOf(const ml::ParameterTable& table);

/// What a member keeps between rounds: inner optimiser, error feedback, and the update that waits
/// for the round's verdict. The worker writes it to a file; a kill loses at most the round at work.
struct TrainerState
{
    base::Hash256 run;
    std::vector<std::size_t> tensorSizes; ///< of the model; their sum is (parameters)
    std::uint64_t round{ 0 }; ///< last round trained
    std::uint64_t adamSteps{ 0 }; ///< 0 before the first round
    std::vector<float> first; ///< AdamW moments, (parameters)
    std::vector<float> second;
    std::vector<float> error; ///< not yet diminished by `pending`
    base::Bytes pending; ///< body of the update that was sent; empty once settled

    static TrainerState fresh(const base::Hash256& run, const ml::ParameterTable& table);

    /// The round's verdict: what was applied has been delivered and leaves the error; what was not
    /// stays for the next update. Without a pending update nothing happens.
    base::Result<> settle(bool applied);

    /// Own binary format, closed by its SHA-256.
    base::Bytes encode() const;
    /// Corrupt when damaged or cut off.
    static base::Result<TrainerState> decode(base::ByteView bytes);
};

/// A state older than this many rounds has lost touch: its error feedback is dropped.
inline constexpr std::uint64_t kMaxRoundsBehind = 3;

/// What the practice network's Byzantine member does to its update before it sends it.
enum class Tamper { None, FlipSign, Scale };
inline constexpr float kTamperScale = 50.0F;

struct TrainJob
{
    const RunManifest& manifest;
    base::Hash256 run;
    base::PublicKey node;
    base::Hash256 beacon;
    std::uint64_t round{ 0 };
    const ml::Parameters& base;
    std::span<const ml::Token> tokens; ///< the node's own text, at least context + 1
    Tamper tamper{ Tamper::None };
    std::uint64_t memoryBudget{ 0 }; ///< bytes on the device; 0: no limit
};

struct TrainProgress
{
    std::uint32_t step{ 0 }; ///< steps done, 1 .. steps
    std::uint32_t steps{ 0 };
    double loss{ 0 }; ///< nats per token of this step's batch
    double tokensPerSecond{ 0 }; ///< since the start of the round, pauses left out
};

struct TrainReport
{
    base::Bytes body; ///< the update as it travels
    std::uint64_t tokens{ 0 };
    double lossFirst{ 0 }; ///< nats per token, first step
    double lossLast{ 0 }; ///< nats per token, last step
    double norm{ 0 }; ///< of what is sent
    double seconds{ 0 };
    std::uint32_t resumedAt{ 0 }; ///< steps that a checkpoint had already
    std::string checkpointFailure; ///< why checkpoints could not be kept; empty when they could
};

/// SHA-256 over all that a round's training depends on: manifest, run, node, beacon, round,
/// parameters, text, the optimiser's state before it, and the kind of device.
base::Hash256 jobDigest(
    const TrainJob& job, const TrainerState& state, std::string_view deviceKind);

/// One round of local training on `backend`: H steps of AdamW from the round's parameters, then
/// e <- decay e + (base - local), then the compressed update. `state` changes only on success.
/// The inner state is kept across rounds; `checkpoints` keep what the round has done so far.
/// `control` is asked between steps; for a pause within one the caller gives control.interrupt() to
/// the backend. Cancelled after a cancel.
base::Result<TrainReport> trainRound(const TrainJob& job, TrainerState& state, ml::Backend& backend,
    WorkControl& control, const std::function<void(const TrainProgress&)>& onProgress,
    const CheckpointPolicy& checkpoints = {});

} // namespace loam::training
