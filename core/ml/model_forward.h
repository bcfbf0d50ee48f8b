// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ml/inference_backend.h"
#include "ml/model_file.h"

#include <memory>
#include <span>
#include <vector>

namespace loam::ml {

/// One row of a batch.
struct BatchRow
{
    Token token{ 0 };
    RowPlace place;
};

/// The forward pass of a decoder-only model over one cache.
class ModelForward
{
public:
    /// Bytes of activations, and of the logits of `logitRows` rows.
    static std::uint64_t activationFloats(
        const ModelShape& shape, std::size_t batch, std::size_t logitRows);
    static base::Result<std::unique_ptr<ModelForward>> create(const ModelFile& file,
        InferenceBackend& backend, const KvShape& cache, std::size_t batch, std::size_t logitRows);

    /// At most `batch` rows. Logits of the rows `wanted` (at most `logitRows`, ascending) are put
    /// into logits[wanted, vocab]. Cancelled after an interrupt.
    base::Result<> run(std::span<const BatchRow> rows, std::span<const std::size_t> wanted,
        std::vector<float>& logits);
    /// The same without a head: hidden[rows, dim] after the final norm.
    base::Result<> runHidden(std::span<const BatchRow> rows, std::vector<float>& hidden);

private:
    struct Layer
    {
        std::unique_ptr<Weights> q, k, v, output, gate, up, down;
        View attentionNorm, qBias, kBias, vBias, qNorm, kNorm, postAttentionNorm, ffnNorm,
            postFfnNorm;
    };
    ModelForward(const ModelFile& file, InferenceBackend& backend);
    base::Result<> adoptWeights();
    base::Result<> placeVectors();
    base::Result<> placeActivations(std::size_t batch, std::size_t logitRows);
    base::Result<> addVector(View& view, std::span<const float> values);
    void body(std::span<const BatchRow> rows);
    void layer(std::size_t index, std::size_t rows, std::span<const RowPlace> places);

    const ModelFile& m_file;
    InferenceBackend& m_backend;
    std::unique_ptr<Weights> m_embedding;
    std::unique_ptr<Weights> m_head;
    std::vector<Layer> m_layers;
    View m_outputNorm;
    View m_frequencies;
    View m_localFrequencies;
    std::vector<std::unique_ptr<Memory>> m_vectors;
    std::unique_ptr<KvCache> m_cache;
    std::unique_ptr<Memory> m_activations;
    View m_x, m_normed, m_q, m_k, m_v, m_attended, m_delta, m_gate, m_up, m_picked, m_logits;
};

} // namespace loam::ml
