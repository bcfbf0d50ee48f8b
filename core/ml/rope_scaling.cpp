// SPDX-License-Identifier: GPL-3.0-or-later
#include "ml/rope_scaling.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace loam::ml {

std::vector<float> ropeFactors(const Llama3Scaling& scaling, float theta, std::uint32_t headDim)
{
    const auto low = static_cast<double>(scaling.low);
    const auto high = static_cast<double>(scaling.high);
    std::vector<float> out(headDim / 2);
    for (std::size_t i = 0; i < out.size(); ++i) {
        const double exponent = 2.0 * static_cast<double>(i) / headDim;
        const double wave = 2.0 * std::numbers::pi * std::pow(static_cast<double>(theta), exponent);
        const double turns = scaling.context / wave;
        const auto smooth = static_cast<float>((turns - low) / (high - low));
        out[i] = turns > high ? 1.0F
            : turns < low     ? scaling.factor
                              : 1.0F / ((1.0F - smooth) / scaling.factor + smooth);
    }
    return out;
}

std::optional<Llama3Scaling> scalingOf(std::span<const float> factors, float theta)
{
    constexpr std::uint32_t kLongest = 1U << 20U;
    const auto isClose = [](float a, float b) { return std::abs(a - b) <= 1e-4F * b; };
    Llama3Scaling out;
    // The last wave is the longest.
    out.factor = factors.empty() ? 0.0F : factors.back();
    const auto headDim = static_cast<std::uint32_t>(2 * factors.size());
    for (out.context = 1; out.context <= kLongest && out.factor >= 1.0F; out.context *= 2) {
        if (std::ranges::equal(factors, ropeFactors(out, theta, headDim), isClose)) {
            return out;
        }
    }
    return std::nullopt;
}

} // namespace loam::ml
