// SPDX-License-Identifier: GPL-3.0-or-later
#include "training/private_round.h"

#include "base/require.h"
#include "crypto/hash.h"
#include "training/probe.h"
#include "training/robust.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>
#include <set>
#include <tuple>

namespace loam::training {
namespace {

    using base::Errc;
    using base::fail;
    using base::Result;

    /// LoRA's alpha over its rank, with alpha = 2 rank.
    constexpr double kAdapterFactor = 2;
    constexpr double kAdamEpsilon = 1e-8;

    /// AdamW without decay on a vector of some thousand values: plain loops are quick enough.
    class VectorAdam
    {
    public:
        VectorAdam(const RunManifest& manifest, std::size_t size)
            : m_beta1{ fromMicro(manifest.beta1Micro) }
            , m_beta2{ fromMicro(manifest.beta2Micro) }
            , m_first(size)
            , m_second(size)
        {
        }
        void step(std::span<double> values, std::span<const double> gradient, double rate)
        {
            ++m_steps;
            const double correct1 = 1 - std::pow(m_beta1, m_steps);
            const double correct2 = 1 - std::pow(m_beta2, m_steps);
            for (std::size_t i = 0; i < values.size(); ++i) {
                m_first[i] = m_beta1 * m_first[i] + (1 - m_beta1) * gradient[i];
                m_second[i] = m_beta2 * m_second[i] + (1 - m_beta2) * gradient[i] * gradient[i];
                values[i] -= rate * (m_first[i] / correct1)
                    / (std::sqrt(m_second[i] / correct2) + kAdamEpsilon);
            }
        }

    private:
        double m_beta1;
        double m_beta2;
        double m_steps{ 0 };
        std::vector<double> m_first;
        std::vector<double> m_second;
    };

    /// A record some members committed to, and what is in it.
    struct Group
    {
        base::Hash256 commitment;
        GroupRecord record;
        std::size_t submitters{ 0 };
        std::optional<GroupMean> mean;
        std::string refusal; ///< why it does not count
    };

    using Groups = std::map<base::Hash256, Group>;

    std::optional<std::string> misfit(const GroupRecord& record, const PrivateRoundInput& input)
    {
        const std::set<base::PublicKey> cohort(record.cohort.begin(), record.cohort.end());
        for (const base::PublicKey& member : input.members) {
            if (!cohort.contains(member)) {
                return "leaves a member of the round out";
            }
        }
        std::set<base::PublicKey> known(input.members.begin(), input.members.end());
        known.insert(input.leavers.begin(), input.leavers.end());
        if (!std::ranges::includes(known, cohort)) {
            return "names somebody who was not in the round";
        }
        return std::nullopt;
    }

    Groups readGroups(const PrivateRoundInput& input)
    {
        Groups groups;
        for (const Contribution& contribution : input.contributions) {
            Group& group = groups[contribution.commitment];
            ++group.submitters;
            if (group.submitters > 1 && group.refusal != "no record arrived") {
                continue;
            }
            group.commitment = contribution.commitment;
            group.refusal.clear();
            if (contribution.body.empty()) {
                group.refusal = "no record arrived";
                continue;
            }
            if (crypto::sha256(contribution.body) != contribution.commitment) {
                group.refusal = "record does not match its commitment";
                continue;
            }
            auto record = GroupRecord::decode(contribution.body);
            if (!record) {
                group.refusal = "malformed: " + record.error().message;
                continue;
            }
            group.record = std::move(*record);
            if (auto why = misfit(group.record, input)) {
                group.refusal = std::move(*why);
            }
        }
        return groups;
    }

    /// One record a group: the one more members committed to, then the earlier attempt. Two sums of
    /// one group in a round would count its members twice.
    void refuseSecondRecords(Groups& groups)
    {
        std::map<std::uint32_t, Group*> best;
        const auto isBetter = [](const Group& a, const Group& b) {
            return std::tuple{ b.submitters, a.record.attempt, a.commitment }
            < std::tuple{ a.submitters, b.record.attempt, b.commitment };
        };
        for (auto& [commitment, group] : groups) {
            if (!group.refusal.empty()) {
                continue;
            }
            Group*& chosen = best[group.record.group];
            if (chosen == nullptr || isBetter(group, *chosen)) {
                chosen = &group;
            }
        }
        for (auto& [commitment, group] : groups) {
            if (group.refusal.empty() && best[group.record.group] != &group) {
                group.refusal = "another record of this group counts";
            }
        }
    }

    void openGroups(Groups& groups, const PrivateRoundInput& input, std::size_t size)
    {
        GroupRound round;
        round.network = input.network;
        round.run = input.run;
        round.round = input.round;
        round.beacon = input.beacon;
        round.params = input.base.hash();
        PrivateTerms terms = *input.manifest.privacy;
        terms.clipMicro = input.clipMicro;
        for (auto& [commitment, group] : groups) {
            if (!group.refusal.empty()) {
                continue;
            }
            auto mean = openRecord(terms, size, round, group.record);
            if (!mean) {
                group.refusal = mean.error().message;
                continue;
            }
            group.mean = std::move(*mean);
        }
    }

    /// The adapter's step from the groups' means.
    std::vector<double> combineGroups(const Groups& groups, Rule rule, std::size_t size)
    {
        Vectors vectors;
        std::vector<double> weights;
        for (const auto& [commitment, group] : groups) {
            if (!group.mean) {
                continue;
            }
            vectors.emplace_back(size);
            std::ranges::transform(group.mean->mean, vectors.back().begin(),
                [](double value) { return static_cast<float>(value); });
            weights.push_back(static_cast<double>(group.mean->survivors.size()));
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

    /// Part of the accepted members within the clip.
    double partWithin(const Groups& groups)
    {
        double within = 0;
        double members = 0;
        for (const auto& [commitment, group] : groups) {
            if (group.mean) {
                const auto count = static_cast<double>(group.mean->survivors.size());
                within += group.mean->within * count;
                members += count;
            }
        }
        return within / members;
    }

    Verdict verdictOn(const Contribution& contribution, const Group& group)
    {
        Verdict verdict;
        verdict.node = contribution.node;
        verdict.commitment = contribution.commitment;
        if (!group.refusal.empty()) {
            verdict.reason = group.refusal;
            return verdict;
        }
        const auto& survivors = group.mean->survivors;
        if (std::find(survivors.begin(), survivors.end(), contribution.node) == survivors.end()) {
            verdict.reason = "its vector is not in the sum";
            return verdict;
        }
        verdict.accepted = true;
        double square = 0;
        for (const double value : group.mean->mean) {
            square += value * value;
        }
        // Of the group's noisy mean: nobody knows the member's own.
        verdict.normMicro = static_cast<std::uint64_t>(std::llround(std::sqrt(square) * 1e6));
        verdict.reason
            = fmt::format("accepted: flat, group {} of {}, record {}", group.record.group,
                survivors.size(), base::toHex(group.commitment.view()).substr(0, 16));
        return verdict;
    }

    void shareWeight(std::vector<Verdict>& verdicts)
    {
        const auto accepted = static_cast<std::uint64_t>(std::count_if(
            verdicts.begin(), verdicts.end(), [](const Verdict& one) { return one.accepted; }));
        for (Verdict& verdict : verdicts) {
            verdict.weightMicro = verdict.accepted ? 1'000'000 / accepted : 0;
        }
    }

} // namespace

FixedAdapter adapterOf(
    const RunManifest& manifest, const ml::ParameterTable& table, const base::Hash256& run)
{
    ASSERT(manifest.privacy.has_value());
    return FixedAdapter{ table, manifest.privacy->rank, run };
}

Result<PrivateReport> trainPrivate(const PrivateJob& job, ml::Backend& backend,
    WorkControl& control, const std::function<void(const TrainProgress&)>& onProgress)
{
    const RunManifest& manifest = job.manifest;
    if (!manifest.privacy || job.base.config() != manifest.model) {
        return fail(Errc::Invalid, "the job is not of a private run and its model");
    }
    if (job.tokens.size() <= manifest.model.context) {
        return fail(Errc::Invalid,
            fmt::format("the text has {} tokens, a window needs {}", job.tokens.size(),
                manifest.model.context + 1));
    }
    const ml::BatchShape shape{ manifest.batch, manifest.model.context };
    ml::Transformer::Options options;
    options.memoryBudget = job.memoryBudget;
    TRY_ASSIGN(
        const auto model, ml::Transformer::create(manifest.model, backend, shape, options));
    TRY_ASSIGN(ml::Parameters local, job.base.clone());
    const FixedAdapter adapter = adapterOf(manifest, job.base.table(), job.run);
    std::vector<double> b(adapter.size());
    std::vector<double> gradient(adapter.size());
    std::vector<float> gradients(job.base.values().size());
    VectorAdam optimiser{ manifest, adapter.size() };
    WindowSampler sampler{ job.tokens, shape.length, dataSeed(job.beacon, job.node, job.round) };
    PrivateReport report;
    const auto start = std::chrono::steady_clock::now();
    for (std::uint32_t step = 0; step < manifest.innerSteps; ++step) {
        if (control.shouldStop()) {
            return fail(Errc::Cancelled, "training was cancelled");
        }
        adapter.apply(local, job.base, b, kAdapterFactor);
        TRY(model->setParameters(local));
        TRY_ASSIGN(
            const ml::LossReport loss, model->computeGradients(sampler.draw(shape.sequences)));
        TRY(model->copyGradientsTo(gradients));
        adapter.project(gradients, gradient);
        for (double& value : gradient) {
            value *= kAdapterFactor;
        }
        optimiser.step(b, gradient, manifest.learningRate(manifest.globalStep(job.round, step)));
        report.tokens += shape.tokens();
        report.lossLast = loss.mean();
        if (step == 0) {
            report.lossFirst = loss.mean();
        }
        if (onProgress) {
            const std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
            onProgress({ step + 1, manifest.innerSteps, loss.mean(),
                static_cast<double>(report.tokens) / time.count() });
        }
    }
    report.update.resize(b.size());
    double square = 0;
    for (std::size_t i = 0; i < b.size(); ++i) {
        report.update[i] = static_cast<float>(b[i]);
        square += b[i] * b[i];
    }
    report.norm = std::sqrt(square);
    return report;
}

Result<RoundOutcome> aggregatePrivate(const PrivateRoundInput& input, ml::Backend& backend)
{
    if (!backend.isDeterministic()) {
        return fail(Errc::Invalid, "aggregation needs the deterministic reference backend");
    }
    if (!input.manifest.privacy || input.base.config() != input.manifest.model
        || input.clipMicro == 0) {
        return fail(Errc::Invalid, "the round is not of a private run and its model");
    }
    const FixedAdapter adapter = adapterOf(input.manifest, input.base.table(), input.run);
    Groups groups = readGroups(input);
    refuseSecondRecords(groups);
    openGroups(groups, input, adapter.size());

    std::vector<Verdict> verdicts;
    for (const Contribution& contribution : input.contributions) {
        verdicts.push_back(verdictOn(contribution, groups.at(contribution.commitment)));
    }
    std::ranges::sort(verdicts, [](const Verdict& a, const Verdict& b) {
        return std::tie(a.commitment, a.node) < std::tie(b.commitment, b.node);
    });
    shareWeight(verdicts);

    TRY_ASSIGN(const auto scorer,
        ProbeScorer::create(
            input.manifest, input.probe, probeSeed(input.beacon, input.run, input.round), backend));
    TRY_ASSIGN(ml::Parameters params, input.base.clone());
    TRY_ASSIGN(const std::int64_t before, scorer->lossMicro(input.base));
    std::int64_t after = before;
    const bool anyAccepted = std::any_of(
        verdicts.begin(), verdicts.end(), [](const Verdict& one) { return one.accepted; });
    if (anyAccepted) {
        const std::vector<double> b = combineGroups(groups, input.manifest.rule, adapter.size());
        adapter.apply(
            params, input.base, b, kAdapterFactor * fromMicro(input.manifest.outerRateMicro));
        TRY_ASSIGN(after, scorer->lossMicro(params));
    }
    const base::Hash256 hash = params.hash();
    RoundOutcome out{ std::move(params), hash, before, after, std::move(verdicts) };
    out.nextClipMicro = anyAccepted
        ? nextClipMicro(input.clipMicro, input.manifest.privacy->clipMicro, partWithin(groups))
        : input.clipMicro;
    return out;
}

} // namespace loam::training
