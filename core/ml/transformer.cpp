// SPDX-License-Identifier: GPL-3.0-or-later
#include "ml/transformer_state.h"

#include <fmt/format.h>

namespace loam::ml {

using base::Errc;
using base::fail;
using base::Result;

Result<> Transformer::State::check(const TokenBatch& batch) const
{
    const std::size_t tokens = batch.shape.tokens();
    const std::size_t capacity = planned.tokens();
    if (batch.shape.length == 0 || batch.shape.sequences == 0 || batch.shape.length > config.context
        || batch.shape.sequences > capacity || tokens > capacity) {
        return fail(Errc::Invalid,
            fmt::format(
                "a batch of {} x {} tokens does not fit: at most {} tokens, sequences of {}",
                batch.shape.sequences, batch.shape.length, capacity, config.context));
    }
    if (batch.inputs.size() != tokens || batch.targets.size() != tokens) {
        return fail(Errc::Invalid, "a batch's tokens or targets do not have its shape");
    }
    const auto vocab = static_cast<Token>(config.vocab);
    const auto foreign = [vocab](Token token) { return token < 0 || token >= vocab; };
    if (std::ranges::any_of(batch.inputs, foreign)
        || std::ranges::any_of(batch.targets,
            [&](Token token) { return token != kIgnoredTarget && foreign(token); })) {
        return fail(Errc::Invalid, "a batch holds a token outside the model's vocabulary");
    }
    return {};
}

Result<LossReport> Transformer::State::report(const TokenBatch& batch)
{
    TRY(backend.finish());
    const std::span<float> values = std::span{ nats }.first(batch.shape.tokens());
    TRY(backend.download(values, act.nats));
    LossReport out;
    for (std::size_t s = 0; s < batch.shape.sequences; ++s) {
        double sum = 0.0;
        std::uint64_t counted = 0;
        for (std::size_t t = 0; t < batch.shape.length; ++t) {
            const std::size_t i = s * batch.shape.length + t;
            if (batch.targets[i] != kIgnoredTarget) {
                sum += static_cast<double>(values[i]);
                ++counted;
            }
        }
        out.natsPerSequence.push_back(sum);
        out.tokensPerSequence.push_back(counted);
        out.nats += sum;
        out.tokens += counted;
    }
    return out;
}

Transformer::Transformer(std::unique_ptr<State> state)
    : m_state{ std::move(state) }
{
}

Transformer::~Transformer() = default;

Result<std::unique_ptr<Transformer>> Transformer::create(
    const ModelConfig& config, Backend& backend, BatchShape largest, Purpose purpose)
{
    Options options;
    options.purpose = purpose;
    return create(config, backend, largest, options);
}

Result<std::unique_ptr<Transformer>> Transformer::create(
    const ModelConfig& config, Backend& backend, BatchShape largest, const Options& options)
{
    constexpr std::size_t kMostTokens = std::size_t{ 1 } << 24U;
    TRY(config.validate());
    if (largest.length == 0 || largest.length > config.context || largest.sequences == 0
        || largest.sequences > kMostTokens / largest.length) {
        return fail(Errc::Invalid,
            "the largest batch must hold 1 to 2^24 tokens and sequences "
            "within the model's context");
    }
    if (options.adapter) {
        TRY(options.adapter->validate(config));
    }
    auto state = std::make_unique<State>(config, backend, options);
    TRY(state->plan(largest, options.memoryBudget));
    return std::unique_ptr<Transformer>{ new Transformer{ std::move(state) } };
}

const ModelConfig& Transformer::config() const
{
    return m_state->config;
}

const ParameterTable& Transformer::table() const
{
    return m_state->table;
}

Backend& Transformer::backend()
{
    return m_state->backend;
}

Result<> Transformer::setParameters(const Parameters& parameters)
{
    if (parameters.config() != m_state->config) {
        return fail(Errc::Invalid, "these weights belong to a model of another shape");
    }
    m_state->backend.upload(*m_state->parameterMemory, parameters.values());
    return m_state->backend.finish();
}

Result<> Transformer::copyParametersTo(Parameters& parameters) const
{
    if (parameters.config() != m_state->config) {
        return fail(Errc::Invalid, "these weights belong to a model of another shape");
    }
    return m_state->backend.download(parameters.values(), *m_state->parameterMemory);
}

View Transformer::parameters() const
{
    return *m_state->parameterMemory;
}

Result<> Transformer::setAdapter(const Lora& adapter)
{
    LoraDevice* const mine = m_state->adapter.get();
    if (mine == nullptr || adapter.model() != m_state->config
        || adapter.config() != mine->config()) {
        return fail(Errc::Invalid, "this adapter is of another kind than the model was made for");
    }
    m_state->backend.upload(mine->values(), adapter.values());
    return m_state->backend.finish();
}

Result<> Transformer::copyAdapterTo(Lora& adapter) const
{
    const LoraDevice* const mine = m_state->adapter.get();
    if (mine == nullptr || adapter.model() != m_state->config
        || adapter.config() != mine->config()) {
        return fail(Errc::Invalid, "this adapter is of another kind than the model was made for");
    }
    return m_state->backend.download(adapter.values(), mine->values());
}

const MemoryPlan& Transformer::memoryPlan() const
{
    return m_state->memory;
}

View Transformer::trained() const
{
    ASSERT(m_state->trains);
    return m_state->adapter == nullptr ? View{ *m_state->parameterMemory }
                                       : m_state->adapter->trained();
}

View Transformer::gradients() const
{
    ASSERT(m_state->trains);
    return m_state->adapter == nullptr ? View{ *m_state->gradientMemory }
                                       : m_state->adapter->gradients();
}

std::vector<ParameterEntry> Transformer::trainedEntries() const
{
    if (m_state->adapter == nullptr) {
        const auto entries = m_state->table.entries();
        return { entries.begin(), entries.end() };
    }
    const LoraTable& adapter = m_state->adapter->table();
    std::vector<ParameterEntry> entries{ adapter.trained().begin(), adapter.trained().end() };
    for (ParameterEntry& entry : entries) {
        entry.offset -= adapter.trainedBegin();
    }
    return entries;
}

Result<> Transformer::copyGradientsTo(std::span<float> values) const
{
    if (!m_state->trains || values.size() != gradients().count) {
        return fail(Errc::Invalid, "the model has no gradients of this size");
    }
    return m_state->backend.download(values, gradients());
}

Result<LossReport> Transformer::evaluate(const TokenBatch& batch)
{
    State& s = *m_state;
    TRY(s.check(batch));
    if (s.adapter != nullptr) {
        s.adapter->pack();
    }
    s.forEachPart(batch, [&s](const TokenBatch& part, std::size_t firstToken) {
        s.forward(part);
        s.backend.headLoss(s.act.nats.slice(firstToken, part.shape.tokens()), s.act.normed,
            s.weights.head, part.targets, s.config.dim, s.config.vocab, s.act.headScratch);
    });
    return s.report(batch);
}

Result<LossReport> Transformer::computeGradients(
    const TokenBatch& batch, Write write, std::optional<float> scale)
{
    State& s = *m_state;
    if (!s.trains) {
        return fail(Errc::Invalid, "this model was made for evaluation only");
    }
    TRY(s.check(batch));
    const auto counted
        = std::ranges::count_if(batch.targets, [](Token token) { return token != kIgnoredTarget; });
    const float factor = scale.value_or(counted == 0 ? 0.0F : 1.0F / static_cast<float>(counted));
    if (s.adapter != nullptr) {
        s.adapter->pack();
    }
    s.forEachPart(batch, [&](const TokenBatch& part, std::size_t firstToken) {
        s.forward(part);
        s.backward(part, firstToken, firstToken == 0 ? write : Write::Accumulate, factor);
    });
    s.finishGradients(batch, write);
    return s.report(batch);
}

} // namespace loam::ml
