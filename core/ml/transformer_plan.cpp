// SPDX-License-Identifier: GPL-3.0-or-later
// What memory a model takes, and how it works when there is less. Keeping the inputs of layers and
// computing the rest twice: Chen et al., arXiv:1604.06174.
#include "ml/transformer_state.h"

#include <fmt/format.h>

#include <numeric>

namespace loam::ml {

using base::Errc;
using base::fail;
using base::Result;

namespace {

    /// Gradients of gains are summed in blocks of so many rows (cpu_backend.cpp): parts of a batch
    /// that consist of whole blocks give the sums of the undivided batch, bit by bit.
    constexpr std::size_t kPartRows = 64;
    /// Below so many tokens products lose more than computing a forward pass twice costs.
    constexpr std::size_t kFewestQuickTokens = 512;
    constexpr double kBytesPerMebibyte = 1024.0 * 1024.0;

    /// Sequences whose tokens fill whole blocks.
    std::size_t sequenceStep(std::size_t length)
    {
        return kPartRows / std::gcd(kPartRows, length);
    }

} // namespace

std::string MemoryPlan::describe() const
{
    return fmt::format("{}, {} sequence{} at a time, {:.1f} MiB",
        keep == Keep::Everything ? "every activation kept" : "layers computed twice",
        sequencesAtATime, sequencesAtATime == 1 ? "" : "s",
        static_cast<double>(bytes) / kBytesPerMebibyte);
}

Transformer::State::State(const ModelConfig& modelConfig, Backend& device, const Options& options)
    : config{ modelConfig }
    , table{ modelConfig }
    , backend{ device }
    , trains{ options.purpose == Purpose::Train }
{
    if (options.adapter) {
        adapter = std::make_unique<LoraDevice>(config, *options.adapter, backend);
    }
}

std::size_t Transformer::State::sequencesOfPart(BatchShape batch) const
{
    const std::size_t most = memory.sequencesAtATime * planned.length / batch.length;
    const std::size_t step = sequenceStep(batch.length);
    return most >= batch.sequences || most < step ? most : most / step * step;
}

Transformer::State::Parts Transformer::State::partsOf(Keep keep, std::size_t sequencesAtATime)
{
    const std::size_t n = sequencesAtATime * planned.length;
    const std::size_t c = config.dim;
    const std::size_t f = config.ffn;
    const std::size_t q = config.qkvDim();
    Parts parts;
    const auto want
        = [&parts](View& view, std::size_t floats) { parts.emplace_back(&view, floats); };
    // Without backward one layer's room serves all.
    act.inputs.resize(trains ? config.layers : 1);
    act.layers.resize(trains && keep == Keep::Everything ? config.layers : 1);
    for (View& x : act.inputs) {
        want(x, n * c);
    }
    for (LayerActivations& layer : act.layers) {
        want(layer.normed1, n * c);
        want(layer.inverse1, n);
        want(layer.qkv, n * q);
        want(layer.attended, n * c);
        want(layer.logSum, n * config.heads);
        want(layer.middle, n * c);
        want(layer.normed2, n * c);
        want(layer.inverse2, n);
        want(layer.gateUp, n * 2 * f);
    }
    if (adapter != nullptr) {
        adapter->planActivations(want, n, act.layers.size(), trains);
    }
    want(act.last, n * c);
    want(act.normed, n * c);
    want(act.inverse, n);
    want(act.delta, n * c);
    want(act.hidden, n * f);
    if (config.qkvBias) {
        want(act.ones, n);
    }
    want(act.nats, planned.tokens());
    want(act.headScratch, backend.headScratch(n, config.vocab));
    if (trains) {
        want(act.dX, planned.tokens() * c);
        want(act.dNormed, n * c);
        want(act.dQkv, n * q);
        want(act.dHidden, n * f);
        want(act.dGateUp, n * 2 * f);
    }
    return parts;
}

std::uint64_t Transformer::State::bytesOf(Keep keep, std::size_t sequencesAtATime)
{
    ArenaPlan arenaPlan;
    for (const auto& [view, floats] : partsOf(keep, sequencesAtATime)) {
        arenaPlan.add(floats);
    }
    std::uint64_t floats
        = arenaPlan.total() + table.count() + std::uint64_t{ config.context } * config.headDim();
    if (trainsBase()) {
        floats += table.count();
    }
    if (adapter != nullptr) {
        floats += adapter->ownFloats(trains);
    }
    return floats * sizeof(float);
}

std::vector<MemoryPlan> Transformer::State::plans() const
{
    const std::size_t step = std::min(sequenceStep(planned.length), planned.sequences);
    std::vector<std::size_t> counts;
    for (std::size_t count = planned.sequences; counts.empty() || count < counts.back();
         count = std::max(step, count / 2 / step * step)) {
        counts.push_back(count);
    }
    std::vector<MemoryPlan> quickest;
    std::vector<MemoryPlan> smallest;
    for (const std::size_t count : counts) {
        const bool isQuick
            = count == planned.sequences || count * planned.length >= kFewestQuickTokens;
        (isQuick ? quickest : smallest).push_back({ Keep::Everything, count, 0 });
    }
    if (trains) {
        for (const std::size_t count : counts) {
            quickest.push_back({ Keep::LayerInputs, count, 0 });
        }
    }
    // A small part without a second forward pass never needs less than one with it.
    if (!trains) {
        quickest.insert(quickest.end(), smallest.begin(), smallest.end());
    }
    return quickest;
}

Result<> Transformer::State::plan(BatchShape largest, std::uint64_t memoryBudget)
{
    planned = largest;
    std::uint64_t fewest = 0;
    for (MemoryPlan candidate : plans()) {
        candidate.bytes = bytesOf(candidate.keep, candidate.sequencesAtATime);
        if (memoryBudget == 0 || candidate.bytes <= memoryBudget) {
            memory = candidate;
            return allocate();
        }
        fewest = fewest == 0 ? candidate.bytes : std::min(fewest, candidate.bytes);
    }
    return fail(Errc::Unavailable,
        fmt::format("the model needs at least {:.1f} MiB for sequences of {} tokens, {:.1f} MiB "
                    "are granted: grant more, or choose shorter sequences or a smaller model",
            static_cast<double>(fewest) / kBytesPerMebibyte, planned.length,
            static_cast<double>(memoryBudget) / kBytesPerMebibyte));
}

Result<> Transformer::State::allocate()
{
    const Parts parts = partsOf(memory.keep, memory.sequencesAtATime);
    ArenaPlan arenaPlan;
    std::vector<std::size_t> offsets;
    for (const auto& [view, floats] : parts) {
        offsets.push_back(arenaPlan.add(floats));
    }
    TRY_ASSIGN(arena, backend.allocate(arenaPlan.total()));
    for (std::size_t i = 0; i < parts.size(); ++i) {
        *parts[i].first = View{ *arena, offsets[i], parts[i].second };
    }
    if (config.qkvBias) {
        backend.fill(act.ones, 1.0F);
    }
    TRY_ASSIGN(parameterMemory, backend.allocate(table.count()));
    weights = weightsIn(config, *parameterMemory);
    if (trainsBase()) {
        TRY_ASSIGN(gradientMemory, backend.allocate(table.count()));
        gradients = weightsIn(config, *gradientMemory);
    }
    if (adapter != nullptr) {
        TRY(adapter->allocate(trains));
    }
    const std::vector<float> angles = ropeTable(config);
    TRY_ASSIGN(rope, backend.allocate(angles.size()));
    backend.upload(*rope, angles);
    nats.resize(planned.tokens());
    return {};
}

} // namespace loam::ml
