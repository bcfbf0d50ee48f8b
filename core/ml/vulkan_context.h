// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "gpu/recorder.h"
#include "ml/memory.h"
#include "ml/op_types.h"
#include "ml/vulkan_backend.h"
#include "ml/vulkan_shaders.h"
#include "ml/vulkan_tuning.h"

#include <bit>
#include <initializer_list>
#include <map>
#include <vector>

namespace loam::ml {

class VulkanMemory final : public Memory
{
public:
    VulkanMemory(std::unique_ptr<gpu::Buffer> buffer, std::size_t count)
        : m_buffer{ std::move(buffer) }
        , m_count{ count }
    {
    }
    std::size_t count() const override { return m_count; }
    float* host() override { return nullptr; }
    gpu::Buffer& buffer() { return *m_buffer; }

private:
    std::unique_ptr<gpu::Buffer> m_buffer;
    std::size_t m_count;
};

/// A part of a buffer, in words of four bytes.
struct Operand
{
    gpu::Buffer* buffer{ nullptr };
    std::size_t offset{ 0 };
    std::size_t count{ 0 };
    gpu::Access access{ gpu::Access::Read };

    Operand slice(std::size_t from, std::size_t words) const
    {
        ASSERT(from <= count && words <= count - from);
        return { buffer, offset + from, words, access };
    }
};

Operand operand(View view, gpu::Access access);
inline Operand reads(View view)
{
    return operand(view, gpu::Access::Read);
}
inline Operand writes(View view)
{
    return operand(view, gpu::Access::Write);
}
inline Operand updates(View view)
{
    return operand(view, gpu::Access::ReadWrite);
}

/// A constant of a call, as a kernel reads it.
struct Word
{
    std::uint32_t bits;
    Word(std::size_t value);
    Word(float value)
        : bits{ std::bit_cast<std::uint32_t>(value) }
    {
    }
};

/// c[m,n] = or += a b with any strides: a by row of c (am) and by k (ak), b by k (bk) and by column
/// (bn), c by row (cm).
struct StridedProduct
{
    Operand c;
    Operand a;
    Operand b;
    MatmulShape shape;
    std::size_t am{ 0 };
    std::size_t ak{ 0 };
    std::size_t bk{ 0 };
    std::size_t bn{ 0 };
    std::size_t cm{ 0 };
    bool accumulate{ false };
};

/// What both backends share: the device, its kernels by variant, room for tokens and scratch.
class VulkanContext
{
public:
    static base::Result<std::unique_ptr<VulkanContext>> open(const VulkanOptions& options);

    gpu::Device& device() { return *m_device; }
    gpu::Recorder& recorder() { return *m_recorder; }
    const std::string& name() const { return m_name; }

    /// Zeroed.
    base::Result<std::unique_ptr<VulkanMemory>> allocate(
        std::size_t floats, gpu::Lifetime lifetime);
    void upload(View to, std::span<const float> from);
    base::Result<> download(std::span<float> to, View from);

    /// Runs a kernel: its constants are the size of a workgroup, then `special`; its call gets the
    /// operands' places, then `words`. `work` as for gpu::Recorder.
    void run(Shader shader, const std::vector<std::uint32_t>& special,
        std::initializer_list<Operand> operands, std::initializer_list<Word> words,
        gpu::Groups groups, double work);
    /// One lane an element.
    void runFlat(Shader shader, std::initializer_list<Operand> operands,
        std::initializer_list<Word> words, std::size_t lanes, double work);
    void product(const StridedProduct& product);

    bool isCpu() const { return m_isCpu; }
    /// A workgroup is one vector of eight lanes that can read each other's registers.
    bool sharesLanes() const { return m_sharesLanes; }
    std::uint32_t lanes() const { return m_lanes; }
    static gpu::Groups flat(std::size_t groups);
    /// Words that one binding may show.
    std::size_t largestView() const { return m_largestView; }
    /// Calls task(begin, count) for pieces of `rows` that fit a binding each.
    template <class Task> void forRows(std::size_t rows, std::size_t width, Task task) const
    {
        const std::size_t step = std::max<std::size_t>(1, m_largestView / width);
        for (std::size_t begin = 0; begin < rows; begin += step) {
            task(begin, std::min(step, rows - begin));
        }
    }

    /// Small data for the next kernels; valid until some megabytes more were asked for.
    Operand words(std::span<const std::uint32_t> values);
    /// Room whose contents the next call of this may overwrite.
    Operand scratch(std::size_t words);

private:
    using KernelKey = std::pair<Shader, std::vector<std::uint32_t>>;

    VulkanContext() = default;
    gpu::Kernel* kernel(Shader shader, std::vector<std::uint32_t> constants);
    void productPart(const StridedProduct& product);
    /// Of a large product by the current plan.
    base::Result<double> secondsOfProduct();
    gpu::Buffer* grown(
        std::unique_ptr<gpu::Buffer>& buffer, std::size_t words, std::size_t atLeast);

    // In the order of making: the recorder goes before what its work may use.
    std::unique_ptr<gpu::Device> m_device;
    std::map<KernelKey, std::unique_ptr<gpu::Kernel>> m_kernels;
    std::unique_ptr<gpu::Buffer> m_words;
    std::unique_ptr<gpu::Buffer> m_scratch;
    std::unique_ptr<gpu::Recorder> m_recorder;
    std::size_t m_nextWord{ 0 };
    std::string m_name;
    bool m_isCpu{ false };
    bool m_sharesLanes{ false };
    std::uint32_t m_lanes{ 0 };
    std::size_t m_largestView{ 0 };
    ProductPlan m_plan;
};

} // namespace loam::ml
