// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ml/parameters.h"

#include <cstdint>
#include <span>
#include <vector>

namespace loam::training {

/// A low-rank adapter of which only one factor is trained (FFA-LoRA, Sun et al., arXiv 2403.12313):
/// W + B A for every query and value projection W [out, in], A [rank, in] fixed by a public seed,
/// B [out, rank] trained from zero. With A common and fixed the mean of the members' B is the
/// adapter of the mean, and noise on B never meets noise on A.
class FixedAdapter
{
public:
    /// 1 <= rank <= 64; A's entries are +-1/sqrt(in), its signs drawn from `seed` by SHA-256.
    FixedAdapter(const ml::ParameterTable& table, std::uint32_t rank, const base::Hash256& seed);

    /// Values of all B together: what a member trains and shares.
    std::size_t size() const { return m_size; }

    /// to = base + factor B A; `b` (size).
    void apply(ml::Parameters& to, const ml::Parameters& base, std::span<const double> b,
        double factor) const;
    /// Gradient by B from the gradient by all weights (parameters), for W + B A.
    void project(std::span<const float> gradients, std::span<double> out) const;

private:
    struct Target
    {
        std::size_t offset{ 0 }; ///< of W in the flat buffer
        std::size_t rows{ 0 }; ///< out
        std::size_t columns{ 0 }; ///< in
        std::size_t first{ 0 }; ///< of B among the trained values
        std::vector<float> a; ///< (rank, in)
    };

    std::uint32_t m_rank;
    std::size_t m_size{ 0 };
    std::vector<Target> m_targets;
};

} // namespace loam::training
