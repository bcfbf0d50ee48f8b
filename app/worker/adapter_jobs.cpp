// SPDX-License-Identifier: GPL-3.0-or-later
#include "worker/adapter_jobs.h"

#include "base/file.h"
#include "base/scope_guard.h"
#include "crypto/sealed.h"
#include "ml/trainable_model.h"
#include "training/home_adapter.h"
#include "worker/adapter_file.h"
#include "worker/model_source.h"

#include <algorithm>
#include <chrono>

namespace loam::worker {
namespace {

    namespace fs = std::filesystem;
    using base::Errc;
    using base::fail;
    using base::Result;

    constexpr std::string_view kCheckpointPurpose = "loam/adapter-checkpoint/v1";
    constexpr std::size_t kMostCheckpointBytes = std::size_t{ 8 } << 30U;
    /// Text is encoded in pieces that end at a line's end, so that memory stays small.
    constexpr std::size_t kPieceBytes = 64U * 1024U;

    Result<std::uint32_t> countOr(const Request& request, const char* field, std::uint32_t fallback)
    {
        TRY_ASSIGN(const std::uint64_t value, request.numberOr(field, fallback));
        return static_cast<std::uint32_t>(std::min<std::uint64_t>(value, UINT32_MAX));
    }

    Result<training::HomeSettings> settingsOf(const Request& request, const ml::ModelConfig& model)
    {
        training::HomeSettings settings;
        TRY_ASSIGN(settings.steps, countOr(request, "steps", settings.steps));
        TRY_ASSIGN(settings.batch, countOr(request, "batch", settings.batch));
        TRY_ASSIGN(settings.length, countOr(request, "length", settings.length));
        TRY_ASSIGN(settings.measureEvery, countOr(request, "measure_every", settings.measureEvery));
        TRY_ASSIGN(settings.patience, countOr(request, "patience", settings.patience));
        TRY_ASSIGN(settings.lora.rank, countOr(request, "rank", settings.lora.rank));
        settings.lora.alpha = 2.0F * static_cast<float>(settings.lora.rank);
        TRY_ASSIGN(const double rate,
            request.realOr("learning_rate", static_cast<double>(settings.learningRate)));
        settings.learningRate = static_cast<float>(rate);
        TRY_ASSIGN(settings.memoryBudget, request.numberOr("memory", 0));
        TRY(settings.validate(model));
        return settings;
    }

    /// Checkpoints lie sealed; one that is damaged or of another key is as good as none.
    Result<> keepCheckpoints(
        const Request& request, const crypto::SymmetricKey& key, training::HomeHooks& hooks)
    {
        TRY_ASSIGN(const fs::path path, request.path("checkpoint"));
        TRY_ASSIGN(const std::uint64_t millis,
            request.numberOr("checkpoint_ms", static_cast<std::uint64_t>(hooks.saveEvery.count())));
        hooks.saveEvery = std::chrono::milliseconds{ std::min<std::uint64_t>(millis, 3'600'000) };
        if (const auto sealed = base::readFile(path, kMostCheckpointBytes)) {
            if (auto plain = crypto::openContents(key, kCheckpointPurpose, *sealed)) {
                if (auto kept = training::HomeCheckpoint::decode(*plain)) {
                    hooks.resume = std::move(*kept);
                }
                crypto::wipe(*plain);
            }
        }
        hooks.save = [path, &key](const training::HomeCheckpoint& checkpoint) {
            base::Bytes plain = checkpoint.encode();
            const base::Bytes sealed = crypto::sealContents(key, kCheckpointPurpose, plain);
            crypto::wipe(plain);
            return base::writeFileAtomically(path, sealed, base::FileAccess::OwnerOnly);
        };
        return {};
    }

    /// All texts, parted by the vocabulary's end mark where it has one.
    std::vector<ml::Token> tokensOf(std::span<const std::string> texts, const ml::TextCodec& codec)
    {
        std::vector<ml::Token> out;
        for (const std::string& text : texts) {
            std::string_view rest{ text };
            while (!rest.empty()) {
                std::size_t end = rest.size();
                if (end > kPieceBytes) {
                    const std::size_t line = rest.find('\n', kPieceBytes);
                    end = line == std::string_view::npos ? end : line + 1;
                }
                const auto tokens
                    = codec.encode(rest.substr(0, end), ml::TextCodec::Special::Plain);
                out.insert(out.end(), tokens.begin(), tokens.end());
                rest.remove_prefix(end);
            }
            if (codec.vocabulary().eos >= 0) {
                out.push_back(codec.vocabulary().eos);
            }
        }
        return out;
    }

    Json progressJson(const training::HomeProgress& progress)
    {
        return { { "step", progress.step }, { "steps", progress.steps }, { "loss", progress.loss },
            { "tokens_per_second", progress.tokensPerSecond },
            { "loss_before", progress.lossBefore }, { "held_out", progress.heldOut },
            { "best", progress.bestLoss } };
    }

} // namespace

Result<Json> trainAdapter(const Request& request, PrivateTexts texts, ml::Backend& backend,
    training::WorkControl& control, StepLeave& leave, const std::function<void(Json)>& report)
{
    TRY_ASSIGN(const fs::path output, request.path("adapter"));
    TRY_ASSIGN(const std::string baseName, request.textOr("base_name", ""));
    TRY_ASSIGN(const std::uint64_t seed, request.numberOr("seed", 0));
    TRY_ASSIGN(const std::uint64_t trained, request.number("trained"));
    TRY_ASSIGN(const crypto::SymmetricKey key, keyOf(request, "key"));
    if (trained > texts.texts().size()) {
        return fail(Errc::Invalid, "trained is out of bounds");
    }
    TRY_ASSIGN(auto file, openModel(request));
    TRY_ASSIGN(const ml::Parameters parameters, ml::trainableParameters(*file));
    TRY_ASSIGN(const training::HomeSettings settings, settingsOf(request, parameters.config()));
    std::vector<ml::Token> tokens = tokensOf(texts.texts().first(trained), file->text());
    std::vector<ml::Token> heldOut = tokensOf(texts.texts().subspan(trained), file->text());
    const base::ScopeGuard forget{ [&] {
        crypto::wipe(std::as_writable_bytes(std::span{ tokens }));
        crypto::wipe(std::as_writable_bytes(std::span{ heldOut }));
    } };
    texts = {};
    training::HomeHooks hooks;
    TRY(keepCheckpoints(request, key, hooks));
    hooks.mayStep = [&](std::uint32_t step) {
        report({ { "ask", step } });
        return leave.wait(step, control);
    };
    hooks.onProgress = [&report](const auto& progress) { report(progressJson(progress)); };
    const training::HomeJob job{ parameters, tokens, heldOut, settings, seed };
    TRY_ASSIGN(
        const training::HomeReport done, training::trainHomeAdapter(job, backend, control, hooks));
    TRY(writeAdapter(output, key, done.adapter, baseName));
    const std::uint64_t bytes = file->description().bytes;
    TRY_ASSIGN(file, ml::adaptedModel(std::move(file), done.adapter));
    return Json{ { "loss_before", done.lossBefore }, { "loss_after", done.lossAfter },
        { "steps", done.steps }, { "best_step", done.bestStep }, { "resumed_at", done.resumedAt },
        { "ended_early", done.endedEarly }, { "seconds", done.seconds },
        { "tokens", tokens.size() + heldOut.size() },
        { "checkpoint_failure", done.checkpointFailure },
        { "parameters", done.adapter.values().size() },
        { "extra_bytes", file->description().bytes - bytes } };
}

Result<Json> exportAdapter(const Request& request)
{
    TRY_ASSIGN(const fs::path path, request.path("adapter"));
    TRY_ASSIGN(const fs::path output, request.path("output"));
    TRY_ASSIGN(const std::string format, request.text("format"));
    TRY_ASSIGN(const std::string name, request.textOr("name", ""));
    TRY_ASSIGN(const std::string baseName, request.textOr("base_name", ""));
    TRY_ASSIGN(const crypto::SymmetricKey key, keyOf(request, "key"));
    TRY_ASSIGN(const auto file, openModel(request));
    TRY_ASSIGN(const ml::ModelConfig config, ml::trainableConfig(*file));
    TRY_ASSIGN(const ml::Lora adapter, readAdapter(path, key, config));
    if (format == "gguf") {
        TRY(ml::exportLoraGguf(adapter, file->description().shape.architecture, name, output));
    } else if (format == "peft") {
        TRY(adapter.save(output, baseName));
    } else {
        return fail(Errc::Invalid, "format: expected peft (a folder) or gguf, not " + format);
    }
    return Json{ { "bytes", adapter.values().size() * sizeof(float) } };
}

Result<std::unique_ptr<ml::ModelFile>> openAdaptedModel(const Request& request)
{
    TRY_ASSIGN(auto file, openModel(request));
    if (!request.has("adapter")) {
        return file;
    }
    TRY_ASSIGN(const fs::path path, request.path("adapter"));
    TRY_ASSIGN(const crypto::SymmetricKey key, keyOf(request, "key"));
    TRY_ASSIGN(const ml::ModelConfig config, ml::trainableConfig(*file));
    TRY_ASSIGN(const ml::Lora adapter, readAdapter(path, key, config));
    return ml::adaptedModel(std::move(file), adapter);
}

} // namespace loam::worker
