// SPDX-License-Identifier: GPL-3.0-or-later
// The ops of answering on a Vulkan device.
#include "ml/vulkan_context.h"
#include "ml/vulkan_weights.h"

#include <fmt/format.h>

#include <algorithm>

namespace loam::ml {

using base::Errc;
using base::fail;
using base::Result;
using gpu::Access;

namespace {

    /// From so many rows of x on, weights are turned into floats once for all of them.
    constexpr std::size_t kRowsWorthUnpacking = 32;
    /// Floats that are unpacked at a time: near to the processor when they are read.
    constexpr std::size_t kUnpackedFloats = std::size_t{ 1 } << 21U;
    /// Rows of weights are unpacked in multiples of so many, whatever their length.
    constexpr std::size_t kRowsAtLeast = 64;
    /// Eighths of a row that a lane of a GPU unpacks.
    constexpr std::size_t kStretchOnGpu = 4;

    /// An axis of a dispatch holds 65535.
    constexpr std::size_t kMostGroups = 32'768;

    std::size_t ceilDivide(std::size_t a, std::size_t b)
    {
        return (a + b - 1) / b;
    }

    double moved(std::size_t words, double operands = 3.0)
    {
        return static_cast<double>(words) * operands;
    }

    std::uint32_t group(std::size_t value)
    {
        return static_cast<std::uint32_t>(value);
    }

    /// The constants of shaders/include/weights.glsl, then a kernel's own.
    std::vector<std::uint32_t> weightConstants(
        WeightType type, std::initializer_list<std::uint32_t> own = {})
    {
        const WeightLayout layout = weightLayout(type);
        std::vector<std::uint32_t> out{ layout.kind, layout.highBits, layout.group,
            layout.hasOffset ? 1U : 0U, static_cast<std::uint32_t>(layout.bias) };
        out.insert(out.end(), own);
        return out;
    }

    /// Some rows of a matrix, as many as a binding shows.
    struct WeightsPart
    {
        std::unique_ptr<gpu::Buffer> buffer;
        std::size_t first{ 0 };
        std::size_t rows{ 0 };
        PartSections sections;

        Operand operand() const { return { buffer.get(), 0, sections.words, Access::Read }; }
    };

    class VulkanWeights final : public Weights
    {
    public:
        VulkanWeights(const WeightSource& source, std::vector<WeightsPart> parts)
            : Weights{ source }
            , m_parts{ std::move(parts) }
        {
        }
        const std::vector<WeightsPart>& parts() const { return m_parts; }

    private:
        std::vector<WeightsPart> m_parts;
    };

    class VulkanCache final : public KvCache
    {
    public:
        struct Layer
        {
            std::unique_ptr<VulkanMemory> keys; ///< [slots, context, kvHeads * headDim]
            std::unique_ptr<VulkanMemory> values;
        };
        VulkanCache(const KvShape& shape, std::vector<Layer> layers)
            : m_shape{ shape }
            , m_layers{ std::move(layers) }
        {
        }
        const KvShape& shape() const { return m_shape; }
        const Layer& layer(std::size_t index) const { return m_layers[index]; }

    private:
        KvShape m_shape;
        std::vector<Layer> m_layers;
    };

} // namespace

class VulkanInference final : public InferenceBackend
{
public:
    explicit VulkanInference(std::unique_ptr<VulkanContext> context)
        : m_context{ std::move(context) }
    {
    }

    std::string_view name() const override { return m_context->name(); }
    void setInterrupt(std::function<bool()> interrupt) override
    {
        m_context->recorder().setInterrupt(std::move(interrupt));
    }
    Result<std::unique_ptr<Memory>> allocate(std::size_t floats) override
    {
        TRY_ASSIGN(
            std::unique_ptr<Memory> memory, m_context->allocate(floats, gpu::Lifetime::Work));
        return memory;
    }
    void upload(View to, std::span<const float> from) override { m_context->upload(to, from); }
    Result<> download(std::span<float> to, View from) override
    {
        return m_context->download(to, from);
    }
    Result<> finish() override { return m_context->recorder().finish(); }

    Result<std::unique_ptr<Weights>> adopt(const WeightSource& source) override;
    Result<std::unique_ptr<KvCache>> makeCache(const KvShape& shape) override;
    void embed(View out, const Weights& table, std::span<const Token> tokens, float scale) override;
    void multiply(View out, View x, const Weights& weights, std::size_t rows, Write write) override;
    void addBias(View x, View bias, std::size_t rows, std::size_t dim) override;
    void add(View x, View delta) override;
    void rmsNorm(
        View out, View x, View gain, std::size_t rows, std::size_t dim, float eps) override;
    void rope(View x, View frequencies, std::span<const RowPlace> places, std::size_t heads,
        std::size_t headDim, RopeStyle style) override;
    void store(KvCache& cache, std::size_t layer, View k, View v,
        std::span<const RowPlace> places) override;
    void attention(View out, View q, const KvCache& cache, std::size_t layer,
        std::span<const RowPlace> places, std::size_t heads, float scale,
        std::size_t window) override;
    void gatedActivation(View out, View gate, View up, std::size_t rows, std::size_t width,
        Activation activation) override;

private:
    Operand wordsOf(std::span<const RowPlace> places);
    void multiplyPart(View out, View x, const VulkanWeights& weights, const WeightsPart& part,
        std::size_t rows, Write write);
    void multiplyUnpacked(View out, View x, const VulkanWeights& weights, const WeightsPart& part,
        std::size_t rows, Write write);

    std::unique_ptr<VulkanContext> m_context;
};

Result<std::unique_ptr<Weights>> VulkanInference::adopt(const WeightSource& source)
{
    const BlockFormat format = blockFormat(source.type);
    if (source.rows == 0 || source.columns == 0 || source.columns % format.columns != 0
        || source.bytes.size() / rowBytes(source.type, source.columns) < source.rows) {
        return fail(Errc::Invalid,
            fmt::format("a matrix of {} x {} {} does not have the bytes or the shape of its type",
                source.rows, source.columns, weightTypeName(source.type)));
    }
    const std::size_t perRow = partSections(source.type, 1, source.columns).words;
    const std::size_t most = m_context->largestView() / perRow;
    if (most == 0) {
        return fail(Errc::Invalid,
            fmt::format(
                "rows of {} weights are longer than the device can show a kernel", source.columns));
    }
    std::vector<WeightsPart> parts;
    for (std::size_t first = 0; first < source.rows; first += most) {
        WeightsPart part;
        part.first = first;
        part.rows = std::min(most, source.rows - first);
        part.sections = partSections(source.type, part.rows, source.columns);
        const std::vector<std::uint32_t> words = packWeights(source, first, part.rows);
        const std::size_t bytes = words.size() * sizeof(std::uint32_t);
        TRY_ASSIGN(part.buffer, m_context->device().allocate(bytes, gpu::Lifetime::Model));
        m_context->recorder().upload(
            { part.buffer.get(), 0, bytes, Access::Write }, std::as_bytes(std::span{ words }));
        parts.push_back(std::move(part));
    }
    return std::make_unique<VulkanWeights>(source, std::move(parts));
}

Result<std::unique_ptr<KvCache>> VulkanInference::makeCache(const KvShape& shape)
{
    const std::size_t width = shape.kvHeads * shape.headDim;
    if (width == 0 || shape.slots == 0 || shape.context == 0
        || shape.context > m_context->largestView() / width / shape.slots) {
        return fail(Errc::Invalid,
            fmt::format("a cache of {} sequences of {} tokens is more than the device can show a "
                        "kernel; use a shorter context or fewer sequences",
                shape.slots, shape.context));
    }
    std::vector<VulkanCache::Layer> layers(shape.layers);
    for (VulkanCache::Layer& layer : layers) {
        const std::size_t floats = shape.slots * shape.context * width;
        TRY_ASSIGN(layer.keys, m_context->allocate(floats, gpu::Lifetime::Model));
        TRY_ASSIGN(layer.values, m_context->allocate(floats, gpu::Lifetime::Model));
    }
    return std::make_unique<VulkanCache>(shape, std::move(layers));
}

Operand VulkanInference::wordsOf(std::span<const RowPlace> places)
{
    std::vector<std::uint32_t> words;
    words.reserve(2 * places.size());
    for (const RowPlace& place : places) {
        words.push_back(place.slot);
        words.push_back(place.position);
    }
    return m_context->words(words);
}

void VulkanInference::embed(
    View out, const Weights& table, std::span<const Token> tokens, float scale)
{
    const auto& weights = static_cast<const VulkanWeights&>(table);
    std::vector<std::uint32_t> bits;
    for (const Token token : tokens) {
        bits.push_back(static_cast<std::uint32_t>(token));
    }
    const Operand words = m_context->words(bits);
    if (words.buffer == nullptr) {
        return;
    }
    const std::size_t dim = weights.columns();
    const std::size_t eighths = ceilDivide(dim, 8);
    const std::size_t lanes = tokens.size() * eighths;
    for (const WeightsPart& part : weights.parts()) {
        m_context->run(Shader::EmbedWeights, weightConstants(weights.type()),
            { writes(out.slice(0, tokens.size() * dim)), part.operand(), words },
            { tokens.size(), dim, eighths, part.rows, part.sections.high, part.sections.scales,
                part.sections.offsets, part.first, scale },
            VulkanContext::flat(ceilDivide(lanes, m_context->lanes())), moved(lanes * 8));
    }
}

void VulkanInference::multiply(
    View out, View x, const Weights& weights, std::size_t rows, Write write)
{
    const auto& matrix = static_cast<const VulkanWeights&>(weights);
    const std::size_t widest = std::max(matrix.rows(), matrix.columns());
    m_context->forRows(rows, widest, [&](std::size_t begin, std::size_t count) {
        const View to = out.slice(begin * matrix.rows(), count * matrix.rows());
        const View from = x.slice(begin * matrix.columns(), count * matrix.columns());
        for (const WeightsPart& part : matrix.parts()) {
            if (count >= kRowsWorthUnpacking) {
                multiplyUnpacked(to, from, matrix, part, count, write);
            } else {
                multiplyPart(to, from, matrix, part, count, write);
            }
        }
    });
}

void VulkanInference::multiplyPart(View out, View x, const VulkanWeights& weights,
    const WeightsPart& part, std::size_t rows, Write write)
{
    const std::size_t columns = weights.columns();
    // Turning weights into floats is the dear part: it serves as many rows of x as registers hold.
    const std::uint32_t tileRows = rows > 4 ? 8 : rows > 1 ? 4 : 1;
    const std::uint32_t tileColumns = m_context->isCpu() ? 4 : rows > 1 ? 2 : 1;
    // One row of x alone would leave a GPU idle: several lanes share a result.
    const std::uint32_t slices = m_context->isCpu() || rows > 4 ? 1 : 8;
    const std::uint32_t across = m_context->lanes() / slices * tileColumns;
    const bool accumulates = write == Write::Accumulate;
    m_context->run(
        m_context->sharesLanes() ? Shader::MultiplyWeightsLanes : Shader::MultiplyWeights,
        weightConstants(weights.type(), { tileRows, tileColumns, slices }),
        { accumulates ? updates(out) : writes(out), reads(x), part.operand() },
        { rows, columns, ceilDivide(columns, 8), part.rows, part.sections.high,
            part.sections.scales, part.sections.offsets, weights.rows(), part.first,
            std::size_t{ accumulates ? 1U : 0U } },
        { group(ceilDivide(rows, tileRows)), group(ceilDivide(part.rows, across)), 1 },
        static_cast<double>(part.rows) * static_cast<double>(columns)
            * static_cast<double>(rows + 2));
}

void VulkanInference::multiplyUnpacked(View out, View x, const VulkanWeights& weights,
    const WeightsPart& part, std::size_t rows, Write write)
{
    const std::size_t k = weights.columns();
    const Operand whole = part.operand();
    const bool isFloats = weights.type() == WeightType::F32;
    const std::size_t step = isFloats
        ? part.rows
        : std::max(kUnpackedFloats / k, kRowsAtLeast) / kRowsAtLeast * kRowsAtLeast;
    const std::size_t stretch = m_context->isCpu() ? ceilDivide(k, 8) : kStretchOnGpu;
    for (std::size_t first = 0; first < part.rows; first += step) {
        const std::size_t n = std::min(step, part.rows - first);
        Operand floats = whole;
        if (!isFloats) {
            floats = m_context->scratch(k * n);
            if (floats.buffer == nullptr) {
                return;
            }
            floats.access = Access::Write;
            m_context->run(Shader::UnpackWeights, weightConstants(weights.type()),
                { floats, whole },
                { n, k, stretch, part.rows, part.sections.high, part.sections.scales,
                    part.sections.offsets, first },
                { group(ceilDivide(n, m_context->lanes())),
                    group(ceilDivide(ceilDivide(k, 8), stretch)), 1 },
                moved(k * n));
            floats.access = Access::Read;
        }
        Operand to = writes(out);
        to.offset += part.first + first;
        m_context->product({ .c = to,
            .a = reads(x),
            .b = floats,
            .shape = { rows, n, k },
            .am = k,
            .ak = 1,
            .bk = n,
            .bn = 1,
            .cm = weights.rows(),
            .accumulate = write == Write::Accumulate });
    }
}

void VulkanInference::addBias(View x, View bias, std::size_t rows, std::size_t dim)
{
    m_context->forRows(rows, dim, [&](std::size_t begin, std::size_t count) {
        m_context->runFlat(Shader::Add, { updates(x.slice(begin * dim, count * dim)), reads(bias) },
            { count * dim, dim }, count * dim, moved(count * dim));
    });
}

void VulkanInference::add(View x, View delta)
{
    m_context->forRows(x.count, 1, [&](std::size_t begin, std::size_t count) {
        m_context->runFlat(Shader::Add,
            { updates(x.slice(begin, count)), reads(delta.slice(begin, count)) }, { count, count },
            count, moved(count));
    });
}

void VulkanInference::rmsNorm(
    View out, View x, View gain, std::size_t rows, std::size_t dim, float eps)
{
    m_context->forRows(rows, dim, [&](std::size_t begin, std::size_t count) {
        const View from = x.slice(begin * dim, count * dim);
        const Operand normed = reads(from);
        m_context->run(Shader::RmsNorm, {},
            { normed, writes(out.slice(begin * dim, count * dim)), normed, normed, normed,
                reads(gain) },
            { count, dim, eps, std::size_t{ 0 }, std::size_t{ 0 } }, VulkanContext::flat(count),
            moved(count * dim, 4.0));
    });
}

void VulkanInference::rope(View x, View frequencies, std::span<const RowPlace> places,
    std::size_t heads, std::size_t headDim, RopeStyle style)
{
    const Operand words = wordsOf(places);
    if (words.buffer == nullptr) {
        return;
    }
    const std::size_t pairs = places.size() * heads * (headDim / 2);
    m_context->runFlat(Shader::RopePlaces,
        { updates(x.slice(0, places.size() * heads * headDim)), reads(frequencies), words },
        { pairs, heads, headDim, std::size_t{ style == RopeStyle::Pairs ? 1U : 0U } }, pairs,
        moved(2 * pairs, 8.0));
}

void VulkanInference::store(
    KvCache& cache, std::size_t layer, View k, View v, std::span<const RowPlace> places)
{
    const auto& target = static_cast<const VulkanCache&>(cache);
    const KvShape& shape = target.shape();
    for (const RowPlace& place : places) {
        ASSERT(place.slot < shape.slots && place.position < shape.context);
    }
    const Operand words = wordsOf(places);
    if (words.buffer == nullptr) {
        return;
    }
    const std::size_t width = shape.kvHeads * shape.headDim;
    const std::size_t count = places.size() * width;
    m_context->runFlat(Shader::StoreRows,
        { updates(*target.layer(layer).keys), updates(*target.layer(layer).values),
            reads(k.slice(0, count)), reads(v.slice(0, count)), words },
        { count, width, shape.context }, count, moved(count, 4.0));
}

void VulkanInference::attention(View out, View q, const KvCache& cache, std::size_t layer,
    std::span<const RowPlace> places, std::size_t heads, float scale, std::size_t window)
{
    const auto& source = static_cast<const VulkanCache&>(cache);
    const KvShape& shape = source.shape();
    const std::size_t width = heads * shape.headDim;
    // On a CPU reading the cache is the dear part: there rows of one slot share it.
    const bool shares = m_context->isCpu();
    for (std::size_t begin = 0; begin < places.size();) {
        std::size_t count = 0;
        std::size_t seen = 0;
        while (begin + count < places.size() && count < kMostGroups
            && (!shares || places[begin + count].slot == places[begin].slot)) {
            const RowPlace& place = places[begin + count];
            ASSERT(place.slot < shape.slots && place.position < shape.context);
            const std::size_t all = std::size_t{ place.position } + 1;
            seen += window > 0 ? std::min(window, all) : all;
            ++count;
        }
        const Operand words = wordsOf(places.subspan(begin, count));
        if (words.buffer == nullptr) {
            return;
        }
        const std::uint32_t rows = !shares || count == 1 ? 1 : shape.headDim <= 128 ? 4 : 2;
        m_context->run(Shader::AttentionRow, { group(shape.headDim), rows },
            { writes(out.slice(begin * width, count * width)),
                reads(q.slice(begin * width, count * width)), reads(*source.layer(layer).keys),
                reads(*source.layer(layer).values), words },
            { count, heads, shape.kvHeads, shape.context, window, scale },
            { group(ceilDivide(count, rows)), group(heads), 1 }, moved(seen * width, 2.0));
        begin += count;
    }
}

void VulkanInference::gatedActivation(
    View out, View gate, View up, std::size_t rows, std::size_t width, Activation activation)
{
    m_context->forRows(rows, width, [&](std::size_t begin, std::size_t count) {
        const std::size_t floats = count * width;
        const auto part = [&](View whole) { return whole.slice(begin * width, floats); };
        m_context->runFlat(Shader::Gated, { writes(part(out)), reads(part(gate)), reads(part(up)) },
            { floats, width, width, std::size_t{ activation == Activation::Silu ? 0U : 1U } },
            floats, moved(floats, 8.0));
    });
}

Result<std::unique_ptr<InferenceBackend>> makeVulkanInference(const VulkanOptions& options)
{
    VulkanOptions exact = options;
    exact.mayRound = false;
    TRY_ASSIGN(auto context, VulkanContext::open(exact));
    return std::make_unique<VulkanInference>(std::move(context));
}

} // namespace loam::ml
