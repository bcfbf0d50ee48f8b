// SPDX-License-Identifier: GPL-3.0-or-later
#include "ml/model_forward.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace loam::ml {

using base::Result;

namespace {

    /// Radians per position of each pair of elements: theta^(-2 i / headDim).
    std::vector<float> frequenciesOf(const ModelShape& shape, float theta, bool scaled)
    {
        std::vector<float> frequencies(shape.headDim / 2);
        for (std::size_t i = 0; i < frequencies.size(); ++i) {
            double value = std::pow(static_cast<double>(theta),
                -2.0 * static_cast<double>(i) / static_cast<double>(shape.headDim));
            if (scaled) {
                value /= static_cast<double>(shape.ropeScale);
                if (!shape.ropeFactors.empty()) {
                    value /= static_cast<double>(shape.ropeFactors[i]);
                }
            }
            frequencies[i] = static_cast<float>(value);
        }
        return frequencies;
    }

    std::array<std::size_t, 11> activationParts(
        const ModelShape& s, std::size_t batch, std::size_t logitRows)
    {
        const std::size_t q = std::size_t{ s.heads } * s.headDim;
        const std::size_t kv = std::size_t{ s.kvHeads } * s.headDim;
        return { batch * s.dim, batch * s.dim, batch * q, batch * kv, batch * kv, batch * q,
            batch * s.dim, batch * s.ffn, batch * s.ffn, logitRows * s.dim, logitRows * s.vocab };
    }

} // namespace

std::uint64_t ModelForward::activationFloats(
    const ModelShape& shape, std::size_t batch, std::size_t logitRows)
{
    std::uint64_t sum = 0;
    for (const std::size_t part : activationParts(shape, batch, logitRows)) {
        sum += part;
    }
    return sum;
}

ModelForward::ModelForward(const ModelFile& file, InferenceBackend& backend)
    : m_file{ file }
    , m_backend{ backend }
{
}

Result<std::unique_ptr<ModelForward>> ModelForward::create(const ModelFile& file,
    InferenceBackend& backend, const KvShape& cache, std::size_t batch, std::size_t logitRows)
{
    std::unique_ptr<ModelForward> forward{ new ModelForward{ file, backend } };
    TRY(forward->adoptWeights());
    TRY(forward->placeVectors());
    TRY_ASSIGN(forward->m_cache, backend.makeCache(cache));
    TRY(forward->placeActivations(batch, logitRows));
    TRY(backend.finish());
    return forward;
}

Result<> ModelForward::adoptWeights()
{
    const ModelTensors& t = m_file.tensors();
    TRY_ASSIGN(m_embedding, m_backend.adopt(t.embedding));
    if (!t.tied) {
        TRY_ASSIGN(m_head, m_backend.adopt(t.head));
    }
    m_layers.resize(t.layers.size());
    for (std::size_t i = 0; i < m_layers.size(); ++i) {
        const LayerTensors& from = t.layers[i];
        Layer& to = m_layers[i];
        TRY_ASSIGN(to.q, m_backend.adopt(from.q));
        TRY_ASSIGN(to.k, m_backend.adopt(from.k));
        TRY_ASSIGN(to.v, m_backend.adopt(from.v));
        TRY_ASSIGN(to.output, m_backend.adopt(from.output));
        TRY_ASSIGN(to.gate, m_backend.adopt(from.gate));
        TRY_ASSIGN(to.up, m_backend.adopt(from.up));
        TRY_ASSIGN(to.down, m_backend.adopt(from.down));
    }
    return {};
}

Result<> ModelForward::addVector(View& view, std::span<const float> values)
{
    if (values.empty()) {
        return {};
    }
    TRY_ASSIGN(std::unique_ptr<Memory> memory, m_backend.allocate(values.size()));
    view = View{ *memory };
    m_backend.upload(view, values);
    m_vectors.push_back(std::move(memory));
    return {};
}

Result<> ModelForward::placeVectors()
{
    const ModelTensors& t = m_file.tensors();
    const ModelShape& shape = m_file.description().shape;
    for (std::size_t i = 0; i < m_layers.size(); ++i) {
        const LayerTensors& from = t.layers[i];
        Layer& to = m_layers[i];
        TRY(addVector(to.attentionNorm, from.attentionNorm));
        TRY(addVector(to.qBias, from.qBias));
        TRY(addVector(to.kBias, from.kBias));
        TRY(addVector(to.vBias, from.vBias));
        TRY(addVector(to.qNorm, from.qNorm));
        TRY(addVector(to.kNorm, from.kNorm));
        TRY(addVector(to.postAttentionNorm, from.postAttentionNorm));
        TRY(addVector(to.ffnNorm, from.ffnNorm));
        TRY(addVector(to.postFfnNorm, from.postFfnNorm));
    }
    TRY(addVector(m_outputNorm, t.outputNorm));
    TRY(addVector(m_frequencies, frequenciesOf(shape, shape.ropeTheta, true)));
    m_localFrequencies = m_frequencies;
    if (shape.localRopeTheta > 0.0F) {
        TRY(addVector(m_localFrequencies, frequenciesOf(shape, shape.localRopeTheta, false)));
    }
    return {};
}

Result<> ModelForward::placeActivations(std::size_t batch, std::size_t logitRows)
{
    const ModelShape& shape = m_file.description().shape;
    TRY_ASSIGN(m_activations, m_backend.allocate(activationFloats(shape, batch, logitRows)));
    const std::array<View*, 11> views{ &m_x, &m_normed, &m_q, &m_k, &m_v, &m_attended, &m_delta,
        &m_gate, &m_up, &m_picked, &m_logits };
    const auto parts = activationParts(shape, batch, logitRows);
    std::size_t offset = 0;
    for (std::size_t i = 0; i < views.size(); ++i) {
        *views[i] = View{ *m_activations, offset, parts[i] };
        offset += parts[i];
    }
    return {};
}

void ModelForward::layer(std::size_t index, std::size_t rows, std::span<const RowPlace> places)
{
    const ModelShape& s = m_file.description().shape;
    const Layer& w = m_layers[index];
    const bool isLocal = s.isLocal(static_cast<std::uint32_t>(index));
    const View frequencies = isLocal ? m_localFrequencies : m_frequencies;
    const std::size_t qDim = std::size_t{ s.heads } * s.headDim;
    const std::size_t kvDim = std::size_t{ s.kvHeads } * s.headDim;
    const auto has = [](View view) { return view.memory != nullptr; };
    m_backend.rmsNorm(m_normed, m_x, w.attentionNorm, rows, s.dim, s.normEps);
    m_backend.multiply(m_q, m_normed, *w.q, rows, Write::Overwrite);
    m_backend.multiply(m_k, m_normed, *w.k, rows, Write::Overwrite);
    m_backend.multiply(m_v, m_normed, *w.v, rows, Write::Overwrite);
    if (has(w.qBias)) {
        m_backend.addBias(m_q, w.qBias, rows, qDim);
    }
    if (has(w.kBias)) {
        m_backend.addBias(m_k, w.kBias, rows, kvDim);
    }
    if (has(w.vBias)) {
        m_backend.addBias(m_v, w.vBias, rows, kvDim);
    }
    if (has(w.qNorm)) {
        m_backend.rmsNorm(m_q, m_q, w.qNorm, rows * s.heads, s.headDim, s.normEps);
    }
    if (has(w.kNorm)) {
        m_backend.rmsNorm(m_k, m_k, w.kNorm, rows * s.kvHeads, s.headDim, s.normEps);
    }
    m_backend.rope(m_q, frequencies, places, s.heads, s.headDim, s.ropeStyle);
    m_backend.rope(m_k, frequencies, places, s.kvHeads, s.headDim, s.ropeStyle);
    m_backend.store(*m_cache, index, m_k, m_v, places);
    m_backend.attention(m_attended, m_q, *m_cache, index, places, s.heads, s.attentionScale,
        isLocal ? s.window : 0);
    const auto addDelta = [&](View in, const Weights& weights, View norm) {
        if (!has(norm)) {
            m_backend.multiply(m_x, in, weights, rows, Write::Accumulate);
            return;
        }
        m_backend.multiply(m_delta, in, weights, rows, Write::Overwrite);
        m_backend.rmsNorm(m_delta, m_delta, norm, rows, s.dim, s.normEps);
        m_backend.add(m_x.slice(0, rows * s.dim), m_delta.slice(0, rows * s.dim));
    };
    addDelta(m_attended, *w.output, w.postAttentionNorm);
    m_backend.rmsNorm(m_normed, m_x, w.ffnNorm, rows, s.dim, s.normEps);
    m_backend.multiply(m_gate, m_normed, *w.gate, rows, Write::Overwrite);
    m_backend.multiply(m_up, m_normed, *w.up, rows, Write::Overwrite);
    m_backend.gatedActivation(m_gate, m_gate, m_up, rows, s.ffn, s.activation);
    addDelta(m_gate, *w.down, w.postFfnNorm);
}

void ModelForward::body(std::span<const BatchRow> rows)
{
    std::vector<Token> tokens;
    std::vector<RowPlace> places;
    for (const BatchRow& row : rows) {
        tokens.push_back(row.token);
        places.push_back(row.place);
    }
    m_backend.embed(m_x, *m_embedding, tokens, m_file.description().shape.embeddingScale);
    for (std::size_t i = 0; i < m_layers.size(); ++i) {
        layer(i, rows.size(), places);
    }
}

Result<> ModelForward::run(
    std::span<const BatchRow> rows, std::span<const std::size_t> wanted, std::vector<float>& logits)
{
    const ModelShape& s = m_file.description().shape;
    body(rows);
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        m_backend.rmsNorm(m_picked.slice(i * s.dim, s.dim), m_x.slice(wanted[i] * s.dim, s.dim),
            m_outputNorm, 1, s.dim, s.normEps);
    }
    logits.resize(wanted.size() * s.vocab);
    if (!wanted.empty()) {
        const Weights& head = m_head ? *m_head : *m_embedding;
        m_backend.multiply(m_logits, m_picked, head, wanted.size(), Write::Overwrite);
    }
    TRY(m_backend.finish());
    if (wanted.empty()) {
        return {};
    }
    return m_backend.download(logits, m_logits);
}

Result<> ModelForward::runHidden(std::span<const BatchRow> rows, std::vector<float>& hidden)
{
    const ModelShape& s = m_file.description().shape;
    body(rows);
    m_backend.rmsNorm(m_normed, m_x, m_outputNorm, rows.size(), s.dim, s.normEps);
    TRY(m_backend.finish());
    hidden.resize(rows.size() * s.dim);
    return m_backend.download(hidden, m_normed);
}

} // namespace loam::ml
