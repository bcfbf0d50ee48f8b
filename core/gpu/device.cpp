// SPDX-License-Identifier: GPL-3.0-or-later
#include "gpu/device.h"

#include "base/file.h"
#include "base/narrow.h"
#include "gpu/native_device.h"
#include "gpu/pipeline_cache.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <new>

namespace loam::gpu {

using base::Bytes;
using base::Errc;
using base::fail;
using base::Result;

namespace {

    constexpr std::size_t kMostCacheBytes = std::size_t{ 64 } << 20U;
    constexpr const char* kPortabilitySubset = "VK_KHR_portability_subset";

    /// An implementation on top of another interface (MoltenVK) must be told that we know.
    bool isPortabilitySubset(VkPhysicalDevice device)
    {
        std::uint32_t count = 0;
        vkEnumerateDeviceExtensionProperties(device, nullptr, &count, nullptr);
        std::vector<VkExtensionProperties> extensions(count);
        vkEnumerateDeviceExtensionProperties(device, nullptr, &count, extensions.data());
        return std::ranges::any_of(extensions, [](const VkExtensionProperties& extension) {
            return std::strcmp(extension.extensionName, kPortabilitySubset) == 0;
        });
    }

    Result<> createDevice(NativeDevice& native)
    {
        native.family = computeFamily(native.physical);
        const float priority = 0.0F; // the desktop's own work comes first
        VkDeviceQueueCreateInfo queue{};
        queue.sType = VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO;
        queue.queueFamilyIndex = native.family;
        queue.queueCount = 1;
        queue.pQueuePriorities = &priority;
        VkPhysicalDeviceVulkan12Features features12{};
        features12.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_FEATURES;
        features12.timelineSemaphore = VK_TRUE;
        VkDeviceCreateInfo info{};
        info.sType = VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO;
        info.pNext = &features12;
        info.queueCreateInfoCount = 1;
        info.pQueueCreateInfos = &queue;
        if (isPortabilitySubset(native.physical)) {
            info.enabledExtensionCount = 1;
            info.ppEnabledExtensionNames = &kPortabilitySubset;
        }
        TRY(check(vkCreateDevice(native.physical, &info, nullptr, &native.device),
            "opening the device " + native.info.name));
        vkGetDeviceQueue(native.device, native.family, 0, &native.queue);
        native.allocator.start(native.physical, native.device, native.info.limits.allocation);
        return {};
    }

    Result<> createLayouts(NativeDevice& native)
    {
        std::array<VkDescriptorSetLayoutBinding, kMostBindings> bindings{};
        for (std::uint32_t i = 0; i < bindings.size(); ++i) {
            bindings[i].binding = i;
            bindings[i].descriptorType = VK_DESCRIPTOR_TYPE_STORAGE_BUFFER;
            bindings[i].descriptorCount = 1;
            bindings[i].stageFlags = VK_SHADER_STAGE_COMPUTE_BIT;
        }
        VkDescriptorSetLayoutCreateInfo set{};
        set.sType = VK_STRUCTURE_TYPE_DESCRIPTOR_SET_LAYOUT_CREATE_INFO;
        set.bindingCount = static_cast<std::uint32_t>(bindings.size());
        set.pBindings = bindings.data();
        TRY(check(vkCreateDescriptorSetLayout(native.device, &set, nullptr, &native.setLayout),
            "describing kernels"));
        VkPushConstantRange range{};
        range.stageFlags = VK_SHADER_STAGE_COMPUTE_BIT;
        range.size = kMostPushBytes;
        VkPipelineLayoutCreateInfo layout{};
        layout.sType = VK_STRUCTURE_TYPE_PIPELINE_LAYOUT_CREATE_INFO;
        layout.setLayoutCount = 1;
        layout.pSetLayouts = &native.setLayout;
        layout.pushConstantRangeCount = 1;
        layout.pPushConstantRanges = &range;
        return check(
            vkCreatePipelineLayout(native.device, &layout, nullptr, &native.pipelineLayout),
            "describing kernels");
    }

    std::filesystem::path cachePath(const NativeDevice& native)
    {
        return pipelineCachePath(
            native.options.cacheFolder, native.info.driverUuid, native.options.build);
    }

    Result<> createCache(NativeDevice& native)
    {
        Bytes blob;
        if (!native.options.cacheFolder.empty()) {
            // Without a usable file the kernels are compiled anew.
            if (const auto file = base::readFile(cachePath(native), kMostCacheBytes)) {
                blob = unpackPipelineCache(native.info.driverUuid, native.options.build, *file)
                           .value_or(Bytes{});
            }
        }
        VkPipelineCacheCreateInfo info{};
        info.sType = VK_STRUCTURE_TYPE_PIPELINE_CACHE_CREATE_INFO;
        info.initialDataSize = blob.size();
        info.pInitialData = blob.data();
        return check(vkCreatePipelineCache(native.device, &info, nullptr, &native.cache),
            "opening the cache of kernels");
    }

    /// A cache that cannot be written costs time at the next start, nothing more.
    void saveCache(const NativeDevice& native)
    {
        if (native.options.cacheFolder.empty() || native.kernelsMade == 0) {
            return;
        }
        std::size_t size = 0;
        if (vkGetPipelineCacheData(native.device, native.cache, &size, nullptr) != VK_SUCCESS
            || size > kMostCacheBytes) {
            return;
        }
        Bytes blob(size);
        if (vkGetPipelineCacheData(native.device, native.cache, &size, blob.data()) != VK_SUCCESS) {
            return;
        }
        blob.resize(size);
        if (base::makeFolder(native.options.cacheFolder)) {
            static_cast<void>(base::writeFileAtomically(cachePath(native),
                packPipelineCache(native.info.driverUuid, native.options.build, blob)));
        }
    }

} // namespace

Device::Device(std::unique_ptr<NativeDevice> native)
    : m_native{ std::move(native) }
{
}

Result<std::unique_ptr<Device>> Device::open(std::string_view uuid, const DeviceOptions& options)
{
    auto native = std::make_unique<NativeDevice>();
    native->options = options;
    TRY_ASSIGN(native->instance, Instance::create(options.onMessage));
    TRY_ASSIGN(const auto devices, native->instance->physicalDevices());
    for (const VkPhysicalDevice device : devices) {
        DeviceInfo info = describe(device);
        if (info.uuid == uuid) {
            native->physical = device;
            native->info = std::move(info);
            break;
        }
    }
    if (native->physical == VK_NULL_HANDLE) {
        return fail(Errc::NotFound, fmt::format("there is no Vulkan device {}", uuid));
    }
    if (!native->info.unusable.empty()) {
        return fail(Errc::Unavailable,
            fmt::format("{} cannot be used: {}", native->info.name, native->info.unusable));
    }
    // From here on the destructor cleans up what has been made.
    std::unique_ptr<Device> device{ new Device{ std::move(native) } };
    TRY(createDevice(*device->m_native));
    TRY(createLayouts(*device->m_native));
    TRY(createCache(*device->m_native));
    return device;
}

Device::~Device()
{
    NativeDevice& native = *m_native;
    if (native.device == VK_NULL_HANDLE) {
        return;
    }
    if (native.cache != VK_NULL_HANDLE) {
        saveCache(native);
    }
    vkDestroyPipelineCache(native.device, native.cache, nullptr);
    vkDestroyPipelineLayout(native.device, native.pipelineLayout, nullptr);
    vkDestroyDescriptorSetLayout(native.device, native.setLayout, nullptr);
    native.allocator.stop();
    vkDestroyDevice(native.device, nullptr);
}

const DeviceInfo& Device::info() const
{
    return m_native->info;
}

std::uint64_t Device::usedBytes(Lifetime lifetime) const
{
    return m_native->allocator.usedBytes(lifetime);
}

std::uint64_t Device::reservedBytes(Lifetime lifetime) const
{
    return m_native->allocator.reservedBytes(lifetime);
}

Result<std::unique_ptr<Buffer>> Device::allocate(std::uint64_t bytes, Lifetime lifetime)
{
    if (bytes == 0) {
        return fail(Errc::Invalid, "a buffer of no bytes");
    }
    auto native = std::make_unique<NativeBuffer>();
    native->device = m_native.get();
    native->lifetime = lifetime;
    // Fills go by words.
    std::unique_ptr<Buffer> buffer{ new Buffer{ std::move(native), (bytes + 3) / 4 * 4 } };
    TRY(buffer->place());
    return buffer;
}

Result<> Device::evict(const Save& save)
{
    // A copy: saving may need a buffer of its own.
    const std::vector<Buffer*> all = m_native->buffers;
    for (Buffer* const buffer : all) {
        NativeBuffer& native = *buffer->m_native;
        if (native.lifetime == Lifetime::Staging || native.buffer == VK_NULL_HANDLE) {
            continue;
        }
        const auto bytes = base::narrow<std::size_t>(buffer->bytes());
        std::unique_ptr<std::byte[]> room{ new (std::nothrow) std::byte[bytes] };
        if (room == nullptr) {
            return fail(Errc::Unavailable,
                fmt::format("no memory to keep {} MiB of the device's", bytes >> 20U));
        }
        TRY(save({ room.get(), bytes }, *buffer));
        native.evicted = std::move(room);
        buffer->release();
    }
    m_native->allocator.trim();
    return {};
}

Result<> Device::restore(const Load& load)
{
    const std::vector<Buffer*> all = m_native->buffers;
    for (Buffer* const buffer : all) {
        NativeBuffer& native = *buffer->m_native;
        if (native.evicted == nullptr) {
            continue;
        }
        TRY(buffer->place());
        TRY(load(*buffer, { native.evicted.get(), base::narrow<std::size_t>(buffer->bytes()) }));
        native.evicted.reset();
    }
    return {};
}

Buffer::Buffer(std::unique_ptr<NativeBuffer> native, std::uint64_t bytes)
    : m_native{ std::move(native) }
    , m_bytes{ bytes }
{
    m_native->device->buffers.push_back(this);
}

Buffer::~Buffer()
{
    NativeDevice& device = *m_native->device;
    if (device.drain) {
        device.drain();
    }
    release();
    std::erase(device.buffers, this);
}

Result<> Buffer::place()
{
    NativeDevice& device = *m_native->device;
    VkBufferCreateInfo info{};
    info.sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO;
    info.size = m_bytes;
    info.usage = VK_BUFFER_USAGE_STORAGE_BUFFER_BIT | VK_BUFFER_USAGE_TRANSFER_SRC_BIT
        | VK_BUFFER_USAGE_TRANSFER_DST_BIT;
    info.sharingMode = VK_SHARING_MODE_EXCLUSIVE;
    VkBuffer made = VK_NULL_HANDLE;
    TRY(check(vkCreateBuffer(device.device, &info, nullptr, &made), "making a buffer"));
    VkMemoryRequirements needs{};
    vkGetBufferMemoryRequirements(device.device, made, &needs);
    auto placement = device.allocator.take(needs, m_native->lifetime);
    if (!placement) {
        vkDestroyBuffer(device.device, made, nullptr);
        return tl::unexpected{ std::move(placement).error() };
    }
    m_native->buffer = made;
    m_native->placement = *placement;
    const auto [block, offset] = *placement;
    const bool hides = device.options.alwaysStages && m_native->lifetime != Lifetime::Staging;
    m_mapped = block->mapped == nullptr || hides ? nullptr : block->mapped + offset;
    return check(vkBindBufferMemory(device.device, made, block->memory, offset),
        "binding a buffer's memory");
}

void Buffer::release()
{
    if (m_native->buffer == VK_NULL_HANDLE) {
        return;
    }
    vkDestroyBuffer(m_native->device->device, m_native->buffer, nullptr);
    m_native->buffer = VK_NULL_HANDLE;
    m_mapped = nullptr;
    m_native->device->allocator.giveBack(m_native->placement);
}

Result<std::unique_ptr<Kernel>> Device::makeKernel(const KernelSource& source)
{
    NativeDevice& native = *m_native;
    VkShaderModuleCreateInfo code{};
    code.sType = VK_STRUCTURE_TYPE_SHADER_MODULE_CREATE_INFO;
    code.codeSize = source.spirv.size_bytes();
    code.pCode = source.spirv.data();
    VkShaderModule module = VK_NULL_HANDLE;
    const std::string what = fmt::format("compiling the kernel {}", source.name);
    TRY(check(vkCreateShaderModule(native.device, &code, nullptr, &module), what));

    std::vector<VkSpecializationMapEntry> entries;
    for (std::uint32_t i = 0; i < source.constants.size(); ++i) {
        entries.push_back(
            { i, base::narrow<std::uint32_t>(i * sizeof(std::uint32_t)), sizeof(std::uint32_t) });
    }
    VkSpecializationInfo special{};
    special.mapEntryCount = static_cast<std::uint32_t>(entries.size());
    special.pMapEntries = entries.data();
    special.dataSize = source.constants.size() * sizeof(std::uint32_t);
    special.pData = source.constants.data();
    VkComputePipelineCreateInfo info{};
    info.sType = VK_STRUCTURE_TYPE_COMPUTE_PIPELINE_CREATE_INFO;
    info.flags = VK_PIPELINE_CREATE_DISPATCH_BASE_BIT;
    info.stage.sType = VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_CREATE_INFO;
    info.stage.stage = VK_SHADER_STAGE_COMPUTE_BIT;
    info.stage.module = module;
    info.stage.pName = "main";
    info.stage.pSpecializationInfo = &special;
    info.layout = native.pipelineLayout;
    auto kernel = std::make_unique<NativeKernel>();
    kernel->device = &native;
    const VkResult result = vkCreateComputePipelines(
        native.device, native.cache, 1, &info, nullptr, &kernel->pipeline);
    vkDestroyShaderModule(native.device, module, nullptr);
    TRY(check(result, what));
    native.kernelsMade += 1;
    return std::unique_ptr<Kernel>{ new Kernel{ std::move(kernel) } };
}

Kernel::Kernel(std::unique_ptr<NativeKernel> native)
    : m_native{ std::move(native) }
{
}

Kernel::~Kernel()
{
    NativeDevice& device = *m_native->device;
    if (device.drain) {
        device.drain();
    }
    vkDestroyPipeline(device.device, m_native->pipeline, nullptr);
}

} // namespace loam::gpu
