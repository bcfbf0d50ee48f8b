// SPDX-License-Identifier: GPL-3.0-or-later
#include "gpu/survey.h"

#include "base/bytes.h"
#include "gpu/instance.h"
#include "gpu/kernel_face.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

namespace loam::gpu {

namespace {

    DeviceKind kindOf(VkPhysicalDeviceType type)
    {
        switch (static_cast<int>(type)) {
        case VK_PHYSICAL_DEVICE_TYPE_DISCRETE_GPU:
            return DeviceKind::Discrete;
        case VK_PHYSICAL_DEVICE_TYPE_INTEGRATED_GPU:
            return DeviceKind::Integrated;
        case VK_PHYSICAL_DEVICE_TYPE_VIRTUAL_GPU:
            return DeviceKind::Virtual;
        case VK_PHYSICAL_DEVICE_TYPE_CPU:
            return DeviceKind::Cpu;
        default:
            return DeviceKind::Other;
        }
    }

    std::string hexOf(const std::uint8_t (&bytes)[VK_UUID_SIZE])
    {
        return base::toHex(std::as_bytes(std::span{ bytes }));
    }

    std::vector<VkQueueFamilyProperties> familiesOf(VkPhysicalDevice device)
    {
        std::uint32_t count = 0;
        vkGetPhysicalDeviceQueueFamilyProperties(device, &count, nullptr);
        std::vector<VkQueueFamilyProperties> families(count);
        vkGetPhysicalDeviceQueueFamilyProperties(device, &count, families.data());
        return families;
    }

    std::string whyUnusable(const DeviceInfo& info, std::uint32_t api, bool computes)
    {
        if (api < VK_API_VERSION_1_2) {
            return "its driver knows less than Vulkan 1.2";
        }
        if (!info.features.timelineSemaphore) {
            return "its driver has no timeline semaphores";
        }
        if (!computes) {
            return "it has no queue for compute";
        }
        if (info.limits.storageBuffers < kMostBindings || info.limits.pushBytes < kMostPushBytes) {
            return "it shows too few buffers or constants to a kernel";
        }
        return {};
    }

    int rank(DeviceKind kind)
    {
        switch (kind) {
        case DeviceKind::Discrete:
            return 4;
        case DeviceKind::Virtual:
            return 3;
        case DeviceKind::Integrated:
            return 2;
        case DeviceKind::Other:
            return 1;
        case DeviceKind::Cpu:
            return 0;
        }
        return 0;
    }

    std::uint64_t localBytes(const DeviceInfo& info)
    {
        std::uint64_t bytes = 0;
        for (const MemoryHeap& heap : info.heaps) {
            bytes += heap.isDeviceLocal ? heap.bytes : 0;
        }
        return bytes;
    }

} // namespace

std::uint32_t computeFamily(VkPhysicalDevice device)
{
    const auto families = familiesOf(device);
    auto chosen = static_cast<std::uint32_t>(families.size());
    for (std::uint32_t i = 0; i < families.size(); ++i) {
        const VkQueueFlags flags = families[i].queueFlags;
        if ((flags & VK_QUEUE_COMPUTE_BIT) == 0) {
            continue;
        }
        if ((flags & VK_QUEUE_GRAPHICS_BIT) == 0) {
            return i;
        }
        chosen = std::min(chosen, i);
    }
    return chosen;
}

DeviceInfo describe(VkPhysicalDevice device)
{
    VkPhysicalDeviceSubgroupProperties subgroup{};
    subgroup.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SUBGROUP_PROPERTIES;
    VkPhysicalDeviceMaintenance3Properties maintenance{};
    maintenance.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MAINTENANCE_3_PROPERTIES;
    maintenance.pNext = &subgroup;
    VkPhysicalDeviceDriverProperties driver{};
    driver.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_DRIVER_PROPERTIES;
    driver.pNext = &maintenance;
    VkPhysicalDeviceIDProperties ids{};
    ids.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_ID_PROPERTIES;
    ids.pNext = &driver;
    VkPhysicalDeviceProperties2 properties{};
    properties.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2;
    properties.pNext = &ids;
    vkGetPhysicalDeviceProperties2(device, &properties);
    const VkPhysicalDeviceProperties& core = properties.properties;

    DeviceInfo info;
    info.name = core.deviceName;
    info.kind = kindOf(core.deviceType);
    info.uuid = hexOf(ids.deviceUUID);
    info.driverUuid = hexOf(ids.driverUUID);
    info.driver = fmt::format("{} {}", driver.driverName, driver.driverInfo);
    info.vendor = core.vendorID;

    const auto families = familiesOf(device);
    const std::uint32_t family = computeFamily(device);
    const bool computes = family < families.size();
    const bool hasTimestamps = computes && families[family].timestampValidBits > 0;
    info.limits = { .storageRange = core.limits.maxStorageBufferRange,
        .allocation = maintenance.maxMemoryAllocationSize,
        .storageAlignment = core.limits.minStorageBufferOffsetAlignment,
        .storageBuffers = core.limits.maxPerStageDescriptorStorageBuffers,
        .pushBytes = core.limits.maxPushConstantsSize,
        .sharedBytes = core.limits.maxComputeSharedMemorySize,
        .workgroupInvocations = core.limits.maxComputeWorkGroupInvocations,
        .workgroupCount = { core.limits.maxComputeWorkGroupCount[0],
            core.limits.maxComputeWorkGroupCount[1], core.limits.maxComputeWorkGroupCount[2] },
        .subgroupSize = subgroup.subgroupSize,
        .timestampNanoseconds
        = hasTimestamps ? static_cast<double>(core.limits.timestampPeriod) : 0.0 };

    if (core.apiVersion >= VK_API_VERSION_1_2) {
        VkPhysicalDeviceVulkan12Features features12{};
        features12.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_FEATURES;
        VkPhysicalDeviceVulkan11Features features11{};
        features11.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_1_FEATURES;
        features11.pNext = &features12;
        VkPhysicalDeviceFeatures2 features{};
        features.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FEATURES_2;
        features.pNext = &features11;
        vkGetPhysicalDeviceFeatures2(device, &features);
        const bool computeSubgroups = (subgroup.supportedStages & VK_SHADER_STAGE_COMPUTE_BIT) != 0;
        const auto subgroups = [&](VkSubgroupFeatureFlags wanted) {
            return computeSubgroups && (subgroup.supportedOperations & wanted) == wanted;
        };
        info.features = { .float16 = features12.shaderFloat16 == VK_TRUE,
            .storage16 = features11.storageBuffer16BitAccess == VK_TRUE,
            .int8 = features12.shaderInt8 == VK_TRUE,
            .storage8 = features12.storageBuffer8BitAccess == VK_TRUE,
            .float64 = features.features.shaderFloat64 == VK_TRUE,
            .subgroupArithmetic = subgroups(VK_SUBGROUP_FEATURE_ARITHMETIC_BIT),
            .subgroupShuffle = subgroups(VK_SUBGROUP_FEATURE_SHUFFLE_BIT),
            .subgroupBallot = subgroups(VK_SUBGROUP_FEATURE_BALLOT_BIT),
            .timelineSemaphore = features12.timelineSemaphore == VK_TRUE };
    }

    VkPhysicalDeviceMemoryProperties memory{};
    vkGetPhysicalDeviceMemoryProperties(device, &memory);
    for (std::uint32_t i = 0; i < memory.memoryHeapCount; ++i) {
        const VkMemoryHeap& heap = memory.memoryHeaps[i];
        info.heaps.push_back({ heap.size, (heap.flags & VK_MEMORY_HEAP_DEVICE_LOCAL_BIT) != 0 });
    }
    info.unusable = whyUnusable(info, core.apiVersion, computes);
    return info;
}

Survey survey()
{
    Survey out;
    const auto instance = Instance::create({});
    if (!instance) {
        out.reason = instance.error().message;
        return out;
    }
    const auto devices = (*instance)->physicalDevices();
    if (!devices) {
        out.reason = devices.error().message;
        return out;
    }
    for (const VkPhysicalDevice device : *devices) {
        out.devices.push_back(describe(device));
    }
    if (out.devices.empty()) {
        out.reason = "Vulkan is installed, but no driver offers a device";
    }
    return out;
}

const DeviceInfo* preferred(const Survey& survey)
{
    const DeviceInfo* best = nullptr;
    const auto worth = [](const DeviceInfo& info) {
        return std::tuple{ rank(info.kind), localBytes(info) };
    };
    for (const DeviceInfo& info : survey.devices) {
        if (info.kind == DeviceKind::Cpu || !info.unusable.empty()) {
            continue;
        }
        if (best == nullptr || worth(info) > worth(*best)) {
            best = &info;
        }
    }
    return best;
}

} // namespace loam::gpu
