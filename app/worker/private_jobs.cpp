// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/file.h"
#include "base/scope_guard.h"
#include "crypto/random.h"
#include "training/private_round.h"
#include "worker/jobs.h"
#include "worker/listed_updates.h"

#include <cmath>

// The jobs of the private lane. What a member trained exists in plain only here, in this process's
// memory, and is wiped before the answer: the file that leaves holds the clipped, rounded vector
// with its noise already in it.
namespace loam::worker {
namespace {

    namespace fs = std::filesystem;
    using base::Errc;
    using base::fail;
    using base::Result;

    /// The clip of the round, in millionths.
    Result<std::uint32_t> clipOf(const Request& request)
    {
        TRY_ASSIGN(const std::uint64_t clip, request.number("clip"));
        if (clip < 1 || clip > 1'000'000'000) {
            return fail(Errc::Invalid, "clip is out of bounds");
        }
        return static_cast<std::uint32_t>(clip);
    }

    Result<std::vector<base::PublicKey>> keys(const Request& request, const char* field)
    {
        TRY_ASSIGN(const std::vector<Request> items, request.objects(field));
        std::vector<base::PublicKey> out;
        for (const Request& item : items) {
            TRY_ASSIGN(const auto key, item.hex<base::PublicKey>("node"));
            out.push_back(key);
        }
        return out;
    }

    base::Bytes littleEndian(const std::vector<std::uint32_t>& words)
    {
        base::Bytes out;
        out.reserve(words.size() * 4);
        for (const std::uint32_t word : words) {
            for (unsigned shift = 0; shift < 32; shift += 8) {
                out.push_back(static_cast<std::byte>(word >> shift & 255U));
            }
        }
        return out;
    }

} // namespace

Result<Json> Jobs::addPrivateText(const Request& request)
{
    TRY_ASSIGN(const std::string key, request.text("texts"));
    TRY_ASSIGN(const std::uint64_t part, request.number("part"));
    TRY_ASSIGN(const std::string text, request.text("text"));
    TRY_ASSIGN(const bool ends, request.boolean("ends"));
    TRY(m_private.add(key, part, text, ends));
    return Json::object();
}

Result<PrivateTexts> Jobs::takeTexts(const Request& request)
{
    TRY_ASSIGN(const std::string key, request.text("texts"));
    TRY_ASSIGN(const std::uint64_t parts, request.number("parts"));
    return m_private.take(key, parts);
}

Result<Json> Jobs::trainPrivate(const Request& request, const Report& report)
{
    TRY_ASSIGN(const PrivateTexts texts, takeTexts(request));
    TRY_ASSIGN(const fs::path manifestPath, request.path("manifest"));
    TRY_ASSIGN(const fs::path paramsPath, request.path("params"));
    TRY_ASSIGN(const fs::path tokenizerPath, request.path("tokenizer"));
    TRY_ASSIGN(const auto beacon, request.hex<base::Hash256>("beacon"));
    TRY_ASSIGN(const auto node, request.hex<base::PublicKey>("node"));
    TRY_ASSIGN(const auto run, request.hex<base::Hash256>("run"));
    TRY_ASSIGN(const std::uint64_t round, request.number("round"));
    TRY_ASSIGN(const std::uint64_t members, request.number("group_members"));
    TRY_ASSIGN(const std::uint32_t clip, clipOf(request));
    TRY_ASSIGN(const fs::path output, request.path("output"));

    TRY_ASSIGN(const training::RunManifest manifest, m_inputs.manifest(manifestPath));
    if (!manifest.privacy || members < 2 || members > training::kMostGroupMembers) {
        return fail(Errc::Invalid, "the run is not private or the group has no fit size");
    }
    TRY_ASSIGN(TokenisedText corpus, m_inputs.texts(manifest, tokenizerPath, texts.texts()));
    const base::ScopeGuard forget{ [&corpus] {
        crypto::wipe(std::as_writable_bytes(std::span{ corpus.tokens }));
    } };
    TRY_ASSIGN(const ml::Parameters params, m_inputs.parameters(manifest.model, paramsPath));
    TRY_ASSIGN(ml::Backend* const fast, backend(Engine::Fast, request));
    TRY_ASSIGN(const std::uint64_t memory, request.numberOr("memory", 0));
    const training::PrivateJob job{ manifest, run, node, beacon, round, params, corpus.tokens,
        memory };
    TRY_ASSIGN(training::PrivateReport done,
        training::trainPrivate(job, *fast, m_control, [&report](const auto& progress) {
            report({ { "step", progress.step }, { "steps", progress.steps },
                { "loss", progress.loss }, { "tokens_per_second", progress.tokensPerSecond } });
        }));
    training::PrivateTerms terms = *manifest.privacy;
    terms.clipMicro = clip;
    const training::GroupCoding coding
        = training::groupCoding(terms, done.update.size(), members, beacon);
    TRY_ASSIGN(const auto noise, training::SkellamSampler::create(coding.shareVariance));
    const crypto::SymmetricKey seed = crypto::randomKey();
    crypto::KeyStream random{ crypto::StreamCipher::ChaCha20, seed };
    auto encoded = training::encodeShare(coding.ring, done.update, noise, random);
    crypto::wipe(std::as_writable_bytes(std::span{ done.update }));
    TRY(encoded);
    TRY(base::writeFileAtomically(output, littleEndian(*encoded), base::FileAccess::OwnerOnly));
    return Json{ { "values", encoded->size() }, { "tokens", done.tokens },
        { "loss_first", done.lossFirst }, { "loss_last", done.lossLast }, { "norm", done.norm },
        { "clipped", done.norm > coding.ring.clip } };
}

Result<Json> Jobs::aggregatePrivate(const Request& request)
{
    TRY_ASSIGN(const fs::path manifestPath, request.path("manifest"));
    TRY_ASSIGN(const fs::path paramsPath, request.path("params"));
    TRY_ASSIGN(const fs::path tokenizerPath, request.path("tokenizer"));
    TRY_ASSIGN(const fs::path probePath, request.path("probe"));
    TRY_ASSIGN(const auto network, request.hex<base::NetworkId>("network"));
    TRY_ASSIGN(const auto beacon, request.hex<base::Hash256>("beacon"));
    TRY_ASSIGN(const auto run, request.hex<base::Hash256>("run"));
    TRY_ASSIGN(const std::uint64_t round, request.number("round"));
    TRY_ASSIGN(const fs::path output, request.path("output"));
    TRY_ASSIGN(const auto members, keys(request, "members"));
    TRY_ASSIGN(const auto leavers, keys(request, "leavers"));
    TRY_ASSIGN(const std::uint32_t clip, clipOf(request));

    TRY_ASSIGN(const training::RunManifest manifest, m_inputs.manifest(manifestPath));
    TRY_ASSIGN(const auto probe, m_inputs.probe(manifest, tokenizerPath, probePath));
    TRY_ASSIGN(const ml::Parameters params, m_inputs.parameters(manifest.model, paramsPath));
    TRY_ASSIGN(const ListedUpdates updates, ListedUpdates::read(request));
    const std::vector<training::Contribution> contributions = updates.contributions();
    TRY_ASSIGN(ml::Backend* const reference, backend(Engine::Reference, request));
    const training::PrivateRoundInput input{ manifest, network, run, round, beacon, params,
        { probe->tokens, probe->bytes }, contributions, members, leavers, clip };
    TRY_ASSIGN(const training::RoundOutcome outcome, training::aggregatePrivate(input, *reference));
    TRY(base::writeFileAtomically(output, outcome.params.toSafetensors()));
    return outcomeJson(outcome);
}

} // namespace loam::worker
