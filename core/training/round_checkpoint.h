// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/bytes.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

namespace loam::training {

/// A round of training that stands between two steps: with it a round that was cut off goes on and
/// ends with the same bits as an undisturbed one on the same device. Where the text was read and
/// what was drawn follows from `step`, since a round's draws come from its seed in order.
struct RoundCheckpoint
{
    base::Hash256 job; ///< jobDigest(): a checkpoint of anything else is of no use
    std::uint32_t step{ 0 }; ///< steps done
    std::uint64_t adamSteps{ 0 };
    double lossFirst{ 0 }; ///< nats per token, first step
    double lossLast{ 0 }; ///< nats per token, last step done
    double seconds{ 0 }; ///< at work so far
    std::vector<float> weights; ///< (parameters)
    std::vector<float> first; ///< AdamW moments, (parameters)
    std::vector<float> second;

    /// Own binary format, closed by its SHA-256.
    base::Bytes encode() const;
    /// Corrupt when damaged or cut off.
    static base::Result<RoundCheckpoint> decode(base::ByteView bytes);
};

/// How a round is kept from being lost.
struct CheckpointPolicy
{
    /// Where to go on; passed over when it is of another job.
    std::optional<RoundCheckpoint> resume;
    /// Keeps a checkpoint in the place of the one before; without it none is made. After a failure
    /// the round goes on without.
    std::function<base::Result<>(const RoundCheckpoint&)> save;
    /// Time between checkpoints; 0: after every step. Where making one takes long, twenty times
    /// that, so that no more than a twentieth of the work is spent on it.
    std::chrono::milliseconds interval{ 10'000 };
};

} // namespace loam::training
