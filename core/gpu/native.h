// SPDX-License-Identifier: GPL-3.0-or-later
// Vulkan for the sources of this module only.
#pragma once

#include "base/result.h"

#include <string_view>
#include <volk.h>

namespace loam::gpu {

/// Ok for success; otherwise Unavailable with a name of the code and of what was tried.
base::Result<> check(VkResult result, std::string_view what);

} // namespace loam::gpu
