// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace loam::gpu {

enum class DeviceKind { Discrete, Integrated, Virtual, Cpu, Other };

struct DeviceLimits
{
    std::uint64_t storageRange{ 0 }; ///< bytes that one binding may show
    std::uint64_t allocation{ 0 }; ///< bytes of the largest block
    std::uint64_t storageAlignment{ 256 }; ///< of a binding's offset, bytes
    std::uint32_t storageBuffers{ 0 }; ///< bindings of one kernel
    std::uint32_t pushBytes{ 0 };
    std::uint32_t sharedBytes{ 0 }; ///< of one workgroup
    std::uint32_t workgroupInvocations{ 0 };
    std::array<std::uint32_t, 3> workgroupCount{};
    std::uint32_t subgroupSize{ 0 };
    double timestampNanoseconds{ 0 }; ///< of one tick, 0 without timestamps
};

struct DeviceFeatures
{
    bool float16{ false };
    bool storage16{ false };
    bool int8{ false };
    bool storage8{ false };
    bool float64{ false };
    bool subgroupArithmetic{ false };
    bool subgroupShuffle{ false };
    bool subgroupBallot{ false }; ///< broadcasts too
    bool timelineSemaphore{ false };
};

struct MemoryHeap
{
    std::uint64_t bytes{ 0 };
    bool isDeviceLocal{ false };
};

/// What is known of a device without opening it.
struct DeviceInfo
{
    std::string name;
    DeviceKind kind{ DeviceKind::Other };
    std::string uuid; ///< 32 hexadecimal digits, the same at every start
    std::string driverUuid;
    std::string driver; ///< name and version for people
    std::uint32_t vendor{ 0 };
    DeviceLimits limits;
    DeviceFeatures features;
    std::vector<MemoryHeap> heaps;
    std::string unusable; ///< why it cannot be opened; empty when it can
};

struct Survey
{
    std::vector<DeviceInfo> devices;
    std::string reason; ///< why there is no device at all
};

/// Every Vulkan device of this machine. Never fails: without Vulkan the list is empty.
Survey survey();

/// The one to use when the owner has not chosen: discrete before virtual before integrated, then
/// the one with most memory. A device of kind Cpu is never chosen: our own CPU code is far quicker.
const DeviceInfo* preferred(const Survey& survey);

} // namespace loam::gpu
