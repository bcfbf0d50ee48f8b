// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "training/compression.h"

#include <cstddef>
#include <span>
#include <vector>

namespace loam::training {

/// Vectors of one round, all of the same length. Plain loops in index order with double sums, so
/// that every machine gets the same bits.
using Vectors = std::vector<std::vector<float>>;

/// The lower median (no mean of two values); 0 for none. A boosted outlier never becomes it in a
/// cohort with an honest majority.
double lowerMedian(std::vector<double> values);

/// Bad members that the rules allow for in a cohort of `members`: a fifth.
constexpr std::size_t toleratedFaults(std::size_t members)
{
    return members / 5;
}

/// Nearest-neighbour mixing (Allouah et al., arXiv 2302.01772): each vector becomes the weighted
/// mean of its n - faults nearest, itself among them; equal distances go to the lower index.
Vectors nearestNeighbourMix(
    const Vectors& vectors, std::span<const double> weights, std::size_t faults);

/// Centered clipping (Karimireddy, He, Jaggi, arXiv 2012.10333): three times
/// v <- v + sum w_i (x_i - v) min(1, tau / |x_i - v|) / sum w_i from v = 0, tau the median of the
/// vectors' distances from that start. Equals the weighted mean when no vector stands out.
std::vector<double> centeredClip(const Vectors& vectors, std::span<const double> weights);

std::vector<double> weightedMean(const Vectors& vectors, std::span<const double> weights);

/// How alike two decoded updates are, 0 to 1, for finding copies. Where the format makes a node
/// choose positions (chunks of which at most half is sent): the common ones over the fewer of the
/// two. Where it sends all or most of the values: the cosine, at least 0.
double likeness(const ChunkLayout& layout, std::uint16_t keepPerChunk, std::span<const float> a,
    std::span<const float> b);
/// Whether likeness() speaks of chosen positions (true) or of the cosine.
bool comparesPositions(const ChunkLayout& layout, std::uint16_t keepPerChunk);

} // namespace loam::training
