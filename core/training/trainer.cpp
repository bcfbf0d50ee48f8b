// SPDX-License-Identifier: GPL-3.0-or-later
#include "training/trainer.h"

#include "base/require.h"
#include "ml/adamw.h"

#include <algorithm>
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

    /// Makes checkpoints of a round at the policy's pace.
    class Checkpointing
    {
    public:
        using Clock = std::chrono::steady_clock;

        Checkpointing(const CheckpointPolicy& policy, const ml::Parameters& base)
            : m_policy{ policy }
            , m_base{ base }
            , m_next{ Clock::now() + policy.interval }
        {
        }
        /// `facts` is filled up with weights and moments. Cancelled when the work is to end.
        Result<> maybeSave(
            RoundCheckpoint& facts, const ml::Transformer& model, const ml::AdamW& optimiser)
        {
            constexpr int kShareOfTime = 20;
            const Clock::time_point begin = Clock::now();
            if (!m_policy.save || !m_failure.empty() || begin < m_next) {
                return {};
            }
            TRY_ASSIGN(ml::Parameters local, m_base.clone());
            TRY(model.copyParametersTo(local));
            facts.weights.assign(local.values().begin(), local.values().end());
            facts.first.resize(facts.weights.size());
            facts.second.resize(facts.weights.size());
            TRY(optimiser.copyStateTo(facts.first, facts.second));
            facts.adamSteps = optimiser.steps();
            if (const auto saved = m_policy.save(facts); !saved) {
                m_failure = saved.error().message;
            }
            const auto cost = Clock::now() - begin;
            m_next = Clock::now();
            if (m_policy.interval.count() > 0) {
                m_next += std::max<Clock::duration>(m_policy.interval, kShareOfTime * cost);
            }
            return {};
        }
        const std::string& failure() const { return m_failure; }

    private:
        const CheckpointPolicy& m_policy;
        const ml::Parameters& m_base;
        Clock::time_point m_next;
        std::string m_failure;
    };

    Result<> resumeFrom(const RoundCheckpoint& checkpoint, const ml::Parameters& base,
        ml::Transformer& model, ml::AdamW& optimiser)
    {
        TRY_ASSIGN(ml::Parameters local, base.clone());
        std::ranges::copy(checkpoint.weights, local.values().begin());
        TRY(model.setParameters(local));
        return optimiser.setState(checkpoint.first, checkpoint.second, checkpoint.adamSteps);
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
    WorkControl& control, const std::function<void(const TrainProgress&)>& onProgress,
    const CheckpointPolicy& checkpoints)
{
    TRY(check(job, state));
    const RunManifest& manifest = job.manifest;
    const ml::BatchShape shape{ manifest.batch, manifest.model.context };
    ml::Transformer::Options options;
    options.memoryBudget = job.memoryBudget;
    TRY_ASSIGN(auto model, ml::Transformer::create(manifest.model, backend, shape, options));
    TRY(model->setParameters(job.base));
    TRY_ASSIGN(auto optimiser, ml::AdamW::create(job.base.table(), backend, settingsOf(manifest)));
    if (state.adamSteps > 0) {
        TRY(optimiser->setState(state.first, state.second, state.adamSteps));
    }

    TrainReport report;
    WindowSampler sampler{ job.tokens, shape.length, dataSeed(job.beacon, job.node, job.round) };
    RoundCheckpoint now;
    if (checkpoints.save || checkpoints.resume) {
        now.job = jobDigest(job, state, backend.name());
    }
    if (const auto& kept = checkpoints.resume; kept && kept->job == now.job
        && kept->step <= manifest.innerSteps && kept->weights.size() == job.base.table().count()) {
        TRY(resumeFrom(*kept, job.base, *model, *optimiser));
        now = *kept;
        sampler.skip(now.step * std::uint64_t{ shape.sequences });
        report.resumedAt = now.step;
    }
    const double secondsBefore = now.seconds;
    const Stopwatch watch{ control };
    Checkpointing keeper{ checkpoints, job.base };
    while (now.step < manifest.innerSteps) {
        if (control.shouldStop()) {
            return fail(Errc::Cancelled, "training was cancelled");
        }
        TRY_ASSIGN(
            const ml::LossReport loss, model->computeGradients(sampler.draw(shape.sequences)));
        const double rate = manifest.learningRate(manifest.globalStep(job.round, now.step));
        TRY(optimiser->step(*model, static_cast<float>(rate)));
        now.lossLast = loss.mean();
        if (now.step == 0) {
            now.lossFirst = loss.mean();
        }
        ++now.step;
        now.seconds = secondsBefore + watch.seconds();
        TRY(keeper.maybeSave(now, *model, *optimiser));
        if (onProgress) {
            const std::size_t done = (now.step - report.resumedAt) * shape.tokens();
            onProgress({ now.step, manifest.innerSteps, loss.mean(),
                static_cast<double>(done) / watch.seconds() });
        }
    }
    report.tokens = std::uint64_t{ now.step } * shape.tokens();
    report.lossFirst = now.lossFirst;
    report.lossLast = now.lossLast;
    report.checkpointFailure = keeper.failure();

    const ChunkLayout layout = layoutOf(job.base.table());
    TRY_ASSIGN(ml::Parameters local, job.base.clone());
    TRY(model->copyParametersTo(local));
    TrainerState next = TrainerState::fresh(job.run, job.base.table());
    TRY(optimiser->copyStateTo(next.first, next.second));
    next.adamSteps = optimiser->steps();
    next.round = job.round;
    // The update is packed on the same device: it needs the room.
    optimiser.reset();
    model.reset();
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
    TRY_ASSIGN(report.body, encodeUpdate(header, layout, manifest.keepPerChunk, outgoing, backend));
    TRY_ASSIGN(const Update sent, decodeUpdate(report.body, layout, manifest.keepPerChunk));
    report.norm = sent.norm();
    report.seconds = secondsBefore + watch.seconds();
    next.pending = report.body;
    state = std::move(next);
    return report;
}

} // namespace loam::training
