// SPDX-License-Identifier: GPL-3.0-or-later
#include "ml/adamw.h"

#include <cmath>
#include <vector>

namespace loam::ml {

using base::Errc;
using base::fail;
using base::Result;

namespace {

    /// Neighbouring tensors that are treated alike.
    struct Segment
    {
        std::size_t offset{ 0 };
        std::size_t count{ 0 };
        bool decays{ false };
    };

    std::vector<Segment> segmentsOf(std::span<const ParameterEntry> entries)
    {
        std::vector<Segment> segments;
        for (const ParameterEntry& entry : entries) {
            if (segments.empty() || segments.back().decays != entry.isMatrix()) {
                segments.push_back({ entry.offset, 0, entry.isMatrix() });
            }
            segments.back().count += entry.count;
        }
        return segments;
    }

    double power(double base, std::uint64_t exponent)
    {
        double out = 1.0;
        for (std::uint64_t i = 0; i < exponent && out > 0.0; ++i) {
            out *= base;
        }
        return out;
    }

} // namespace

struct AdamW::State
{
    Backend& backend;
    AdamWSettings settings;
    std::size_t count;
    std::vector<Segment> segments;
    std::unique_ptr<Memory> first;
    std::unique_ptr<Memory> second;
    std::unique_ptr<Memory> norm;
    std::uint64_t steps{ 0 };
    // beta^steps, by one multiplication a step: the same bits for the same number of steps.
    double power1{ 1.0 };
    double power2{ 1.0 };
};

AdamW::AdamW(std::unique_ptr<State> state)
    : m_state{ std::move(state) }
{
}

AdamW::~AdamW() = default;

Result<std::unique_ptr<AdamW>> AdamW::create(
    const ParameterTable& table, Backend& backend, const AdamWSettings& settings)
{
    return create(table.entries(), backend, settings);
}

Result<std::unique_ptr<AdamW>> AdamW::create(Transformer& model, const AdamWSettings& settings)
{
    return create(model.trainedEntries(), model.backend(), settings);
}

Result<std::unique_ptr<AdamW>> AdamW::create(
    std::span<const ParameterEntry> entries, Backend& backend, const AdamWSettings& settings)
{
    const auto share = [](float value) { return value >= 0.0F && value < 1.0F; };
    if (!share(settings.beta1) || !share(settings.beta2) || !(settings.epsilon > 0.0F)
        || !(settings.weightDecay >= 0.0F) || !(settings.clipNorm >= 0.0F)) {
        return fail(Errc::Invalid,
            "AdamW wants 0 <= beta < 1, epsilon > 0 and no negative "
            "weight decay or clipping norm");
    }
    const std::size_t count = entries.back().offset + entries.back().count;
    TRY_ASSIGN(auto first, backend.allocate(count));
    TRY_ASSIGN(auto second, backend.allocate(count));
    TRY_ASSIGN(auto norm, backend.allocate(1));
    auto state = std::unique_ptr<State>{ new State{ backend, settings, count, segmentsOf(entries),
        std::move(first), std::move(second), std::move(norm) } };
    return std::unique_ptr<AdamW>{ new AdamW{ std::move(state) } };
}

Result<float> AdamW::step(Transformer& model, float learningRate)
{
    State& s = *m_state;
    if (&model.backend() != &s.backend || model.gradients().count != s.count) {
        return fail(Errc::Invalid, "the optimiser belongs to another model");
    }
    float squares = 0.0F;
    s.backend.sumOfSquares(*s.norm, model.gradients());
    TRY(s.backend.finish());
    TRY(s.backend.download({ &squares, 1 }, *s.norm));
    const float norm = std::sqrt(squares);
    if (!std::isfinite(norm)) {
        return fail(Errc::Invalid, "the gradient is not finite");
    }
    s.steps += 1;
    s.power1 *= static_cast<double>(s.settings.beta1);
    s.power2 *= static_cast<double>(s.settings.beta2);
    const bool clips = s.settings.clipNorm > 0.0F && norm > s.settings.clipNorm;
    AdamWStep step{ .learningRate = learningRate,
        .beta1 = s.settings.beta1,
        .beta2 = s.settings.beta2,
        .epsilon = s.settings.epsilon,
        .weightDecay = 0.0F,
        .correction1 = static_cast<float>(1.0 - s.power1),
        .correction2 = static_cast<float>(1.0 - s.power2),
        .gradientScale = clips ? s.settings.clipNorm / norm : 1.0F };
    for (const Segment& segment : s.segments) {
        step.weightDecay = segment.decays ? s.settings.weightDecay : 0.0F;
        const auto part
            = [&segment](View whole) { return whole.slice(segment.offset, segment.count); };
        s.backend.adamW(
            part(model.trained()), part(model.gradients()), part(*s.first), part(*s.second), step);
    }
    TRY(s.backend.finish());
    return norm;
}

std::uint64_t AdamW::steps() const
{
    return m_state->steps;
}

void AdamW::reset()
{
    State& s = *m_state;
    s.backend.fill(*s.first, 0.0F);
    s.backend.fill(*s.second, 0.0F);
    s.steps = 0;
    s.power1 = 1.0;
    s.power2 = 1.0;
}

Result<> AdamW::copyStateTo(std::span<float> first, std::span<float> second) const
{
    const State& s = *m_state;
    if (first.size() != s.count || second.size() != s.count) {
        return fail(Errc::Invalid, "the optimiser's state has another size");
    }
    TRY(s.backend.download(first, *s.first));
    return s.backend.download(second, *s.second);
}

Result<> AdamW::setState(
    std::span<const float> first, std::span<const float> second, std::uint64_t steps)
{
    State& s = *m_state;
    if (first.size() != s.count || second.size() != s.count) {
        return fail(Errc::Invalid, "the optimiser's state has another size");
    }
    s.backend.upload(*s.first, first);
    s.backend.upload(*s.second, second);
    s.steps = steps;
    s.power1 = power(static_cast<double>(s.settings.beta1), steps);
    s.power2 = power(static_cast<double>(s.settings.beta2), steps);
    return s.backend.finish();
}

} // namespace loam::ml
