// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "gpu/survey.h"
#include "ml/cpu_backend.h"
#include "ml/exact_math.h"
#include "ml/vulkan_backend.h"
#include "oracle.h"

#include <QString>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace loam::ops {

/// A backend with a pool of its own.
struct Device
{
    std::string name;
    std::unique_ptr<ml::ThreadPool> pool;
    std::unique_ptr<ml::Backend> backend;
};

/// What the validation layers say is a defect.
inline void failOnMessage(std::string_view message)
{
    qFatal("Vulkan validation: %s", std::string{ message }.c_str());
}

/// A device of the survey for tests: a real one rather than a CPU that plays one.
inline std::optional<gpu::DeviceInfo> vulkanDevice()
{
#if defined(__SANITIZE_THREAD__)
    qWarning("drivers are not built for the thread sanitizer: Vulkan is not tested");
    return std::nullopt;
#endif
    const gpu::Survey found = gpu::survey();
    if (const gpu::DeviceInfo* best = gpu::preferred(found)) {
        return *best;
    }
    for (const gpu::DeviceInfo& info : found.devices) {
        if (info.unusable.empty()) {
            return info;
        }
    }
    qWarning("NO VULKAN DEVICE, ITS BACKENDS ARE NOT TESTED: %s", found.reason.c_str());
    return std::nullopt;
}

/// With the validation layers where they are installed.
inline ml::VulkanOptions vulkanOptions(const gpu::DeviceInfo& device, ml::MatmulVariant variant)
{
    ml::VulkanOptions options;
    options.device = device.uuid;
    options.matmul = variant;
    options.onMessage = failOnMessage;
    if (!ml::makeVulkanBackend(options)) {
        options.onMessage = nullptr;
        qWarning("the validation layers of Vulkan are not installed");
    }
    return options;
}

/// The Vulkan backend in both variants of its products.
inline void addVulkan(std::vector<Device>& devices)
{
    const auto info = vulkanDevice();
    if (!info) {
        return;
    }
    for (const ml::MatmulVariant variant :
        { ml::MatmulVariant::Registers, ml::MatmulVariant::Tiles }) {
        auto backend = ml::makeVulkanBackend(vulkanOptions(*info, variant)).value();
        const bool isTiled = variant == ml::MatmulVariant::Tiles;
        devices.push_back({ std::string{ backend->name() } + (isTiled ? " tiles" : " registers"),
            nullptr, std::move(backend) });
    }
}

/// Every kernel table this machine can run, with one and with two threads, and its Vulkan device.
inline std::vector<Device> allDevices()
{
    std::vector<Device> devices;
    using Library = ml::CpuBackend::Library;
    const auto add = [&](ml::CpuBackend::Law law, const ml::CpuKernels& kernels, Library library,
                         unsigned threads) {
        auto pool = std::make_unique<ml::ThreadPool>(threads);
        auto backend = std::make_unique<ml::CpuBackend>(*pool, law, kernels, library);
        const char* const suffix = library == Library::None ? " "
            : library == Library::Small                     ? " small library "
                                                            : " library ";
        devices.push_back({ kernels.name + (suffix + std::to_string(threads)), std::move(pool),
            std::move(backend) });
    };
    for (const unsigned threads : { 1U, 2U }) {
        for (const ml::CpuKernels* kernels : ml::exactTables()) {
            add(ml::CpuBackend::Law::Exact, *kernels, Library::None, threads);
        }
        for (const ml::CpuKernels* kernels : ml::fastTables()) {
            add(ml::CpuBackend::Law::Fast, *kernels, Library::None, threads);
        }
        if (ml::hasLibraryGemm()) {
            add(ml::CpuBackend::Law::Fast, ml::fastKernels(), Library::Small, threads);
            add(ml::CpuBackend::Law::Fast, ml::fastKernels(), Library::All, threads);
        }
    }
    addVulkan(devices);
    return devices;
}

/// Normal values, the same in every run; each `stream` its own.
inline std::vector<float> noise(std::size_t count, std::uint32_t stream, double deviation = 1.0)
{
    std::vector<float> values(count);
    for (std::size_t i = 0; i < count; i += 2) {
        const auto words
            = ml::exact::philox({ static_cast<std::uint32_t>(i), stream, 77, 0 }, { 20, 26 });
        const auto pair = ml::exact::normalPair(words[0], words[1]);
        values[i] = static_cast<float>(deviation * pair[0]);
        if (i + 1 < count) {
            values[i + 1] = static_cast<float>(deviation * pair[1]);
        }
    }
    return values;
}

inline std::vector<ml::Token> someTokens(std::size_t count, std::size_t vocab, std::uint32_t stream)
{
    std::vector<ml::Token> tokens(count);
    for (std::size_t i = 0; i < count; ++i) {
        const auto words
            = ml::exact::philox({ static_cast<std::uint32_t>(i), stream, 78, 0 }, { 20, 26 });
        tokens[i] = static_cast<ml::Token>(words[0] % vocab);
    }
    return tokens;
}

inline oracle::Values widen(const std::vector<float>& values)
{
    return { values.begin(), values.end() };
}

/// Memory on the device that begins with the given values.
inline std::unique_ptr<ml::Memory> put(ml::Backend& backend, const std::vector<float>& values)
{
    auto memory = backend.allocate(values.size()).value();
    backend.upload(*memory, values);
    return memory;
}

inline void succeed(const base::Result<>& result)
{
    ASSERT(result.has_value());
}

inline std::vector<float> get(ml::Backend& backend, ml::View view)
{
    std::vector<float> values(view.count);
    succeed(backend.finish());
    succeed(backend.download(values, view));
    return values;
}

/// Largest difference, relative to the largest wanted value (at least 1e-3).
inline double distance(const std::vector<float>& got, const oracle::Values& wanted)
{
    double most = 1e-3;
    double error = got.size() == wanted.size() ? 0.0 : 1e9;
    for (std::size_t i = 0; i < std::min(got.size(), wanted.size()); ++i) {
        most = std::max(most, std::abs(wanted[i]));
        const double difference = std::abs(static_cast<double>(got[i]) - wanted[i]);
        error = std::isfinite(difference) ? std::max(error, difference) : 1e9;
    }
    return error / most;
}

/// A readable failure instead of a bare number.
inline bool isNear(double error, double bound, const std::string& what)
{
    if (!(error <= bound)) {
        qWarning("%s: error %.3g above %.3g", what.c_str(), error, bound);
        return false;
    }
    return true;
}

} // namespace loam::ops
