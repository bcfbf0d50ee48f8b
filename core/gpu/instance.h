// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "gpu/native.h"
#include "gpu/survey.h"

#include <functional>
#include <memory>
#include <string_view>
#include <vector>

namespace loam::gpu {

/// Hears what the validation layers have to say, from any thread.
using MessageSink = std::function<void(std::string_view)>;

/// The loader and one instance, shared with nobody (the window has its own).
class Instance
{
public:
    /// Unavailable without a loader or driver, or, when `sink` is set, without validation layers.
    static base::Result<std::unique_ptr<Instance>> create(MessageSink sink);
    ~Instance();
    Instance(const Instance&) = delete;
    Instance& operator=(const Instance&) = delete;

    base::Result<std::vector<VkPhysicalDevice>> physicalDevices() const;

private:
    explicit Instance(MessageSink sink)
        : m_sink{ std::move(sink) }
    {
    }

    MessageSink m_sink;
    VkInstance m_instance{ VK_NULL_HANDLE };
    VkDebugUtilsMessengerEXT m_messenger{ VK_NULL_HANDLE };
    PFN_vkDestroyDebugUtilsMessengerEXT m_destroyMessenger{ nullptr };
};

/// Reads a device's properties.
DeviceInfo describe(VkPhysicalDevice device);

/// The family for compute: one without graphics if there is one. Not less than the number of
/// families when there is none.
std::uint32_t computeFamily(VkPhysicalDevice device);

} // namespace loam::gpu
