// SPDX-License-Identifier: GPL-3.0-or-later
#include "worker/jobs.h"

#include "base/file.h"
#include "ml/generator.h"
#include "training/aggregation.h"
#include "training/trainer.h"
#include "worker/bench_job.h"
#include "worker/compute_device.h"
#include "worker/listed_updates.h"
#include "worker/model_jobs.h"

#include <algorithm>
#include <chrono>
#include <limits>
#include <thread>

namespace loam::worker {
namespace {

    namespace fs = std::filesystem;
    using base::Errc;
    using base::fail;
    using base::Result;

    constexpr std::size_t kMaxStateBytes = std::size_t{ 8 } << 30U;
    constexpr std::uint64_t kMaxGeneratedTokens = 4096;

    template <class Value> std::string hex(const Value& value)
    {
        return base::toHex(value.view());
    }

    Result<training::TrainerState> readState(const fs::path& path)
    {
        TRY_ASSIGN(const base::Bytes bytes, base::readFile(path, kMaxStateBytes));
        auto state = training::TrainerState::decode(bytes);
        if (!state) {
            return tl::unexpected{ std::move(state).error().context(path.string()) };
        }
        return state;
    }

    /// A checkpoint that is damaged or of another round is as good as none.
    Result<training::CheckpointPolicy> checkpointsOf(const Request& request)
    {
        training::CheckpointPolicy policy;
        if (!request.has("checkpoint")) {
            return policy;
        }
        TRY_ASSIGN(const fs::path path, request.path("checkpoint"));
        TRY_ASSIGN(const std::uint64_t seconds,
            request.numberOr("checkpoint_seconds",
                static_cast<std::uint64_t>(
                    std::chrono::duration_cast<std::chrono::seconds>(policy.interval).count())));
        policy.interval = std::chrono::seconds{ std::min<std::uint64_t>(seconds, 86'400) };
        if (const auto bytes = base::readFile(path, kMaxStateBytes)) {
            if (auto kept = training::RoundCheckpoint::decode(*bytes)) {
                policy.resume = std::move(*kept);
            }
        }
        policy.save = [path](const training::RoundCheckpoint& checkpoint) {
            return base::writeFileAtomically(path, checkpoint.encode());
        };
        return policy;
    }

    Result<training::Tamper> tamperOf(const Request& request)
    {
        TRY_ASSIGN(const std::string name, request.textOr("poison", ""));
        if (name.empty()) {
            return training::Tamper::None;
        }
        if (name == "signflip") {
            return training::Tamper::FlipSign;
        }
        if (name == "scale") {
            return training::Tamper::Scale;
        }
        return fail(Errc::Invalid, "poison: expected \"\", \"signflip\" or \"scale\"");
    }

} // namespace

Result<Json> Jobs::run(const Request& request, const Report& report)
{
    auto done = perform(request, report);
    m_control.setPauseHooks({}, {});
    if (!done && m_fastDevice != kProcessor) {
        m_fast.reset(); // a card that was lost opens anew
    }
    return done;
}

Result<Json> Jobs::perform(const Request& request, const Report& report)
{
    TRY_ASSIGN(const std::string job, request.text("job"));
    // Memory may run out under the address-space limit: that ends the job, not the worker.
    try {
        if (job == "tokenizer") {
            return trainTokenizer(request);
        }
        if (job == "init") {
            return initialise(request);
        }
        if (job == "train") {
            return train(request, report);
        }
        if (job == "aggregate") {
            return aggregate(request);
        }
        if (job == "private_text") {
            return addPrivateText(request);
        }
        if (job == "private_train") {
            return trainPrivate(request, report);
        }
        if (job == "private_aggregate") {
            return aggregatePrivate(request);
        }
        if (job == "meter") {
            return measureLeak(request);
        }
        if (job == "evaluate") {
            return evaluate(request);
        }
        if (job == "generate") {
            return generate(request);
        }
        if (job == "commit_state") {
            return commitState(request);
        }
        if (job == "adapter") {
            return adapter(request, report);
        }
        if (job == "adapter_export") {
            return exportAdapter(request);
        }
        if (job == "bench") {
            return bench(request, m_control);
        }
        if (job == "inspect") {
            return inspectModel(request);
        }
        if (job == "export") {
            return exportModel(request);
        }
        if (job == "devices") {
            return listDevices();
        }
    } catch (const std::bad_alloc&) {
        return fail(Errc::Unavailable, "job " + job + " needs more memory than the worker has");
    } catch (const std::exception& exception) {
        return fail(Errc::Io, "job " + job + " failed: " + exception.what());
    }
    return fail(Errc::Invalid, "unknown job " + job);
}

Result<ml::Backend*> Jobs::backend(Engine engine, const Request& request)
{
    TRY_ASSIGN(const std::uint64_t threads, request.numberOr("threads", 1));
    const unsigned most = std::max(1U, std::thread::hardware_concurrency());
    m_pool.setThreads(static_cast<unsigned>(std::clamp<std::uint64_t>(threads, 1, most)));
    if (engine == Engine::Reference) {
        if (m_reference == nullptr) {
            TRY_ASSIGN(m_reference, ml::makeReferenceBackend(m_pool));
            m_reference->setInterrupt(m_control.interrupt());
        }
        return m_reference.get();
    }
    TRY_ASSIGN(const std::string device, request.textOr("device", kProcessor));
    if (m_fast == nullptr || m_fastDevice != device) {
        m_fast.reset();
        ml::VulkanOptions card = vulkanOptions(device);
        card.mayRound = true;
        TRY_ASSIGN(m_fast,
            device == kProcessor ? ml::makeFastBackend(m_pool) : ml::makeVulkanBackend(card));
        m_fast->setInterrupt(m_control.interrupt());
        m_fastDevice = device;
    }
    if (device != kProcessor) {
        // What cannot be moved stays; what cannot come back fails the job.
        m_control.setPauseHooks([card = m_fast.get()] { static_cast<void>(card->evict()); },
            [card = m_fast.get()] { static_cast<void>(card->restore()); });
    }
    return m_fast.get();
}

Result<Json> Jobs::trainTokenizer(const Request& request)
{
    TRY_ASSIGN(const std::vector<fs::path> inputs, request.paths("inputs"));
    TRY_ASSIGN(const std::uint64_t vocab, request.number("vocab"));
    TRY_ASSIGN(const fs::path output, request.path("output"));
    ml::TokenizerTraining options;
    options.vocab = static_cast<std::uint32_t>(
        std::min<std::uint64_t>(vocab, std::numeric_limits<std::uint32_t>::max()));
    TRY_ASSIGN(const base::Bytes model, ml::Tokenizer::trainFromFiles(inputs, options));
    TRY_ASSIGN(const auto tokenizer, ml::Tokenizer::load(model));
    TRY(base::writeFileAtomically(output, model));
    return Json{ { "sha256", hex(training::contentHash(model)) }, { "bytes", model.size() },
        { "vocab", tokenizer->vocab() } };
}

Result<Json> Jobs::initialise(const Request& request)
{
    TRY_ASSIGN(const fs::path manifestPath, request.path("manifest"));
    TRY_ASSIGN(const fs::path output, request.path("output"));
    TRY_ASSIGN(const training::RunManifest manifest, m_inputs.manifest(manifestPath));
    TRY_ASSIGN(
        const ml::Parameters params, ml::Parameters::initialise(manifest.model, manifest.initSeed));
    const base::Bytes bytes = params.toSafetensors();
    TRY(base::writeFileAtomically(output, bytes));
    return Json{ { "params_hash", hex(training::contentHash(bytes)) }, { "bytes", bytes.size() },
        { "parameters", params.table().count() } };
}

Result<Json> Jobs::train(const Request& request, const Report& report)
{
    TRY_ASSIGN(const fs::path manifestPath, request.path("manifest"));
    TRY_ASSIGN(const fs::path paramsPath, request.path("params"));
    TRY_ASSIGN(const fs::path tokenizerPath, request.path("tokenizer"));
    TRY_ASSIGN(const std::vector<fs::path> corpusPaths, request.paths("corpus"));
    TRY_ASSIGN(const auto beacon, request.hex<base::Hash256>("beacon"));
    TRY_ASSIGN(const auto node, request.hex<base::PublicKey>("node"));
    TRY_ASSIGN(const auto run, request.hex<base::Hash256>("run"));
    TRY_ASSIGN(const std::uint64_t round, request.number("round"));
    TRY_ASSIGN(const fs::path statePath, request.path("state"));
    TRY_ASSIGN(const fs::path stateOut, request.path("state_out"));
    TRY_ASSIGN(const fs::path output, request.path("output"));
    TRY_ASSIGN(const training::Tamper tamper, tamperOf(request));
    TRY_ASSIGN(training::CheckpointPolicy checkpoints, checkpointsOf(request));

    TRY_ASSIGN(const training::RunManifest manifest, m_inputs.manifest(manifestPath));
    TRY_ASSIGN(const auto corpus, m_inputs.corpus(manifest, tokenizerPath, corpusPaths));
    TRY_ASSIGN(const ml::Parameters params, m_inputs.parameters(manifest.model, paramsPath));
    auto state = training::TrainerState::fresh(run, params.table());
    if (fs::exists(statePath)) {
        TRY_ASSIGN(state, readState(statePath));
    }
    TRY_ASSIGN(ml::Backend* const fast, backend(Engine::Fast, request));
    TRY_ASSIGN(const std::uint64_t memory, request.numberOr("memory", 0));
    const training::TrainJob job{ manifest, run, node, beacon, round, params, corpus->tokens,
        tamper, memory };
    TRY_ASSIGN(const training::TrainReport done,
        training::trainRound(
            job, state, *fast, m_control,
            [&report](const auto& progress) {
                report({ { "step", progress.step }, { "steps", progress.steps },
                    { "loss", progress.loss }, { "tokens_per_second", progress.tokensPerSecond } });
            },
            checkpoints));
    // The body first: a state without its body would wait for a verdict on nothing.
    TRY(base::writeFileAtomically(output, done.body));
    TRY(base::writeFileAtomically(stateOut, state.encode()));
    // Only now is the round beyond loss.
    if (request.has("checkpoint")) {
        TRY_ASSIGN(const fs::path checkpoint, request.path("checkpoint"));
        std::error_code ignored;
        fs::remove(checkpoint, ignored);
    }
    return Json{ { "sha256", hex(training::contentHash(done.body)) }, { "bytes", done.body.size() },
        { "resumed_at", done.resumedAt }, { "checkpoint_failure", done.checkpointFailure },
        { "tokens", done.tokens }, { "loss_first", done.lossFirst }, { "loss_last", done.lossLast },
        { "norm", done.norm }, { "seconds", done.seconds } };
}

Result<Json> Jobs::aggregate(const Request& request)
{
    TRY_ASSIGN(const fs::path manifestPath, request.path("manifest"));
    TRY_ASSIGN(const fs::path paramsPath, request.path("params"));
    TRY_ASSIGN(const fs::path tokenizerPath, request.path("tokenizer"));
    TRY_ASSIGN(const fs::path probePath, request.path("probe"));
    TRY_ASSIGN(const auto beacon, request.hex<base::Hash256>("beacon"));
    TRY_ASSIGN(const auto run, request.hex<base::Hash256>("run"));
    TRY_ASSIGN(const std::uint64_t round, request.number("round"));
    TRY_ASSIGN(const fs::path output, request.path("output"));

    TRY_ASSIGN(const training::RunManifest manifest, m_inputs.manifest(manifestPath));
    TRY_ASSIGN(const auto probe, m_inputs.probe(manifest, tokenizerPath, probePath));
    TRY_ASSIGN(const ml::Parameters params, m_inputs.parameters(manifest.model, paramsPath));
    TRY_ASSIGN(const ListedUpdates updates, ListedUpdates::read(request));
    const std::vector<training::Contribution> contributions = updates.contributions();
    TRY_ASSIGN(ml::Backend* const reference, backend(Engine::Reference, request));
    const training::RoundInput input{ manifest, run, round, beacon, params,
        { probe->tokens, probe->bytes }, contributions };
    TRY_ASSIGN(const training::RoundOutcome outcome, training::aggregateRound(input, *reference));
    TRY(base::writeFileAtomically(output, outcome.params.toSafetensors()));
    return outcomeJson(outcome);
}

Result<Json> Jobs::evaluate(const Request& request)
{
    TRY_ASSIGN(const fs::path manifestPath, request.path("manifest"));
    TRY_ASSIGN(const fs::path paramsPath, request.path("params"));
    TRY_ASSIGN(const fs::path tokenizerPath, request.path("tokenizer"));
    TRY_ASSIGN(const fs::path textPath, request.path("text"));
    TRY_ASSIGN(const training::RunManifest manifest, m_inputs.manifest(manifestPath));
    TRY_ASSIGN(const auto tokenizer, m_inputs.tokenizer(manifest, tokenizerPath));
    TRY_ASSIGN(const TokenisedText text, m_inputs.text(*tokenizer, textPath));
    TRY_ASSIGN(const ml::Parameters params, m_inputs.parameters(manifest.model, paramsPath));
    TRY_ASSIGN(ml::Backend* const fast, backend(Engine::Fast, request));
    TRY_ASSIGN(
        const double loss, training::evaluateText(params, { text.tokens, text.bytes }, *fast));
    return Json{ { "loss", loss }, { "tokens", text.tokens.size() }, { "bytes", text.bytes } };
}

Result<Json> Jobs::generate(const Request& request)
{
    TRY_ASSIGN(const fs::path manifestPath, request.path("manifest"));
    TRY_ASSIGN(const fs::path paramsPath, request.path("params"));
    TRY_ASSIGN(const fs::path tokenizerPath, request.path("tokenizer"));
    TRY_ASSIGN(const std::string prompt, request.text("prompt"));
    TRY_ASSIGN(const std::uint64_t maxTokens, request.numberOr("max_tokens", 64));
    TRY_ASSIGN(const double temperature, request.realOr("temperature", 0));
    TRY_ASSIGN(const std::uint64_t seed, request.numberOr("seed", 0));
    TRY_ASSIGN(const training::RunManifest manifest, m_inputs.manifest(manifestPath));
    TRY_ASSIGN(const auto tokenizer, m_inputs.tokenizer(manifest, tokenizerPath));
    TRY_ASSIGN(const ml::Parameters params, m_inputs.parameters(manifest.model, paramsPath));
    TRY_ASSIGN(std::vector<ml::Token> tokens, tokenizer->encode(prompt));
    if (tokens.empty()) {
        tokens.push_back(tokenizer->bos());
    }
    // Half of the context stays for the answer; of a long prompt the end counts.
    const std::size_t longest = std::max<std::size_t>(1, manifest.model.context / 2);
    if (tokens.size() > longest) {
        tokens.erase(tokens.begin(), tokens.end() - static_cast<std::ptrdiff_t>(longest));
    }
    TRY_ASSIGN(ml::Backend* const fast, backend(Engine::Fast, request));
    TRY_ASSIGN(const auto generator, ml::Generator::create(params, *fast));
    ml::GenerateOptions options;
    options.maxTokens = static_cast<std::size_t>(std::min(maxTokens, kMaxGeneratedTokens));
    options.temperature = static_cast<float>(temperature);
    options.seed = seed;
    options.stopToken = tokenizer->eos();
    const auto start = std::chrono::steady_clock::now();
    TRY_ASSIGN(const std::vector<ml::Token> written, generator->generate(tokens, options));
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
    TRY_ASSIGN(const std::string text, tokenizer->decode(written));
    return Json{ { "text", text }, { "tokens", written.size() },
        { "tokens_per_second",
            static_cast<double>(written.size()) / std::max(taken.count(), 1e-9) } };
}

Result<Json> Jobs::adapter(const Request& request, const Report& report)
{
    TRY_ASSIGN(PrivateTexts texts, takeTexts(request));
    TRY_ASSIGN(ml::Backend* const fast, backend(Engine::Fast, request));
    m_leave.forget();
    return trainAdapter(request, std::move(texts), *fast, m_control, m_leave, report);
}

Result<Json> Jobs::commitState(const Request& request)
{
    TRY_ASSIGN(const fs::path from, request.path("state_out"));
    TRY_ASSIGN(const fs::path to, request.path("state"));
    TRY_ASSIGN(const bool applied, request.boolean("applied"));
    TRY_ASSIGN(training::TrainerState state, readState(from));
    TRY(state.settle(applied));
    TRY(base::writeFileAtomically(to, state.encode()));
    return Json::object();
}

} // namespace loam::worker
