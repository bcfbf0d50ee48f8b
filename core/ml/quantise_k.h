// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ml/weight_type.h"

namespace loam::ml {

/// One block each of the K types: `values` are 256 finite floats that fit into 16 bits.
void quantiseQ4K(std::byte* block, const float* values);
void quantiseQ5K(std::byte* block, const float* values);
void quantiseQ6K(std::byte* block, const float* values);

} // namespace loam::ml
