// SPDX-License-Identifier: GPL-3.0-or-later
#include "ml/lora.h"
#include "training/leak_test.h"
#include "worker/jobs.h"

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

} // namespace

Result<Json> Jobs::measureLeak(const Request& request)
{
    TRY_ASSIGN(const std::string key, request.text("texts"));
    TRY_ASSIGN(const std::uint64_t parts, request.number("parts"));
    TRY_ASSIGN(const PrivateTexts texts, m_private.take(key, parts));
    TRY_ASSIGN(const std::uint64_t members, request.number("members"));
    TRY_ASSIGN(const fs::path manifestPath, request.path("manifest"));
    TRY_ASSIGN(const fs::path paramsPath, request.path("params"));
    TRY_ASSIGN(const fs::path tokenizerPath, request.path("tokenizer"));
    TRY_ASSIGN(const double delta, request.realOr("delta", 1e-6));
    if (members > texts.texts().size() || !(delta > 0) || delta >= 1) {
        return fail(Errc::Invalid, "members or delta is out of bounds");
    }
    TRY_ASSIGN(const training::RunManifest manifest, m_inputs.manifest(manifestPath));
    TRY_ASSIGN(const auto tokenizer, m_inputs.tokenizer(manifest, tokenizerPath));
    TRY_ASSIGN(const ml::Parameters params, m_inputs.parameters(manifest.model, paramsPath));
    // With an adapter the model itself is what it is compared with; without one, its beginning.
    std::optional<ml::Parameters> other;
    const bool hasAdapter = request.has("adapter");
    if (hasAdapter) {
        TRY_ASSIGN(const fs::path folder, request.path("adapter"));
        TRY_ASSIGN(const ml::Lora adapter, ml::Lora::load(manifest.model, folder));
        TRY_ASSIGN(other, params.clone());
        TRY(adapter.mergeInto(*other));
    } else {
        TRY_ASSIGN(other, ml::Parameters::initialise(manifest.model, manifest.initSeed));
    }
    TRY_ASSIGN(ml::Backend* const fast, backend(Engine::Fast, request));
    const training::LeakTest test{ .reference = hasAdapter ? params : *other,
        .subject = hasAdapter ? *other : params,
        .tokenizer = *tokenizer,
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
