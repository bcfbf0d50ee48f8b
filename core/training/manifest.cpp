// SPDX-License-Identifier: GPL-3.0-or-later
#include "training/manifest.h"

#include "codec/cbor.h"
#include "crypto/hash.h"
#include "training/compression.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <string_view>

namespace loam::training {
namespace {

    using base::Errc;
    using base::fail;
    using base::Result;

    constexpr std::uint64_t kVersion = 1;
    constexpr std::size_t kPairs = 27; ///< without the terms of privacy
    constexpr std::size_t kPrivateFields = 11;
    constexpr std::size_t kManifestBytes = 64U * 1024U;

    Result<> within(
        std::string_view field, std::uint64_t value, std::uint64_t least, std::uint64_t most)
    {
        if (value < least || value > most) {
            return fail(Errc::Invalid,
                "manifest: " + std::string{ field } + " is " + std::to_string(value) + ", must be "
                    + std::to_string(least) + " to " + std::to_string(most));
        }
        return {};
    }

    void writeModel(codec::Writer& out, const ml::ModelConfig& model)
    {
        out.array(10)
            .unsignedInt(model.dim)
            .unsignedInt(model.layers)
            .unsignedInt(model.heads)
            .unsignedInt(model.kvHeads)
            .unsignedInt(model.ffn)
            .unsignedInt(model.vocab)
            .unsignedInt(model.context)
            .unsignedInt(std::bit_cast<std::uint32_t>(model.ropeTheta))
            .unsignedInt(std::bit_cast<std::uint32_t>(model.normEps))
            .boolean(model.tied);
    }

    /// The map's pairs one after the other; keys count up by themselves.
    class FieldReader
    {
    public:
        explicit FieldReader(base::ByteView bytes)
            : m_reader{ bytes, codec::Limits{ kManifestBytes, 64, 4 } }
        {
        }

        Result<std::size_t> open() { return m_reader.map(); }
        Result<> finish() const { return m_reader.finish(); }
        codec::Reader& raw() { return m_reader; }

        Result<> next(std::string_view field)
        {
            auto key = m_reader.key(++m_key);
            if (!key) {
                return tl::unexpected{ std::move(key).error().context(field) };
            }
            return {};
        }

        template <class Integer> Result<> integer(std::string_view field, Integer& out)
        {
            TRY(next(field));
            return integerValue(field, out);
        }
        template <class Integer> Result<> integerValue(std::string_view field, Integer& out)
        {
            TRY_ASSIGN(const std::uint64_t value, m_reader.unsignedInt());
            TRY(within(field, value, 0, std::numeric_limits<Integer>::max()));
            out = static_cast<Integer>(value);
            return {};
        }
        Result<> text(std::string_view field, std::string& out)
        {
            TRY(next(field));
            TRY_ASSIGN(const std::string_view value, m_reader.text());
            out = value;
            return {};
        }
        Result<> hash(std::string_view field, base::Hash256& out)
        {
            TRY(next(field));
            TRY_ASSIGN(out, m_reader.fixed<base::Hash256>());
            return {};
        }

    private:
        codec::Reader m_reader;
        std::uint64_t m_key{ 0 };
    };

    Result<> readModel(FieldReader& in, ml::ModelConfig& model)
    {
        TRY(in.next("model"));
        TRY(in.raw().array(10));
        TRY(in.integerValue("model.dim", model.dim));
        TRY(in.integerValue("model.layers", model.layers));
        TRY(in.integerValue("model.heads", model.heads));
        TRY(in.integerValue("model.kv_heads", model.kvHeads));
        TRY(in.integerValue("model.ffn", model.ffn));
        TRY(in.integerValue("model.vocab", model.vocab));
        TRY(in.integerValue("model.context", model.context));
        std::uint32_t theta = 0;
        std::uint32_t eps = 0;
        TRY(in.integerValue("model.rope_theta", theta));
        TRY(in.integerValue("model.norm_eps", eps));
        model.ropeTheta = std::bit_cast<float>(theta);
        model.normEps = std::bit_cast<float>(eps);
        TRY_ASSIGN(model.tied, in.raw().boolean());
        return {};
    }

    void writePrivacy(codec::Writer& out, const PrivateTerms& terms)
    {
        out.array(kPrivateFields);
        for (const std::uint32_t value : { terms.noiseMicro, terms.clipMicro, terms.epsilonMicro,
                 std::uint32_t{ terms.deltaExponent }, terms.rounds, terms.colluderMicro,
                 std::uint32_t{ terms.groupLeast }, std::uint32_t{ terms.groupMost },
                 terms.noiseRatioMicro, std::uint32_t{ terms.rank } }) {
            out.unsignedInt(value);
        }
        out.boolean(terms.practice);
    }

    Result<> readPrivacy(FieldReader& in, PrivateTerms& terms)
    {
        TRY(in.next("private"));
        TRY(in.raw().array(kPrivateFields));
        TRY(in.integerValue("private.noise", terms.noiseMicro));
        TRY(in.integerValue("private.clip", terms.clipMicro));
        TRY(in.integerValue("private.epsilon", terms.epsilonMicro));
        TRY(in.integerValue("private.delta_exponent", terms.deltaExponent));
        TRY(in.integerValue("private.rounds", terms.rounds));
        TRY(in.integerValue("private.colluders", terms.colluderMicro));
        TRY(in.integerValue("private.group_least", terms.groupLeast));
        TRY(in.integerValue("private.group_most", terms.groupMost));
        TRY(in.integerValue("private.noise_ratio", terms.noiseRatioMicro));
        TRY(in.integerValue("private.rank", terms.rank));
        TRY_ASSIGN(terms.practice, in.raw().boolean());
        return {};
    }

} // namespace

base::Bytes RunManifest::encode() const
{
    codec::Writer out;
    std::uint64_t key = 0;
    const auto integer = [&out, &key](std::uint64_t value) { out.key(++key).unsignedInt(value); };
    out.map(kPairs + (privacy ? 1 : 0));
    integer(kVersion);
    out.key(++key).text(name);
    out.key(++key).text(dataset);
    out.key(++key).text(licence);
    integer(static_cast<std::uint64_t>(lane));
    out.key(++key);
    writeModel(out, model);
    integer(initSeed);
    out.key(++key).bytes(tokenizerHash.view());
    integer(tokenizerBytes);
    out.key(++key).bytes(probeHash.view());
    integer(probeBytes);
    for (const std::uint32_t value : { innerSteps, batch, learningRateMicro, warmupSteps,
             weightDecayMicro, beta1Micro, beta2Micro, gradientClipMicro,
             std::uint32_t{ keepPerChunk }, errorFeedbackMicro, outerRateMicro, normClipMicro,
             static_cast<std::uint32_t>(rule), probeTokens, probeMarginMicro, windowSeconds }) {
        integer(value);
    }
    if (privacy) {
        out.key(++key);
        writePrivacy(out, *privacy);
    }
    return out.take();
}

Result<RunManifest> RunManifest::decode(base::ByteView bytes)
{
    if (bytes.size() > kManifestBytes) {
        return fail(Errc::Invalid, "manifest: larger than 64 KiB");
    }
    FieldReader in{ bytes };
    RunManifest manifest;
    const auto read = [&in, &manifest]() -> Result<> {
        std::uint64_t version = 0;
        std::uint8_t laneNumber = 0;
        std::uint8_t ruleNumber = 0;
        TRY_ASSIGN(const std::size_t pairs, in.open());
        TRY(within("number of fields", pairs, kPairs, kPairs + 1));
        TRY(in.integer("version", version));
        TRY(within("version", version, kVersion, kVersion));
        TRY(in.text("name", manifest.name));
        TRY(in.text("dataset", manifest.dataset));
        TRY(in.text("licence", manifest.licence));
        TRY(in.integer("lane", laneNumber));
        TRY(readModel(in, manifest.model));
        TRY(in.integer("init_seed", manifest.initSeed));
        TRY(in.hash("tokenizer_hash", manifest.tokenizerHash));
        TRY(in.integer("tokenizer_bytes", manifest.tokenizerBytes));
        TRY(in.hash("probe_hash", manifest.probeHash));
        TRY(in.integer("probe_bytes", manifest.probeBytes));
        TRY(in.integer("inner_steps", manifest.innerSteps));
        TRY(in.integer("batch", manifest.batch));
        TRY(in.integer("learning_rate", manifest.learningRateMicro));
        TRY(in.integer("warmup_steps", manifest.warmupSteps));
        TRY(in.integer("weight_decay", manifest.weightDecayMicro));
        TRY(in.integer("beta1", manifest.beta1Micro));
        TRY(in.integer("beta2", manifest.beta2Micro));
        TRY(in.integer("gradient_clip", manifest.gradientClipMicro));
        TRY(in.integer("keep_per_chunk", manifest.keepPerChunk));
        TRY(in.integer("error_feedback", manifest.errorFeedbackMicro));
        TRY(in.integer("outer_rate", manifest.outerRateMicro));
        TRY(in.integer("norm_clip", manifest.normClipMicro));
        TRY(in.integer("rule", ruleNumber));
        TRY(in.integer("probe_tokens", manifest.probeTokens));
        TRY(in.integer("probe_margin", manifest.probeMarginMicro));
        TRY(in.integer("window_seconds", manifest.windowSeconds));
        if (pairs > kPairs) {
            TRY(readPrivacy(in, manifest.privacy.emplace()));
        }
        TRY(in.finish());
        TRY(within("lane", laneNumber, 1, 2));
        TRY(within("rule", ruleNumber, 1, 2));
        manifest.lane = static_cast<Lane>(laneNumber);
        manifest.rule = static_cast<Rule>(ruleNumber);
        return manifest.validate();
    };
    auto done = read();
    if (!done) {
        base::Error error = std::move(done).error();
        error.code = Errc::Invalid;
        if (!error.message.starts_with("manifest")) {
            error = std::move(error).context("manifest");
        }
        return tl::unexpected{ std::move(error) };
    }
    return manifest;
}

base::Hash256 contentHash(base::ByteView bytes)
{
    return crypto::sha256(bytes);
}

base::Hash256 RunManifest::hash() const
{
    return crypto::sha256(encode());
}

Result<> RunManifest::validate() const
{
    TRY(within("name length", name.size(), 1, 64));
    TRY(within("dataset length", dataset.size(), 0, 2000));
    TRY(within("licence length", licence.size(), 0, 200));
    auto shape = model.validate();
    if (!shape) {
        return tl::unexpected{ std::move(shape).error().context("manifest: model") };
    }
    TRY(within("tokenizer_bytes", tokenizerBytes, 1, std::uint64_t{ 16 } << 20U));
    TRY(within("probe_bytes", probeBytes, 1, std::uint64_t{ 16 } << 20U));
    TRY(within("inner_steps", innerSteps, 1, 1000));
    TRY(within("batch", batch, 1, 1024));
    TRY(within("learning_rate", learningRateMicro, 1, 1'000'000));
    TRY(within("warmup_steps", warmupSteps, 0, 1'000'000));
    TRY(within("weight_decay", weightDecayMicro, 0, 1'000'000));
    TRY(within("beta1", beta1Micro, 0, 999'999));
    TRY(within("beta2", beta2Micro, 0, 999'999));
    TRY(within("gradient_clip", gradientClipMicro, 0, 1'000'000'000));
    TRY(within("keep_per_chunk", keepPerChunk, 0, kChunkValues));
    TRY(within("error_feedback", errorFeedbackMicro, 0, 1'000'000));
    TRY(within("outer_rate", outerRateMicro, 1, 10'000'000));
    TRY(within("norm_clip", normClipMicro, 1'000'000, 100'000'000));
    TRY(within("probe_tokens", probeTokens, model.context, 1'000'000));
    TRY(within("probe_margin", probeMarginMicro, 0, 10'000'000));
    TRY(within("window_seconds", windowSeconds, 1, 86'400));
    if (privacy.has_value() != (lane == Lane::Private)) {
        return fail(
            Errc::Invalid, "manifest: the private lane, and only it, needs terms of privacy");
    }
    if (privacy) {
        TRY(privacy->validate());
    }
    return {};
}

double RunManifest::learningRate(std::uint64_t globalStep) const
{
    const double full = fromMicro(learningRateMicro);
    if (globalStep >= warmupSteps) {
        return full;
    }
    return full * static_cast<double>(globalStep + 1) / static_cast<double>(warmupSteps);
}

} // namespace loam::training
