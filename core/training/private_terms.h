// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"

#include <cstdint>

namespace loam::training {

/// What a run of the private lane fixes about privacy. Real numbers are in millionths.
struct PrivateTerms
{
    std::uint32_t noiseMicro{ 4'000'000 }; ///< deviation on a group's sum over the sensitivity
    std::uint32_t clipMicro{ 1'000'000 }; ///< Euclidean norm of a member's update at most
    std::uint32_t epsilonMicro{ 8'000'000 }; ///< promised for all rounds of the run together
    std::uint8_t deltaExponent{ 6 }; ///< delta = 10^-deltaExponent
    std::uint32_t rounds{ 16 }; ///< rounds that a member takes part in at most
    std::uint32_t colluderMicro{ 100'000 }; ///< part of a group that may hide its noise
    std::uint16_t groupLeast{ 16 };
    std::uint16_t groupMost{ 64 };
    std::uint32_t noiseRatioMicro{ 1'000'000 }; ///< noise over clip of the mean update at most
    std::uint8_t rank{ 1 }; ///< of the adapter
    /// Groups below 16 and any noise ratio: for trying out on one computer, private to nobody.
    bool practice{ false };

    bool operator==(const PrivateTerms&) const = default;
    base::Result<> validate() const;
};

} // namespace loam::training
