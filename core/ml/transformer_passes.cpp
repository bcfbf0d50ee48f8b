// SPDX-License-Identifier: GPL-3.0-or-later
// Forward and backward of a model over one part of a batch.
#include "ml/transformer_state.h"

#include <array>

namespace loam::ml {

void Transformer::State::linear(
    View out, View in, View weight, std::size_t to, std::size_t from, std::size_t rows)
{
    backend.matmul({ Layout::NT, { rows, to, from }, out, in, weight, Write::Overwrite });
}

void Transformer::State::normInput(std::size_t index, View before, View delta, std::size_t rows)
{
    const LayerActivations& a = layer(index);
    const View x = input(index);
    const bool adds = delta.memory != nullptr;
    backend.addRmsNorm(adds ? x : View{}, a.normed1, a.inverse1, adds ? before : x, delta,
        weights.layers[index].norm1, rows, config.dim, config.normEps);
}

void Transformer::State::layerBody(std::size_t index, BatchShape shape)
{
    const std::size_t n = shape.tokens();
    const std::size_t c = config.dim;
    const AttentionShape attention = attentionShape(shape);
    const LayerWeights& w = weights.layers[index];
    const LayerActivations& a = layer(index);
    const auto adapt = [&](Joined joined, View out, View in) {
        if (adapter != nullptr) {
            adapter->forward(index, joined, out, in, n);
        }
    };
    linear(a.qkv, a.normed1, w.qkv, config.qkvDim(), c, n);
    if (config.qkvBias) {
        backend.matmul({ Layout::NN, { n, config.qkvDim(), 1 }, a.qkv, act.ones, w.qkvBias,
            Write::Accumulate });
    }
    adapt(Joined::Qkv, a.qkv, a.normed1);
    backend.rope(a.qkv, *rope, attention, 0, Direction::Forward);
    backend.attention(a.attended, a.logSum, a.qkv, attention);
    linear(act.delta, a.attended, w.output, c, c, n);
    adapt(Joined::Output, act.delta, a.attended);
    backend.addRmsNorm(
        a.middle, a.normed2, a.inverse2, input(index), act.delta, w.norm2, n, c, config.normEps);
    linear(a.gateUp, a.normed2, w.gateUp, 2 * std::size_t{ config.ffn }, c, n);
    adapt(Joined::GateUp, a.gateUp, a.normed2);
}

void Transformer::State::forward(const TokenBatch& batch)
{
    const std::size_t n = batch.shape.tokens();
    const std::size_t c = config.dim;
    const std::size_t f = config.ffn;
    backend.embed(input(0), weights.embedding, batch.inputs, c);
    View before; // the residual stream that act.delta is still to be added to
    for (std::size_t i = 0; i < config.layers; ++i) {
        normInput(i, before, i == 0 ? View{} : act.delta, n);
        layerBody(i, batch.shape);
        backend.swiglu(act.hidden, layer(i).gateUp, n, f);
        linear(act.delta, act.hidden, weights.layers[i].down, c, f, n);
        if (adapter != nullptr) {
            adapter->forward(i, Joined::Down, act.delta, act.hidden, n);
        }
        before = layer(i).middle;
    }
    backend.addRmsNorm(
        act.last, act.normed, act.inverse, before, act.delta, weights.norm, n, c, config.normEps);
}

void Transformer::State::recompute(std::size_t index, BatchShape shape)
{
    normInput(index, {}, {}, shape.tokens());
    layerBody(index, shape);
    if (adapter != nullptr && adapter->adapts(Joined::Down)) {
        backend.swiglu(act.hidden, layer(index).gateUp, shape.tokens(), config.ffn);
        adapter->project(index, Joined::Down, act.hidden, shape.tokens());
    }
}

void Transformer::State::backward(
    const TokenBatch& batch, std::size_t firstToken, Write write, float scale)
{
    const std::size_t n = batch.shape.tokens();
    const std::size_t c = config.dim;
    const View dX = act.dX.slice(firstToken * c, n * c);
    backend.headLossBackward(act.nats.slice(firstToken, n), act.dNormed, gradients.head, act.normed,
        weights.head, batch.targets, c, config.vocab, scale, write, act.headScratch);
    backend.fill(dX, 0.0F);
    backend.rmsNormBackward(
        dX, gradients.norm, act.dNormed, act.last, act.inverse, weights.norm, n, c, write);
    for (std::size_t i = config.layers; i-- > 0;) {
        // Forward left the last layer's activations where they are kept for one layer only.
        if (memory.keep == Keep::LayerInputs && i + 1 < config.layers) {
            recompute(i, batch.shape);
        }
        backwardLayer(i, dX, batch.shape, write);
    }
}

void Transformer::State::backwardLayer(std::size_t index, View dX, BatchShape shape, Write write)
{
    const std::size_t n = shape.tokens();
    const std::size_t c = config.dim;
    const std::size_t f = config.ffn;
    const std::size_t q = config.qkvDim();
    const AttentionShape attention = attentionShape(shape);
    const LayerWeights& w = weights.layers[index];
    const LayerWeights g = trainsBase() ? gradients.layers[index] : LayerWeights{};
    const LayerActivations& a = layer(index);

    // y[N,out] = x[N,in] w^T: dX = dY w, dW = dY^T x
    std::array<Product, 3> products;
    std::size_t count = 0;
    const auto inputGradient = [&](View dIn, View dOut, View weight, std::size_t out,
                                   std::size_t in) {
        products[count++] = { Layout::NN, { n, in, out }, dIn, dOut, weight, Write::Overwrite };
    };
    const auto weightGradient = [&](View dWeight, View dOut, View in, std::size_t rows,
                                    std::size_t columns) {
        if (trainsBase()) {
            products[count++] = { Layout::TN, { rows, columns, n }, dWeight, dOut, in, write };
        }
    };
    const auto multiply = [&] {
        backend.matmul(std::span{ products }.first(count));
        count = 0;
    };
    const auto adaptInput = [&](Joined joined, View dIn, View dOut) {
        if (adapter != nullptr) {
            adapter->inputGradient(index, joined, dIn, dOut, n);
        }
    };
    const auto adaptWeights = [&](Joined joined, View dOut, View in) {
        if (adapter != nullptr) {
            adapter->weightGradients(index, joined, dOut, in, n, write);
        }
    };

    inputGradient(act.dHidden, dX, w.down, c, f);
    multiply();
    adaptInput(Joined::Down, act.dHidden, dX);
    backend.swigluBackward(act.dGateUp, act.hidden, act.dHidden, a.gateUp, n, f);
    adaptWeights(Joined::Down, dX, act.hidden);

    inputGradient(act.dNormed, act.dGateUp, w.gateUp, 2 * f, c);
    weightGradient(g.gateUp, act.dGateUp, a.normed2, 2 * f, c);
    weightGradient(g.down, dX, act.hidden, c, f);
    multiply();
    adaptInput(Joined::GateUp, act.dNormed, act.dGateUp);
    adaptWeights(Joined::GateUp, act.dGateUp, a.normed2);
    backend.rmsNormBackward(dX, g.norm2, act.dNormed, a.middle, a.inverse2, w.norm2, n, c, write);

    // dNormed is free again: it takes the gradient of what attention gave.
    inputGradient(act.dNormed, dX, w.output, c, c);
    weightGradient(g.output, dX, a.attended, c, c);
    multiply();
    adaptInput(Joined::Output, act.dNormed, dX);
    adaptWeights(Joined::Output, dX, a.attended);
    backend.attentionBackward(act.dQkv, act.dNormed, a.qkv, a.attended, a.logSum, attention);
    backend.rope(act.dQkv, *rope, attention, 0, Direction::Backward);

    inputGradient(act.dNormed, act.dQkv, w.qkv, q, c);
    weightGradient(g.qkv, act.dQkv, a.normed1, q, c);
    if (config.qkvBias) {
        weightGradient(g.qkvBias, act.dQkv, act.ones, q, 1);
    }
    multiply();
    adaptInput(Joined::Qkv, act.dNormed, act.dQkv);
    adaptWeights(Joined::Qkv, act.dQkv, a.normed1);
    backend.rmsNormBackward(
        dX, g.norm1, act.dNormed, input(index), a.inverse1, w.norm1, n, c, write);
}

void Transformer::State::finishGradients(const TokenBatch& batch, Write write)
{
    if (adapter != nullptr) {
        adapter->unpackGradients();
        return;
    }
    if (!config.tied && write == Write::Overwrite) {
        backend.fill(gradients.embedding, 0.0F);
    }
    backend.embedBackward(gradients.embedding, act.dX, batch.inputs, config.dim);
}

} // namespace loam::ml
