// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "gpu/block_plan.h"
#include "gpu/device.h"
#include "gpu/native.h"

#include <array>
#include <list>

namespace loam::gpu {

/// One allocation of the driver, cut into buffers by its plan.
struct MemoryBlock
{
    VkDeviceMemory memory{ VK_NULL_HANDLE };
    std::uint32_t type{ 0 };
    Lifetime lifetime{ Lifetime::Work };
    std::byte* mapped{ nullptr };
    BlockPlan plan{ 0 };
};

struct Placement
{
    MemoryBlock* block{ nullptr };
    std::uint64_t offset{ 0 };
};

/// Takes big blocks from the driver, which allows only some thousand allocations, and hands out
/// pieces of them.
class Allocator
{
public:
    void start(VkPhysicalDevice physical, VkDevice device, std::uint64_t largestAllocation);
    void stop();

    /// Unavailable without memory.
    base::Result<Placement> take(const VkMemoryRequirements& needs, Lifetime lifetime);
    void giveBack(const Placement& placement);
    /// Gives the blocks that hold nothing back to the driver.
    void trim();
    std::uint64_t usedBytes(Lifetime lifetime) const;
    std::uint64_t reservedBytes(Lifetime lifetime) const;

private:
    base::Result<MemoryBlock*> addBlock(std::uint64_t bytes, std::uint32_t type, Lifetime lifetime);
    std::vector<std::uint32_t> typesFor(std::uint32_t allowed, Lifetime lifetime) const;

    VkDevice m_device{ VK_NULL_HANDLE };
    VkPhysicalDeviceMemoryProperties m_properties{};
    std::uint64_t m_largest{ 0 };
    std::list<MemoryBlock> m_blocks;
};

} // namespace loam::gpu
