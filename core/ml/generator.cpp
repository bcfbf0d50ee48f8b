// SPDX-License-Identifier: GPL-3.0-or-later
#include "ml/generator.h"

#include "ml/exact_math.h"
#include "ml/layer_plan.h"

#include <algorithm>
#include <cmath>

namespace loam::ml {

using base::Errc;
using base::fail;
using base::Result;

namespace {

    /// The likeliest token, or one drawn from softmax(logits / temperature).
    Token choose(std::span<const float> logits, const GenerateOptions& options, std::uint32_t index)
    {
        const auto most = std::ranges::max_element(logits);
        if (!(options.temperature > 0.0F)) {
            return static_cast<Token>(most - logits.begin());
        }
        const auto weight = [&](float logit) {
            const double x
                = static_cast<double>(logit - *most) / static_cast<double>(options.temperature);
            return exact::exp(std::max(x, -700.0));
        };
        double total = 0.0;
        for (const float logit : logits) {
            total += weight(logit);
        }
        const auto words = exact::philox({ index, 0, 0, 1 },
            { static_cast<std::uint32_t>(options.seed),
                static_cast<std::uint32_t>(options.seed >> 32U) });
        double left = total * exact::uniform(words[0]);
        for (std::size_t i = 0; i < logits.size(); ++i) {
            left -= weight(logits[i]);
            if (left <= 0.0) {
                return static_cast<Token>(i);
            }
        }
        return static_cast<Token>(logits.size() - 1);
    }

} // namespace

struct Generator::State
{
    State(const ModelConfig& modelConfig, Backend& device)
        : config{ modelConfig }
        , backend{ device }
    {
    }

    Result<> plan(const Parameters& parameters);
    /// Appends a token to the caches; logits of what follows when asked for.
    Result<> feed(Token token, bool wantsLogits);
    Result<> feedPrompt(std::span<const Token> prompt);

    ModelConfig config;
    Backend& backend;
    std::unique_ptr<Memory> parameterMemory;
    std::unique_ptr<Memory> arena;
    std::unique_ptr<Memory> rope;
    ModelWeights weights;
    std::vector<View> keys; ///< of each layer [context, kvDim]
    std::vector<View> values; ///< the same
    View x;
    View normed;
    View inverse;
    View qkv;
    View attended;
    View delta;
    View gateUp;
    View hidden;
    View logitsView;
    std::vector<float> logits;
    std::size_t position{ 0 };
};

Result<> Generator::State::plan(const Parameters& parameters)
{
    const std::size_t dim = config.dim;
    const std::size_t cache = std::size_t{ config.context } * config.kvHeads * config.headDim();
    keys.resize(config.layers);
    values.resize(config.layers);
    ArenaPlan arenaPlan;
    std::vector<std::pair<View*, std::size_t>> parts{ { &x, dim }, { &normed, dim },
        { &inverse, 1 }, { &qkv, config.qkvDim() }, { &attended, dim }, { &delta, dim },
        { &gateUp, 2 * std::size_t{ config.ffn } }, { &hidden, config.ffn },
        { &logitsView, config.vocab } };
    for (std::size_t layer = 0; layer < config.layers; ++layer) {
        parts.emplace_back(&keys[layer], cache);
        parts.emplace_back(&values[layer], cache);
    }
    std::vector<std::size_t> offsets;
    for (const auto& [view, floats] : parts) {
        offsets.push_back(arenaPlan.add(floats));
    }
    TRY_ASSIGN(arena, backend.allocate(arenaPlan.total()));
    for (std::size_t i = 0; i < parts.size(); ++i) {
        *parts[i].first = View{ *arena, offsets[i], parts[i].second };
    }
    TRY_ASSIGN(parameterMemory, backend.allocate(parameters.values().size()));
    backend.upload(*parameterMemory, parameters.values());
    weights = weightsIn(config, *parameterMemory);
    const std::vector<float> angles = ropeTable(config);
    TRY_ASSIGN(rope, backend.allocate(angles.size()));
    backend.upload(*rope, angles);
    logits.resize(config.vocab);
    return backend.finish();
}

Result<> Generator::State::feed(Token token, bool wantsLogits)
{
    const std::size_t dim = config.dim;
    const std::size_t kvDim = std::size_t{ config.kvHeads } * config.headDim();
    const std::size_t ffn = config.ffn;
    const AttentionShape one{ 1, 1, config.heads, config.kvHeads, config.headDim() };
    AttentionShape seen = one;
    seen.length = position + 1;
    const auto linear = [&](View out, View in, View weight, std::size_t to, std::size_t from) {
        backend.matmul({ Layout::NT, { 1, to, from }, out, in, weight, Write::Overwrite });
    };
    backend.embed(x, weights.embedding, { &token, 1 }, dim);
    View change;
    for (std::size_t i = 0; i < config.layers; ++i) {
        const LayerWeights& w = weights.layers[i];
        backend.addRmsNorm(x, normed, inverse, x, change, w.norm1, 1, dim, config.normEps);
        linear(qkv, normed, w.qkv, config.qkvDim(), dim);
        backend.rope(qkv, *rope, one, position, Direction::Forward);
        backend.copy(keys[i].slice(position * kvDim, kvDim), qkv.slice(dim, kvDim));
        backend.copy(values[i].slice(position * kvDim, kvDim), qkv.slice(dim + kvDim, kvDim));
        backend.attentionStep(attended, qkv, keys[i], values[i], seen);
        linear(delta, attended, w.output, dim, dim);
        backend.addRmsNorm(x, normed, inverse, x, delta, w.norm2, 1, dim, config.normEps);
        linear(gateUp, normed, w.gateUp, 2 * ffn, dim);
        backend.swiglu(hidden, gateUp, 1, ffn);
        linear(delta, hidden, w.down, dim, ffn);
        change = delta;
    }
    if (wantsLogits) {
        backend.addRmsNorm(x, normed, inverse, x, change, weights.norm, 1, dim, config.normEps);
        linear(logitsView, normed, weights.head, config.vocab, dim);
    }
    TRY(backend.finish());
    if (wantsLogits) {
        TRY(backend.download(logits, logitsView));
    }
    ++position;
    return {};
}

Result<> Generator::State::feedPrompt(std::span<const Token> prompt)
{
    if (prompt.empty() || prompt.size() > config.context) {
        return fail(
            Errc::Invalid, "a prompt has at least one token and at most the model's context");
    }
    const auto vocab = static_cast<Token>(config.vocab);
    if (std::ranges::any_of(prompt, [vocab](Token t) { return t < 0 || t >= vocab; })) {
        return fail(Errc::Invalid, "the prompt holds a token outside the model's vocabulary");
    }
    position = 0;
    for (std::size_t i = 0; i < prompt.size(); ++i) {
        TRY(feed(prompt[i], i + 1 == prompt.size()));
    }
    return {};
}

Generator::Generator(std::unique_ptr<State> state)
    : m_state{ std::move(state) }
{
}

Generator::~Generator() = default;

Result<std::unique_ptr<Generator>> Generator::create(const Parameters& parameters, Backend& backend)
{
    ASSERT(!parameters.config().qkvBias); // models of runs have none
    auto state = std::make_unique<State>(parameters.config(), backend);
    TRY(state->plan(parameters));
    return std::unique_ptr<Generator>{ new Generator{ std::move(state) } };
}

Result<std::vector<Token>> Generator::generate(std::span<const Token> prompt,
    const GenerateOptions& options, const std::function<bool(Token)>& onToken)
{
    State& s = *m_state;
    TRY(s.feedPrompt(prompt));
    std::vector<Token> tokens;
    while (tokens.size() < options.maxTokens) {
        const Token next = choose(s.logits, options, static_cast<std::uint32_t>(tokens.size()));
        if (next == options.stopToken) {
            break;
        }
        tokens.push_back(next);
        if ((onToken && !onToken(next)) || s.position >= s.config.context) {
            break;
        }
        TRY(s.feed(next, true));
    }
    return tokens;
}

Result<std::vector<float>> Generator::logits(std::span<const Token> prompt)
{
    TRY(m_state->feedPrompt(prompt));
    return m_state->logits;
}

} // namespace loam::ml
