// SPDX-License-Identifier: GPL-3.0-or-later
// The part of the recorder that talks to the queue: slots, submissions, waiting, loss.
#include "gpu/recorder_state.h"

#include <fmt/format.h>

#include <algorithm>

namespace loam::gpu {

using base::Errc;
using base::fail;
using base::Result;

namespace {

    constexpr std::uint64_t kMostUnderWay = 2;
    /// Waiting happens in steps of this length, never for ever.
    constexpr std::uint64_t kWaitNanoseconds = 100'000'000;
    /// Far beyond the budget of a submission: whoever takes longer has hung.
    constexpr std::chrono::seconds kHung{ 60 };

} // namespace

Result<> Recorder::State::create()
{
    VkSemaphoreTypeCreateInfo type{};
    type.sType = VK_STRUCTURE_TYPE_SEMAPHORE_TYPE_CREATE_INFO;
    type.semaphoreType = VK_SEMAPHORE_TYPE_TIMELINE;
    VkSemaphoreCreateInfo info{};
    info.sType = VK_STRUCTURE_TYPE_SEMAPHORE_CREATE_INFO;
    info.pNext = &type;
    TRY(check(vkCreateSemaphore(device.device, &info, nullptr, &semaphore), "making a semaphore"));
    if (device.info.limits.timestampNanoseconds > 0.0) {
        VkQueryPoolCreateInfo query{};
        query.sType = VK_STRUCTURE_TYPE_QUERY_POOL_CREATE_INFO;
        query.queryType = VK_QUERY_TYPE_TIMESTAMP;
        query.queryCount = 2 * kSlots;
        TRY(check(
            vkCreateQueryPool(device.device, &query, nullptr, &queries), "making timestamps"));
    }
    for (Slot& slot : slots) {
        VkCommandPoolCreateInfo pool{};
        pool.sType = VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO;
        pool.flags = VK_COMMAND_POOL_CREATE_TRANSIENT_BIT;
        pool.queueFamilyIndex = device.family;
        TRY(check(vkCreateCommandPool(device.device, &pool, nullptr, &slot.pool),
            "making a pool of commands"));
        VkCommandBufferAllocateInfo buffer{};
        buffer.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO;
        buffer.commandPool = slot.pool;
        buffer.level = VK_COMMAND_BUFFER_LEVEL_PRIMARY;
        buffer.commandBufferCount = 1;
        TRY(check(vkAllocateCommandBuffers(device.device, &buffer, &slot.commands),
            "making a list of commands"));
    }
    device.drain = [this] { drain(); };
    return {};
}

void Recorder::State::destroy()
{
    if (!isLost) {
        static_cast<void>(waitFor(lastTicket));
    }
    staging.reset();
    device.drain = nullptr;
    for (Slot& slot : slots) {
        for (const VkDescriptorPool pool : slot.setPools) {
            vkDestroyDescriptorPool(device.device, pool, nullptr);
        }
        vkDestroyCommandPool(device.device, slot.pool, nullptr);
    }
    vkDestroyQueryPool(device.device, queries, nullptr);
    vkDestroySemaphore(device.device, semaphore, nullptr);
}

void Recorder::State::stop(base::Error reason)
{
    if (!error) {
        error = std::move(reason);
    }
    Slot& slot = slots[current];
    if (slot.isOpen) {
        // What is recorded is dropped: the next begin() resets the pool.
        slot.isOpen = false;
        slot.work = 0.0;
    }
    touches.clear();
}

bool Recorder::State::asksToStop()
{
    if (error) {
        return true;
    }
    if (isLost) {
        stop({ Errc::Unavailable,
            fmt::format("the device {} was lost; it must be opened anew", device.info.name) });
        return true;
    }
    if (!isMoving && interrupt && interrupt()) {
        stop({ Errc::Cancelled, "the computation was interrupted" });
        return true;
    }
    // Whoever was asked may have found the memory gone.
    return error.has_value();
}

Slot* Recorder::State::open()
{
    if (asksToStop()) {
        return nullptr;
    }
    Slot& slot = slots[current];
    if (slot.isOpen) {
        return &slot;
    }
    if (auto begun = begin(slot); !begun) {
        stop(std::move(begun).error());
        return nullptr;
    }
    return &slot;
}

Result<> Recorder::State::begin(Slot& slot)
{
    if (slot.isUnderWay) {
        TRY(waitFor(slot.ticket));
    }
    TRY(check(vkResetCommandPool(device.device, slot.pool, 0), "reusing commands"));
    for (const VkDescriptorPool pool : slot.setPools) {
        TRY(check(vkResetDescriptorPool(device.device, pool, 0), "reusing descriptors"));
    }
    slot.setsTaken = 0;
    slot.work = 0.0;
    VkCommandBufferBeginInfo info{};
    info.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO;
    info.flags = VK_COMMAND_BUFFER_USAGE_ONE_TIME_SUBMIT_BIT;
    TRY(check(vkBeginCommandBuffer(slot.commands, &info), "recording"));
    if (queries != VK_NULL_HANDLE) {
        const auto first = static_cast<std::uint32_t>(2 * current);
        vkCmdResetQueryPool(slot.commands, queries, first, 2);
        vkCmdWriteTimestamp(slot.commands, VK_PIPELINE_STAGE_TOP_OF_PIPE_BIT, queries, first);
    }
    slot.isOpen = true;
    return {};
}

Result<VkDescriptorSet> Recorder::State::takeSet(Slot& slot)
{
    const std::size_t index = slot.setsTaken / kSetsPerPool;
    if (index == slot.setPools.size()) {
        VkDescriptorPoolSize size{};
        size.type = VK_DESCRIPTOR_TYPE_STORAGE_BUFFER;
        size.descriptorCount = kSetsPerPool * static_cast<std::uint32_t>(kMostBindings);
        VkDescriptorPoolCreateInfo info{};
        info.sType = VK_STRUCTURE_TYPE_DESCRIPTOR_POOL_CREATE_INFO;
        info.maxSets = kSetsPerPool;
        info.poolSizeCount = 1;
        info.pPoolSizes = &size;
        VkDescriptorPool pool = VK_NULL_HANDLE;
        TRY(check(vkCreateDescriptorPool(device.device, &info, nullptr, &pool),
            "making a pool of descriptors"));
        slot.setPools.push_back(pool);
    }
    VkDescriptorSetAllocateInfo info{};
    info.sType = VK_STRUCTURE_TYPE_DESCRIPTOR_SET_ALLOCATE_INFO;
    info.descriptorPool = slot.setPools[index];
    info.descriptorSetCount = 1;
    info.pSetLayouts = &device.setLayout;
    VkDescriptorSet set = VK_NULL_HANDLE;
    TRY(check(vkAllocateDescriptorSets(device.device, &info, &set), "making descriptors"));
    slot.setsTaken += 1;
    return set;
}

void Recorder::State::submit()
{
    // Whoever was asked may have submitted it, for an eviction.
    if (!slots[current].isOpen || asksToStop() || !slots[current].isOpen) {
        return;
    }
    if (auto done = submitOpen(slots[current]); !done) {
        stop(std::move(done).error());
    }
}

Result<> Recorder::State::submitOpen(Slot& slot)
{
    // What the host reads after waiting must be there.
    VkMemoryBarrier barrier{};
    barrier.sType = VK_STRUCTURE_TYPE_MEMORY_BARRIER;
    barrier.srcAccessMask = VK_ACCESS_SHADER_WRITE_BIT | VK_ACCESS_TRANSFER_WRITE_BIT;
    barrier.dstAccessMask = VK_ACCESS_HOST_READ_BIT;
    vkCmdPipelineBarrier(slot.commands,
        VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT | VK_PIPELINE_STAGE_TRANSFER_BIT,
        VK_PIPELINE_STAGE_HOST_BIT, 0, 1, &barrier, 0, nullptr, 0, nullptr);
    if (queries != VK_NULL_HANDLE) {
        vkCmdWriteTimestamp(slot.commands, VK_PIPELINE_STAGE_BOTTOM_OF_PIPE_BIT, queries,
            static_cast<std::uint32_t>(2 * current + 1));
    }
    slot.isOpen = false;
    TRY(check(vkEndCommandBuffer(slot.commands), "recording"));
    if (lastTicket >= kMostUnderWay) {
        TRY(waitFor(lastTicket + 1 - kMostUnderWay));
    }
    const std::uint64_t ticket = lastTicket + 1;
    VkTimelineSemaphoreSubmitInfo timeline{};
    timeline.sType = VK_STRUCTURE_TYPE_TIMELINE_SEMAPHORE_SUBMIT_INFO;
    timeline.signalSemaphoreValueCount = 1;
    timeline.pSignalSemaphoreValues = &ticket;
    VkSubmitInfo info{};
    info.sType = VK_STRUCTURE_TYPE_SUBMIT_INFO;
    info.pNext = &timeline;
    info.commandBufferCount = 1;
    info.pCommandBuffers = &slot.commands;
    info.signalSemaphoreCount = 1;
    info.pSignalSemaphores = &semaphore;
    const VkResult result = vkQueueSubmit(device.queue, 1, &info, VK_NULL_HANDLE);
    isLost = isLost || result == VK_ERROR_DEVICE_LOST;
    TRY(check(result, "submitting work to " + device.info.name));
    lastTicket = ticket;
    slot.ticket = ticket;
    slot.isUnderWay = true;
    slot.submitted = std::chrono::steady_clock::now();
    counts.submissions += 1;
    current = (current + 1) % kSlots;
    return {};
}

Result<> Recorder::State::waitFor(std::uint64_t ticket)
{
    VkSemaphoreWaitInfo info{};
    info.sType = VK_STRUCTURE_TYPE_SEMAPHORE_WAIT_INFO;
    info.semaphoreCount = 1;
    info.pSemaphores = &semaphore;
    info.pValues = &ticket;
    const auto begun = std::chrono::steady_clock::now();
    while (ticket > doneTicket) {
        const VkResult result = vkWaitSemaphores(device.device, &info, kWaitNanoseconds);
        if (result == VK_SUCCESS) {
            doneTicket = ticket;
        } else if (result != VK_TIMEOUT || std::chrono::steady_clock::now() - begun > kHung) {
            isLost = true;
            budget.halve();
            return fail(Errc::Unavailable,
                fmt::format("the device {} was lost in the middle of its work; it must be opened "
                            "anew",
                    device.info.name));
        }
    }
    for (Slot& slot : slots) {
        if (slot.isUnderWay && slot.ticket <= doneTicket) {
            retire(slot);
        }
    }
    return {};
}

void Recorder::State::retire(Slot& slot)
{
    slot.isUnderWay = false;
    if (queries == VK_NULL_HANDLE) {
        budget.observe(slot.work, std::chrono::steady_clock::now() - slot.submitted);
        return;
    }
    const auto index = static_cast<std::uint32_t>(&slot - slots.data());
    std::array<std::uint64_t, 2> ticks{};
    const VkResult result = vkGetQueryPoolResults(device.device, queries, 2 * index, 2,
        sizeof ticks, ticks.data(), sizeof(std::uint64_t), VK_QUERY_RESULT_64_BIT);
    if (result == VK_SUCCESS && ticks[1] > ticks[0]) {
        const double nanoseconds
            = static_cast<double>(ticks[1] - ticks[0]) * device.info.limits.timestampNanoseconds;
        budget.observe(slot.work, SubmissionBudget::Duration{ nanoseconds * 1e-9 });
    }
}

void Recorder::State::drain()
{
    if (slots[current].isOpen) {
        submit();
    }
    if (!isLost && lastTicket > doneTicket) {
        if (auto done = waitFor(lastTicket); !done) {
            stop(std::move(done).error());
        }
    }
}

} // namespace loam::gpu
