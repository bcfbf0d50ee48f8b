// SPDX-License-Identifier: GPL-3.0-or-later
#include "consent/privacy_cost.h"

#include <cmath>
#include <limits>

namespace loam::consent {

namespace {

    constexpr double kMicro = 1e6;
    constexpr double kMaxRho = 1e9;

} // namespace

std::optional<MicroRho> MicroRho::fromRho(double rho)
{
    if (!(rho >= 0) || rho > kMaxRho) {
        return std::nullopt;
    }
    return MicroRho{ static_cast<std::int64_t>(std::ceil(rho * kMicro)) };
}

std::optional<MicroRho> MicroRho::add(MicroRho other) const
{
    if (other.m_micro > 0 && m_micro > std::numeric_limits<std::int64_t>::max() - other.m_micro) {
        return std::nullopt;
    }
    return MicroRho{ m_micro + other.m_micro };
}

double epsilonOf(MicroRho cost, double delta)
{
    const double rho = cost.rho();
    return rho + 2 * std::sqrt(rho * std::log(1 / delta));
}

MicroRho capFor(double epsilon, double delta)
{
    const double room = std::log(1 / delta);
    const double root = std::sqrt(room + epsilon) - std::sqrt(room);
    auto micro = static_cast<std::int64_t>(std::floor(root * root * kMicro));
    // Floating point may have gone one too far.
    while (micro > 0 && epsilonOf(MicroRho::fromMicro(micro), delta) > epsilon) {
        --micro;
    }
    return MicroRho::fromMicro(micro);
}

} // namespace loam::consent
