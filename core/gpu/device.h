// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/bytes.h"
#include "gpu/kernel_face.h"
#include "gpu/survey.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace loam::gpu {

/// How long memory lives: blocks are not shared between these, so that none is kept alive by a few
/// bytes of another kind.
enum class Lifetime {
    Model, ///< weights, moments, caches
    Work, ///< activations, scratch
    Staging ///< between host and device; always visible to the host
};

struct DeviceOptions
{
    std::filesystem::path cacheFolder; ///< for compiled kernels; empty: none are kept
    std::string build; ///< names this build's kernels
    /// Loads the validation layers and hears what they say, from any thread. For tests.
    std::function<void(std::string_view)> onMessage;
    /// Copies by staging even where the host sees the device's memory. For tests.
    bool alwaysStages{ false };
};

struct NativeDevice;
struct NativeKernel;
struct NativeBuffer;

/// A piece of device memory. Must not outlive its device; giving it up waits for work that uses it.
class Buffer
{
public:
    ~Buffer();
    Buffer(const Buffer&) = delete;
    Buffer& operator=(const Buffer&) = delete;

    std::uint64_t bytes() const { return m_bytes; }
    /// Address on the host, or nullptr where the host cannot see it. Changes with an eviction.
    std::byte* mapped() { return m_mapped; }
    const std::byte* mapped() const { return m_mapped; }
    const NativeBuffer& native() const { return *m_native; }

private:
    friend class Device;
    Buffer(std::unique_ptr<NativeBuffer> native, std::uint64_t bytes);
    /// Makes the buffer on the device. Unavailable without memory there.
    base::Result<> place();
    /// Gives its memory on the device up.
    void release();

    std::unique_ptr<NativeBuffer> m_native;
    std::uint64_t m_bytes;
    std::byte* m_mapped{ nullptr };
};

/// A compute kernel, specialised. Must not outlive its device.
class Kernel
{
public:
    ~Kernel();
    Kernel(const Kernel&) = delete;
    Kernel& operator=(const Kernel&) = delete;

    const NativeKernel& native() const { return *m_native; }

private:
    friend class Device;
    explicit Kernel(std::unique_ptr<NativeKernel> native);

    std::unique_ptr<NativeKernel> m_native;
};

struct KernelSource
{
    std::string_view name; ///< for messages
    std::span<const std::uint32_t> spirv; ///< of our own build: drivers trust it
    std::vector<std::uint32_t> constants; ///< specialisation constants 0, 1, ...
};

/// One opened device with its memory and compiled kernels. Used by one thread.
class Device
{
public:
    /// By DeviceInfo::uuid. NotFound when there is none (any more), Unavailable when it cannot be
    /// used.
    static base::Result<std::unique_ptr<Device>> open(
        std::string_view uuid, const DeviceOptions& options);
    /// Everything made from the device must be gone.
    ~Device();
    Device(const Device&) = delete;
    Device& operator=(const Device&) = delete;

    const DeviceInfo& info() const;
    /// Contents are undefined. Unavailable without memory; Invalid for zero bytes.
    base::Result<std::unique_ptr<Buffer>> allocate(std::uint64_t bytes, Lifetime lifetime);
    base::Result<std::unique_ptr<Kernel>> makeKernel(const KernelSource& source);
    /// Bytes in use, and bytes taken from the driver for it.
    std::uint64_t usedBytes(Lifetime lifetime) const;
    std::uint64_t reservedBytes(Lifetime lifetime) const;

    /// Takes the buffers off the device but for those of Lifetime::Staging, and gives the memory
    /// back to the driver; `save` fills what is kept instead. Unavailable, with some of them still
    /// there, when the host has no room or `save` fails. No work may use a buffer meanwhile.
    using Save = std::function<base::Result<>(base::MutableByteView to, Buffer& from)>;
    base::Result<> evict(const Save& save);
    /// Brings them back; Unavailable when the device has no memory for them any more.
    using Load = std::function<base::Result<>(Buffer& to, base::ByteView from)>;
    base::Result<> restore(const Load& load);

    NativeDevice& native() { return *m_native; }

private:
    explicit Device(std::unique_ptr<NativeDevice> native);

    std::unique_ptr<NativeDevice> m_native;
};

} // namespace loam::gpu
