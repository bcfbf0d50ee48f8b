// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string_view>

namespace loam::platform {

/// Main memory in bytes; zero where the machine does not say.
struct MemoryState
{
    std::uint64_t total{ 0 };
    std::uint64_t available{ 0 }; ///< what programs could still get without swapping
};

/// Reads the text of /proc/meminfo (proc(5)).
MemoryState parseMeminfo(std::string_view text);
MemoryState readMemory();

} // namespace loam::platform
