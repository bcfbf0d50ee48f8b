// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/bytes.h"

#include <cstdint>
#include <vector>

namespace loam::training {

/// The training of an adapter at home as it stands between two steps. It remembers private text:
/// whoever writes it to a disk seals it first.
struct HomeCheckpoint
{
    base::Hash256 job; ///< of base, settings and seed: a checkpoint of anything else is of no use
    base::Hash256 text; ///< of the tokens: with others the losses are measured anew
    std::uint32_t step{ 0 }; ///< steps done
    std::uint32_t bestStep{ 0 };
    std::uint32_t withoutGain{ 0 }; ///< measurements in a row that were no better
    std::uint64_t adamSteps{ 0 };
    double lossBefore{ 0 }; ///< held-out nats per token of the base alone
    double bestLoss{ 0 };
    double seconds{ 0 }; ///< at work so far
    std::vector<float> values; ///< of the adapter, as LoraTable orders them
    std::vector<float> best; ///< the same where the held-out loss was least
    std::vector<float> first; ///< AdamW moments of what is trained
    std::vector<float> second;

    /// Own binary format, closed by its SHA-256.
    base::Bytes encode() const;
    /// Corrupt when damaged or cut off.
    static base::Result<HomeCheckpoint> decode(base::ByteView bytes);
};

} // namespace loam::training
