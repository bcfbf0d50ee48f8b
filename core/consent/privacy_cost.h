// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"

#include <compare>
#include <cstdint>
#include <optional>

namespace loam::consent {

/// A privacy cost in zero-concentrated differential privacy (Bun and Steinke 2016), in whole
/// millionths of ρ: costs of rounds on the same text add up exactly and never round down.
class MicroRho
{
public:
    constexpr MicroRho() = default;
    /// Negative values are no cost; they are refused where costs are taken in.
    static constexpr MicroRho fromMicro(std::int64_t micro) { return MicroRho{ micro }; }
    /// The next millionth above; nothing when negative or beyond what a budget can hold.
    static std::optional<MicroRho> fromRho(double rho);
    constexpr std::int64_t micro() const { return m_micro; }
    double rho() const { return static_cast<double>(m_micro) * 1e-6; }
    /// Nothing when the sum does not fit.
    std::optional<MicroRho> add(MicroRho other) const;
    friend constexpr auto operator<=>(const MicroRho&, const MicroRho&) = default;

private:
    explicit constexpr MicroRho(std::int64_t micro)
        : m_micro{ micro }
    {
    }
    std::int64_t m_micro{ 0 };
};

/// ε for a δ: ρ + 2 √(ρ ln 1/δ) (Bun and Steinke, proposition 1.3). An upper bound; an accountant
/// of the mechanism itself may find less.
double epsilonOf(MicroRho cost, double delta);

/// The largest cost whose epsilonOf() does not exceed ε: (√(ln 1/δ + ε) − √(ln 1/δ))², rounded
/// down. δ must lie between 0 and 1.
MicroRho capFor(double epsilon, double delta);

} // namespace loam::consent
