// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>

namespace loam::ml {

using Token = std::int32_t;
/// A target that is not counted.
inline constexpr Token kIgnoredTarget = -1;

/// How the operands of a product are stored, row-major: NN: A[m,k] B[k,n]; NT: A[m,k] B[n,k];
/// TN: A[k,m] B[k,n].
enum class Layout { NN, NT, TN };
/// Whether an op writes its result or adds it to what is there.
enum class Write { Overwrite, Accumulate };
enum class Direction { Forward, Backward };

struct MatmulShape
{
    std::size_t m{ 0 };
    std::size_t n{ 0 };
    std::size_t k{ 0 };
};

struct AttentionShape
{
    std::size_t batch{ 0 };
    std::size_t length{ 0 }; ///< tokens of one sequence
    std::size_t heads{ 0 };
    std::size_t kvHeads{ 0 };
    std::size_t headDim{ 0 };

    std::size_t qDim() const { return heads * headDim; }
    std::size_t kvDim() const { return kvHeads * headDim; }
    /// A row holds all query heads, then all key heads, then all value heads.
    std::size_t rowDim() const { return qDim() + 2 * kvDim(); }
};

struct AdamWStep
{
    float learningRate{ 0 };
    float beta1{ 0 };
    float beta2{ 0 };
    float epsilon{ 0 };
    float weightDecay{ 0 }; ///< decoupled: weight -= learningRate * weightDecay * weight
    float correction1{ 1 }; ///< 1 - beta1^t
    float correction2{ 1 }; ///< 1 - beta2^t
    float gradientScale{ 1 }; ///< multiplies the gradient first (clipping)
};

} // namespace loam::ml
