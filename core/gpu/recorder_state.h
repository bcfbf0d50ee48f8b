// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "gpu/native_device.h"
#include "gpu/recorder.h"

#include <array>
#include <chrono>

namespace loam::gpu {

/// One command buffer and what its commands refer to; used again once its work is done.
struct Slot
{
    VkCommandPool pool{ VK_NULL_HANDLE };
    VkCommandBuffer commands{ VK_NULL_HANDLE };
    std::vector<VkDescriptorPool> setPools;
    std::size_t setsTaken{ 0 };
    std::uint64_t ticket{ 0 }; ///< value of the semaphore when its work is done
    double work{ 0 };
    bool isOpen{ false };
    bool isUnderWay{ false };
    std::chrono::steady_clock::time_point submitted;
};

/// A range that was touched since the last barrier.
struct Touch
{
    VkBuffer buffer{ VK_NULL_HANDLE };
    std::uint64_t begin{ 0 };
    std::uint64_t end{ 0 };
    bool writes{ false };
};

struct Recorder::State
{
    static constexpr std::size_t kSlots = 3;
    static constexpr std::uint32_t kSetsPerPool = 256;
    static constexpr std::size_t kMostTouches = 96;

    State(Device& opened, const SubmissionBudget::Goals& goals)
        : device{ opened.native() }
        , owner{ opened }
        , budget{ goals }
    {
    }

    // recorder_queue.cpp
    base::Result<> create();
    void destroy();
    /// The slot that takes commands; nullptr after an error.
    Slot* open();
    base::Result<> begin(Slot& slot);
    base::Result<VkDescriptorSet> takeSet(Slot& slot);
    void submit();
    base::Result<> submitOpen(Slot& slot);
    base::Result<> waitFor(std::uint64_t ticket);
    /// Ends the waiting for one slot: learns how long its work took.
    void retire(Slot& slot);
    void drain();
    void stop(base::Error error);
    bool asksToStop();

    // recorder.cpp
    /// Puts a barrier if one of these touches what was written since the last, or writes what was
    /// read.
    void guard(Slot& slot, std::span<const Binding> bindings);
    void dispatchPart(const Kernel& kernel, std::span<const Binding> bindings, base::ByteView push,
        Groups first, Groups count, double work);
    base::Result<Buffer*> stagingBuffer();

    NativeDevice& device;
    Device& owner;
    SubmissionBudget budget;
    std::function<bool()> interrupt;
    std::optional<base::Error> error;
    bool isLost{ false };
    bool isMoving{ false }; ///< buffers come and go: nobody is asked
    VkSemaphore semaphore{ VK_NULL_HANDLE };
    VkQueryPool queries{ VK_NULL_HANDLE };
    std::array<Slot, kSlots> slots;
    std::size_t current{ 0 };
    std::uint64_t lastTicket{ 0 };
    std::uint64_t doneTicket{ 0 };
    std::vector<Touch> touches;
    std::unique_ptr<Buffer> staging;
    RecorderCounts counts;
};

} // namespace loam::gpu
