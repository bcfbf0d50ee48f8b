// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ml/inference_backend.h"
#include "ml/output_file.h"
#include "ml/weight_type.h"

namespace loam::ml {

/// Rows of a projection regrouped because the rotary style changes.
struct RowOrder
{
    std::size_t headDim{ 0 }; ///< 0: rows keep their order
    RopeStyle from{ RopeStyle::Halves };
    RopeStyle to{ RopeStyle::Halves };

    /// Which row of the source becomes row `row`.
    std::size_t sourceOf(std::size_t row) const;
};

/// Writes a matrix row by row in another type; bytes are copied as they are when nothing changes.
base::Result<> writeConverted(
    OutputFile& out, const WeightSource& source, WeightType type, const RowOrder& order);

/// The same for a vector, always F32.
std::vector<float> reordered(std::span<const float> values, const RowOrder& order);

} // namespace loam::ml
