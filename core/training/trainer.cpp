// SPDX-License-Identifier: GPL-3.0-or-later
#include "training/trainer.h"

#include "base/require.h"
#include "ml/adamw.h"

#include <chrono>
#include <cmath>

namespace loam::training {
namespace {

    using base::Errc;
    using base::fail;
    using base::Result;

    /// Time at work since construction, pauses left out.
    class Stopwatch
    {
    public:
        explicit Stopwatch(const WorkControl& control)
            : m_control{ control }
            , m_start{ std::chrono::steady_clock::now() }
            , m_pausedBefore{ control.pausedTime() }
        {
        }
        double seconds() const
        {
            const auto paused = m_control.pausedTime() - m_pausedBefore;
            const auto worked = std::chrono::steady_clock::now() - m_start - paused;
            return std::chrono::duration<double>(worked).count();
        }

    private:
        const WorkControl& m_control;
        std::chrono::steady_clock::time_point m_start;
        std::chrono::nanoseconds m_pausedBefore;
    };

    ml::AdamWSettings settingsOf(const RunManifest& manifest)
    {
        ml::AdamWSettings settings;
        settings.beta1 = static_cast<float>(fromMicro(manifest.beta1Micro));
        settings.beta2 = static_cast<float>(fromMicro(manifest.beta2Micro));
        settings.weightDecay = static_cast<float>(fromMicro(manifest.weightDecayMicro));
        settings.clipNorm = static_cast<float>(fromMicro(manifest.gradientClipMicro));
        return settings;
    }

    Result<> check(const TrainJob& job, const TrainerState& state)
    {
        const RunManifest& manifest = job.manifest;
        if (job.base.config() != manifest.model) {
            return fail(Errc::Invalid, "the parameters are not of the manifest's model");
        }
        if (job.tokens.size() <= manifest.model.context) {
            return fail(Errc::Invalid,
                "the text has " + std::to_string(job.tokens.size()) + " tokens, a window needs "
                    + std::to_string(manifest.model.context + 1));
        }
        if (state.run != job.run || state.tensorSizes != tensorSizesOf(job.base.table())) {
            return fail(Errc::Invalid, "the trainer's state is of another run or model");
        }
        return {};
    }

    void tamperWith(std::span<float> values, Tamper tamper)
    {
        const float factor = tamper == Tamper::FlipSign ? -1.0F : kTamperScale;
        for (float& value : values) {
            value *= factor;
        }
    }

} // namespace

std::vector<std::size_t> tensorSizesOf(const ml::ParameterTable& table)
{
    std::vector<std::size_t> sizes;
    for (const ml::ParameterEntry& entry : table.entries()) {
        sizes.push_back(entry.count);
    }
    return sizes;
}

ChunkLayout layoutOf(const ml::ParameterTable& table)
{
    return ChunkLayout{ tensorSizesOf(table) };
}

Result<TrainReport> trainRound(const TrainJob& job, TrainerState& state, ml::Backend& backend,
    WorkControl& control, const std::function<void(const TrainProgress&)>& onProgress)
{
    TRY(check(job, state));
    const RunManifest& manifest = job.manifest;
    const ml::BatchShape shape{ manifest.batch, manifest.model.context };
    TRY_ASSIGN(const auto model,
        ml::Transformer::create(manifest.model, backend, shape, ml::Transformer::Purpose::Train));
    TRY(model->setParameters(job.base));
    TRY_ASSIGN(
        const auto optimiser, ml::AdamW::create(job.base.table(), backend, settingsOf(manifest)));
    if (state.adamSteps > 0) {
        TRY(optimiser->setState(state.first, state.second, state.adamSteps));
    }

    TrainReport report;
    WindowSampler sampler{ job.tokens, shape.length, dataSeed(job.beacon, job.node, job.round) };
    const Stopwatch watch{ control };
    for (std::uint32_t step = 0; step < manifest.innerSteps; ++step) {
        if (control.shouldStop()) {
            return fail(Errc::Cancelled, "training was cancelled");
        }
        TRY_ASSIGN(
            const ml::LossReport loss, model->computeGradients(sampler.draw(shape.sequences)));
        const double rate = manifest.learningRate(manifest.globalStep(job.round, step));
        TRY(optimiser->step(*model, static_cast<float>(rate)));
        report.tokens += shape.tokens();
        report.lossLast = loss.mean();
        if (step == 0) {
            report.lossFirst = loss.mean();
        }
        if (onProgress) {
            onProgress({ step + 1, manifest.innerSteps, loss.mean(),
                static_cast<double>(report.tokens) / watch.seconds() });
        }
    }

    const ChunkLayout layout = layoutOf(job.base.table());
    TRY_ASSIGN(ml::Parameters local, job.base.clone());
    TRY(model->copyParametersTo(local));
    TrainerState next = TrainerState::fresh(job.run, job.base.table());
    TRY(optimiser->copyStateTo(next.first, next.second));
    next.adamSteps = optimiser->steps();
    next.round = job.round;
    std::vector<float> delta(layout.parameters());
    for (std::size_t i = 0; i < delta.size(); ++i) {
        delta[i] = job.base.values()[i] - local.values()[i];
    }
    // An update still without a verdict was not applied as far as this node knows: it stays in.
    const bool isInTouch = job.round <= state.round + kMaxRoundsBehind;
    if (isInTouch) {
        next.error = state.error;
    }
    accumulate(next.error, delta, static_cast<float>(fromMicro(manifest.errorFeedbackMicro)));

    const UpdateHeader header{ job.run, job.node, job.base.hash(), job.round, report.tokens };
    std::vector<float> outgoing = next.error;
    if (job.tamper != Tamper::None) {
        tamperWith(outgoing, job.tamper);
    }
    TRY_ASSIGN(report.body, encodeUpdate(header, layout, manifest.keepPerChunk, outgoing));
    TRY_ASSIGN(const Update sent, decodeUpdate(report.body, layout, manifest.keepPerChunk));
    report.norm = sent.norm();
    report.seconds = watch.seconds();
    next.pending = report.body;
    state = std::move(next);
    return report;
}

} // namespace loam::training
