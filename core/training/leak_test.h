// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ml/text_codec.h"
#include "training/meter.h"

#include <optional>
#include <span>
#include <string>

namespace loam::training {

/// What is measured: how much `subject` shows of texts it was trained on, against `reference`,
/// which was not trained on them.
struct LeakTest
{
    const ml::Parameters& reference;
    const ml::Parameters& subject; ///< of the same shape
    const ml::TextCodec& codec;
    std::span<const std::string> members; ///< texts of the training
    std::span<const std::string> others; ///< texts of the same kind that were left out of it
    double delta{ 1e-6 };
};

struct LeakReport
{
    MembershipReport membership;
    std::size_t members{ 0 }; ///< windows compared
    std::size_t others{ 0 };
    std::size_t windowTokens{ 0 };
    /// Of the most exposed of the numbers found in the texts; none when there are no numbers of
    /// five digits or more.
    std::optional<Exposure> exposure;
    std::size_t numbers{ 0 }; ///< tested
};

/// The ratio attack over windows of the texts, and the exposure of long numbers in them: each is
/// ranked among random numbers in its own place, by how much likelier training made it. Invalid
/// when there are not twenty windows on either side, with how much text is missing.
base::Result<LeakReport> testLeak(const LeakTest& test, ml::Backend& backend);

/// The worse of the two lights.
Light lightOf(const LeakReport& report);

} // namespace loam::training
