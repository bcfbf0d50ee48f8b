// SPDX-License-Identifier: GPL-3.0-or-later
// What does privacy cost? Members with one text each, naturally different, train an adapter on a
// common small model: each alone, all texts in one place, together without noise, and together in
// the private lane at several noises, with the very code of a run but for the masks, which cancel.
// Reads a folder of text files; a third of them trains the base model, each of the others is a
// member, its last fifth held out. Writes a table of the mean held-out loss in nats per byte.
//   bench_private FOLDER [ROUNDS [STEPS [BASE_STEPS [MAX_MEMBERS]]]]
#include "base/file.h"
#include "crypto/hash.h"
#include "ml/adamw.h"
#include "ml/thread_pool.h"
#include "training/private_round.h"
#include "training/robust.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

namespace {

using namespace loam;
using base::Result;

constexpr std::size_t kTextLimit = 64U * 1024U;
constexpr std::size_t kLeastText = 8U * 1024U;

struct Member
{
    std::vector<ml::Token> text;
    std::vector<ml::Token> heldOut;
    base::PublicKey node;
};

struct Options
{
    std::string folder;
    std::uint64_t rounds{ 8 };
    std::uint32_t steps{ 8 };
    std::uint32_t baseSteps{ 1500 };
    std::size_t maxMembers{ 256 };
};

std::vector<ml::Token> tokensOf(base::ByteView bytes)
{
    std::vector<ml::Token> out;
    for (const std::byte byte : bytes) {
        out.push_back(std::to_integer<ml::Token>(byte));
    }
    return out;
}

base::Hash256 beaconOf(std::uint64_t round)
{
    return crypto::sha256(base::asBytes("private bench " + std::to_string(round)));
}

class Experiment
{
public:
    explicit Experiment(const Options& options)
        : m_options{ options }
    {
        m_manifest.name = "bench";
        m_manifest.lane = training::Lane::Private;
        m_manifest.model.dim = 64;
        m_manifest.model.layers = 2;
        m_manifest.model.heads = 4;
        m_manifest.model.kvHeads = 4;
        m_manifest.model.ffn = 176;
        m_manifest.model.vocab = 256;
        m_manifest.model.context = 64;
        m_manifest.model.tied = true;
        m_manifest.tokenizerBytes = 1;
        m_manifest.probeBytes = 1;
        m_manifest.innerSteps = options.steps;
        m_manifest.batch = 4;
        m_manifest.warmupSteps = 0;
        m_manifest.learningRateMicro = 10'000;
        training::PrivateTerms terms;
        terms.practice = true;
        terms.clipMicro = 500'000;
        terms.rounds = static_cast<std::uint32_t>(options.rounds);
        terms.epsilonMicro = 1'000'000'000;
        terms.noiseRatioMicro = 1'000'000'000;
        m_manifest.privacy = terms;
        m_run.data.fill(std::byte{ 1 });
    }

    Result<> prepare()
    {
        TRY(m_manifest.validate());
        TRY_ASSIGN(m_fast, ml::makeFastBackend(m_pool));
        std::vector<std::filesystem::path> files;
        for (const auto& entry : std::filesystem::directory_iterator{ m_options.folder }) {
            files.push_back(entry.path());
        }
        std::ranges::sort(files);
        std::vector<ml::Token> baseText;
        for (std::size_t i = 0; i < files.size(); ++i) {
            TRY_ASSIGN(base::Bytes bytes, base::readFile(files[i], std::size_t{ 1 } << 26U));
            if (bytes.size() < kLeastText) {
                continue;
            }
            bytes.resize(std::min(bytes.size(), kTextLimit));
            if (i % 3 == 0) {
                const auto tokens = tokensOf(bytes);
                baseText.insert(baseText.end(), tokens.begin(), tokens.end());
            } else if (m_members.size() < m_options.maxMembers) {
                Member member;
                const std::size_t cut = bytes.size() / 5 * 4;
                member.text = tokensOf(base::ByteView{ bytes }.first(cut));
                member.heldOut = tokensOf(base::ByteView{ bytes }.subspan(cut));
                const auto key = crypto::sha256(base::asBytes(files[i].string()));
                TRY_ASSIGN(member.node, base::PublicKey::from(key.view()));
                m_members.push_back(std::move(member));
            }
        }
        if (baseText.size() < kLeastText || m_members.size() < 32) {
            return base::fail(base::Errc::Invalid, "the folder has too few texts of 8 KiB or more");
        }
        std::ranges::sort(m_members, {}, &Member::node);
        return trainBase(baseText);
    }

    Result<> run()
    {
        const std::size_t n = m_members.size();
        fmt::print("{} members, adapter of {} values, {} rounds of {} steps\n\n", n,
            adapter().size(), m_options.rounds, m_options.steps);
        fmt::print("| training | loss, nats per byte | epsilon at 1e-6 | noise over clip |\n"
                   "|---|---|---|---|\n");
        TRY_ASSIGN(const double base, meanLoss([this](std::size_t) { return &*m_base; }));
        row("base model, no adapter", base, 0, 0);
        TRY_ASSIGN(const double local, alone());
        row("each alone", local, 0, 0);
        TRY_ASSIGN(const double central, inOnePlace());
        row("all texts in one place", central, HUGE_VAL, 0);
        for (const double noise : { 0.0, 0.5, 1.0, 2.0, 4.0 }) {
            TRY_ASSIGN(const double loss, together(noise));
            training::PrivateTerms terms = *m_manifest.privacy;
            terms.noiseMicro = static_cast<std::uint32_t>(std::max(noise, 0.1) * 1e6);
            const bool isPrivate = noise > 0;
            row(fmt::format("together, noise {}", noise), loss,
                isPrivate ? training::privateCost(terms, adapter().size(), m_options.rounds).epsilon
                          : HUGE_VAL,
                isPrivate ? training::judgeCohort(terms, adapter().size(), n).noiseRatio : 0);
        }
        return {};
    }

private:
    static void row(const std::string& name, double loss, double epsilon, double ratio)
    {
        const std::string shown = epsilon == 0 ? "0"
            : std::isinf(epsilon)              ? "unbounded"
                                               : fmt::format("{:.2f}", epsilon);
        fmt::print("| {} | {:.4f} | {} | {:.2f} |\n", name, loss, shown, ratio);
        std::fflush(stdout);
    }

    training::FixedAdapter adapter() const
    {
        return training::adapterOf(m_manifest, m_base->table(), m_run);
    }

    Result<> trainBase(const std::vector<ml::Token>& text)
    {
        TRY_ASSIGN(auto params, ml::Parameters::initialise(m_manifest.model, 1));
        const ml::BatchShape shape{ 16, m_manifest.model.context };
        TRY_ASSIGN(const auto model,
            ml::Transformer::create(
                m_manifest.model, *m_fast, shape, ml::Transformer::Purpose::Train));
        TRY(model->setParameters(params));
        TRY_ASSIGN(const auto optimiser, ml::AdamW::create(params.table(), *m_fast, {}));
        training::WindowSampler sampler{ text, shape.length, beaconOf(99) };
        for (std::uint32_t step = 0; step < m_options.baseSteps; ++step) {
            TRY(model->computeGradients(sampler.draw(shape.sequences)));
            const float rate = 3e-3F * std::min(1.0F, static_cast<float>(step + 1) / 100.0F);
            TRY(optimiser->step(*model, rate));
        }
        TRY(model->copyParametersTo(params));
        m_base = std::move(params);
        return {};
    }

    Result<std::vector<float>> train(const ml::Parameters& params, std::span<const ml::Token> text,
        std::size_t member, std::uint64_t round)
    {
        const training::PrivateJob job{ m_manifest, m_run, m_members[member].node, beaconOf(round),
            round, params, text };
        TRY_ASSIGN(auto report, training::trainPrivate(job, *m_fast, m_control, {}));
        return std::move(report.update);
    }

    Result<double> meanLoss(const std::function<const ml::Parameters*(std::size_t)>& paramsOf)
    {
        double sum = 0;
        for (std::size_t i = 0; i < m_members.size(); ++i) {
            TRY_ASSIGN(const double loss,
                training::evaluateText(
                    *paramsOf(i), { m_members[i].heldOut, m_members[i].heldOut.size() }, *m_fast));
            sum += loss;
        }
        return sum / static_cast<double>(m_members.size());
    }

    Result<> step(ml::Parameters& params, std::span<const double> b) const
    {
        TRY_ASSIGN(const ml::Parameters before, params.clone());
        adapter().apply(params, before, b, 2);
        return {};
    }

    /// As many steps as the others, each member on its own text.
    Result<double> alone()
    {
        std::vector<ml::Parameters> own;
        for (std::size_t i = 0; i < m_members.size(); ++i) {
            TRY_ASSIGN(ml::Parameters params, m_base->clone());
            for (std::uint64_t round = 0; round < m_options.rounds; ++round) {
                TRY_ASSIGN(const auto update, train(params, m_members[i].text, i, round));
                const std::vector<double> b(update.begin(), update.end());
                TRY(step(params, b));
            }
            own.push_back(std::move(params));
        }
        return meanLoss([&own](std::size_t i) { return &own[i]; });
    }

    Result<double> inOnePlace()
    {
        std::vector<ml::Token> all;
        for (const Member& member : m_members) {
            all.insert(all.end(), member.text.begin(), member.text.end());
        }
        TRY_ASSIGN(ml::Parameters params, m_base->clone());
        for (std::uint64_t round = 0; round < 4 * m_options.rounds; ++round) {
            TRY_ASSIGN(const auto update, train(params, all, 0, round));
            const std::vector<double> b(update.begin(), update.end());
            TRY(step(params, b));
        }
        return meanLoss([&params](std::size_t) { return &params; });
    }

    /// Rounds of the private lane; without noise the clip is still there.
    Result<double> together(double noise)
    {
        training::PrivateTerms terms = *m_manifest.privacy;
        terms.noiseMicro = static_cast<std::uint32_t>(std::max(noise, 0.1) * 1e6);
        std::vector<base::PublicKey> cohort;
        for (const Member& member : m_members) {
            cohort.push_back(member.node);
        }
        TRY_ASSIGN(ml::Parameters params, m_base->clone());
        for (std::uint64_t round = 0; round < m_options.rounds; ++round) {
            const auto groups = training::assignGroups(terms, beaconOf(round), round, cohort);
            training::Vectors means;
            std::vector<double> weights;
            for (const auto& group : groups) {
                TRY_ASSIGN(auto mean, groupMean(terms, noise, group, params, round));
                means.emplace_back(mean.begin(), mean.end());
                weights.push_back(static_cast<double>(group.size()));
            }
            const std::size_t faults = training::toleratedFaults(means.size());
            if (faults > 0) {
                means = training::nearestNeighbourMix(means, weights, faults);
            }
            TRY(step(params, training::centeredClip(means, weights)));
        }
        return meanLoss([&params](std::size_t) { return &params; });
    }

    Result<std::vector<double>> groupMean(const training::PrivateTerms& terms, double noise,
        const std::vector<base::PublicKey>& group, const ml::Parameters& params,
        std::uint64_t round)
    {
        const auto coding
            = training::groupCoding(terms, adapter().size(), group.size(), beaconOf(round));
        TRY_ASSIGN(const auto share,
            training::SkellamSampler::create(noise > 0 ? coding.shareVariance : 0.0));
        std::vector<std::uint32_t> sum(coding.ring.encodedSize());
        for (const base::PublicKey& node : group) {
            const auto member = static_cast<std::size_t>(
                std::ranges::lower_bound(m_members, node, {}, &Member::node) - m_members.begin());
            TRY_ASSIGN(const auto update, train(params, m_members[member].text, member, round));
            const base::Hash256 seed
                = crypto::Sha256{}.update(node.view()).update(beaconOf(round).view()).finish();
            crypto::KeyStream random{ crypto::StreamCipher::ChaCha20,
                crypto::SymmetricKey{ seed.data } };
            TRY_ASSIGN(
                const auto encoded, training::encodeShare(coding.ring, update, share, random));
            for (std::size_t i = 0; i < sum.size(); ++i) {
                sum[i] += encoded[i];
            }
        }
        TRY_ASSIGN(auto decoded, training::decodeSum(coding.ring, sum, group.size()));
        return std::move(decoded.mean);
    }

    Options m_options;
    training::RunManifest m_manifest;
    base::Hash256 m_run;
    ml::ThreadPool m_pool{ 1 };
    std::unique_ptr<ml::Backend> m_fast;
    training::WorkControl m_control;
    std::vector<Member> m_members;
    std::optional<ml::Parameters> m_base;
};

} // namespace

int main(int count, char** arguments)
{
    if (count < 2) {
        std::fprintf(
            stderr, "usage: bench_private FOLDER [ROUNDS [STEPS [BASE_STEPS [MAX_MEMBERS]]]]\n");
        return 2;
    }
    const auto number = [&](int index, std::uint64_t fallback) {
        return count > index ? std::strtoull(arguments[index], nullptr, 10) : fallback;
    };
    Options options;
    options.folder = arguments[1];
    options.rounds = number(2, options.rounds);
    options.steps = static_cast<std::uint32_t>(number(3, options.steps));
    options.baseSteps = static_cast<std::uint32_t>(number(4, options.baseSteps));
    options.maxMembers = number(5, options.maxMembers);
    Experiment experiment{ options };
    auto done = experiment.prepare();
    if (done) {
        done = experiment.run();
    }
    if (!done) {
        std::fprintf(stderr, "bench_private: %s\n", done.error().message.c_str());
        return 1;
    }
    return 0;
}
