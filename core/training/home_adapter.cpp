// SPDX-License-Identifier: GPL-3.0-or-later
#include "training/home_adapter.h"

#include "crypto/hash.h"
#include "ml/adamw.h"
#include "training/home_text.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace loam::training {
namespace {

    using base::Errc;
    using base::fail;
    using base::Result;
    using Clock = std::chrono::steady_clock;

    /// A held-out loss counts as better when it is lower by this part.
    constexpr double kGain = 0.001;
    constexpr std::uint32_t kMostSteps = 1'000'000;
    constexpr std::uint32_t kMostBatch = 256;

    /// Rises linearly over a twentieth of the steps, then a cosine down to a tenth.
    float rateAt(const HomeSettings& settings, std::uint32_t step)
    {
        const std::uint32_t warm = std::max(1U, settings.steps / 20);
        if (step < warm) {
            return settings.learningRate * static_cast<float>(step + 1) / static_cast<float>(warm);
        }
        const double part = static_cast<double>(step - warm)
            / static_cast<double>(std::max(1U, settings.steps - warm));
        const double cosine = 0.5 * (1.0 + std::cos(std::numbers::pi * part));
        return settings.learningRate * static_cast<float>(0.1 + 0.9 * cosine);
    }

    base::Hash256 jobHash(const HomeJob& job, std::string_view device)
    {
        const HomeSettings& s = job.settings;
        const std::array<std::uint64_t, 8> numbers{ job.seed, s.lora.rank, s.steps, s.batch,
            s.length, s.measureEvery, s.patience, s.lora.freezeA ? 1U : 0U };
        const std::array<float, 2> reals{ s.lora.alpha, s.learningRate };
        crypto::Sha256 hash;
        hash.update(base::asBytes("loam/training/home-job/v1")).update(base::asBytes(device));
        hash.update(std::as_bytes(std::span{ numbers })).update(std::as_bytes(std::span{ reals }));
        hash.update(std::as_bytes(std::span{ s.lora.targets }));
        hash.update(std::as_bytes(job.base.values()));
        return hash.finish();
    }

    /// The training between its steps.
    class HomeTraining
    {
    public:
        HomeTraining(const HomeJob& job, HomeText text, ml::Lora lora, WorkControl& control,
            const HomeHooks& hooks)
            : m_job{ job }
            , m_text{ std::move(text) }
            , m_lora{ std::move(lora) }
            , m_control{ control }
            , m_hooks{ hooks }
            , m_began{ Clock::now() }
            , m_pausedBefore{ control.pausedTime() }
            , m_nextSave{ m_began + hooks.saveEvery }
        {
        }

        Result<> prepare(ml::Backend& backend);
        Result<HomeReport> run();

    private:
        const HomeSettings& settings() const { return m_job.settings; }
        Result<> resume(const HomeCheckpoint& kept);
        Result<> step();
        Result<double> measure();
        Result<> keepIfBest(double loss);
        Result<> save();
        void report(double loss) const;
        double seconds() const;

        const HomeJob& m_job;
        HomeText m_text;
        ml::Lora m_lora;
        WorkControl& m_control;
        const HomeHooks& m_hooks;
        std::unique_ptr<ml::Transformer> m_model;
        std::unique_ptr<ml::AdamW> m_optimiser;
        base::Hash256 m_seed;
        HomeCheckpoint m_now;
        double m_secondsBefore{ 0 };
        double m_heldOut{ 0 };
        std::uint32_t m_resumedAt{ 0 };
        std::string m_failure;
        Clock::time_point m_began;
        std::chrono::nanoseconds m_pausedBefore;
        Clock::time_point m_nextSave;
    };

    double HomeTraining::seconds() const
    {
        const auto paused = m_control.pausedTime() - m_pausedBefore;
        const auto worked = Clock::now() - m_began - paused;
        return m_secondsBefore + std::chrono::duration<double>(worked).count();
    }

    Result<> HomeTraining::prepare(ml::Backend& backend)
    {
        const HomeSettings& s = settings();
        ml::Transformer::Options options;
        options.adapter = s.lora;
        options.memoryBudget = s.memoryBudget;
        TRY_ASSIGN(m_model,
            ml::Transformer::create(
                m_job.base.config(), backend, { s.batch, m_text.length() }, options));
        TRY(m_model->setParameters(m_job.base));
        TRY(m_model->setAdapter(m_lora));
        // What an adapter adds is small and meant: it does not decay.
        TRY_ASSIGN(m_optimiser, ml::AdamW::create(*m_model, { .beta2 = 0.99F, .weightDecay = 0 }));
        m_seed = jobHash(m_job, backend.name());
        m_now.job = m_seed;
        const std::array<std::uint64_t, 1> parted{ m_job.tokens.size() };
        m_now.text = crypto::Sha256{}
                         .update(std::as_bytes(std::span{ parted }))
                         .update(std::as_bytes(m_job.tokens))
                         .update(std::as_bytes(m_job.heldOut))
                         .finish();
        m_now.values.assign(m_lora.values().begin(), m_lora.values().end());
        m_now.best = m_now.values;
        const auto& kept = m_hooks.resume;
        if (kept && kept->job == m_now.job && kept->step <= s.steps
            && kept->values.size() == m_lora.values().size()
            && kept->first.size() == m_lora.trained().size()) {
            TRY(resume(*kept));
        }
        return {};
    }

    Result<> HomeTraining::resume(const HomeCheckpoint& kept)
    {
        const base::Hash256 text = m_now.text;
        m_now = kept;
        std::ranges::copy(kept.values, m_lora.values().begin());
        TRY(m_model->setAdapter(m_lora));
        TRY(m_optimiser->setState(kept.first, kept.second, kept.adamSteps));
        m_secondsBefore = kept.seconds;
        m_resumedAt = kept.step;
        m_heldOut = kept.bestLoss;
        if (kept.text == text) {
            return {};
        }
        // The text is another one by now: what was measured says nothing about it.
        m_now.text = text;
        m_now.withoutGain = 0;
        ml::Lora fresh = m_lora;
        std::ranges::fill(fresh.values(), 0.0F);
        TRY(m_hooks.mayStep(m_now.step));
        TRY(m_model->setAdapter(fresh));
        TRY_ASSIGN(m_now.lossBefore, measure());
        std::ranges::copy(kept.best, fresh.values().begin());
        TRY(m_model->setAdapter(fresh));
        TRY_ASSIGN(m_now.bestLoss, measure());
        return m_model->setAdapter(m_lora);
    }

    /// Mean nats per token over everything held out.
    Result<double> HomeTraining::measure()
    {
        double nats = 0;
        std::uint64_t tokens = 0;
        for (std::size_t first = 0; first < m_text.heldOutBlocks(); first += settings().batch) {
            if (m_control.shouldStop()) {
                return fail(Errc::Cancelled, "training was cancelled");
            }
            TRY_ASSIGN(const ml::LossReport loss,
                m_model->evaluate(m_text.heldOut(first, settings().batch)));
            nats += loss.nats;
            tokens += loss.tokens;
        }
        const double mean = nats / static_cast<double>(std::max<std::uint64_t>(1, tokens));
        return std::isfinite(mean)
            ? Result<double>{ mean }
            : fail(Errc::Invalid, "the loss is no number; a smaller learning rate may help");
    }

    Result<> HomeTraining::keepIfBest(double loss)
    {
        m_heldOut = loss;
        if (loss < m_now.bestLoss * (1.0 - kGain)) {
            TRY(m_model->copyAdapterTo(m_lora));
            m_now.best.assign(m_lora.values().begin(), m_lora.values().end());
            m_now.bestLoss = loss;
            m_now.bestStep = m_now.step;
            m_now.withoutGain = 0;
            return {};
        }
        ++m_now.withoutGain;
        return {};
    }

    Result<> HomeTraining::save()
    {
        constexpr int kShareOfTime = 20;
        const Clock::time_point begin = Clock::now();
        if (!m_hooks.save || !m_failure.empty() || begin < m_nextSave) {
            return {};
        }
        TRY(m_model->copyAdapterTo(m_lora));
        m_now.values.assign(m_lora.values().begin(), m_lora.values().end());
        m_now.first.resize(m_lora.trained().size());
        m_now.second.resize(m_lora.trained().size());
        TRY(m_optimiser->copyStateTo(m_now.first, m_now.second));
        m_now.adamSteps = m_optimiser->steps();
        m_now.seconds = seconds();
        if (const auto saved = m_hooks.save(m_now); !saved) {
            m_failure = saved.error().message;
        }
        const auto cost = Clock::now() - begin;
        m_nextSave
            = Clock::now() + std::max<Clock::duration>(m_hooks.saveEvery, kShareOfTime * cost);
        return {};
    }

    void HomeTraining::report(double loss) const
    {
        if (!m_hooks.onProgress) {
            return;
        }
        const double worked = std::max(seconds() - m_secondsBefore, 1e-9);
        const auto tokens = static_cast<double>(m_now.step - m_resumedAt)
            * static_cast<double>(settings().batch) * static_cast<double>(m_text.length());
        m_hooks.onProgress({ m_now.step, settings().steps, loss, tokens / worked, m_now.lossBefore,
            m_heldOut, m_now.bestLoss });
    }

    Result<> HomeTraining::step()
    {
        TRY(m_hooks.mayStep(m_now.step));
        if (m_control.shouldStop()) {
            return fail(Errc::Cancelled, "training was cancelled");
        }
        TRY_ASSIGN(const ml::LossReport loss,
            m_model->computeGradients(m_text.draw(m_seed, m_now.step, settings().batch)));
        TRY(m_optimiser->step(*m_model, rateAt(settings(), m_now.step)));
        ++m_now.step;
        if (m_now.step % settings().measureEvery == 0 || m_now.step == settings().steps) {
            TRY_ASSIGN(const double heldOut, measure());
            TRY(keepIfBest(heldOut));
        }
        TRY(save());
        report(loss.mean());
        return {};
    }

    Result<HomeReport> HomeTraining::run()
    {
        if (m_now.step == 0) {
            TRY(m_hooks.mayStep(0));
            TRY_ASSIGN(m_now.lossBefore, measure());
            m_now.bestLoss = m_now.lossBefore;
            m_heldOut = m_now.lossBefore;
            report(0);
        }
        while (m_now.step < settings().steps && m_now.withoutGain < settings().patience) {
            TRY(step());
        }
        std::ranges::copy(m_now.best, m_lora.values().begin());
        return HomeReport{ std::move(m_lora), m_now.lossBefore, m_now.bestLoss, m_now.step,
            m_now.bestStep, m_resumedAt, m_now.step < settings().steps, seconds(), m_failure };
    }

} // namespace

Result<> HomeSettings::validate(const ml::ModelConfig& model) const
{
    TRY(lora.validate(model));
    if (steps == 0 || steps > kMostSteps) {
        return fail(Errc::Invalid, "steps must be 1 to " + std::to_string(kMostSteps));
    }
    if (batch == 0 || batch > kMostBatch) {
        return fail(Errc::Invalid, "batch must be 1 to " + std::to_string(kMostBatch));
    }
    if (length == 0 || measureEvery == 0 || patience == 0) {
        return fail(Errc::Invalid, "length, measure_every and patience must be 1 at least");
    }
    if (!(learningRate > 0.0F) || learningRate > 1.0F) {
        return fail(Errc::Invalid, "the learning rate must be above 0 and at most 1");
    }
    return {};
}

Result<HomeReport> trainHomeAdapter(
    const HomeJob& job, ml::Backend& backend, WorkControl& control, const HomeHooks& hooks)
{
    TRY(job.settings.validate(job.base.config()));
    TRY_ASSIGN(HomeText text,
        HomeText::create(job.tokens, job.heldOut,
            std::min<std::size_t>(job.settings.length, job.base.config().context)));
    TRY_ASSIGN(ml::Lora lora, ml::Lora::initialise(job.base.config(), job.settings.lora, job.seed));
    HomeTraining training{ job, std::move(text), std::move(lora), control, hooks };
    TRY(training.prepare(backend));
    return training.run();
}

} // namespace loam::training
