// SPDX-License-Identifier: GPL-3.0-or-later
#include "gpu/allocator.h"

#include <fmt/format.h>

#include <algorithm>

namespace loam::gpu {

using base::Errc;
using base::fail;
using base::Result;

namespace {

    constexpr std::uint64_t kBlockBytes = std::uint64_t{ 64 } << 20U;
    constexpr std::uint64_t kStagingBlockBytes = std::uint64_t{ 16 } << 20U;

    std::uint64_t blockBytes(Lifetime lifetime)
    {
        return lifetime == Lifetime::Staging ? kStagingBlockBytes : kBlockBytes;
    }

    /// Flags from the most to the least wanted.
    std::array<VkMemoryPropertyFlags, 3> wishes(Lifetime lifetime)
    {
        constexpr VkMemoryPropertyFlags kLocal = VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT;
        constexpr VkMemoryPropertyFlags kHost
            = VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT | VK_MEMORY_PROPERTY_HOST_COHERENT_BIT;
        if (lifetime == Lifetime::Staging) {
            return { kHost | VK_MEMORY_PROPERTY_HOST_CACHED_BIT, kHost, kHost };
        }
        return { kLocal, kLocal, 0 };
    }

} // namespace

void Allocator::start(VkPhysicalDevice physical, VkDevice device, std::uint64_t largestAllocation)
{
    m_device = device;
    m_largest = largestAllocation;
    vkGetPhysicalDeviceMemoryProperties(physical, &m_properties);
}

void Allocator::stop()
{
    for (const MemoryBlock& block : m_blocks) {
        vkFreeMemory(m_device, block.memory, nullptr);
    }
    m_blocks.clear();
}

std::vector<std::uint32_t> Allocator::typesFor(std::uint32_t allowed, Lifetime lifetime) const
{
    std::vector<std::uint32_t> types;
    for (const VkMemoryPropertyFlags wish : wishes(lifetime)) {
        for (std::uint32_t i = 0; i < m_properties.memoryTypeCount; ++i) {
            const bool fits = (allowed >> i & 1U) != 0
                && (m_properties.memoryTypes[i].propertyFlags & wish) == wish;
            if (fits && std::ranges::find(types, i) == types.end()) {
                types.push_back(i);
            }
        }
    }
    return types;
}

Result<MemoryBlock*> Allocator::addBlock(std::uint64_t bytes, std::uint32_t type, Lifetime lifetime)
{
    VkMemoryAllocateInfo info{};
    info.sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO;
    info.allocationSize = bytes;
    info.memoryTypeIndex = type;
    MemoryBlock block;
    block.type = type;
    block.lifetime = lifetime;
    block.plan = BlockPlan{ bytes };
    TRY(check(vkAllocateMemory(m_device, &info, nullptr, &block.memory),
        fmt::format("taking {} MiB of device memory", bytes >> 20U)));
    const VkMemoryPropertyFlags flags = m_properties.memoryTypes[type].propertyFlags;
    constexpr VkMemoryPropertyFlags kHost
        = VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT | VK_MEMORY_PROPERTY_HOST_COHERENT_BIT;
    if ((flags & kHost) == kHost) {
        void* address = nullptr;
        if (vkMapMemory(m_device, block.memory, 0, VK_WHOLE_SIZE, 0, &address) == VK_SUCCESS) {
            block.mapped = static_cast<std::byte*>(address);
        }
    }
    if (lifetime == Lifetime::Staging && block.mapped == nullptr) {
        vkFreeMemory(m_device, block.memory, nullptr);
        return fail(Errc::Unavailable, "the device's memory for transfers cannot be seen");
    }
    m_blocks.push_back(std::move(block));
    return &m_blocks.back();
}

Result<Placement> Allocator::take(const VkMemoryRequirements& needs, Lifetime lifetime)
{
    if (needs.size > m_largest) {
        return fail(Errc::Unavailable,
            fmt::format("{} MiB in one piece are more than the device's limit of {} MiB",
                needs.size >> 20U, m_largest >> 20U));
    }
    for (MemoryBlock& block : m_blocks) {
        if (block.lifetime != lifetime || (needs.memoryTypeBits >> block.type & 1U) == 0) {
            continue;
        }
        if (const auto offset = block.plan.take(needs.size, needs.alignment)) {
            return Placement{ &block, *offset };
        }
    }
    // A large piece gets a block to itself; when memory is short, a block just large enough.
    const std::uint64_t usual = blockBytes(lifetime);
    const std::uint64_t wanted = needs.size > usual / 2 ? needs.size : std::min(usual, m_largest);
    base::Error last{ Errc::Unavailable, "the device has no memory of the kind needed" };
    for (const std::uint64_t bytes : { wanted, needs.size }) {
        for (const std::uint32_t type : typesFor(needs.memoryTypeBits, lifetime)) {
            auto block = addBlock(bytes, type, lifetime);
            if (block) {
                return Placement{ *block, (*block)->plan.take(needs.size, 1).value() };
            }
            last = std::move(block).error();
        }
    }
    return tl::unexpected{ std::move(last) };
}

void Allocator::giveBack(const Placement& placement)
{
    placement.block->plan.giveBack(placement.offset);
    if (!placement.block->plan.isEmpty()) {
        return;
    }
    // One empty block of a kind is kept for the next piece.
    const auto isSpare = [&](const MemoryBlock& other) {
        return &other != placement.block && other.plan.isEmpty()
            && other.lifetime == placement.block->lifetime;
    };
    const bool isUsual = placement.block->plan.bytes() == blockBytes(placement.block->lifetime);
    if (isUsual && std::ranges::none_of(m_blocks, isSpare)) {
        return;
    }
    vkFreeMemory(m_device, placement.block->memory, nullptr);
    m_blocks.remove_if([&](const MemoryBlock& block) { return &block == placement.block; });
}

void Allocator::trim()
{
    for (const MemoryBlock& block : m_blocks) {
        if (block.plan.isEmpty()) {
            vkFreeMemory(m_device, block.memory, nullptr);
        }
    }
    m_blocks.remove_if([](const MemoryBlock& block) { return block.plan.isEmpty(); });
}

std::uint64_t Allocator::usedBytes(Lifetime lifetime) const
{
    std::uint64_t bytes = 0;
    for (const MemoryBlock& block : m_blocks) {
        bytes += block.lifetime == lifetime ? block.plan.used() : 0;
    }
    return bytes;
}

std::uint64_t Allocator::reservedBytes(Lifetime lifetime) const
{
    std::uint64_t bytes = 0;
    for (const MemoryBlock& block : m_blocks) {
        bytes += block.lifetime == lifetime ? block.plan.bytes() : 0;
    }
    return bytes;
}

} // namespace loam::gpu
