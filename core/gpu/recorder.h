// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "gpu/device.h"
#include "gpu/submission_budget.h"

#include <functional>
#include <optional>

namespace loam::gpu {

enum class Access { Read, Write, ReadWrite };

/// A part of a buffer as a kernel sees it. The offset must be a multiple of the device's storage
/// alignment (copies: of 4 bytes); no more than limits.storageRange bytes.
struct Binding
{
    Buffer* buffer{ nullptr };
    std::uint64_t offset{ 0 };
    std::uint64_t bytes{ 0 };
    Access access{ Access::Read };
};

struct Groups
{
    std::uint32_t x{ 1 };
    std::uint32_t y{ 1 };
    std::uint32_t z{ 1 };
};

/// What the recorder has done since it was made.
struct RecorderCounts
{
    std::uint64_t dispatches{ 0 };
    std::uint64_t barriers{ 0 };
    std::uint64_t submissions{ 0 };
};

/// Records commands in order, puts barriers where one touches what another wrote, and hands them
/// to the device in submissions as long as the budget allows: few when work is small, short ones
/// always. A dispatch that alone is over the budget is cut along its longest axis. At most two
/// submissions are under way. Used by one thread; one recorder for a device.
///
/// Errors stick: after the loss of the device or an interrupt, commands are ignored until finish()
/// has reported it. A lost device stays lost: make a new Device.
class Recorder
{
public:
    /// `device` must outlive it.
    static base::Result<std::unique_ptr<Recorder>> create(
        Device& device, const SubmissionBudget::Goals& goals);
    ~Recorder();
    Recorder(const Recorder&) = delete;
    Recorder& operator=(const Recorder&) = delete;

    /// Asked between commands and between submissions; it may block (a pause); true drops what is
    /// not yet submitted, and finish() then fails with Cancelled.
    void setInterrupt(std::function<bool()> interrupt);

    /// `work` is about the number of multiply-adds, or of words moved if that is more.
    void dispatch(const Kernel& kernel, std::span<const Binding> bindings, base::ByteView push,
        Groups groups, double work);
    /// Every word of the range.
    void fill(const Binding& to, std::uint32_t word);
    void copy(const Binding& to, const Binding& from);
    /// Small data out of the command itself: a multiple of 4 bytes.
    void put(const Binding& to, base::ByteView bytes);

    /// Large data; waits for everything issued before.
    void upload(const Binding& to, base::ByteView bytes);
    base::Result<> download(base::MutableByteView bytes, const Binding& from);

    /// Submits what is recorded without waiting.
    void flush();
    /// Waits for everything issued. Cancelled after an interrupt, Unavailable after the device was
    /// lost or took longer than any submission may.
    base::Result<> finish();
    /// Makes finish() fail with this error; commands are ignored until then.
    void abandon(base::Error error);

    /// Waits for everything issued, then keeps the contents of all buffers on the host and gives
    /// the device's memory back to the driver, for a pause: may be called out of the interrupt.
    /// Unavailable when that could be done in part only or not at all; restore() is due all the
    /// same.
    base::Result<> evict();
    /// Undoes evict(). Unavailable when the memory is gone, and then as after the loss of the
    /// device.
    base::Result<> restore();

    const RecorderCounts& counts() const;
    const SubmissionBudget& budget() const;

private:
    struct State;
    explicit Recorder(std::unique_ptr<State> state);
    std::unique_ptr<State> m_state;
};

} // namespace loam::gpu
