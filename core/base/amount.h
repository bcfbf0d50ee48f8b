// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace loam::base {

/// A sum of money in micro-LOAM (10^-6 LOAM). Never a floating-point number, never implicit;
/// arithmetic reports overflow instead of wrapping.
class Amount
{
public:
    static constexpr std::int64_t kMicroPerLoam = 1'000'000;

    constexpr Amount() = default;
    static constexpr Amount fromMicro(std::int64_t micro) { return Amount{ micro }; }
    /// Parses "12", "12.5" or "-0.000001"; at most six decimals.
    static Result<Amount> parse(std::string_view text);

    constexpr std::int64_t micro() const { return m_micro; }
    std::optional<Amount> add(Amount other) const;
    std::optional<Amount> sub(Amount other) const;
    /// floor(this * numerator / denominator) in 128-bit arithmetic, for splitting rewards;
    /// all three must not be negative and the denominator not zero.
    std::optional<Amount> scale(std::int64_t numerator, std::int64_t denominator) const;
    /// Plain decimal text without trailing zeros: "12.482", "0", "-3".
    std::string toString() const;

    friend constexpr auto operator<=>(const Amount&, const Amount&) = default;

private:
    constexpr explicit Amount(std::int64_t micro)
        : m_micro{ micro }
    {
    }
    std::int64_t m_micro{ 0 };
};

} // namespace loam::base
