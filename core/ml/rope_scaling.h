// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace loam::ml {

/// How Llama 3 stretches its rotary waves (model card of Llama 3.1): by `factor` those that turn
/// less than `low` times in the original context, not at all those that turn more than `high`
/// times, and those between by a blend of the two.
struct Llama3Scaling
{
    float factor{ 8.0F };
    float low{ 1.0F };
    float high{ 4.0F };
    std::uint32_t context{ 8192 }; ///< tokens that the model was trained for before
};

/// Divisors of the frequencies, [headDim / 2]; `theta` is their base.
std::vector<float> ropeFactors(const Llama3Scaling& scaling, float theta, std::uint32_t headDim);

/// The scaling that gives these divisors to within rounding, with the model card's low and high and
/// a power of two as context; nothing when there is none.
std::optional<Llama3Scaling> scalingOf(std::span<const float> factors, float theta);

} // namespace loam::ml
