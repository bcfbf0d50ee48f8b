// SPDX-License-Identifier: GPL-3.0-or-later
#include "worker/compute_device.h"

#include <cstdlib>

namespace loam::worker {
namespace {

    std::filesystem::path cacheFolder()
    {
        // The XDG Base Directory Specification: what is no absolute path does not count.
        const char* const cache = std::getenv("XDG_CACHE_HOME");
        if (cache != nullptr && *cache == '/') {
            return std::filesystem::path{ cache } / "loam";
        }
        const char* const home = std::getenv("HOME");
        return home != nullptr && *home == '/' ? std::filesystem::path{ home } / ".cache" / "loam"
                                               : std::filesystem::path{};
    }

} // namespace

ml::VulkanOptions vulkanOptions(const std::string& uuid)
{
    ml::VulkanOptions options;
    options.device = uuid;
    options.cacheFolder = cacheFolder();
    return options;
}

} // namespace loam::worker
