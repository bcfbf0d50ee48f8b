// SPDX-License-Identifier: GPL-3.0-or-later
// Shapes in comments: N tokens of the batch, C dim, F ffn, Q qkvDim, V vocab, H heads.
#include "ml/transformer.h"

#include "ml/layer_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace loam::ml {

using base::Errc;
using base::fail;
using base::Result;

namespace {

    /// What forward keeps of one layer for backward.
    struct LayerActivations
    {
        View x; ///< [N,C] input of the layer
        View normed1; ///< [N,C]
        View inverse1; ///< [N]
        View qkv; ///< [N,Q] after rotation
        View attended; ///< [N,C]
        View logSum; ///< [N,H]
        View middle; ///< [N,C] after attention's residual
        View normed2; ///< [N,C]
        View inverse2; ///< [N]
        View gateUp; ///< [N,2F]
    };

    struct Activations
    {
        std::vector<LayerActivations> layers;
        View last; ///< [N,C] output of the last layer
        View normed; ///< [N,C]
        View inverse; ///< [N]
        View delta; ///< [N,C] what a half layer adds to the residual stream
        View hidden; ///< [N,F]
        View nats; ///< [N]
        View headScratch;
        View dX; ///< [N,C]
        View dNormed; ///< [N,C]
        View dQkv; ///< [N,Q]
        View dHidden; ///< [N,F]
        View dGateUp; ///< [N,2F]
    };

} // namespace

struct Transformer::State
{
    State(const ModelConfig& modelConfig, Backend& device)
        : config{ modelConfig }
        , table{ modelConfig }
        , backend{ device }
    {
    }

    Result<> plan(BatchShape largest, Purpose purpose);
    Result<> check(const TokenBatch& batch) const;
    void forward(const TokenBatch& batch);
    void backwardLayers(const TokenBatch& batch, Write write);
    Result<LossReport> report(const TokenBatch& batch);

    AttentionShape attentionShape(BatchShape batch) const
    {
        return { batch.sequences, batch.length, config.heads, config.kvHeads, config.headDim() };
    }

    ModelConfig config;
    ParameterTable table;
    Backend& backend;
    std::size_t capacity{ 0 }; ///< tokens
    bool trains{ false };
    std::unique_ptr<Memory> parameterMemory;
    std::unique_ptr<Memory> gradientMemory;
    std::unique_ptr<Memory> arena;
    std::unique_ptr<Memory> rope;
    ModelWeights weights;
    ModelWeights gradients;
    Activations act;
    std::vector<float> nats;
};

Result<> Transformer::State::plan(BatchShape largest, Purpose purpose)
{
    trains = purpose == Purpose::Train;
    capacity = largest.tokens();
    const std::size_t n = capacity;
    const std::size_t c = config.dim;
    const std::size_t f = config.ffn;
    const std::size_t q = config.qkvDim();

    ArenaPlan arenaPlan;
    std::vector<std::pair<View*, std::size_t>> parts;
    const auto want
        = [&parts](View& view, std::size_t floats) { parts.emplace_back(&view, floats); };
    // Without backward one layer's room serves all.
    act.layers.resize(trains ? config.layers : 1);
    for (LayerActivations& layer : act.layers) {
        want(layer.x, n * c);
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
    want(act.last, n * c);
    want(act.normed, n * c);
    want(act.inverse, n);
    want(act.delta, n * c);
    want(act.hidden, n * f);
    want(act.nats, n);
    want(act.headScratch, backend.headScratch(n, config.vocab));
    if (trains) {
        want(act.dX, n * c);
        want(act.dNormed, n * c);
        want(act.dQkv, n * q);
        want(act.dHidden, n * f);
        want(act.dGateUp, n * 2 * f);
    }
    std::vector<std::size_t> offsets;
    for (const auto& [view, floats] : parts) {
        offsets.push_back(arenaPlan.add(floats));
    }
    TRY_ASSIGN(arena, backend.allocate(arenaPlan.total()));
    for (std::size_t i = 0; i < parts.size(); ++i) {
        *parts[i].first = View{ *arena, offsets[i], parts[i].second };
    }

    TRY_ASSIGN(parameterMemory, backend.allocate(table.count()));
    weights = weightsIn(config, *parameterMemory);
    if (trains) {
        TRY_ASSIGN(gradientMemory, backend.allocate(table.count()));
        gradients = weightsIn(config, *gradientMemory);
    }
    const std::vector<float> angles = ropeTable(config);
    TRY_ASSIGN(rope, backend.allocate(angles.size()));
    backend.upload(*rope, angles);
    nats.resize(n);
    return {};
}

Result<> Transformer::State::check(const TokenBatch& batch) const
{
    const std::size_t tokens = batch.shape.tokens();
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

void Transformer::State::forward(const TokenBatch& batch)
{
    const std::size_t n = batch.shape.tokens();
    const std::size_t c = config.dim;
    const std::size_t f = config.ffn;
    const std::size_t q = config.qkvDim();
    const float eps = config.normEps;
    const AttentionShape shape = attentionShape(batch.shape);
    const auto linear = [&](View out, View in, View weight, std::size_t to, std::size_t from) {
        backend.matmul({ Layout::NT, { n, to, from }, out, in, weight, Write::Overwrite });
    };
    backend.embed(act.layers[0].x, weights.embedding, batch.inputs, c);
    View before; // the residual stream that act.delta is still to be added to
    for (std::size_t i = 0; i < config.layers; ++i) {
        const LayerWeights& w = weights.layers[i];
        LayerActivations& a = act.layers[trains ? i : 0];
        if (i == 0) {
            backend.addRmsNorm({}, a.normed1, a.inverse1, a.x, {}, w.norm1, n, c, eps);
        } else {
            backend.addRmsNorm(a.x, a.normed1, a.inverse1, before, act.delta, w.norm1, n, c, eps);
        }
        linear(a.qkv, a.normed1, w.qkv, q, c);
        backend.rope(a.qkv, *rope, shape, 0, Direction::Forward);
        backend.attention(a.attended, a.logSum, a.qkv, shape);
        linear(act.delta, a.attended, w.output, c, c);
        backend.addRmsNorm(a.middle, a.normed2, a.inverse2, a.x, act.delta, w.norm2, n, c, eps);
        linear(a.gateUp, a.normed2, w.gateUp, 2 * f, c);
        backend.swiglu(act.hidden, a.gateUp, n, f);
        linear(act.delta, act.hidden, w.down, c, f);
        before = a.middle;
    }
    backend.addRmsNorm(
        act.last, act.normed, act.inverse, before, act.delta, weights.norm, n, c, eps);
}

void Transformer::State::backwardLayers(const TokenBatch& batch, Write write)
{
    const std::size_t n = batch.shape.tokens();
    const std::size_t c = config.dim;
    const std::size_t f = config.ffn;
    const std::size_t q = config.qkvDim();
    const AttentionShape shape = attentionShape(batch.shape);
    // y[N,out] = x[N,in] w^T: dX = dY w, dW = dY^T x
    const auto inputGradient
        = [n](View dIn, View dOut, View weight, std::size_t out, std::size_t in) {
              return Product{ Layout::NN, { n, in, out }, dIn, dOut, weight, Write::Overwrite };
          };
    const auto weightGradient
        = [n, write](View dWeight, View dOut, View in, std::size_t rows, std::size_t columns) {
              return Product{ Layout::TN, { rows, columns, n }, dWeight, dOut, in, write };
          };
    for (std::size_t i = config.layers; i-- > 0;) {
        const LayerWeights& w = weights.layers[i];
        const LayerWeights& g = gradients.layers[i];
        const LayerActivations& a = act.layers[i];
        backend.matmul(inputGradient(act.dHidden, act.dX, w.down, c, f));
        backend.swigluBackward(act.dGateUp, act.hidden, act.dHidden, a.gateUp, n, f);
        backend.matmul(std::array{ inputGradient(act.dNormed, act.dGateUp, w.gateUp, 2 * f, c),
            weightGradient(g.gateUp, act.dGateUp, a.normed2, 2 * f, c),
            weightGradient(g.down, act.dX, act.hidden, c, f) });
        backend.rmsNormBackward(
            act.dX, g.norm2, act.dNormed, a.middle, a.inverse2, w.norm2, n, c, write);
        // dNormed is free again: it takes the gradient of what attention gave.
        backend.matmul(std::array{ inputGradient(act.dNormed, act.dX, w.output, c, c),
            weightGradient(g.output, act.dX, a.attended, c, c) });
        backend.attentionBackward(act.dQkv, act.dNormed, a.qkv, a.attended, a.logSum, shape);
        backend.rope(act.dQkv, *rope, shape, 0, Direction::Backward);
        backend.matmul(std::array{ inputGradient(act.dNormed, act.dQkv, w.qkv, q, c),
            weightGradient(g.qkv, act.dQkv, a.normed1, q, c) });
        backend.rmsNormBackward(
            act.dX, g.norm1, act.dNormed, a.x, a.inverse1, w.norm1, n, c, write);
    }
    if (!config.tied && write == Write::Overwrite) {
        backend.fill(gradients.embedding, 0.0F);
    }
    backend.embedBackward(gradients.embedding, act.dX, batch.inputs, c);
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
    constexpr std::size_t kMostTokens = std::size_t{ 1 } << 24U;
    TRY(config.validate());
    if (largest.length == 0 || largest.length > config.context || largest.sequences == 0
        || largest.sequences > kMostTokens / largest.length) {
        return fail(Errc::Invalid,
            "the largest batch must hold 1 to 2^24 tokens and sequences "
            "within the model's context");
    }
    auto state = std::make_unique<State>(config, backend);
    TRY(state->plan(largest, purpose));
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

View Transformer::gradients() const
{
    ASSERT(m_state->trains);
    return *m_state->gradientMemory;
}

Result<> Transformer::copyGradientsTo(std::span<float> values) const
{
    if (!m_state->trains || values.size() != m_state->table.count()) {
        return fail(Errc::Invalid, "the model has no gradients of this size");
    }
    return m_state->backend.download(values, *m_state->gradientMemory);
}

Result<LossReport> Transformer::evaluate(const TokenBatch& batch)
{
    State& s = *m_state;
    TRY(s.check(batch));
    s.forward(batch);
    s.backend.headLoss(s.act.nats, s.act.normed, s.weights.head, batch.targets, s.config.dim,
        s.config.vocab, s.act.headScratch);
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
    const std::size_t n = batch.shape.tokens();
    s.forward(batch);
    s.backend.headLossBackward(s.act.nats, s.act.dNormed, s.gradients.head, s.act.normed,
        s.weights.head, batch.targets, s.config.dim, s.config.vocab, factor, write,
        s.act.headScratch);
    s.backend.fill(s.act.dX, 0.0F);
    s.backend.rmsNormBackward(s.act.dX, s.gradients.norm, s.act.dNormed, s.act.last, s.act.inverse,
        s.weights.norm, n, s.config.dim, write);
    s.backwardLayers(batch, write);
    return s.report(batch);
}

} // namespace loam::ml
