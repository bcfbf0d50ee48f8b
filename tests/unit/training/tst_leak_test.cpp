// SPDX-License-Identifier: GPL-3.0-or-later
// The meter on models that were really trained: a deliberately overfitted adapter goes red, the
// result of a private round on the same texts stays green.
#include "ml/adamw.h"
#include "ml/lora.h"
#include "ml/model_file.h"
#include "ml/thread_pool.h"
#include "ml/tokenizer.h"
#include "training/leak_test.h"
#include "training/private_lane.h"
#include "training/private_round.h"
#include "unit/support.h"

#include <QtTest>

#include <random>

using namespace loam;
using base::Errc;
using training::Light;

namespace {

/// Sentences of made-up words: nothing in one tells of the next.
std::string textOf(unsigned seed, std::size_t bytes)
{
    static constexpr std::array kSyllables{ "ba", "co", "du", "fe", "gi", "ha", "jo", "ku", "le",
        "mi", "no", "pu", "ra", "se", "ti", "vo" };
    std::mt19937 engine{ seed };
    std::string out;
    while (out.size() < bytes) {
        for (int word = 0; word < 8; ++word) {
            for (int i = 0; i < 3; ++i) {
                out += kSyllables.at(engine() % kSyllables.size());
            }
            out += word < 7 ? ' ' : '\n';
        }
    }
    return out;
}

struct Bench
{
    Bench()
    {
        const std::string lesson = textOf(1, 60'000) + "the code of the gate is 0123456789\n";
        const std::array<std::string_view, 1> lessons{ lesson };
        const auto bytes = ml::Tokenizer::train(lessons, { .vocab = 400 });
        ASSERT(bytes.has_value());
        tokenizer = *ml::Tokenizer::load(*bytes);
        manifest.name = "meter";
        manifest.lane = training::Lane::Private;
        manifest.model.dim = 32;
        manifest.model.layers = 2;
        manifest.model.heads = 4;
        manifest.model.kvHeads = 4;
        manifest.model.ffn = 64;
        manifest.model.vocab = tokenizer->vocab();
        manifest.model.context = 32;
        manifest.tokenizerBytes = 1;
        manifest.probeBytes = 1;
        manifest.innerSteps = 8;
        manifest.batch = 4;
        manifest.warmupSteps = 0;
        manifest.privacy = training::PrivateTerms{};
        fast = *ml::makeFastBackend(pool);
        base.emplace(*ml::Parameters::initialise(manifest.model, 5));
        file = *ml::ModelFile::ofParameters(
            std::make_shared<const ml::Parameters>(*base->clone()), "meter", *bytes);
        codec = &file->text();
    }

    std::vector<ml::Token> tokensOf(const std::string& text) const
    {
        return *tokenizer->encode(text);
    }

    /// Many passes over one short text with an adapter on every layer.
    ml::Parameters overfitted(const std::string& text, int passes)
    {
        const ml::LoraConfig config{ .rank = 16,
            .alpha = 32,
            .targets = { ml::kLinears.begin(), ml::kLinears.end() },
            .freezeA = false };
        const std::size_t length = manifest.model.context;
        const std::vector<ml::Token> tokens = tokensOf(text);
        const std::size_t count = (tokens.size() - 1) / length;
        std::vector<ml::Token> inputs;
        std::vector<ml::Token> targets;
        for (std::size_t i = 0; i < count * length; ++i) {
            inputs.push_back(tokens[i]);
            targets.push_back(tokens[i + 1]);
        }
        auto adapter = *ml::Lora::initialise(manifest.model, config, 9);
        const auto model = *ml::Transformer::create(manifest.model, *fast, { count, length },
            { .purpose = ml::Transformer::Purpose::Train, .adapter = config });
        ASSERT(model->setParameters(*base) && model->setAdapter(adapter));
        const auto optimiser = *ml::AdamW::create(*model, { .weightDecay = 0, .clipNorm = 0 });
        for (int pass = 0; pass < passes; ++pass) {
            ASSERT(model->computeGradients({ { count, length }, inputs, targets }));
            ASSERT(optimiser->step(*model, 0.02F).has_value());
        }
        ASSERT(model->copyAdapterTo(adapter));
        ml::Parameters out = *base->clone();
        ASSERT(adapter.mergeInto(out));
        return out;
    }

    training::LeakReport measure(
        const ml::Parameters& subject, const std::string& member, const std::string& other)
    {
        const std::array members{ member };
        const std::array others{ other };
        const auto report
            = training::testLeak({ *base, subject, *codec, members, others, 1e-6 }, *fast);
        if (!report) {
            qFatal("%s", report.error().message.c_str());
        }
        return *report;
    }

    ml::ThreadPool pool{ 1 };
    std::unique_ptr<ml::Backend> fast;
    std::unique_ptr<ml::Tokenizer> tokenizer;
    std::unique_ptr<ml::ModelFile> file;
    const ml::TextCodec* codec{ nullptr };
    training::RunManifest manifest;
    std::optional<ml::Parameters> base;
    training::WorkControl control;
};

} // namespace

class TestLeakTest final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void anOverfittedAdapterGoesRed();
    void aPrivateRoundStaysGreen();
    void nothingTrainedShowsNothing();
    void tooLittleTextIsSaid();
};

void TestLeakTest::anOverfittedAdapterGoesRed()
{
    Bench bench;
    const std::string secret = "the code of the gate is 7391402\n";
    std::string text = secret;
    for (unsigned part = 0; part < 4; ++part) {
        text += textOf(20 + part, 900) + secret;
    }
    const auto report = bench.measure(bench.overfitted(text, 300), text, textOf(30, 9000));
    qInfo("AUC %.3f, TPR at 0.1 %% %.2f, epsilon at least %.2f, exposure %.1f bits",
        report.membership.auc, report.membership.truePositives01, report.membership.epsilonLow,
        report.exposure ? report.exposure->bits : -1.0);
    QVERIFY(report.membership.auc > 0.9);
    QVERIFY(report.membership.epsilonLow > 1);
    QCOMPARE(report.numbers, std::size_t{ 1 });
    QVERIFY(report.exposure && report.exposure->bits > 10);
    QVERIFY(training::lightOf(report) == Light::Red);
}

void TestLeakTest::aPrivateRoundStaysGreen()
{
    // Sixteen members with a text each; the round as it is but for the masks, which cancel.
    Bench bench;
    const training::PrivateTerms terms = *bench.manifest.privacy;
    const auto adapter = training::adapterOf(bench.manifest, bench.base->table(), base::Hash256{});
    const auto coding = training::groupCoding(terms, adapter.size(), 16, base::Hash256{});
    const auto noise = training::SkellamSampler::create(coding.shareVariance);
    LOAM_OK(noise);
    std::vector<std::uint32_t> sum(coding.ring.encodedSize());
    for (unsigned member = 0; member < 16; ++member) {
        base::PublicKey node;
        node.data.fill(static_cast<std::byte>(member + 1));
        const auto tokens = bench.tokensOf(textOf(100 + member, 20'000));
        const training::PrivateJob job{ bench.manifest, {}, node, {}, 0, *bench.base, tokens };
        const auto trained = training::trainPrivate(job, *bench.fast, bench.control, {});
        LOAM_OK(trained);
        std::array<std::byte, 32> seed{};
        seed[0] = static_cast<std::byte>(member);
        crypto::KeyStream random{ crypto::StreamCipher::ChaCha20, crypto::SymmetricKey{ seed } };
        const auto share = training::encodeShare(coding.ring, trained->update, *noise, random);
        LOAM_OK(share);
        for (std::size_t i = 0; i < sum.size(); ++i) {
            sum[i] += (*share)[i];
        }
    }
    const auto mean = training::decodeSum(coding.ring, sum, 16);
    LOAM_OK(mean);
    ml::Parameters result = *bench.base->clone();
    adapter.apply(result, *bench.base, mean->mean, 2);
    const auto report = bench.measure(result, textOf(100, 20'000), textOf(900, 20'000));
    const double promised = training::privateCost(terms, adapter.size(), 1).epsilon;
    qInfo("AUC %.3f, epsilon at least %.2f of %.2f promised", report.membership.auc,
        report.membership.epsilonLow, promised);
    QVERIFY(report.members >= 200 && report.others >= 200);
    QVERIFY(training::lightOf(report) == Light::Green);
    QVERIFY(report.membership.epsilonLow <= promised);
}

void TestLeakTest::nothingTrainedShowsNothing()
{
    Bench bench;
    const auto report = bench.measure(*bench.base, textOf(3, 9000), textOf(4, 9000));
    QCOMPARE(report.membership.auc, 0.5);
    QVERIFY(!report.exposure);
    QVERIFY(training::lightOf(report) == Light::Green);
}

void TestLeakTest::tooLittleTextIsSaid()
{
    Bench bench;
    const std::array members{ textOf(3, 9000) };
    const std::array<std::string, 1> others{ "hardly anything" };
    const auto report = training::testLeak(
        { *bench.base, *bench.base, *bench.codec, members, others, 1e-6 }, *bench.fast);
    LOAM_FAILS(report, Errc::Invalid);
    QVERIFY(report.error().message.find("20 of each") != std::string::npos);
    auto other = bench.manifest.model;
    other.dim = 16;
    const ml::Parameters narrow = *ml::Parameters::initialise(other, 1);
    LOAM_FAILS(training::testLeak(
                   { *bench.base, narrow, *bench.codec, members, members, 1e-6 }, *bench.fast),
        Errc::Invalid);
}

QTEST_GUILESS_MAIN(TestLeakTest)
#include "tst_leak_test.moc"
