// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"

#include <cstdint>
#include <optional>
#include <string>

namespace loam::node {

/// A question to the accountant, as people ask it.
struct EpsilonQuestion
{
    double noise{ 1 }; ///< standard deviation over sensitivity
    double rate{ 1 }; ///< 1: no sampling
    std::uint64_t steps{ 1 };
    double delta{ 1e-6 };
    std::string method{ "rdp" }; ///< rdp, zcdp, pld or gaussian
};

struct EpsilonReply
{
    double epsilon{ 0 };
    std::optional<double> rho; ///< without sampling only
    double order{ 0 }; ///< 0 where the method has none
    std::string method;
    std::string sentence; ///< for people
};

/// Pure computation. Invalid names the argument and its bounds.
base::Result<EpsilonReply> answerEpsilon(const EpsilonQuestion& question);

} // namespace loam::node
