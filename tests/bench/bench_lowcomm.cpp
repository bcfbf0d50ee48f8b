// SPDX-License-Identifier: GPL-3.0-or-later
// What does talking less cost? Four members with different texts train one small model, once for
// each way of sending updates, with the very code of a run: trainer, update format, aggregation.
// All ways advance round by round side by side, so that stopping early still compares like with
// like. After each round the results so far are written as CSV. Not part of ctest.
#include "base/file.h"
#include "crypto/hash.h"
#include "ml/adamw.h"
#include "ml/thread_pool.h"
#include "ml/tokenizer.h"
#include "training/aggregation.h"
#include "training/trainer.h"

#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace {

using namespace loam;
using base::Result;

constexpr std::size_t kMembers = 4;
constexpr std::uint32_t kVocab = 2048;
constexpr std::size_t kTextLimit = std::size_t{ 64 } << 20U;

struct Setting
{
    std::string name;
    bool isSynchronous{ false };
    std::uint16_t keepPerChunk{ 0 };
    training::Rule rule{ training::Rule::NnmCenteredClip };
};

const Setting kSettings[]{
    { "synchronous", true, 0 },
    { "dense", false, training::kDense },
    { "k1024", false, 1024 },
    { "k512", false, 512 },
    { "k64", false, 64 },
    { "dense-mean", false, training::kDense, training::Rule::Mean },
};

struct Texts
{
    std::vector<std::vector<ml::Token>> members;
    std::vector<ml::Token> probe;
    std::vector<ml::Token> heldOut;
    std::uint64_t probeBytes{ 0 };
    std::uint64_t heldOutBytes{ 0 };
};

base::PublicKey nodeOf(std::size_t member)
{
    base::PublicKey node;
    node.data.fill(static_cast<std::byte>(member + 1));
    return node;
}

base::Hash256 beaconOf(std::uint64_t round)
{
    return crypto::sha256(base::asBytes("lowcomm " + std::to_string(round)));
}

/// One way of training, from the common start to where it has got.
struct Course
{
    Setting setting;
    training::RunManifest manifest;
    ml::Parameters params;
    std::vector<training::TrainerState> states;
    training::TrainerState joint; ///< synchronous training has one optimiser
    std::uint64_t bytesPerNode{ 0 };
    std::size_t refused{ 0 };
};

class Experiment
{
public:
    Experiment(const training::RunManifest& manifest, Texts texts)
        : m_manifest{ manifest }
        , m_texts{ std::move(texts) }
    {
        m_run.data.fill(std::byte{ 1 });
    }

    Result<> prepare(const std::vector<std::string>& names)
    {
        TRY_ASSIGN(m_fast, ml::makeFastBackend(m_pool));
        TRY_ASSIGN(m_reference, ml::makeReferenceBackend(m_pool));
        for (const Setting& setting : kSettings) {
            if (std::find(names.begin(), names.end(), setting.name) == names.end()) {
                continue;
            }
            TRY_ASSIGN(
                auto params, ml::Parameters::initialise(m_manifest.model, m_manifest.initSeed));
            Course course{ setting, m_manifest, std::move(params), {}, {}, 0, 0 };
            course.manifest.keepPerChunk = setting.keepPerChunk;
            course.manifest.rule = setting.rule;
            for (std::size_t i = 0; i < kMembers; ++i) {
                course.states.push_back(
                    training::TrainerState::fresh(m_run, course.params.table()));
            }
            course.joint = course.states.front();
            m_courses.push_back(std::move(course));
        }
        return {};
    }

    std::vector<Course>& courses() { return m_courses; }

    Result<double> heldOutLoss(const Course& course)
    {
        return training::evaluateText(
            course.params, { m_texts.heldOut, m_texts.heldOutBytes }, *m_fast);
    }

    Result<> advance(Course& course, std::uint64_t round)
    {
        return course.setting.isSynchronous ? synchronous(course, round)
                                            : localRound(course, round);
    }

private:
    Result<> localRound(Course& course, std::uint64_t round)
    {
        std::vector<training::TrainReport> reports;
        for (std::size_t i = 0; i < kMembers; ++i) {
            const training::TrainJob job{ course.manifest, m_run, nodeOf(i), beaconOf(round), round,
                course.params, m_texts.members[i], training::Tamper::None };
            TRY_ASSIGN(
                auto report, training::trainRound(job, course.states[i], *m_fast, m_control, {}));
            reports.push_back(std::move(report));
        }
        std::vector<training::Contribution> list;
        for (std::size_t i = 0; i < kMembers; ++i) {
            list.push_back({ nodeOf(i), crypto::sha256(reports[i].body), i, reports[i].tokens,
                reports[i].body });
        }
        // The beacon of the scoring comes after the commitments, so it is another one.
        const training::RoundInput input{ course.manifest, m_run, round, beaconOf(~round),
            course.params, { m_texts.probe, m_texts.probeBytes }, list };
        TRY_ASSIGN(auto outcome, training::aggregateRound(input, *m_reference));
        if (std::getenv("LOWCOMM_VERDICTS") != nullptr) {
            TRY(showVerdicts(course, input, outcome));
        }
        for (const training::Verdict& verdict : outcome.verdicts) {
            for (std::size_t i = 0; i < kMembers; ++i) {
                if (verdict.node == nodeOf(i)) {
                    TRY(course.states[i].settle(verdict.accepted));
                }
            }
            if (!verdict.accepted) {
                ++course.refused;
                fmt::print(stderr, "{} round {}: {}\n", course.setting.name, round, verdict.reason);
            }
        }
        course.bytesPerNode += reports.front().body.size();
        course.params = std::move(outcome.params);
        return {};
    }

    /// For choosing the limits of the scoring: every honest verdict, and the one on each member's
    /// update with its sign flipped.
    Result<> showVerdicts(const Course& course, const training::RoundInput& input,
        const training::RoundOutcome& honest)
    {
        for (const training::Verdict& verdict : honest.verdicts) {
            fmt::print(stderr, "  {} round {} honest {}: {}\n", course.setting.name, input.round,
                std::to_integer<int>(verdict.node.data[0]), verdict.reason);
        }
        const auto layout = training::layoutOf(input.base.table());
        const std::uint16_t keep = course.manifest.keepPerChunk;
        for (std::size_t i = 0; i < input.contributions.size(); ++i) {
            std::vector<training::Contribution> list{ input.contributions.begin(),
                input.contributions.end() };
            TRY_ASSIGN(training::Update update, training::decodeUpdate(list[i].body, layout, keep));
            for (float& value : update.values) {
                value = -value;
            }
            TRY_ASSIGN(const base::Bytes body,
                training::encodeUpdate(update.header, layout, keep, update.values));
            list[i].body = body;
            list[i].commitment = crypto::sha256(body);
            const training::RoundInput poisoned{ input.manifest, input.run, input.round,
                input.beacon, input.base, input.probe, list };
            TRY_ASSIGN(const auto outcome, training::aggregateRound(poisoned, *m_reference));
            for (const training::Verdict& verdict : outcome.verdicts) {
                const bool isFlipped = verdict.node == list[i].node;
                fmt::print(stderr, "  {} round {} beside flipped {}: {}{}: {}\n",
                    course.setting.name, input.round, i + 1,
                    std::to_integer<int>(verdict.node.data[0]), isFlipped ? " FLIPPED" : "",
                    verdict.reason);
            }
        }
        return {};
    }

    Result<> synchronous(Course& course, std::uint64_t round)
    {
        const training::RunManifest& manifest = course.manifest;
        const ml::BatchShape shape{ manifest.batch, manifest.model.context };
        TRY_ASSIGN(const auto model,
            ml::Transformer::create(
                manifest.model, *m_fast, shape, ml::Transformer::Purpose::Train));
        TRY(model->setParameters(course.params));
        ml::AdamWSettings settings;
        TRY_ASSIGN(
            const auto optimiser, ml::AdamW::create(course.params.table(), *m_fast, settings));
        if (course.joint.adamSteps > 0) {
            TRY(optimiser->setState(
                course.joint.first, course.joint.second, course.joint.adamSteps));
        }
        std::vector<training::WindowSampler> samplers;
        for (std::size_t i = 0; i < kMembers; ++i) {
            samplers.emplace_back(m_texts.members[i], shape.length,
                training::dataSeed(beaconOf(round), nodeOf(i), round));
        }
        const float scale = 1.0F / static_cast<float>(kMembers * shape.tokens());
        for (std::uint32_t step = 0; step < manifest.innerSteps; ++step) {
            for (std::size_t i = 0; i < kMembers; ++i) {
                const auto write = i == 0 ? ml::Write::Overwrite : ml::Write::Accumulate;
                TRY(model->computeGradients(samplers[i].draw(shape.sequences), write, scale));
            }
            const double rate = manifest.learningRate(manifest.globalStep(round, step));
            TRY(optimiser->step(*model, static_cast<float>(rate)));
            course.bytesPerNode += course.params.table().count() * sizeof(float);
        }
        TRY(optimiser->copyStateTo(course.joint.first, course.joint.second));
        course.joint.adamSteps = optimiser->steps();
        return model->copyParametersTo(course.params);
    }

    training::RunManifest m_manifest;
    Texts m_texts;
    base::Hash256 m_run;
    ml::ThreadPool m_pool{ 1 };
    training::WorkControl m_control;
    std::unique_ptr<ml::Backend> m_fast;
    std::unique_ptr<ml::Backend> m_reference;
    std::vector<Course> m_courses;
};

Result<std::vector<ml::Token>> tokens(const ml::Tokenizer& tokenizer, std::string_view text)
{
    std::vector<ml::Token> out;
    while (!text.empty()) {
        const std::size_t line = text.find('\n', std::min<std::size_t>(text.size(), 8192));
        const std::size_t end = line == std::string_view::npos ? text.size() : line + 1;
        TRY_ASSIGN(const auto piece, tokenizer.encode(text.substr(0, end)));
        out.insert(out.end(), piece.begin(), piece.end());
        text.remove_prefix(end);
    }
    return out;
}

/// The last path is the held-out text: its first half scores updates, its second half is reported.
Result<Texts> readTexts(const std::vector<std::string>& paths, training::RunManifest& manifest)
{
    std::vector<base::Bytes> files;
    std::vector<std::string_view> views;
    for (const std::string& path : paths) {
        TRY_ASSIGN(base::Bytes bytes, base::readFile(path, kTextLimit));
        files.push_back(std::move(bytes));
    }
    for (std::size_t i = 0; i < kMembers; ++i) {
        views.push_back(base::asText(files[i]));
    }
    TRY_ASSIGN(const base::Bytes model, ml::Tokenizer::train(views, { kVocab }));
    TRY_ASSIGN(const auto tokenizer, ml::Tokenizer::load(model));
    manifest.model.vocab = tokenizer->vocab();
    Texts texts;
    for (const std::string_view view : views) {
        TRY_ASSIGN(auto member, tokens(*tokenizer, view));
        texts.members.push_back(std::move(member));
    }
    const std::string_view heldOut = base::asText(files.back());
    const std::size_t middle = heldOut.find('\n', heldOut.size() / 2) + 1;
    TRY_ASSIGN(texts.probe, tokens(*tokenizer, heldOut.substr(0, middle)));
    TRY_ASSIGN(texts.heldOut, tokens(*tokenizer, heldOut.substr(middle)));
    texts.probeBytes = middle;
    texts.heldOutBytes = heldOut.size() - middle;
    fmt::print(stderr, "vocabulary {}, {:.2f} bytes a token, probe {} and held-out {} bytes\n",
        tokenizer->vocab(),
        static_cast<double>(heldOut.size())
            / static_cast<double>(texts.probe.size() + texts.heldOut.size()),
        texts.probeBytes, texts.heldOutBytes);
    return texts;
}

Result<> run(std::uint64_t rounds, const std::string& output, const std::vector<std::string>& names,
    const std::vector<std::string>& paths)
{
    training::RunManifest manifest;
    manifest.name = "lowcomm";
    TRY_ASSIGN(Texts texts, readTexts(paths, manifest));
    Experiment experiment{ manifest, std::move(texts) };
    TRY(experiment.prepare(names));
    std::string csv{ "setting,round,bytes_per_node,loss,refused\n" };
    const auto start = std::chrono::steady_clock::now();
    for (std::uint64_t round = 0; round <= rounds; ++round) {
        for (Course& course : experiment.courses()) {
            if (round > 0) {
                TRY(experiment.advance(course, round - 1));
            }
            TRY_ASSIGN(const double loss, experiment.heldOutLoss(course));
            const std::string line = fmt::format("{},{},{},{:.4f},{}\n", course.setting.name, round,
                course.bytesPerNode, loss, course.refused);
            csv += line;
            fmt::print(stderr, "{:6.0f} s {}",
                std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(),
                line);
        }
        TRY(base::writeFileAtomically(output, base::asBytes(csv)));
    }
    return {};
}

} // namespace

int main(int argc, char** argv)
{
    if (argc < 9) {
        fmt::print(stderr,
            "usage: bench_lowcomm ROUNDS OUTPUT.csv SETTING[,SETTING...] TEXT1 TEXT2 TEXT3 TEXT4 "
            "HELD-OUT\nsettings: synchronous dense k1024 k512 k64 dense-mean\n");
        return 2;
    }
    std::vector<std::string> names;
    std::string rest{ argv[3] };
    while (!rest.empty()) {
        const std::size_t comma = rest.find(',');
        names.push_back(rest.substr(0, comma));
        rest = comma == std::string::npos ? std::string{} : rest.substr(comma + 1);
    }
    const auto done = run(std::strtoull(argv[1], nullptr, 10), argv[2], names,
        std::vector<std::string>(argv + 4, argv + 9));
    if (!done) {
        fmt::print(stderr, "bench_lowcomm: {}\n", done.error().message);
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
