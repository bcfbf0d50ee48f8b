// SPDX-License-Identifier: GPL-3.0-or-later
#include "training/aggregation.h"

#include "base/bech32m.h"
#include "base/require.h"
#include "crypto/hash.h"
#include "training/compression.h"
#include "training/probe.h"
#include "training/robust.h"
#include "training/trainer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <tuple>

namespace loam::training {
namespace {

    using base::Errc;
    using base::fail;
    using base::Result;

    /// A contribution on its way through the checks; `update` is empty once it is refused.
    struct Candidate
    {
        const Contribution* from{ nullptr };
        Verdict verdict;
        std::optional<Update> update;
        double norm{ 0 };
        double weight{ 0 }; ///< tokens that count
        double shrink{ 1 }; ///< of the norm clip

        bool isIn() const { return update.has_value(); }
        void refuse(std::string reason)
        {
            update.reset();
            verdict.accepted = false;
            verdict.weightMicro = 0;
            verdict.reason = std::move(reason);
        }
        /// Which of two commitments came first.
        bool isEarlierThan(const Candidate& other) const
        {
            return std::tie(from->sequence, from->commitment, from->node)
                < std::tie(other.from->sequence, other.from->commitment, other.from->node);
        }
    };

    using Candidates = std::vector<Candidate>;

    std::string nameOf(const base::PublicKey& node)
    {
        return base::toAddress(node);
    }

    /// Micro-nats as nats with three decimals, by integers alone.
    std::string nats(std::int64_t micro)
    {
        const std::int64_t milli = (micro + 500) / 1000;
        return fmt::format("{}.{:03}", milli / 1000, milli % 1000);
    }

    template <class Value> std::vector<double> collect(const Candidates& candidates, Value value)
    {
        std::vector<double> out;
        for (const Candidate& candidate : candidates) {
            if (candidate.isIn()) {
                out.push_back(value(candidate));
            }
        }
        return out;
    }

    Candidates inOrder(std::span<const Contribution> contributions)
    {
        Candidates candidates;
        for (const Contribution& contribution : contributions) {
            Candidate candidate;
            candidate.from = &contribution;
            candidate.verdict.node = contribution.node;
            candidate.verdict.commitment = contribution.commitment;
            candidates.push_back(std::move(candidate));
        }
        std::sort(candidates.begin(), candidates.end(), [](const auto& a, const auto& b) {
            return std::tie(a.from->commitment, a.from->node, a.from->sequence)
                < std::tie(b.from->commitment, b.from->node, b.from->sequence);
        });
        return candidates;
    }

    /// Why the header does not belong into this round, or nothing.
    std::optional<std::string> misfit(const UpdateHeader& header, const Contribution& from,
        const RoundInput& input, const base::Hash256& baseHash)
    {
        if (header.run != input.run) {
            return "is for another run";
        }
        if (header.round != input.round) {
            return fmt::format("is for round {} instead of {}", header.round, input.round);
        }
        if (header.node != from.node) {
            return "names another node than the one that committed it";
        }
        if (header.baseParams != baseHash) {
            return "starts from other parameters";
        }
        if (header.tokens != from.tokens) {
            return fmt::format(
                "announced {} tokens, the update says {}", from.tokens, header.tokens);
        }
        if (header.tokens == 0 || header.tokens > input.manifest.tokensPerRound()) {
            return fmt::format("claims {} tokens, a round has 1 to {}", header.tokens,
                input.manifest.tokensPerRound());
        }
        return std::nullopt;
    }

    void decodeInto(Candidate& candidate, const RoundInput& input, const ChunkLayout& layout,
        const base::Hash256& baseHash)
    {
        const Contribution& from = *candidate.from;
        if (from.body.empty()) {
            return candidate.refuse("no update arrived");
        }
        if (crypto::sha256(from.body) != from.commitment) {
            return candidate.refuse("update does not match its commitment");
        }
        auto update = decodeUpdate(from.body, layout, input.manifest.keepPerChunk);
        if (!update) {
            return candidate.refuse("malformed: " + update.error().message);
        }
        if (auto why = misfit(update->header, from, input, baseHash)) {
            return candidate.refuse(std::move(*why));
        }
        candidate.norm = update->norm();
        candidate.verdict.normMicro
            = static_cast<std::uint64_t>(std::llround(candidate.norm * 1e6));
        if (candidate.norm == 0) {
            return candidate.refuse("empty: every value is zero");
        }
        candidate.update = std::move(*update);
    }

    void refuseRepeated(Candidates& candidates)
    {
        for (Candidate& later : candidates) {
            for (const Candidate& earlier : candidates) {
                if (&earlier != &later && earlier.from->node == later.from->node
                    && earlier.isEarlierThan(later)) {
                    later.refuse("second update of this node");
                    break;
                }
            }
        }
    }

    void refuseCopies(Candidates& candidates, const ChunkLayout& layout, std::uint16_t keepPerChunk)
    {
        const double limit = comparesPositions(layout, keepPerChunk) ? kMaxOverlap : kMaxCosine;
        // All pairs are judged before anyone is refused: a copy of a copy is found out as well.
        std::vector<const Candidate*> original(candidates.size(), nullptr);
        for (std::size_t i = 0; i < candidates.size(); ++i) {
            for (std::size_t j = i + 1; j < candidates.size(); ++j) {
                const Candidate& a = candidates[i];
                const Candidate& b = candidates[j];
                if (!a.isIn() || !b.isIn()
                    || likeness(layout, keepPerChunk, a.update->values, b.update->values) < limit) {
                    continue;
                }
                const bool aIsFirst = a.isEarlierThan(b);
                const Candidate*& source = original[aIsFirst ? j : i];
                const Candidate& first = aIsFirst ? a : b;
                if (source == nullptr || first.isEarlierThan(*source)) {
                    source = &first;
                }
            }
        }
        for (std::size_t i = 0; i < candidates.size(); ++i) {
            if (original[i] != nullptr) {
                candidates[i].refuse("copy of " + nameOf(original[i]->from->node));
            }
        }
    }

    void judgeNorms(Candidates& candidates, double clipFactor)
    {
        const double median
            = lowerMedian(collect(candidates, [](const Candidate& c) { return c.norm; }));
        for (Candidate& candidate : candidates) {
            if (!candidate.isIn()) {
                continue;
            }
            const double ratio = candidate.norm / median;
            if (ratio > kMaxNormOfMedian) {
                candidate.refuse(fmt::format("norm {:.1f} x median", ratio));
            } else if (ratio < kMinNormOfMedian) {
                candidate.refuse(fmt::format("norm {:.3f} x median", ratio));
            } else if (ratio > clipFactor) {
                candidate.shrink = clipFactor / ratio;
            }
        }
    }

    /// min(tokens, 2 x median): nobody gains the round by claiming more.
    void weigh(Candidates& candidates)
    {
        const double median = lowerMedian(collect(candidates,
            [](const Candidate& c) { return static_cast<double>(c.update->header.tokens); }));
        for (Candidate& candidate : candidates) {
            if (candidate.isIn()) {
                candidate.weight
                    = std::min(static_cast<double>(candidate.update->header.tokens), 2 * median);
            }
        }
    }

    double totalWeight(const Candidates& candidates)
    {
        double total = 0;
        for (const Candidate& candidate : candidates) {
            total += candidate.isIn() ? candidate.weight : 0.0;
        }
        return total;
    }

    /// to = base - rate x direction, each value rounded once.
    void step(ml::Parameters& to, const ml::Parameters& from, double rate,
        std::span<const double> direction)
    {
        const std::span<float> out = to.values();
        const std::span<const float> in = from.values();
        for (std::size_t i = 0; i < out.size(); ++i) {
            out[i] = static_cast<float>(static_cast<double>(in[i]) - rate * direction[i]);
        }
    }

    /// sum += factor x values
    void add(std::vector<double>& sum, double factor, std::span<const float> values)
    {
        for (std::size_t i = 0; i < sum.size(); ++i) {
            sum[i] += factor * static_cast<double>(values[i]);
        }
    }

    /// Cosine of an update with the others' mean, over the positions that the update sends: top-k
    /// updates of different members share few positions, which says nothing of their direction.
    double agreementOf(std::span<const double> others, std::span<const float> own)
    {
        double product = 0;
        double squareOthers = 0;
        double squareOwn = 0;
        for (std::size_t i = 0; i < others.size(); ++i) {
            const auto y = static_cast<double>(own[i]);
            if (y != 0) {
                product += others[i] * y;
                squareOthers += others[i] * others[i];
                squareOwn += y * y;
            }
        }
        const double norms = std::sqrt(squareOthers) * std::sqrt(squareOwn);
        return norms > 0 ? product / norms : 0.0;
    }

    /// What the probe says of one update: the loss after the common step without it and with it.
    struct Score
    {
        std::int64_t without{ 0 };
        std::int64_t with{ 0 };
        double agreement{ -1 }; ///< agreementOf(); stays so for one who stands alone
    };

    /// Applies the mean of the others, then that mean with the update's share in it. Judging an
    /// update by what it does alone would refuse honest members whose text is special: alone they
    /// drift, together they balance one another (measured: docs/lowcomm.md).
    Result<Score> scoreOf(const Candidate& candidate, const std::vector<double>& sum, double total,
        const RoundInput& input, ml::Parameters& scratch, ProbeScorer& scorer, std::int64_t before)
    {
        const double rate = fromMicro(input.manifest.outerRateMicro);
        const double share = std::max(candidate.weight / total, kMinProbeShare);
        const double othersWeight = total - candidate.weight;
        const std::span<const float> own = candidate.update->values;
        Score score{ before, 0, -1 };
        std::vector<double> direction(sum.size(), 0.0);
        if (othersWeight > 0) {
            direction = sum;
            add(direction, -candidate.weight * candidate.shrink, own);
            for (double& value : direction) {
                value /= othersWeight;
            }
            score.agreement = agreementOf(direction, own);
            step(scratch, input.base, rate, direction);
            TRY_ASSIGN(score.without, scorer.lossMicro(scratch));
            for (double& value : direction) {
                value *= 1 - share;
            }
        }
        add(direction, share * candidate.shrink, own);
        step(scratch, input.base, rate, direction);
        TRY_ASSIGN(score.with, scorer.lossMicro(scratch));
        return score;
    }

    /// Refuses the updates that make the common step worse on the probe. One that points against
    /// the others, or stands alone, gets a tenth of the margin.
    Result<> scoreOnProbe(Candidates& candidates, const RoundInput& input, ml::Parameters& scratch,
        ProbeScorer& scorer, std::int64_t before)
    {
        const double total = totalWeight(candidates);
        std::vector<double> sum(scratch.values().size(), 0.0);
        for (const Candidate& candidate : candidates) {
            if (candidate.isIn()) {
                add(sum, candidate.weight * candidate.shrink, candidate.update->values);
            }
        }
        std::vector<std::string> refusals(candidates.size());
        for (std::size_t i = 0; i < candidates.size(); ++i) {
            Candidate& candidate = candidates[i];
            if (!candidate.isIn()) {
                continue;
            }
            TRY_ASSIGN(
                const Score score, scoreOf(candidate, sum, total, input, scratch, scorer, before));
            const std::int64_t full = input.manifest.probeMarginMicro;
            const std::int64_t margin
                = score.agreement < kLeastAgreement ? full / kStricterMargin : full;
            const std::string numbers
                = fmt::format("loss on the probe from {} to {} (cosine {:.2f})",
                    nats(score.without), nats(score.with), score.agreement);
            if (score.with > score.without + margin) {
                refusals[i] = "raises " + numbers;
                continue;
            }
            candidate.verdict.reason = fmt::format("accepted: {} {}",
                score.with <= score.without ? "lowers" : "hardly changes", numbers);
        }
        // Everyone is judged beside the same others before anyone goes.
        for (std::size_t i = 0; i < candidates.size(); ++i) {
            if (!refusals[i].empty()) {
                candidates[i].refuse(std::move(refusals[i]));
            }
        }
        return {};
    }

    /// The round's step from those that are in; marks them accepted.
    std::vector<double> combine(Candidates& candidates, Rule rule)
    {
        const double total = totalWeight(candidates);
        Vectors vectors;
        std::vector<double> weights;
        for (Candidate& candidate : candidates) {
            if (!candidate.isIn()) {
                continue;
            }
            std::vector<float> values = std::move(candidate.update->values);
            if (candidate.shrink < 1) {
                for (float& value : values) {
                    value = static_cast<float>(static_cast<double>(value) * candidate.shrink);
                }
            }
            vectors.push_back(std::move(values));
            weights.push_back(candidate.weight);
            candidate.verdict.accepted = true;
            candidate.verdict.weightMicro
                = static_cast<std::uint64_t>(std::floor(candidate.weight / total * 1e6));
        }
        if (rule == Rule::Mean) {
            return weightedMean(vectors, weights);
        }
        const std::size_t faults = toleratedFaults(vectors.size());
        if (faults > 0 && vectors.size() <= kMaxMixed) {
            vectors = nearestNeighbourMix(vectors, weights, faults);
        }
        return centeredClip(vectors, weights);
    }

} // namespace

Result<RoundOutcome> aggregateRound(const RoundInput& input, ml::Backend& backend)
{
    if (!backend.isDeterministic()) {
        return fail(Errc::Invalid, "aggregation needs the deterministic reference backend");
    }
    if (input.base.config() != input.manifest.model) {
        return fail(Errc::Invalid, "the parameters are not of the manifest's model");
    }
    const ChunkLayout layout = layoutOf(input.base.table());
    const base::Hash256 baseHash = input.base.hash();
    Candidates candidates = inOrder(input.contributions);
    for (Candidate& candidate : candidates) {
        decodeInto(candidate, input, layout, baseHash);
    }
    refuseRepeated(candidates);
    refuseCopies(candidates, layout, input.manifest.keepPerChunk);
    judgeNorms(candidates, fromMicro(input.manifest.normClipMicro));
    weigh(candidates);

    TRY_ASSIGN(const auto scorer,
        ProbeScorer::create(
            input.manifest, input.probe, probeSeed(input.beacon, input.run, input.round), backend));
    TRY_ASSIGN(ml::Parameters params, input.base.clone());
    TRY_ASSIGN(const std::int64_t before, scorer->lossMicro(input.base));
    TRY(scoreOnProbe(candidates, input, params, *scorer, before));

    std::int64_t after = before;
    if (totalWeight(candidates) > 0) {
        const std::vector<double> direction = combine(candidates, input.manifest.rule);
        step(params, input.base, fromMicro(input.manifest.outerRateMicro), direction);
        TRY_ASSIGN(after, scorer->lossMicro(params));
    } else {
        std::ranges::copy(input.base.values(), params.values().begin());
    }
    const base::Hash256 hash = params.hash();
    RoundOutcome outcome{ std::move(params), hash, before, after, {} };
    for (Candidate& candidate : candidates) {
        outcome.verdicts.push_back(std::move(candidate.verdict));
    }
    return outcome;
}

} // namespace loam::training
