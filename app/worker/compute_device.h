// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ml/vulkan_backend.h"

#include <string>

namespace loam::worker {

/// The name of the processor where a request names a device; others are UUIDs.
inline constexpr const char* kProcessor = "cpu";

/// How this worker opens a Vulkan device. Compiled kernels and what tuning found are kept under
/// $XDG_CACHE_HOME/loam (or ~/.cache/loam), from where anyone may delete them.
ml::VulkanOptions vulkanOptions(const std::string& uuid);

} // namespace loam::worker
