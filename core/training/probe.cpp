// SPDX-License-Identifier: GPL-3.0-or-later
#include "training/probe.h"

#include <algorithm>
#include <cmath>

namespace loam::training {
namespace {

    using base::Errc;
    using base::fail;
    using base::Result;

    constexpr std::int64_t kHopelessLoss = 1'000'000'000'000;

    /// Sequences of one evaluation over a long text: bounds the memory for activations.
    constexpr std::size_t kEvaluatedAtOnce = 8;

    Result<double> tokensPerByte(const ProbeText& text)
    {
        if (text.bytes == 0 || text.tokens.size() < 2) {
            return fail(Errc::Invalid, "the text to score on is empty");
        }
        return static_cast<double>(text.tokens.size()) / static_cast<double>(text.bytes);
    }

} // namespace

Result<std::unique_ptr<ProbeScorer>> ProbeScorer::create(const RunManifest& manifest,
    const ProbeText& probe, const base::Hash256& seed, ml::Backend& backend)
{
    const std::size_t length = manifest.model.context;
    if (probe.tokens.size() <= length) {
        return fail(Errc::Invalid,
            "the probe text has " + std::to_string(probe.tokens.size())
                + " tokens, needs more than " + std::to_string(length));
    }
    std::unique_ptr<ProbeScorer> scorer{ new ProbeScorer };
    TRY_ASSIGN(scorer->m_tokensPerByte, tokensPerByte(probe));
    const ml::BatchShape shape{ manifest.probeTokens / length, length };
    TRY_ASSIGN(scorer->m_model,
        ml::Transformer::create(
            manifest.model, backend, shape, ml::Transformer::Purpose::Evaluate));
    scorer->m_sampler = std::make_unique<WindowSampler>(probe.tokens, length, seed);
    scorer->m_batch = scorer->m_sampler->draw(shape.sequences);
    return scorer;
}

Result<std::int64_t> ProbeScorer::lossMicro(const ml::Parameters& parameters)
{
    TRY(m_model->setParameters(parameters));
    TRY_ASSIGN(const ml::LossReport report, m_model->evaluate(m_batch));
    const double micro = report.mean() * m_tokensPerByte * 1e6;
    if (!(micro < static_cast<double>(kHopelessLoss))) {
        return kHopelessLoss;
    }
    return static_cast<std::int64_t>(std::llround(micro));
}

Result<double> evaluateText(
    const ml::Parameters& parameters, const ProbeText& text, ml::Backend& backend)
{
    TRY_ASSIGN(const double perByte, tokensPerByte(text));
    const std::size_t length
        = std::min<std::size_t>(parameters.config().context, text.tokens.size() - 1);
    const std::size_t windows = (text.tokens.size() - 1) / length;
    const std::size_t atOnce = std::min(windows, kEvaluatedAtOnce);
    TRY_ASSIGN(const auto model,
        ml::Transformer::create(
            parameters.config(), backend, { atOnce, length }, ml::Transformer::Purpose::Evaluate));
    TRY(model->setParameters(parameters));
    double nats = 0;
    std::uint64_t tokens = 0;
    for (std::size_t window = 0; window < windows; window += atOnce) {
        const std::size_t sequences = std::min(atOnce, windows - window);
        const ml::TokenBatch batch{ { sequences, length },
            text.tokens.subspan(window * length, sequences * length),
            text.tokens.subspan(window * length + 1, sequences * length) };
        TRY_ASSIGN(const ml::LossReport report, model->evaluate(batch));
        nats += report.nats;
        tokens += report.tokens;
    }
    return nats / static_cast<double>(tokens) * perByte;
}

} // namespace loam::training
