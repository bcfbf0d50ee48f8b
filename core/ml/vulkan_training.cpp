// SPDX-License-Identifier: GPL-3.0-or-later
// The training ops on a Vulkan device. Everything is recorded in order; nothing waits but finish
// and download.
#include "ml/vulkan_context.h"

#include <algorithm>
#include <cmath>

namespace loam::ml {

using base::Result;
using gpu::Access;
using gpu::Groups;

namespace {

    constexpr std::size_t kSquaresBlock = 65'536;
    constexpr std::uint32_t kAdamWEach = 8;
    /// Floats of logits that are held at a time.
    constexpr std::size_t kLogitsFloats = std::size_t{ 1 } << 22U;
    constexpr std::size_t kFewestHeadRows = 16;
    constexpr std::size_t kMostHeadRows = 1'024;

    std::size_t ceilDivide(std::size_t a, std::size_t b)
    {
        return (a + b - 1) / b;
    }

    /// Work of an element-wise op: memory is what it waits for.
    double moved(std::size_t words, double operands = 3.0)
    {
        return static_cast<double>(words) * operands;
    }

    std::size_t flag(bool value)
    {
        return value ? 1 : 0;
    }

    std::uint32_t group(std::size_t value)
    {
        return static_cast<std::uint32_t>(value);
    }

    std::vector<std::uint32_t> bitsOf(std::span<const Token> tokens)
    {
        std::vector<std::uint32_t> words(tokens.size());
        std::ranges::transform(
            tokens, words.begin(), [](Token token) { return static_cast<std::uint32_t>(token); });
        return words;
    }

    /// For every token that occurs: itself, where its rows begin and end in the list of rows that
    /// follows.
    struct RowLists
    {
        std::vector<std::uint32_t> words;
        std::size_t entries{ 0 };
    };
    RowLists rowsByToken(std::span<const Token> tokens)
    {
        std::vector<std::uint32_t> rows(tokens.size());
        for (std::size_t i = 0; i < rows.size(); ++i) {
            rows[i] = group(i);
        }
        std::ranges::stable_sort(rows, {}, [&](std::uint32_t row) { return tokens[row]; });
        RowLists lists;
        for (std::size_t i = 0; i < rows.size(); ++i) {
            if (i == 0 || tokens[rows[i]] != tokens[rows[i - 1]]) {
                lists.words.insert(lists.words.end(),
                    { static_cast<std::uint32_t>(tokens[rows[i]]), group(i), group(i) });
                ++lists.entries;
            }
            lists.words.back() = group(i + 1);
        }
        lists.words.insert(lists.words.end(), rows.begin(), rows.end());
        return lists;
    }

    float scoreScale(const AttentionShape& shape)
    {
        return 1.0F / std::sqrt(static_cast<float>(shape.headDim));
    }

    /// Multiply-adds of one product of queries and keys, the half that is seen.
    double scoreWork(const AttentionShape& shape)
    {
        const auto length = static_cast<double>(shape.length);
        return length * (length + 1.0) / 2.0
            * static_cast<double>(shape.batch * shape.heads * shape.headDim);
    }

} // namespace

class VulkanBackend final : public Backend
{
public:
    explicit VulkanBackend(std::unique_ptr<VulkanContext> context)
        : m_context{ std::move(context) }
    {
    }

    std::string_view name() const override { return m_context->name(); }
    bool isDeterministic() const override { return false; }
    void setInterrupt(std::function<bool()> interrupt) override
    {
        m_context->recorder().setInterrupt(std::move(interrupt));
    }
    Result<std::unique_ptr<Memory>> allocate(std::size_t floats) override
    {
        TRY_ASSIGN(
            std::unique_ptr<Memory> memory, m_context->allocate(floats, gpu::Lifetime::Model));
        return memory;
    }
    void upload(View to, std::span<const float> from) override { m_context->upload(to, from); }
    Result<> download(std::span<float> to, View from) override
    {
        return m_context->download(to, from);
    }
    void fill(View to, float value) override;
    void copy(View to, View from) override;
    Result<> evict() override { return m_context->recorder().evict(); }
    Result<> restore() override { return m_context->recorder().restore(); }
    Result<> finish() override { return m_context->recorder().finish(); }

    void matmul(std::span<const Product> products) override;
    void embed(View out, View table, std::span<const Token> tokens, std::size_t dim) override;
    void embedBackward(
        View dTable, View dOut, std::span<const Token> tokens, std::size_t dim) override;
    void addRmsNorm(View sum, View out, View inverse, View x, View delta, View gain,
        std::size_t rows, std::size_t dim, float eps) override;
    void rmsNormBackward(View dX, View dGain, View dOut, View x, View inverse, View gain,
        std::size_t rows, std::size_t dim, Write writeGain) override;
    void rope(View qkv, View table, const AttentionShape& shape, std::size_t position,
        Direction direction) override;
    void attention(View out, View logSum, View qkv, const AttentionShape& shape) override;
    void attentionBackward(View dQkv, View dOut, View qkv, View out, View logSum,
        const AttentionShape& shape) override;
    void attentionStep(
        View out, View query, View keys, View values, const AttentionShape& shape) override;
    void swiglu(View out, View gateUp, std::size_t rows, std::size_t ffn) override;
    void swigluBackward(
        View dGateUp, View out, View dOut, View gateUp, std::size_t rows, std::size_t ffn) override;
    void headLoss(View nats, View x, View head, std::span<const Token> targets, std::size_t dim,
        std::size_t vocab, View scratch) override;
    void headLossBackward(View nats, View dX, View dHead, View x, View head,
        std::span<const Token> targets, std::size_t dim, std::size_t vocab, float scale,
        Write writeHead, View scratch) override;
    std::size_t headScratch(std::size_t rows, std::size_t vocab) const override;
    void sumOfSquares(View out, View x) override;
    void adamW(
        View weights, View gradient, View first, View second, const AdamWStep& step) override;
    void packLargest(View out, View x, std::uint32_t keep) override;

private:
    void logitsAndLoss(View nats, View x, View head, std::span<const Token> targets,
        std::size_t dim, std::size_t vocab, View logits, bool gradient, float scale);

    std::unique_ptr<VulkanContext> m_context;
};

void VulkanBackend::fill(View to, float value)
{
    const Operand part = writes(to);
    m_context->recorder().fill(
        { part.buffer, part.offset * sizeof(float), part.count * sizeof(float), Access::Write },
        std::bit_cast<std::uint32_t>(value));
}

void VulkanBackend::copy(View to, View from)
{
    ASSERT(to.count == from.count);
    const Operand target = writes(to);
    const Operand source = reads(from);
    const std::uint64_t bytes = to.count * sizeof(float);
    m_context->recorder().copy({ target.buffer, target.offset * sizeof(float), bytes },
        { source.buffer, source.offset * sizeof(float), bytes });
}

void VulkanBackend::matmul(std::span<const Product> products)
{
    for (const Product& p : products) {
        const auto [m, n, k] = p.shape;
        ASSERT(p.a.count >= m * k && p.b.count >= k * n && p.c.count >= m * n);
        StridedProduct strided{ updates(p.c), reads(p.a), reads(p.b), p.shape, k, 1, n, 1, n,
            p.write == Write::Accumulate };
        if (p.layout == Layout::TN) {
            strided.am = 1;
            strided.ak = m;
        }
        if (p.layout == Layout::NT) {
            strided.bk = 1;
            strided.bn = k;
        }
        m_context->product(strided);
    }
}

void VulkanBackend::embed(View out, View table, std::span<const Token> tokens, std::size_t dim)
{
    const Operand words = m_context->words(bitsOf(tokens));
    if (words.buffer == nullptr) {
        return;
    }
    const std::size_t count = tokens.size() * dim;
    m_context->forRows(table.count / dim, dim, [&](std::size_t first, std::size_t rows) {
        m_context->runFlat(Shader::Embed,
            { writes(out.slice(0, count)), reads(table.slice(first * dim, rows * dim)), words },
            { count, dim, first, first + rows }, count, moved(count));
    });
}

void VulkanBackend::embedBackward(
    View dTable, View dOut, std::span<const Token> tokens, std::size_t dim)
{
    const RowLists lists = rowsByToken(tokens);
    const Operand words = m_context->words(lists.words);
    if (words.buffer == nullptr || lists.entries == 0) {
        return;
    }
    m_context->forRows(dTable.count / dim, dim, [&](std::size_t first, std::size_t rows) {
        m_context->runFlat(Shader::EmbedBackward,
            { updates(dTable.slice(first * dim, rows * dim)),
                reads(dOut.slice(0, tokens.size() * dim)), words },
            { lists.entries, dim, first, first + rows }, lists.entries * dim,
            moved(tokens.size() * dim));
    });
}

void VulkanBackend::addRmsNorm(View sum, View out, View inverse, View x, View delta, View gain,
    std::size_t rows, std::size_t dim, float eps)
{
    const bool adds = delta.memory != nullptr;
    m_context->forRows(rows, dim, [&](std::size_t begin, std::size_t count) {
        const auto part = [&](View whole) { return whole.slice(begin * dim, count * dim); };
        const Operand normed = reads(part(x));
        m_context->run(Shader::RmsNorm, {},
            { adds ? writes(part(sum)) : normed, writes(part(out)),
                writes(inverse.slice(begin, count)), normed, adds ? reads(part(delta)) : normed,
                reads(gain) },
            { count, dim, eps, flag(adds), std::size_t{ 1 } }, VulkanContext::flat(count),
            moved(count * dim, 5.0));
    });
}

void VulkanBackend::rmsNormBackward(View dX, View dGain, View dOut, View x, View inverse, View gain,
    std::size_t rows, std::size_t dim, Write writeGain)
{
    bool accumulates = writeGain == Write::Accumulate;
    const bool wantsGain = dGain.memory != nullptr;
    m_context->forRows(rows, dim, [&](std::size_t begin, std::size_t count) {
        const auto part = [&](View whole) { return whole.slice(begin * dim, count * dim); };
        const std::size_t gainGroups = wantsGain ? ceilDivide(dim, m_context->lanes()) : 0;
        m_context->run(Shader::RmsNormBackward, {},
            { updates(part(dX)), wantsGain ? updates(dGain) : reads(gain), reads(part(dOut)),
                reads(part(x)), reads(inverse.slice(begin, count)), reads(gain) },
            { count, dim, flag(accumulates), flag(wantsGain) },
            VulkanContext::flat(count + gainGroups), moved(count * dim, 8.0));
        accumulates = true;
    });
}

void VulkanBackend::rope(
    View qkv, View table, const AttentionShape& shape, std::size_t position, Direction direction)
{
    const std::size_t turned = shape.heads + shape.kvHeads;
    const std::size_t width = shape.rowDim();
    // Pieces are whole sequences, so that a row's place in its sequence stays what it is.
    m_context->forRows(
        shape.batch, shape.length * width, [&](std::size_t begin, std::size_t count) {
            const std::size_t floats = shape.length * width;
            const std::size_t pairs = count * shape.length * turned * shape.headDim / 2;
            m_context->runFlat(Shader::Rope,
                { updates(qkv.slice(begin * floats, count * floats)), reads(table) },
                { pairs, turned, shape.headDim, width, shape.length, position,
                    direction == Direction::Forward ? 1.0F : -1.0F },
                pairs, moved(2 * pairs));
        });
}

void VulkanBackend::attention(View out, View logSum, View qkv, const AttentionShape& shape)
{
    const std::size_t length = shape.length;
    const std::size_t width = shape.rowDim();
    m_context->forRows(shape.batch, length * width, [&](std::size_t begin, std::size_t count) {
        AttentionShape part = shape;
        part.batch = count;
        const auto rows = [&](View whole, std::size_t floats) {
            return whole.slice(begin * length * floats, count * length * floats);
        };
        m_context->run(Shader::Attention, { group(shape.headDim) },
            { writes(rows(out, shape.qDim())), writes(rows(logSum, shape.heads)),
                reads(rows(qkv, width)) },
            { length, shape.heads, shape.kvHeads, scoreScale(shape) },
            { group(ceilDivide(length, m_context->lanes())), group(shape.heads), group(count) },
            2.0 * scoreWork(part));
    });
}

void VulkanBackend::attentionBackward(
    View dQkv, View dOut, View qkv, View out, View logSum, const AttentionShape& shape)
{
    const std::size_t length = shape.length;
    const std::size_t width = shape.rowDim();
    m_context->forRows(shape.batch, length * width, [&](std::size_t begin, std::size_t count) {
        AttentionShape part = shape;
        part.batch = count;
        const auto rows = [&](View whole, std::size_t floats) {
            return whole.slice(begin * length * floats, count * length * floats);
        };
        const Operand delta = m_context->scratch(count * length * shape.heads);
        if (delta.buffer == nullptr) {
            return;
        }
        const Operand gradient = writes(rows(dQkv, width));
        const Operand given = reads(rows(dOut, shape.qDim()));
        const Operand in = reads(rows(qkv, width));
        const Operand statistics = reads(rows(logSum, shape.heads));
        const std::uint32_t blocks = group(ceilDivide(length, m_context->lanes()));
        m_context->run(Shader::AttentionBackwardQueries, { group(shape.headDim) },
            { gradient, delta, given, in, reads(rows(out, shape.qDim())), statistics },
            { length, shape.heads, shape.kvHeads, scoreScale(shape) },
            { blocks, group(shape.heads), group(count) }, 3.0 * scoreWork(part));
        m_context->run(Shader::AttentionBackwardKeys, { group(shape.headDim) },
            { gradient, delta, given, in, statistics },
            { length, shape.heads, shape.kvHeads, scoreScale(shape) },
            { blocks, group(shape.kvHeads), group(count) }, 4.0 * scoreWork(part));
    });
}

void VulkanBackend::attentionStep(
    View out, View query, View keys, View values, const AttentionShape& shape)
{
    const std::array<std::uint32_t, 2> place{ 0, group(shape.length - 1) };
    const Operand places = m_context->words(place);
    if (places.buffer == nullptr) {
        return;
    }
    const std::size_t cached = shape.length * shape.kvDim();
    m_context->run(Shader::AttentionRow, { group(shape.headDim), 1 },
        { writes(out), reads(query), reads(keys.slice(0, cached)), reads(values.slice(0, cached)),
            places },
        { std::size_t{ 1 }, shape.heads, shape.kvHeads, shape.length, std::size_t{ 0 },
            scoreScale(shape) },
        { 1, group(shape.heads), 1 }, moved(shape.heads * shape.length * shape.headDim, 2.0));
}

void VulkanBackend::swiglu(View out, View gateUp, std::size_t rows, std::size_t ffn)
{
    m_context->forRows(rows, 2 * ffn, [&](std::size_t begin, std::size_t count) {
        const View in = gateUp.slice(begin * 2 * ffn, count * 2 * ffn);
        m_context->runFlat(Shader::Gated,
            { writes(out.slice(begin * ffn, count * ffn)), reads(in),
                reads(in.slice(ffn, in.count - ffn)) },
            { count * ffn, ffn, 2 * ffn, std::size_t{ 0 } }, count * ffn, moved(count * ffn, 8.0));
    });
}

void VulkanBackend::swigluBackward(
    View dGateUp, View out, View dOut, View gateUp, std::size_t rows, std::size_t ffn)
{
    m_context->forRows(rows, 2 * ffn, [&](std::size_t begin, std::size_t count) {
        const auto part = [&](View whole, std::size_t width) {
            return whole.slice(begin * width, count * width);
        };
        m_context->runFlat(Shader::SwigluBackward,
            { writes(part(dGateUp, 2 * ffn)), writes(part(out, ffn)), reads(part(dOut, ffn)),
                reads(part(gateUp, 2 * ffn)) },
            { count * ffn, ffn }, count * ffn, moved(count * ffn, 10.0));
    });
}

std::size_t VulkanBackend::headScratch(std::size_t rows, std::size_t vocab) const
{
    return std::min(rows, std::clamp(kLogitsFloats / vocab, kFewestHeadRows, kMostHeadRows))
        * vocab;
}

void VulkanBackend::logitsAndLoss(View nats, View x, View head, std::span<const Token> targets,
    std::size_t dim, std::size_t vocab, View logits, bool gradient, float scale)
{
    const std::size_t rows = targets.size();
    Backend::matmul({ Layout::NT, { rows, vocab, dim }, logits, x, head, Write::Overwrite });
    const Operand words = m_context->words(bitsOf(targets));
    if (words.buffer == nullptr) {
        return;
    }
    m_context->run(Shader::SoftmaxLoss, {}, { writes(nats), updates(logits), words },
        { rows, vocab, flag(gradient), scale }, VulkanContext::flat(rows),
        moved(rows * vocab, 12.0));
}

void VulkanBackend::headLoss(View nats, View x, View head, std::span<const Token> targets,
    std::size_t dim, std::size_t vocab, View scratch)
{
    const std::size_t step = headScratch(targets.size(), vocab) / vocab;
    for (std::size_t begin = 0; begin < targets.size(); begin += step) {
        const std::size_t rows = std::min(step, targets.size() - begin);
        logitsAndLoss(nats.slice(begin, rows), x.slice(begin * dim, rows * dim), head,
            targets.subspan(begin, rows), dim, vocab, scratch.slice(0, rows * vocab), false, 0.0F);
    }
}

void VulkanBackend::headLossBackward(View nats, View dX, View dHead, View x, View head,
    std::span<const Token> targets, std::size_t dim, std::size_t vocab, float scale,
    Write writeHead, View scratch)
{
    const std::size_t step = headScratch(targets.size(), vocab) / vocab;
    for (std::size_t begin = 0; begin < targets.size(); begin += step) {
        const std::size_t rows = std::min(step, targets.size() - begin);
        const View logits = scratch.slice(0, rows * vocab);
        const View in = x.slice(begin * dim, rows * dim);
        logitsAndLoss(nats.slice(begin, rows), in, head, targets.subspan(begin, rows), dim, vocab,
            logits, true, scale);
        if (dHead.memory != nullptr) {
            const Write write = begin > 0 ? Write::Accumulate : writeHead;
            Backend::matmul({ Layout::TN, { vocab, dim, rows }, dHead, logits, in, write });
        }
        Backend::matmul({ Layout::NN, { rows, dim, vocab }, dX.slice(begin * dim, rows * dim),
            logits, head, Write::Overwrite });
    }
}

void VulkanBackend::sumOfSquares(View out, View x)
{
    // Pieces of whole blocks, so that the pairs lie side by side.
    const std::size_t piece = m_context->largestView() / kSquaresBlock * kSquaresBlock;
    const std::size_t pairs = std::max<std::size_t>(1, ceilDivide(x.count, kSquaresBlock));
    const Operand room = m_context->scratch(2 * pairs);
    if (room.buffer == nullptr) {
        return;
    }
    for (std::size_t begin = 0; begin < x.count; begin += piece) {
        const std::size_t count = std::min(piece, x.count - begin);
        const std::size_t blocks = ceilDivide(count, kSquaresBlock);
        m_context->run(Shader::SumSquares, { 0 },
            { room.slice(2 * (begin / kSquaresBlock), 2 * blocks), reads(x.slice(begin, count)) },
            { count, kSquaresBlock }, VulkanContext::flat(blocks), moved(count));
    }
    m_context->run(Shader::SumSquares, { 1 }, { writes(out), room },
        { x.count == 0 ? 0 : pairs, kSquaresBlock }, { 1, 1, 1 }, moved(pairs));
}

void VulkanBackend::adamW(
    View weights, View gradient, View first, View second, const AdamWStep& step)
{
    m_context->forRows(weights.count, 1, [&](std::size_t begin, std::size_t count) {
        const auto part = [&](View whole) { return whole.slice(begin, count); };
        m_context->run(Shader::Adamw, { kAdamWEach },
            { updates(part(weights)), reads(part(gradient)), updates(part(first)),
                updates(part(second)) },
            { count, step.learningRate, step.beta1, step.beta2, step.epsilon, step.weightDecay,
                step.correction1, step.correction2, step.gradientScale },
            VulkanContext::flat(ceilDivide(count, std::size_t{ m_context->lanes() } * kAdamWEach)),
            moved(count, 7.0));
    });
}

void VulkanBackend::packLargest(View out, View x, std::uint32_t keep)
{
    const std::size_t stride = packedChunkWords(keep);
    const std::size_t chunks = ceilDivide(x.count, kChunkValues);
    m_context->forRows(chunks, kChunkValues, [&](std::size_t first, std::size_t part) {
        const std::size_t begin = first * kChunkValues;
        const std::size_t count = std::min(part * kChunkValues, x.count - begin);
        m_context->run(Shader::PackLargest, {},
            { writes(out.slice(first * stride, part * stride)), reads(x.slice(begin, count)) },
            { count, std::size_t{ keep }, stride }, VulkanContext::flat(part), moved(count, 20.0));
    });
}

Result<std::unique_ptr<Backend>> makeVulkanBackend(const VulkanOptions& options)
{
    TRY_ASSIGN(auto context, VulkanContext::open(options));
    return std::make_unique<VulkanBackend>(std::move(context));
}

} // namespace loam::ml
