// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "gpu/allocator.h"
#include "gpu/instance.h"

namespace loam::gpu {

struct NativeDevice
{
    std::unique_ptr<Instance> instance;
    VkPhysicalDevice physical{ VK_NULL_HANDLE };
    VkDevice device{ VK_NULL_HANDLE };
    std::uint32_t family{ 0 };
    VkQueue queue{ VK_NULL_HANDLE };
    VkDescriptorSetLayout setLayout{ VK_NULL_HANDLE };
    VkPipelineLayout pipelineLayout{ VK_NULL_HANDLE };
    VkPipelineCache cache{ VK_NULL_HANDLE };
    std::size_t kernelsMade{ 0 };
    DeviceInfo info;
    DeviceOptions options;
    Allocator allocator;
    std::vector<Buffer*> buffers; ///< all that live
    /// Set by the recorder: waits until no work uses any buffer.
    std::function<void()> drain;
};

struct NativeBuffer
{
    NativeDevice* device{ nullptr };
    Lifetime lifetime{ Lifetime::Work };
    VkBuffer buffer{ VK_NULL_HANDLE }; ///< null while evicted
    Placement placement;
    std::unique_ptr<std::byte[]> evicted; ///< its contents meanwhile
};

struct NativeKernel
{
    NativeDevice* device{ nullptr };
    VkPipeline pipeline{ VK_NULL_HANDLE };
};

} // namespace loam::gpu
