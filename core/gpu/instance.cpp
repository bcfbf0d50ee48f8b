// SPDX-License-Identifier: GPL-3.0-or-later
#include "gpu/instance.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <mutex>

namespace loam::gpu {

using base::Errc;
using base::fail;
using base::Result;

namespace {

    constexpr const char* kValidationLayer = "VK_LAYER_KHRONOS_validation";

    /// The loader's entry points are kept in variables of the process.
    std::mutex& loaderMutex()
    {
        static std::mutex mutex;
        return mutex;
    }

    const char* resultName(VkResult result)
    {
        switch (static_cast<int>(result)) {
        case VK_ERROR_OUT_OF_HOST_MEMORY:
            return "out of host memory";
        case VK_ERROR_OUT_OF_DEVICE_MEMORY:
            return "out of device memory";
        case VK_ERROR_INITIALIZATION_FAILED:
            return "initialisation failed";
        case VK_ERROR_DEVICE_LOST:
            return "the device was lost";
        case VK_ERROR_LAYER_NOT_PRESENT:
            return "layer not present";
        case VK_ERROR_EXTENSION_NOT_PRESENT:
            return "extension not present";
        case VK_ERROR_FEATURE_NOT_PRESENT:
            return "feature not present";
        case VK_ERROR_INCOMPATIBLE_DRIVER:
            return "no driver";
        default:
            return "error";
        }
    }

    VKAPI_ATTR VkBool32 VKAPI_CALL onMessage(VkDebugUtilsMessageSeverityFlagBitsEXT,
        VkDebugUtilsMessageTypeFlagsEXT, const VkDebugUtilsMessengerCallbackDataEXT* data,
        void* user)
    {
        (*static_cast<const MessageSink*>(user))(data->pMessage);
        return VK_FALSE;
    }

    bool hasLayer(const char* name)
    {
        std::uint32_t count = 0;
        vkEnumerateInstanceLayerProperties(&count, nullptr);
        std::vector<VkLayerProperties> layers(count);
        vkEnumerateInstanceLayerProperties(&count, layers.data());
        return std::ranges::any_of(layers, [name](const VkLayerProperties& layer) {
            return std::strcmp(layer.layerName, name) == 0;
        });
    }

    bool hasExtension(const char* name)
    {
        std::uint32_t count = 0;
        vkEnumerateInstanceExtensionProperties(nullptr, &count, nullptr);
        std::vector<VkExtensionProperties> extensions(count);
        vkEnumerateInstanceExtensionProperties(nullptr, &count, extensions.data());
        return std::ranges::any_of(extensions, [name](const VkExtensionProperties& extension) {
            return std::strcmp(extension.extensionName, name) == 0;
        });
    }

} // namespace

Result<> check(VkResult result, std::string_view what)
{
    if (result == VK_SUCCESS) {
        return {};
    }
    return fail(Errc::Unavailable,
        fmt::format("Vulkan: {}: {} ({})", what, resultName(result), static_cast<int>(result)));
}

Result<std::unique_ptr<Instance>> Instance::create(MessageSink sink)
{
    // Before the lock, so that a half-made instance goes after it.
    std::unique_ptr<Instance> instance{ new Instance{ std::move(sink) } };
    const std::lock_guard lock{ loaderMutex() };
    if (volkInitialize() != VK_SUCCESS) {
        return fail(Errc::Unavailable,
            "Vulkan is not installed: there is no loader library (libvulkan.so.1)");
    }
    if (volkGetInstanceVersion() < VK_API_VERSION_1_2) {
        return fail(Errc::Unavailable, "Vulkan on this machine is older than 1.2");
    }
    std::vector<const char*> layers;
    std::vector<const char*> extensions;
    if (instance->m_sink) {
        if (!hasLayer(kValidationLayer)) {
            return fail(Errc::Unavailable, "the validation layers of Vulkan are not installed");
        }
        layers.push_back(kValidationLayer);
        extensions.push_back(VK_EXT_DEBUG_UTILS_EXTENSION_NAME);
    }
    VkInstanceCreateFlags flags = 0;
    if (hasExtension(VK_KHR_PORTABILITY_ENUMERATION_EXTENSION_NAME)) {
        extensions.push_back(VK_KHR_PORTABILITY_ENUMERATION_EXTENSION_NAME);
        flags |= VK_INSTANCE_CREATE_ENUMERATE_PORTABILITY_BIT_KHR;
    }
    VkApplicationInfo application{};
    application.sType = VK_STRUCTURE_TYPE_APPLICATION_INFO;
    application.pApplicationName = "Loam";
    application.apiVersion = VK_API_VERSION_1_2;
    VkInstanceCreateInfo info{};
    info.sType = VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO;
    info.flags = flags;
    info.pApplicationInfo = &application;
    info.enabledLayerCount = static_cast<std::uint32_t>(layers.size());
    info.ppEnabledLayerNames = layers.data();
    info.enabledExtensionCount = static_cast<std::uint32_t>(extensions.size());
    info.ppEnabledExtensionNames = extensions.data();

    TRY(check(vkCreateInstance(&info, nullptr, &instance->m_instance), "starting"));
    // The functions found are the loader's own, which serve every instance and device.
    volkLoadInstance(instance->m_instance);
    if (instance->m_sink) {
        VkDebugUtilsMessengerCreateInfoEXT messages{};
        messages.sType = VK_STRUCTURE_TYPE_DEBUG_UTILS_MESSENGER_CREATE_INFO_EXT;
        messages.messageSeverity = VK_DEBUG_UTILS_MESSAGE_SEVERITY_WARNING_BIT_EXT
            | VK_DEBUG_UTILS_MESSAGE_SEVERITY_ERROR_BIT_EXT;
        messages.messageType = VK_DEBUG_UTILS_MESSAGE_TYPE_VALIDATION_BIT_EXT;
        messages.pfnUserCallback = onMessage;
        messages.pUserData = &instance->m_sink;
        TRY(check(vkCreateDebugUtilsMessengerEXT(
                      instance->m_instance, &messages, nullptr, &instance->m_messenger),
            "listening to the validation layers"));
        // A later instance without messages leaves the process no such function.
        instance->m_destroyMessenger = vkDestroyDebugUtilsMessengerEXT;
    }
    return instance;
}

Instance::~Instance()
{
    const std::lock_guard lock{ loaderMutex() };
    if (m_messenger != VK_NULL_HANDLE) {
        m_destroyMessenger(m_instance, m_messenger, nullptr);
    }
    if (m_instance != VK_NULL_HANDLE) {
        vkDestroyInstance(m_instance, nullptr);
    }
}

Result<std::vector<VkPhysicalDevice>> Instance::physicalDevices() const
{
    std::uint32_t count = 0;
    TRY(check(vkEnumeratePhysicalDevices(m_instance, &count, nullptr), "listing devices"));
    std::vector<VkPhysicalDevice> devices(count);
    if (count > 0) {
        TRY(check(
            vkEnumeratePhysicalDevices(m_instance, &count, devices.data()), "listing devices"));
        devices.resize(count);
    }
    return devices;
}

} // namespace loam::gpu
