// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/bytes.h"
#include "crypto/key_stream.h"

#include <cstdint>
#include <span>
#include <vector>

namespace loam::training {

/// Draws Skellam integers, the difference of two Poisson ones, exactly: by comparing 128 random
/// bits with a table of the distribution worked out to 113 bits. No floating-point number is ever
/// random, so the low bits carry nothing about what the noise hides (Mironov, CCS 2012). The
/// distance from the ideal distribution is below 2^-85 a draw.
class SkellamSampler
{
public:
    /// Largest variance: the table has about 24 sqrt(variance / 2) rows of 16 bytes.
    static constexpr double kMostVariance = 1e10;

    /// `variance` of one draw; Invalid unless 0 <= variance <= kMostVariance.
    static base::Result<SkellamSampler> create(double variance);

    double variance() const { return m_variance; }
    std::int64_t draw(crypto::KeyStream& random) const;

private:
    __extension__ using Word = unsigned __int128;
    SkellamSampler() = default;
    std::int64_t drawPoisson(crypto::KeyStream& random) const;

    double m_variance{ 0 };
    std::int64_t m_first{ 0 }; ///< value of the table's first row
    std::vector<Word> m_bounds; ///< 2^128 P[X <= first + row], ascending; the last row is open
    std::vector<std::uint32_t> m_guide; ///< row at which the search begins, by the top bits
};

/// Clips to Euclidean norm `clip` in place and says whether the vector was within it.
bool clipNorm(std::span<float> values, double clip);

/// Next clip of adaptive clipping (Andrew et al., arXiv 1905.03871): towards the norm that a part
/// `quantile` of the members stay below. `within`: noisy part that stayed within.
double adaptedClip(double clip, double within, double quantile, double rate);

/// Random rotation: signs drawn from a public seed, then the orthonormal Walsh-Hadamard transform.
/// Length becomes the next power of two; norms are kept.
std::vector<double> rotate(std::span<const float> values, const base::Hash256& seed);
/// The inverse; gives back the first `size` values.
std::vector<double> rotateBack(
    std::vector<double> values, const base::Hash256& seed, std::size_t size);
/// Values of a rotated vector.
std::size_t rotatedSize(std::size_t size);

/// How real vectors become integers of a ring and back, the same for all members of a round.
struct RingCoding
{
    double clip{ 1 }; ///< Euclidean norm of a member's vector at most
    double scale{ 1024 }; ///< integer steps of one unit
    std::size_t size{ 0 }; ///< values of a member's vector
    std::uint8_t bits{ 32 }; ///< of the ring, 8..32
    std::int64_t bitWeight{
        0
    }; ///< of the coordinate that counts members within the clip; 0 = none
    base::Hash256 seed; ///< of the rotation

    /// Values of an encoded vector: rotated, and one more if members within the clip are counted.
    std::size_t encodedSize() const { return rotatedSize(size) + (bitWeight > 0 ? 1 : 0); }
    /// Largest Euclidean norm of an encoded vector: what rounding may add is bounded by drawing
    /// again (Agarwal et al., arXiv 2110.04995, with beta = e^-1/2).
    double l2Bound() const;
    /// Largest sum of magnitudes.
    double l1Bound() const;
    std::uint32_t mask() const
    {
        return bits == 32 ? UINT32_MAX : (std::uint32_t{ 1 } << bits) - 1;
    }
    /// Ring bits that hold the sum of `members` and noise of variance `variance` up to six standard
    /// deviations of both.
    std::uint8_t bitsNeeded(std::size_t members, double variance) const;
    base::Result<> validate() const;
};

/// Weight of the counting coordinate for a noise multiplier and a standard deviation of the count:
/// as in adaptedClip's paper, out of the same noise. 0 when the noise does not leave room for it.
std::int64_t countingWeight(const RingCoding& coding, double noise, double countDeviation);

/// Clips, rotates, scales and rounds a member's vector to integers (randomly up or down, without
/// bias, again until the norm is within l2Bound()) and adds the member's share of the noise.
/// Invalid when a value is not finite or the size is another.
base::Result<std::vector<std::uint32_t>> encodeShare(const RingCoding& coding,
    std::span<const float> values, const SkellamSampler& noise, crypto::KeyStream& random);

/// The mean of what `members` encoded, from their sum in the ring.
struct DecodedSum
{
    std::vector<double> mean; ///< (size)
    double within{ 0 }; ///< noisy part of members within the clip; 0 without counting
};
base::Result<DecodedSum> decodeSum(
    const RingCoding& coding, std::span<const std::uint32_t> sum, std::size_t members);

/// The part of the noise that one of `threshold` survivors carries when `colluders` of them may
/// have left theirs out: then any accepted sum has at least `total`.
double noiseShare(double total, std::size_t threshold, std::size_t colluders);

} // namespace loam::training
