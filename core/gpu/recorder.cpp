// SPDX-License-Identifier: GPL-3.0-or-later
#include "gpu/recorder.h"

#include "base/narrow.h"
#include "gpu/recorder_state.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

namespace loam::gpu {

using base::Errc;
using base::fail;
using base::Result;

namespace {

    constexpr std::uint64_t kStagingBytes = std::uint64_t{ 8 } << 20U;
    constexpr std::size_t kMostInlineBytes = 65'536;
    constexpr double kBytesPerWord = 4.0;

    VkBuffer handleOf(const Binding& binding)
    {
        return binding.buffer->native().buffer;
    }

    double wordsOf(const Binding& binding)
    {
        return static_cast<double>(binding.bytes) / kBytesPerWord;
    }

    std::uint32_t& longest(Groups& groups)
    {
        std::uint32_t& most = groups.x >= groups.y ? groups.x : groups.y;
        return groups.z > most ? groups.z : most;
    }

} // namespace

Recorder::Recorder(std::unique_ptr<State> state)
    : m_state{ std::move(state) }
{
}

Result<std::unique_ptr<Recorder>> Recorder::create(
    Device& device, const SubmissionBudget::Goals& goals)
{
    ASSERT(!device.native().drain);
    auto state = std::make_unique<State>(device, goals);
    std::unique_ptr<Recorder> recorder{ new Recorder{ std::move(state) } };
    TRY(recorder->m_state->create());
    return recorder;
}

Recorder::~Recorder()
{
    m_state->destroy();
}

void Recorder::setInterrupt(std::function<bool()> interrupt)
{
    m_state->interrupt = std::move(interrupt);
}

const RecorderCounts& Recorder::counts() const
{
    return m_state->counts;
}

const SubmissionBudget& Recorder::budget() const
{
    return m_state->budget;
}

void Recorder::State::guard(Slot& slot, std::span<const Binding> bindings)
{
    const auto meets = [&](const Binding& binding) {
        const VkBuffer buffer = handleOf(binding);
        const bool writes = binding.access != Access::Read;
        return std::ranges::any_of(touches, [&](const Touch& touch) {
            return touch.buffer == buffer && (touch.writes || writes)
                && touch.begin < binding.offset + binding.bytes && binding.offset < touch.end;
        });
    };
    if (touches.size() > kMostTouches || std::ranges::any_of(bindings, meets)) {
        constexpr VkPipelineStageFlags kStages
            = VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT | VK_PIPELINE_STAGE_TRANSFER_BIT;
        VkMemoryBarrier barrier{};
        barrier.sType = VK_STRUCTURE_TYPE_MEMORY_BARRIER;
        barrier.srcAccessMask = VK_ACCESS_SHADER_WRITE_BIT | VK_ACCESS_TRANSFER_WRITE_BIT;
        barrier.dstAccessMask = VK_ACCESS_SHADER_READ_BIT | VK_ACCESS_SHADER_WRITE_BIT
            | VK_ACCESS_TRANSFER_READ_BIT | VK_ACCESS_TRANSFER_WRITE_BIT;
        vkCmdPipelineBarrier(
            slot.commands, kStages, kStages, 0, 1, &barrier, 0, nullptr, 0, nullptr);
        touches.clear();
        counts.barriers += 1;
    }
    for (const Binding& binding : bindings) {
        touches.push_back({ handleOf(binding), binding.offset, binding.offset + binding.bytes,
            binding.access != Access::Read });
    }
}

void Recorder::dispatch(const Kernel& kernel, std::span<const Binding> bindings,
    base::ByteView push, Groups groups, double work)
{
    ASSERT(bindings.size() <= kMostBindings && push.size() <= kMostPushBytes);
    State& s = *m_state;
    const double limit = s.budget.limit();
    std::uint32_t& axis = longest(groups);
    const double parts = std::ceil(work / limit);
    const auto wanted
        = static_cast<std::uint32_t>(std::clamp(parts, 1.0, static_cast<double>(axis)));
    const std::uint32_t step = (axis + wanted - 1) / wanted;
    const std::uint32_t all = axis;
    for (std::uint32_t begin = 0; begin < all; begin += step) {
        Groups first{ 0, 0, 0 };
        axis = std::min(step, all - begin);
        (&axis == &groups.x ? first.x : &axis == &groups.y ? first.y : first.z) = begin;
        s.dispatchPart(kernel, bindings, push, first, groups,
            work * static_cast<double>(axis) / static_cast<double>(all));
    }
}

void Recorder::State::dispatchPart(const Kernel& kernel, std::span<const Binding> bindings,
    base::ByteView push, Groups first, Groups count, double work)
{
    if (slots[current].isOpen && slots[current].work + work > budget.limit()) {
        submit();
    }
    Slot* slot = open();
    if (slot == nullptr) {
        return;
    }
    auto set = takeSet(*slot);
    if (!set) {
        stop(std::move(set).error());
        return;
    }
    std::array<VkDescriptorBufferInfo, kMostBindings> ranges{};
    std::array<VkWriteDescriptorSet, kMostBindings> writes{};
    for (std::size_t i = 0; i < bindings.size(); ++i) {
        ranges[i] = { handleOf(bindings[i]), bindings[i].offset, bindings[i].bytes };
        writes[i].sType = VK_STRUCTURE_TYPE_WRITE_DESCRIPTOR_SET;
        writes[i].dstSet = *set;
        writes[i].dstBinding = static_cast<std::uint32_t>(i);
        writes[i].descriptorCount = 1;
        writes[i].descriptorType = VK_DESCRIPTOR_TYPE_STORAGE_BUFFER;
        writes[i].pBufferInfo = &ranges[i];
    }
    vkUpdateDescriptorSets(
        device.device, base::narrow<std::uint32_t>(bindings.size()), writes.data(), 0, nullptr);
    guard(*slot, bindings);
    vkCmdBindPipeline(slot->commands, VK_PIPELINE_BIND_POINT_COMPUTE, kernel.native().pipeline);
    vkCmdBindDescriptorSets(slot->commands, VK_PIPELINE_BIND_POINT_COMPUTE, device.pipelineLayout,
        0, 1, &*set, 0, nullptr);
    if (!push.empty()) {
        vkCmdPushConstants(slot->commands, device.pipelineLayout, VK_SHADER_STAGE_COMPUTE_BIT, 0,
            base::narrow<std::uint32_t>(push.size()), push.data());
    }
    vkCmdDispatchBase(slot->commands, first.x, first.y, first.z, count.x, count.y, count.z);
    slot->work += work;
    counts.dispatches += 1;
}

void Recorder::fill(const Binding& to, std::uint32_t word)
{
    Slot* slot = m_state->open();
    if (slot == nullptr || to.bytes == 0) {
        return;
    }
    const Binding target{ to.buffer, to.offset, to.bytes, Access::Write };
    m_state->guard(*slot, { &target, 1 });
    vkCmdFillBuffer(slot->commands, handleOf(to), to.offset, to.bytes, word);
    slot->work += wordsOf(to);
}

void Recorder::copy(const Binding& to, const Binding& from)
{
    ASSERT(to.bytes == from.bytes);
    Slot* slot = m_state->open();
    if (slot == nullptr || to.bytes == 0) {
        return;
    }
    const std::array<Binding, 2> touched{ Binding{ to.buffer, to.offset, to.bytes, Access::Write },
        Binding{ from.buffer, from.offset, from.bytes, Access::Read } };
    m_state->guard(*slot, touched);
    const VkBufferCopy region{ from.offset, to.offset, to.bytes };
    vkCmdCopyBuffer(slot->commands, handleOf(from), handleOf(to), 1, &region);
    slot->work += wordsOf(to);
}

void Recorder::put(const Binding& to, base::ByteView bytes)
{
    ASSERT(bytes.size() <= to.bytes && bytes.size() % 4 == 0);
    Slot* slot = m_state->open();
    if (slot == nullptr || bytes.empty()) {
        return;
    }
    const Binding target{ to.buffer, to.offset, bytes.size(), Access::Write };
    m_state->guard(*slot, { &target, 1 });
    for (std::size_t begin = 0; begin < bytes.size(); begin += kMostInlineBytes) {
        const std::size_t count = std::min(kMostInlineBytes, bytes.size() - begin);
        vkCmdUpdateBuffer(
            slot->commands, handleOf(to), to.offset + begin, count, bytes.data() + begin);
    }
    slot->work += wordsOf(target);
}

Result<Buffer*> Recorder::State::stagingBuffer()
{
    if (staging == nullptr) {
        TRY_ASSIGN(staging, owner.allocate(kStagingBytes, Lifetime::Staging));
    }
    return staging.get();
}

void Recorder::upload(const Binding& to, base::ByteView bytes)
{
    ASSERT(bytes.size() <= to.bytes);
    State& s = *m_state;
    s.drain();
    if (s.error || bytes.empty()) {
        return;
    }
    if (to.buffer->mapped() != nullptr) {
        std::memcpy(to.buffer->mapped() + to.offset, bytes.data(), bytes.size());
        return;
    }
    auto room = s.stagingBuffer();
    if (!room) {
        s.stop(std::move(room).error());
        return;
    }
    for (std::size_t begin = 0; begin < bytes.size() && !s.error; begin += kStagingBytes) {
        const std::size_t count = std::min<std::size_t>(kStagingBytes, bytes.size() - begin);
        std::memcpy((*room)->mapped(), bytes.data() + begin, count);
        copy({ to.buffer, to.offset + begin, count, Access::Write },
            { *room, 0, count, Access::Read });
        s.drain();
    }
}

Result<> Recorder::download(base::MutableByteView bytes, const Binding& from)
{
    ASSERT(bytes.size() <= from.bytes);
    State& s = *m_state;
    s.drain();
    if (s.error) {
        return finish();
    }
    if (from.buffer->mapped() != nullptr) {
        std::memcpy(bytes.data(), from.buffer->mapped() + from.offset, bytes.size());
        return {};
    }
    TRY_ASSIGN(Buffer* const room, s.stagingBuffer());
    for (std::size_t begin = 0; begin < bytes.size(); begin += kStagingBytes) {
        const std::size_t count = std::min<std::size_t>(kStagingBytes, bytes.size() - begin);
        copy({ room, 0, count, Access::Write },
            { from.buffer, from.offset + begin, count, Access::Read });
        s.drain();
        if (s.error) {
            return finish();
        }
        std::memcpy(bytes.data() + begin, room->mapped(), count);
    }
    return {};
}

Result<> Recorder::evict()
{
    State& s = *m_state;
    s.isMoving = true;
    s.drain();
    s.touches.clear();
    if (s.error || s.isLost) {
        s.isMoving = false;
        return fail(Errc::Unavailable, "nothing can be copied from the device after an error");
    }
    // The caller may be about to use what is in the staging buffer.
    std::unique_ptr<Buffer> kept = std::exchange(s.staging, nullptr);
    auto done = s.owner.evict([this](base::MutableByteView to, Buffer& from) {
        return download(to, { &from, 0, from.bytes(), Access::Read });
    });
    s.staging = std::move(kept);
    s.isMoving = false;
    return done;
}

Result<> Recorder::restore()
{
    State& s = *m_state;
    s.isMoving = true;
    std::unique_ptr<Buffer> kept = std::exchange(s.staging, nullptr);
    auto done = s.owner.restore([this](Buffer& to, base::ByteView from) -> Result<> {
        upload({ &to, 0, to.bytes(), Access::Write }, from);
        return m_state->error ? Result<>{ tl::unexpected{ *m_state->error } } : Result<>{};
    });
    s.staging = std::move(kept);
    s.isMoving = false;
    s.touches.clear();
    if (!done) {
        s.stop(done.error());
        s.isLost = true;
    }
    return done;
}

void Recorder::flush()
{
    m_state->submit();
}

void Recorder::abandon(base::Error error)
{
    m_state->stop(std::move(error));
}

Result<> Recorder::finish()
{
    State& s = *m_state;
    s.drain();
    if (!s.error && s.isLost) {
        static_cast<void>(s.asksToStop());
    }
    if (s.error) {
        base::Error error = std::move(*s.error);
        s.error.reset();
        return tl::unexpected{ std::move(error) };
    }
    return {};
}

} // namespace loam::gpu
