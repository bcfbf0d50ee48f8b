// SPDX-License-Identifier: GPL-3.0-or-later
#include "ml/vulkan_context.h"

#include "base/narrow.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>

namespace loam::ml {

using base::Errc;
using base::fail;
using base::Result;
using gpu::Access;
using gpu::Binding;
using gpu::Groups;

namespace {

    constexpr std::size_t kWordBytes = sizeof(std::uint32_t);
    constexpr std::size_t kMostViewBytes = std::size_t{ 128 } << 20U;
    constexpr std::size_t kWordsRoom = std::size_t{ 1 } << 20U;
    /// kGroupRow of shaders/include/kernel.glsl.
    constexpr std::size_t kGroupRow = 32'768;
    /// A workgroup on a CPU is one of its vectors; a GPU hides its latencies with more.
    constexpr std::uint32_t kGpuLanes = 64;
    /// Of the kernels whose lanes hand numbers around.
    constexpr std::uint32_t kSharingLanes = 8;

    std::size_t ceilDivide(std::size_t a, std::size_t b)
    {
        return (a + b - 1) / b;
    }

    Binding bindingOf(const Operand& part)
    {
        return { part.buffer, part.offset * kWordBytes, part.count * kWordBytes, part.access };
    }

} // namespace

Word::Word(std::size_t value)
    : bits{ base::narrow<std::uint32_t>(value) }
{
}

Operand operand(View view, Access access)
{
    auto& memory = static_cast<VulkanMemory&>(*view.memory);
    return { &memory.buffer(), view.offset, view.count, access };
}

Result<std::unique_ptr<VulkanContext>> VulkanContext::open(const VulkanOptions& options)
{
    std::unique_ptr<VulkanContext> context{ new VulkanContext };
    gpu::DeviceOptions deviceOptions;
    deviceOptions.cacheFolder = options.cacheFolder;
    deviceOptions.build = shaderBuild();
    deviceOptions.onMessage = options.onMessage;
    TRY_ASSIGN(context->m_device, gpu::Device::open(options.device, deviceOptions));
    using Duration = gpu::SubmissionBudget::Duration;
    const Duration target{ options.drivesDisplay ? 0.020 : 0.100 };
    TRY_ASSIGN(context->m_recorder,
        gpu::Recorder::create(*context->m_device, { target, Duration{ 0.250 } }));
    const gpu::DeviceInfo& info = context->m_device->info();
    const bool isCpu = info.kind == gpu::DeviceKind::Cpu;
    context->m_isCpu = isCpu;
    context->m_name = fmt::format("Vulkan {}", info.name);
    const std::uint32_t vector = std::bit_floor(std::clamp(info.limits.subgroupSize, 4U, 64U));
    context->m_lanes
        = isCpu ? vector : std::min(kGpuLanes, std::bit_floor(info.limits.workgroupInvocations));
    context->m_sharesLanes
        = isCpu && context->m_lanes == kSharingLanes && info.features.subgroupBallot;
    context->m_largestView
        = std::min<std::size_t>(info.limits.storageRange, kMostViewBytes) / kWordBytes
        - info.limits.storageAlignment / kWordBytes;
    const auto plans = productPlans(info, options.matmul, options.mayRound);
    const auto measured = [&](const ProductPlan& plan) {
        context->m_plan = plan;
        return context->secondsOfProduct();
    };
    // A variant that was asked for is not to be changed by a measurement.
    context->m_plan
        = options.matmul ? plans.front() : choosePlan(info, plans, options.cacheFolder, measured);
    if (context->m_plan.variant == MatmulVariant::HalfTiles) {
        context->m_name += " (bfloat16)";
    }
    return context;
}

Result<std::unique_ptr<VulkanMemory>> VulkanContext::allocate(
    std::size_t floats, gpu::Lifetime lifetime)
{
    const std::size_t bytes = std::max<std::size_t>(floats, 1) * kWordBytes;
    TRY_ASSIGN(auto buffer, m_device->allocate(bytes, lifetime));
    m_recorder->fill({ buffer.get(), 0, bytes, Access::Write }, 0);
    return std::make_unique<VulkanMemory>(std::move(buffer), floats);
}

void VulkanContext::upload(View to, std::span<const float> from)
{
    ASSERT(from.size() <= to.count);
    m_recorder->upload(bindingOf(writes(to)), std::as_bytes(from));
}

Result<> VulkanContext::download(std::span<float> to, View from)
{
    ASSERT(to.size() <= from.count);
    return m_recorder->download(std::as_writable_bytes(to), bindingOf(reads(from)));
}

Groups VulkanContext::flat(std::size_t groups)
{
    return { base::narrow<std::uint32_t>(std::min(groups, kGroupRow)),
        base::narrow<std::uint32_t>(ceilDivide(groups, kGroupRow)), 1 };
}

gpu::Kernel* VulkanContext::kernel(Shader shader, std::vector<std::uint32_t> constants)
{
    const KernelKey key{ shader, std::move(constants) };
    if (const auto known = m_kernels.find(key); known != m_kernels.end()) {
        return known->second.get();
    }
    const ShaderCode code = shaderCode(shader);
    auto made = m_device->makeKernel({ code.name, code.spirv, key.second });
    if (!made) {
        m_recorder->abandon(std::move(made).error());
        return nullptr;
    }
    return m_kernels.emplace(key, std::move(*made)).first->second.get();
}

void VulkanContext::run(Shader shader, const std::vector<std::uint32_t>& special,
    std::initializer_list<Operand> operands, std::initializer_list<Word> words, Groups groups,
    double work)
{
    std::vector<std::uint32_t> constants{ m_lanes };
    constants.insert(constants.end(), special.begin(), special.end());
    if (shader == Shader::MatmulTile || shader == Shader::MatmulTileBf16) {
        constants.erase(constants.begin()); // brings its own size of workgroup
    }
    gpu::Kernel* const compiled = kernel(shader, std::move(constants));
    if (compiled == nullptr) {
        return;
    }
    std::array<Binding, gpu::kMostBindings> bindings;
    std::array<std::uint32_t, gpu::kMostPushBytes / kWordBytes> push{};
    ASSERT(operands.size() <= bindings.size() && operands.size() + words.size() <= push.size());
    const std::size_t alignment
        = std::max<std::size_t>(1, m_device->info().limits.storageAlignment / kWordBytes);
    std::size_t used = 0;
    for (Operand part : operands) {
        if (part.count > m_largestView) {
            m_recorder->abandon({ Errc::Invalid,
                fmt::format("{} would have to see {} MiB at once, more than the device shows; use "
                            "a smaller batch",
                    shaderCode(shader).name, part.count * kWordBytes >> 20U) });
            return;
        }
        const std::size_t rest = part.offset % alignment;
        part.offset -= rest;
        part.count += rest;
        bindings[used] = bindingOf(part);
        push[used] = base::narrow<std::uint32_t>(rest);
        ++used;
    }
    std::size_t filled = used;
    for (const Word word : words) {
        push[filled++] = word.bits;
    }
    m_recorder->dispatch(*compiled, { bindings.data(), used },
        std::as_bytes(std::span{ push.data(), filled }), groups, work);
}

void VulkanContext::runFlat(Shader shader, std::initializer_list<Operand> operands,
    std::initializer_list<Word> words, std::size_t lanes, double work)
{
    run(shader, {}, operands, words, flat(ceilDivide(lanes, m_lanes)), work);
}

gpu::Buffer* VulkanContext::grown(
    std::unique_ptr<gpu::Buffer>& buffer, std::size_t words, std::size_t atLeast)
{
    const std::size_t bytes = std::max(words, atLeast) * kWordBytes;
    if (buffer == nullptr || buffer->bytes() < bytes) {
        auto made = m_device->allocate(bytes, gpu::Lifetime::Work);
        if (!made) {
            m_recorder->abandon(std::move(made).error());
            return nullptr;
        }
        buffer = std::move(*made);
    }
    return buffer.get();
}

Operand VulkanContext::words(std::span<const std::uint32_t> values)
{
    gpu::Buffer* const room = grown(m_words, values.size(), kWordsRoom);
    if (room == nullptr) {
        return {};
    }
    if (m_nextWord + values.size() > room->bytes() / kWordBytes) {
        m_nextWord = 0;
    }
    const Operand place{ room, m_nextWord, values.size(), Access::Read };
    m_recorder->put(bindingOf(place), std::as_bytes(values));
    m_nextWord += values.size();
    return place;
}

Operand VulkanContext::scratch(std::size_t words)
{
    gpu::Buffer* const room = grown(m_scratch, words, kWordsRoom);
    return room == nullptr ? Operand{} : Operand{ room, 0, words, Access::ReadWrite };
}

void VulkanContext::product(const StridedProduct& whole)
{
    const auto [m, n, k] = whole.shape;
    if (m == 0 || n == 0 || k == 0) {
        return;
    }
    const std::size_t cWords = (m - 1) * whole.cm + n;
    const std::size_t aWords = (m - 1) * whole.am + (k - 1) * whole.ak + 1;
    const std::size_t bWords = (k - 1) * whole.bk + (n - 1) * whole.bn + 1;
    const bool largeA = aWords > m_largestView;
    const bool largeB = bWords > m_largestView;
    const bool splitsM = cWords > m_largestView || (largeA && whole.am >= whole.ak);
    const bool splitsN = !splitsM && largeB && whole.bn >= whole.bk;
    StridedProduct left = whole;
    StridedProduct right = whole;
    if (splitsM && m > 1) {
        left.shape.m = m / 2;
        right.shape.m = m - m / 2;
        right.c.offset += m / 2 * whole.cm;
        right.a.offset += m / 2 * whole.am;
    } else if (splitsN && n > 1) {
        left.shape.n = n / 2;
        right.shape.n = n - n / 2;
        right.c.offset += n / 2;
        right.b.offset += n / 2 * whole.bn;
    } else if ((largeA || largeB) && k > 1) {
        left.shape.k = k / 2;
        right.shape.k = k - k / 2;
        right.a.offset += k / 2 * whole.ak;
        right.b.offset += k / 2 * whole.bk;
        right.accumulate = true;
    } else {
        StridedProduct part = whole;
        part.c.count = cWords;
        part.a.count = aWords;
        part.b.count = bWords;
        productPart(part);
        return;
    }
    product(left);
    product(right);
}

void VulkanContext::productPart(const StridedProduct& p)
{
    const std::size_t m = p.shape.m;
    const std::size_t n = p.shape.n;
    const std::size_t k = p.shape.k;
    const double work = static_cast<double>(m) * static_cast<double>(n) * static_cast<double>(k);
    const std::initializer_list<Word> words{ m, n, k, p.am, p.ak, p.bk, p.bn, p.cm,
        std::size_t{ p.accumulate ? 1U : 0U } };
    Operand c = p.c;
    c.access = p.accumulate ? Access::ReadWrite : Access::Write;
    const auto groups = [&](std::size_t tileM, std::size_t tileN) {
        return Groups{ base::narrow<std::uint32_t>(ceilDivide(m, tileM)),
            base::narrow<std::uint32_t>(ceilDivide(n, tileN)), 1 };
    };
    if (m_plan.variant == MatmulVariant::Registers) {
        const std::size_t most = m_plan.laneM;
        const std::size_t rows = m_sharesLanes
            ? std::min(most, ceilDivide(m, kSharingLanes) * kSharingLanes)
            : m > 8 ? most
            : m > 1 ? 4
                    : 1;
        run(m_sharesLanes ? Shader::MatmulLanes : Shader::MatmulRegister,
            { base::narrow<std::uint32_t>(rows), m_plan.laneN }, { c, p.a, p.b }, words,
            groups(rows, std::size_t{ m_lanes } * m_plan.laneN), work);
        return;
    }
    // Few rows get a flat tile.
    const ProductPlan plan = m > 16
        ? m_plan
        : ProductPlan{ .lanes = 64, .tileM = 16, .tileN = 64, .slice = 16, .laneM = 4, .laneN = 4 };
    run(plan.variant == MatmulVariant::HalfTiles ? Shader::MatmulTileBf16 : Shader::MatmulTile,
        { plan.lanes, plan.tileM, plan.tileN, plan.slice, plan.laneM, plan.laneN }, { c, p.a, p.b },
        words, groups(plan.tileM, plan.tileN), work);
}

Result<double> VulkanContext::secondsOfProduct()
{
    constexpr std::size_t kSide = 512;
    constexpr std::size_t kCount = kSide * kSide;
    TRY_ASSIGN(const auto memory, allocate(3 * kCount, gpu::Lifetime::Work));
    const Operand whole = updates(*memory);
    const StridedProduct large{ whole.slice(0, kCount), whole.slice(kCount, kCount),
        whole.slice(2 * kCount, kCount), { kSide, kSide, kSide }, kSide, 1, 1, kSide, kSide,
        false };
    // The first time the kernel is compiled.
    product(large);
    TRY(m_recorder->finish());
    const auto begun = std::chrono::steady_clock::now();
    product(large);
    TRY(m_recorder->finish());
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
}

} // namespace loam::ml
