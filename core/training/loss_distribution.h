// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "training/accountant.h"

#include <span>
#include <vector>

namespace loam::training {

/// The distribution of the privacy loss of composed releases, in both directions (a member added,
/// a member removed), on a grid: numerically exact accounting. One release's loss is placed on the
/// grid so that the masses under both neighbouring data sets stay what they are (Doroshenko et al.,
/// arXiv 2207.04380, "connect the dots"), which never understates delta; releases are composed by
/// a Fourier transform over a window whose tails (Chernoff bound) are below 1e-15 and count as
/// lost. Good for delta of 1e-11 and above: below, rounding of the transform would show.
class LossDistribution
{
public:
    /// Invalid for bad releases; Unavailable when the losses are too wide for the largest grid.
    static base::Result<LossDistribution> compose(std::span<const NoisyReleases> releases);

    double delta(double epsilon) const;
    /// Smallest epsilon >= 0 at `delta`; Invalid below 1e-11.
    base::Result<double> epsilon(double delta) const;

private:
    /// Mass at lowest + i * step, and mass whose loss counts as infinite.
    struct Side
    {
        double lowest{ 0 };
        double step{ 0 };
        double infinite{ 0 };
        std::vector<double> mass;

        double delta(double epsilon) const;
    };
    enum class Direction : std::uint8_t { Removed, Added };
    static Side composeSide(std::span<const NoisyReleases> releases, Direction direction);

    std::vector<Side> m_sides;
};

} // namespace loam::training
