// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "gpu/survey.h"
#include "ml/vulkan_backend.h"

#include <cstdint>
#include <functional>
#include <vector>

namespace loam::ml {

/// How large products are cut: the specialisation constants of a kernel. Registers: a lane makes
/// laneM x laneN results. Tiles: `lanes` lanes make tileM x tileN.
struct ProductPlan
{
    MatmulVariant variant{ MatmulVariant::Tiles };
    std::uint32_t lanes{ 64 };
    std::uint32_t tileM{ 64 };
    std::uint32_t tileN{ 64 };
    std::uint32_t slice{ 16 };
    std::uint32_t laneM{ 8 };
    std::uint32_t laneN{ 8 };
};

/// Plans that a device can run, the safest first; of one variant if it is given, else of the one
/// that suits the device's kind, each followed by its rounding twin if there is one and `mayRound`.
std::vector<ProductPlan> productPlans(
    const gpu::DeviceInfo& info, std::optional<MatmulVariant> variant, bool mayRound = false);

/// The plan that is kept in the folder for this device and build; otherwise the quickest by
/// `secondsOf`, which is asked for no longer than about a second in all, and kept. A plan that
/// rounds must be a tenth quicker than one that does not. Without a folder the first plan:
/// measuring at every start would not pay.
ProductPlan choosePlan(const gpu::DeviceInfo& info, std::span<const ProductPlan> plans,
    const std::filesystem::path& folder,
    const std::function<base::Result<double>(const ProductPlan&)>& secondsOf);

} // namespace loam::ml
