// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>

namespace loam::gpu {

/// All kernels share one interface: storage buffers 0..11 of set 0 and 128 bytes of constants,
/// which every desktop driver offers.
inline constexpr std::size_t kMostBindings = 12;
inline constexpr std::size_t kMostPushBytes = 128;

} // namespace loam::gpu
