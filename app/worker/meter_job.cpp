// SPDX-License-Identifier: GPL-3.0-or-later
#include "ml/trainable_model.h"
#include "training/leak_test.h"
#include "worker/adapter_file.h"
#include "worker/jobs.h"
#include "worker/model_source.h"

#include <optional>

// How much a model shows of private texts. They came over the pipe, the first "members" of them
// were trained on; what leaves is figures.
namespace loam::worker {
namespace {

    namespace fs = std::filesystem;
    using base::Errc;
    using base::fail;
    using base::Result;

    const char* lightName(training::Light light)
    {
        switch (light) {
        case training::Light::Green:
            return "green";
        case training::Light::Amber:
            return "amber";
        case training::Light::Red:
            return "red";
        }
        return "red";
    }

    /// One of the owner's own lies sealed under "key"; one of other programs is a PEFT folder.
    Result<ml::Lora> adapterOf(const Request& request, const ml::ModelConfig& model)
    {
        TRY_ASSIGN(const fs::path path, request.path("adapter"));
        if (!request.has("key")) {
            return ml::Lora::load(model, path);
        }
        TRY_ASSIGN(const crypto::SymmetricKey key, keyOf(request, "key"));
        return readAdapter(path, key, model);
    }

} // namespace

Result<Json> Jobs::measureLeak(const Request& request)
{
    TRY_ASSIGN(const PrivateTexts texts, takeTexts(request));
    TRY_ASSIGN(const std::uint64_t members, request.number("members"));
    TRY_ASSIGN(const double delta, request.realOr("delta", 1e-6));
    if (members > texts.texts().size() || !(delta > 0) || delta >= 1) {
        return fail(Errc::Invalid, "members or delta is out of bounds");
    }
    TRY_ASSIGN(const auto file, openModel(request));
    TRY_ASSIGN(const ml::Parameters params, ml::trainableParameters(*file));
    // With an adapter the model itself is what it is compared with; without one, its beginning.
    const bool hasAdapter = request.has("adapter");
    std::optional<ml::Parameters> other;
    if (hasAdapter) {
        TRY_ASSIGN(const ml::Lora adapter, adapterOf(request, params.config()));
        TRY_ASSIGN(other, params.clone());
        TRY(adapter.mergeInto(*other));
    } else {
        TRY_ASSIGN(const fs::path path, request.path("manifest"));
        TRY_ASSIGN(const training::RunManifest manifest, m_inputs.manifest(path));
        TRY_ASSIGN(other, ml::Parameters::initialise(params.config(), manifest.initSeed));
    }
    TRY_ASSIGN(ml::Backend* const fast, backend(Engine::Fast, request));
    const training::LeakTest test{ .reference = hasAdapter ? params : *other,
        .subject = hasAdapter ? *other : params,
        .codec = file->text(),
        .members = texts.texts().first(members),
        .others = texts.texts().subspan(members),
        .delta = delta };
    TRY_ASSIGN(const training::LeakReport report, training::testLeak(test, *fast));
    Json out{ { "light", lightName(training::lightOf(report)) }, { "auc", report.membership.auc },
        { "tpr_1", report.membership.truePositives1 },
        { "tpr_01", report.membership.truePositives01 },
        { "epsilon_low", report.membership.epsilonLow }, { "members", report.members },
        { "others", report.others }, { "window_tokens", report.windowTokens },
        { "numbers", report.numbers } };
    if (report.exposure) {
        out["exposure_bits"] = report.exposure->bits;
        out["exposure_candidates"] = report.exposure->candidates;
    }
    return out;
}

} // namespace loam::worker
