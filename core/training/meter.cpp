// SPDX-License-Identifier: GPL-3.0-or-later
#include "training/meter.h"

#include "base/require.h"
#include "ml/transformer.h"

#include <algorithm>
#include <cmath>
#include <functional>

namespace loam::training {
namespace {

    using base::Errc;
    using base::fail;
    using base::Result;

    constexpr double kConfidence = 0.975; ///< of each of two bounds: 95 % of both
    constexpr std::size_t kLeastScores = 20;
    constexpr std::size_t kBatchTokens = 4096;

    /// Regularised incomplete beta function for x below its mean, by the continued fraction of
    /// DLMF 8.17.22, evaluated forwards (modified Lentz).
    double betaFraction(double a, double b, double x)
    {
        constexpr double kTiny = 1e-300;
        constexpr int kMostTerms = 1000;
        double c = 1;
        double d = 1 / std::max(kTiny, 1 - (a + b) * x / (a + 1));
        double fraction = d;
        for (int m = 1; m < kMostTerms; ++m) {
            const double k = m;
            for (const double term : { k * (b - k) * x / ((a + 2 * k - 1) * (a + 2 * k)),
                     -(a + k) * (a + b + k) * x / ((a + 2 * k) * (a + 2 * k + 1)) }) {
                d = 1 + term * d;
                d = 1 / (std::abs(d) < kTiny ? kTiny : d);
                c = 1 + term / c;
                c = std::abs(c) < kTiny ? kTiny : c;
                fraction *= d * c;
            }
            if (std::abs(d * c - 1) < 1e-14) {
                break;
            }
        }
        return fraction
            * std::exp(std::lgamma(a + b) - std::lgamma(a) - std::lgamma(b) + a * std::log(x)
                + b * std::log1p(-x))
            / a;
    }

    /// P[Bin(trials, rate) >= least], an incomplete beta function.
    double upperTail(std::uint64_t least, std::uint64_t trials, double rate)
    {
        if (least == 0) {
            return 1;
        }
        if (rate <= 0 || rate >= 1) {
            return rate >= 1 ? 1 : 0;
        }
        const auto a = static_cast<double>(least);
        const auto b = static_cast<double>(trials - least + 1);
        return rate < (a + 1) / (a + b + 2) ? betaFraction(a, b, rate)
                                            : 1 - betaFraction(b, a, 1 - rate);
    }

    /// Smallest argument of [low, high] at which a rising function reaches `level`.
    double reaches(
        const std::function<double(double)>& rising, double level, double low, double high)
    {
        for (int i = 0; i < 60; ++i) {
            const double middle = 0.5 * (low + high);
            (rising(middle) < level ? low : high) = middle;
        }
        return 0.5 * (low + high);
    }

    /// Scores of every second element, from `first`.
    std::vector<double> half(std::span<const double> scores, std::size_t first)
    {
        std::vector<double> out;
        for (std::size_t i = first; i < scores.size(); i += 2) {
            out.push_back(scores[i]);
        }
        std::ranges::sort(out);
        return out;
    }

    /// How many of the ascending scores are at or above the threshold.
    std::uint64_t atLeast(std::span<const double> sorted, double threshold)
    {
        return static_cast<std::uint64_t>(
            sorted.end() - std::lower_bound(sorted.begin(), sorted.end(), threshold));
    }

    double boundAt(std::span<const double> members, std::span<const double> others,
        double threshold, double delta)
    {
        return epsilonLowerBound(atLeast(members, threshold), members.size(),
            atLeast(others, threshold), others.size(), delta);
    }

    /// The threshold is chosen on one half of the scores and judged on the other, or the best of
    /// many would be taken for more than chance.
    double epsilonLow(std::span<const double> members, std::span<const double> others, double delta)
    {
        const auto chooseMembers = half(members, 0);
        const auto chooseOthers = half(others, 0);
        double best = -1;
        double chosen = HUGE_VAL;
        for (const auto* side : { &chooseMembers, &chooseOthers }) {
            const std::size_t stride = std::max<std::size_t>(1, side->size() / 64);
            for (std::size_t i = 0; i < side->size(); i += stride) {
                const double bound = boundAt(chooseMembers, chooseOthers, (*side)[i], delta);
                if (bound > best) {
                    best = bound;
                    chosen = (*side)[i];
                }
            }
        }
        return boundAt(half(members, 1), half(others, 1), chosen, delta);
    }

    /// True positives at the lowest threshold that at most the part `rate` of the others reaches.
    double truePositivesAt(
        std::span<const double> members, std::span<const double> others, double rate)
    {
        const auto allowed
            = static_cast<std::size_t>(std::floor(rate * static_cast<double>(others.size())));
        // Strictly above the first score that is one too many.
        const double threshold = std::nextafter(others[others.size() - 1 - allowed], HUGE_VAL);
        return static_cast<double>(atLeast(members, threshold))
            / static_cast<double>(members.size());
    }

} // namespace

Exposure exposureOf(double canaryNats, std::span<const double> candidateNats)
{
    std::uint64_t better = 0;
    std::uint64_t equal = 0;
    for (const double nats : candidateNats) {
        better += nats < canaryNats ? 1U : 0U;
        equal += nats == canaryNats ? 1U : 0U;
    }
    Exposure out;
    out.candidates = candidateNats.size() + 1;
    out.rank = 1 + better + equal / 2;
    out.bits
        = std::log2(static_cast<double>(out.candidates)) - std::log2(static_cast<double>(out.rank));
    return out;
}

Light lightOf(const Exposure& exposure)
{
    return exposure.bits < 3 ? Light::Green : exposure.bits <= 10 ? Light::Amber : Light::Red;
}

Result<MembershipReport> measureMembership(
    std::span<const double> members, std::span<const double> others, double delta)
{
    const auto isFinite = [](double score) { return std::isfinite(score); };
    if (members.size() < kLeastScores || others.size() < kLeastScores) {
        return fail(Errc::Invalid, "membership is measured with at least 20 texts on each side");
    }
    if (!std::ranges::all_of(members, isFinite) || !std::ranges::all_of(others, isFinite)) {
        return fail(Errc::Invalid, "a score is not finite");
    }
    std::vector<double> in(members.begin(), members.end());
    std::vector<double> out(others.begin(), others.end());
    std::ranges::sort(in);
    std::ranges::sort(out);
    double pairs = 0;
    for (const double score : in) {
        const auto below = std::lower_bound(out.begin(), out.end(), score) - out.begin();
        const auto upTo = std::upper_bound(out.begin(), out.end(), score) - out.begin();
        pairs += 0.5 * static_cast<double>(below + upTo);
    }
    MembershipReport report;
    report.auc = pairs / (static_cast<double>(in.size()) * static_cast<double>(out.size()));
    report.truePositives1 = truePositivesAt(in, out, 0.01);
    report.truePositives01 = truePositivesAt(in, out, 0.001);
    report.epsilonLow = epsilonLow(members, others, delta);
    return report;
}

Light lightOf(const MembershipReport& report)
{
    if (report.auc > 0.8 || report.epsilonLow > 2) {
        return Light::Red;
    }
    return report.auc < 0.6 && report.epsilonLow == 0 ? Light::Green : Light::Amber;
}

double rateLow(std::uint64_t successes, std::uint64_t trials, double confidence)
{
    ASSERT(successes <= trials && trials > 0);
    if (successes == 0) {
        return 0;
    }
    return reaches(
        [&](double rate) { return upperTail(successes, trials, rate); }, 1 - confidence, 0, 1);
}

double rateHigh(std::uint64_t successes, std::uint64_t trials, double confidence)
{
    return 1 - rateLow(trials - successes, trials, confidence);
}

double epsilonLowerBound(std::uint64_t truePositives, std::uint64_t members,
    std::uint64_t falsePositives, std::uint64_t others, double delta)
{
    const auto bound = [delta](double low, double high) {
        return low > delta && high > 0 ? std::log((low - delta) / high) : 0.0;
    };
    const double in = bound(rateLow(truePositives, members, kConfidence),
        rateHigh(falsePositives, others, kConfidence));
    const double out = bound(rateLow(others - falsePositives, others, kConfidence),
        rateHigh(members - truePositives, members, kConfidence));
    return std::max({ 0.0, in, out });
}

double oneRunLowerBound(std::uint64_t guesses, std::uint64_t correct)
{
    ASSERT(correct <= guesses && guesses > 0);
    const auto chance
        = [&](double epsilon) { return upperTail(correct, guesses, 1 / (1 + std::exp(-epsilon))); };
    constexpr double kLevel = 0.05;
    return chance(0) >= kLevel ? 0.0 : reaches(chance, kLevel, 0, 30);
}

Result<std::vector<double>> sequenceNats(const ml::Parameters& parameters, ml::Backend& backend,
    std::span<const std::vector<ml::Token>> sequences)
{
    std::vector<double> out;
    if (sequences.empty()) {
        return out;
    }
    const std::size_t tokens = sequences.front().size();
    const bool areEqual = std::ranges::all_of(
        sequences, [tokens](const auto& sequence) { return sequence.size() == tokens; });
    if (!areEqual || tokens < 2 || tokens > std::size_t{ parameters.config().context } + 1) {
        return fail(Errc::Invalid, "the meter's sequences must be equally long and fit the model");
    }
    const std::size_t length = tokens - 1;
    const std::size_t most
        = std::min(sequences.size(), std::max<std::size_t>(1, kBatchTokens / length));
    TRY_ASSIGN(const auto model,
        ml::Transformer::create(
            parameters.config(), backend, { most, length }, ml::Transformer::Purpose::Evaluate));
    TRY(model->setParameters(parameters));
    std::vector<ml::Token> inputs;
    std::vector<ml::Token> targets;
    for (std::size_t first = 0; first < sequences.size(); first += most) {
        const auto batch = sequences.subspan(first, std::min(most, sequences.size() - first));
        inputs.clear();
        targets.clear();
        for (const auto& sequence : batch) {
            inputs.insert(inputs.end(), sequence.begin(), sequence.end() - 1);
            targets.insert(targets.end(), sequence.begin() + 1, sequence.end());
        }
        TRY_ASSIGN(const ml::LossReport loss,
            model->evaluate({ { batch.size(), length }, inputs, targets }));
        out.insert(out.end(), loss.natsPerSequence.begin(), loss.natsPerSequence.end());
    }
    return out;
}

std::vector<double> ratioScores(
    std::span<const double> referenceNats, std::span<const double> modelNats)
{
    ASSERT(referenceNats.size() == modelNats.size());
    std::vector<double> out(modelNats.size());
    std::ranges::transform(referenceNats, modelNats, out.begin(), std::minus<>{});
    return out;
}

} // namespace loam::training
