// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ml/backend.h"
#include "ml/inference_backend.h"

#include <filesystem>
#include <optional>
#include <string>

namespace loam::ml {

/// How products are computed.
enum class MatmulVariant {
    Registers, ///< every sum in registers: for devices of kind CPU
    Tiles, ///< tiles in shared memory: for real GPUs
    HalfTiles ///< the same with operands rounded to bfloat16 there and sums in fp32
};

struct VulkanOptions
{
    std::string device; ///< gpu::DeviceInfo::uuid
    std::filesystem::path cacheFolder; ///< for compiled kernels and tuning; empty: nothing is kept
    bool drivesDisplay{ true }; ///< submissions then stay below 20 ms, else below 100 ms
    std::optional<MatmulVariant> matmul; ///< by itself: what suits the device
    /// HalfTiles may be taken where a measurement shows that they are quicker: for training, whose
    /// gradients are noisier than that rounding. name() then says so.
    bool mayRound{ false };
    /// Loads the validation layers and hears what they say, from any thread. For tests.
    std::function<void(std::string_view)> onMessage;
};

/// The training ops on a Vulkan device. NotFound or Unavailable when the device cannot be opened.
base::Result<std::unique_ptr<Backend>> makeVulkanBackend(const VulkanOptions& options);

/// The ops of answering on a Vulkan device; weights stay quantised there, nothing is rounded
/// besides.
base::Result<std::unique_ptr<InferenceBackend>> makeVulkanInference(const VulkanOptions& options);

} // namespace loam::ml
