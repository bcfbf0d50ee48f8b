// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "gpu/device.h"
#include "unit/support.h"

#include <mutex>

namespace loam::test {

/// A device of this machine with the validation layers listening: what they say is kept.
struct ValidatedDevice
{
    std::mutex mutex;
    std::vector<std::string> messages;
    std::unique_ptr<gpu::Device> device;
    std::string missing;

    void open(gpu::DeviceOptions options = {})
    {
        device.reset();
        const gpu::Survey found = gpu::survey();
        const gpu::DeviceInfo* info = gpu::preferred(found);
        for (const gpu::DeviceInfo& other : found.devices) {
            info = info == nullptr && other.unusable.empty() ? &other : info;
        }
        if (info == nullptr) {
            missing = "NO VULKAN DEVICE: " + found.reason;
            return;
        }
        options.onMessage = [this](std::string_view message) {
            const std::lock_guard lock{ mutex };
            messages.emplace_back(message);
        };
        auto opened = gpu::Device::open(info->uuid, options);
        if (opened) {
            device = std::move(*opened);
        } else {
            missing = opened.error().message;
        }
    }
    bool isClean()
    {
        const std::lock_guard lock{ mutex };
        for (const std::string& message : messages) {
            qWarning("%s", message.c_str());
        }
        return messages.empty();
    }
};

} // namespace loam::test
