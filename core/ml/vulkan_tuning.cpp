// SPDX-License-Identifier: GPL-3.0-or-later
#include "ml/vulkan_tuning.h"

#include "base/file.h"
#include "ml/vulkan_shaders.h"

#include <fmt/format.h>

#include <charconv>
#include <chrono>

namespace loam::ml {

namespace {

    constexpr std::chrono::milliseconds kMostTime{ 1000 };
    constexpr double kPriceOfRounding = 1.1;
    constexpr std::size_t kMostFileBytes = 256;

    bool fits(const ProductPlan& plan, const gpu::DeviceLimits& limits)
    {
        const std::uint32_t shared = plan.slice * (plan.tileM + 1 + plan.tileN + 1) * 4;
        return plan.lanes <= limits.workgroupInvocations && shared <= limits.sharedBytes;
    }

    /// Training and answering choose among different plans.
    std::filesystem::path pathOf(
        const std::filesystem::path& folder, const gpu::DeviceInfo& info, std::size_t plans)
    {
        return folder / fmt::format("tuning-{}-{}.txt", info.uuid, plans);
    }

    std::string headOf(std::size_t plans)
    {
        return fmt::format("loam-tuning-1 {} {}\n", shaderBuild(), plans);
    }

    /// The number in a file that belongs to this build.
    std::optional<std::size_t> kept(const std::filesystem::path& path, std::size_t plans)
    {
        const auto file = base::readFile(path, kMostFileBytes);
        if (!file) {
            return std::nullopt;
        }
        std::string_view text = base::asText(*file);
        const std::string head = headOf(plans);
        if (!text.starts_with(head)) {
            return std::nullopt;
        }
        text.remove_prefix(head.size());
        std::size_t index = plans;
        std::from_chars(text.data(), text.data() + text.size(), index);
        return index < plans ? std::optional{ index } : std::nullopt;
    }

} // namespace

std::vector<ProductPlan> productPlans(
    const gpu::DeviceInfo& info, std::optional<MatmulVariant> variant, bool mayRound)
{
    using enum MatmulVariant;
    const bool isCpu = info.kind == gpu::DeviceKind::Cpu;
    if (variant.value_or(isCpu ? Registers : Tiles) == Registers) {
        // Sums that spill out of a CPU's registers cost less than loads do.
        return { { .variant = Registers, .laneM = 32, .laneN = 8 },
            { .variant = Registers, .laneM = 16, .laneN = 8 } };
    }
    std::vector<ProductPlan> plans;
    for (const ProductPlan& plan : { ProductPlan{}, ProductPlan{ .lanes = 128, .tileM = 128 },
             ProductPlan{ .lanes = 256, .tileM = 128, .tileN = 128 },
             ProductPlan{ .lanes = 256, .laneM = 4, .laneN = 4 } }) {
        if (fits(plan, info.limits)) {
            plans.push_back(plan);
        }
    }
    if (plans.empty()) {
        plans.push_back(
            { .lanes = 16, .tileM = 16, .tileN = 16, .slice = 8, .laneM = 4, .laneN = 4 });
    }
    std::vector<ProductPlan> all;
    for (ProductPlan plan : plans) {
        if (variant != HalfTiles) {
            all.push_back(plan);
        }
        if (variant == HalfTiles || (!variant && mayRound)) {
            plan.variant = HalfTiles;
            all.push_back(plan);
        }
    }
    return all;
}

ProductPlan choosePlan(const gpu::DeviceInfo& info, std::span<const ProductPlan> plans,
    const std::filesystem::path& folder,
    const std::function<base::Result<double>(const ProductPlan&)>& secondsOf)
{
    if (plans.size() == 1 || folder.empty()) {
        return plans.front();
    }
    const std::filesystem::path path = pathOf(folder, info, plans.size());
    if (const auto index = kept(path, plans.size())) {
        return plans[*index];
    }
    const auto begun = std::chrono::steady_clock::now();
    std::size_t best = 0;
    double least = 0.0;
    for (std::size_t i = 0; i < plans.size(); ++i) {
        if (i > 0 && std::chrono::steady_clock::now() - begun > kMostTime) {
            break;
        }
        const auto seconds = secondsOf(plans[i]);
        const bool rounds = plans[i].variant == MatmulVariant::HalfTiles;
        const double cost = seconds.value_or(0.0) * (rounds ? kPriceOfRounding : 1.0);
        if (seconds && (least == 0.0 || cost < least)) {
            best = i;
            least = cost;
        }
    }
    // What cannot be kept is measured again at the next start.
    if (base::makeFolder(folder)) {
        const std::string text = headOf(plans.size()) + std::to_string(best) + "\n";
        static_cast<void>(base::writeFileAtomically(path, base::asBytes(text)));
    }
    return plans[best];
}

} // namespace loam::ml
