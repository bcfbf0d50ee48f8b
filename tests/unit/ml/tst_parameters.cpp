// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/file.h"
#include "crypto/hash.h"
#include "ml/exact_math.h"
#include "ml/parameters.h"
#include "ml/safetensors.h"

#include <QTemporaryDir>
#include <QTest>

#include <cmath>
#include <cstring>

using namespace loam;
using ml::ModelConfig;
using ml::Parameters;

namespace {

ModelConfig tinyModel()
{
    ModelConfig config;
    config.dim = 8;
    config.layers = 2;
    config.heads = 2;
    config.kvHeads = 1;
    config.ffn = 12;
    config.vocab = 17;
    config.context = 16;
    config.tied = false;
    return config;
}

std::string hexOf(const base::Hash256& hash)
{
    return base::toHex(hash.view());
}

} // namespace

class TestParameters : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void philoxKnownAnswers()
    {
        // Known-answer vectors of the authors' Random123 library, philox4x32 with 10 rounds.
        using Words = std::array<std::uint32_t, 4>;
        QCOMPARE(ml::exact::philox({ 0, 0, 0, 0 }, { 0, 0 }),
            (Words{ 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8 }));
        constexpr std::uint32_t kOnes = 0xffffffff;
        QCOMPARE(ml::exact::philox({ kOnes, kOnes, kOnes, kOnes }, { kOnes, kOnes }),
            (Words{ 0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd }));
        QCOMPARE(ml::exact::philox({ 0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344 },
                     { 0xa4093822, 0x299f31d0 }),
            (Words{ 0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1 }));
    }

    void elementaryFunctionsAreAccurate()
    {
        for (int i = 1; i < 4000; ++i) {
            const double x = 0.37 * i * i * 1e-3;
            QVERIFY(
                std::abs(ml::exact::log(x) - std::log(x)) <= 4e-16 * (1.0 + std::abs(std::log(x))));
            const auto [sine, cosine] = ml::exact::sinCos(x * 10.0);
            QVERIFY(std::abs(sine - std::sin(x * 10.0)) < 4e-16);
            QVERIFY(std::abs(cosine - std::cos(x * 10.0)) < 4e-16);
            const double y = 0.03 * (i - 2000);
            QVERIFY(std::abs(ml::exact::exp(y) / std::exp(y) - 1.0) < 1e-15);
        }
        QCOMPARE(ml::exact::log(1.0), 0.0);
        QCOMPARE(ml::exact::exp(0.0), 1.0);
    }

    void configIsValidated_data()
    {
        QTest::addColumn<int>("field");
        QTest::addColumn<quint32>("value");
        QTest::addColumn<QByteArray>("names");
        QTest::newRow("no width") << 0 << 0U << QByteArray{ "dim" };
        QTest::newRow("huge width") << 0 << 1048576U << QByteArray{ "dim" };
        QTest::newRow("odd heads") << 1 << 8U << QByteArray{ "heads" };
        QTest::newRow("more kv than heads") << 2 << 3U << QByteArray{ "kvHeads" };
        QTest::newRow("no layers") << 3 << 0U << QByteArray{ "layers" };
        QTest::newRow("vocab") << 4 << 0xffffffffU << QByteArray{ "vocab" };
    }
    void configIsValidated()
    {
        QFETCH(int, field);
        QFETCH(quint32, value);
        QFETCH(QByteArray, names);
        ModelConfig config = tinyModel();
        QVERIFY(config.validate().has_value());
        std::array fields{ &config.dim, &config.heads, &config.kvHeads, &config.layers,
            &config.vocab };
        *fields[static_cast<std::size_t>(field)] = value;
        const auto result = Parameters::initialise(config, 1);
        QVERIFY(!result.has_value());
        QCOMPARE(result.error().code, base::Errc::Invalid);
        QVERIFY(result.error().message.find(names.toStdString()) != std::string::npos);
        config = tinyModel();
        config.normEps = std::nanf("");
        QVERIFY(!config.validate().has_value());
    }

    void tableHasNoGaps()
    {
        const ml::ParameterTable table{ tinyModel() };
        std::size_t offset = 0;
        for (const ml::ParameterEntry& entry : table.entries()) {
            QCOMPARE(entry.offset, offset);
            offset += entry.count;
        }
        QCOMPARE(table.count(), offset);
        QCOMPARE(table.entries().size(), std::size_t{ 1 + 2 * 9 + 2 });
        const auto* q = table.find("model.layers.1.self_attn.q_proj.weight");
        const auto* k = table.find("model.layers.1.self_attn.k_proj.weight");
        QVERIFY(q != nullptr && k != nullptr);
        QCOMPARE(k->offset, q->offset + q->count);
        QVERIFY(table.find("model.layers.2.mlp.up_proj.weight") == nullptr);
        ModelConfig tied = tinyModel();
        tied.tied = true;
        QVERIFY(ml::ParameterTable{ tied }.find("lm_head.weight") == nullptr);
    }

    void initialisationIsTheSameEverywhere()
    {
        // Golden: a machine that gets another hash cannot agree with the network.
        const Parameters tiny = Parameters::initialise(tinyModel(), 1).value();
        QCOMPARE(hexOf(tiny.hash()),
            std::string{ "151c0013cf0f9794bbf2126377c024a110ab284c6a5e36515c5b45aeff3d12f5" });
        const Parameters usual = Parameters::initialise(ModelConfig{}, 1).value();
        QCOMPARE(hexOf(usual.hash()),
            std::string{ "f478be8e71c548ca7f9335cefa1137368c3094af1ab905ae14af03a514d83b35" });
        QVERIFY(Parameters::initialise(tinyModel(), 2).value().hash() != tiny.hash());
        QVERIFY(Parameters::initialise(tinyModel(), std::uint64_t{ 1 } << 32U).value().hash()
            != tiny.hash());
    }

    void initialisationIsNormal()
    {
        const Parameters parameters = Parameters::initialise(ModelConfig{}, 3).value();
        const auto* entry = parameters.table().find("model.embed_tokens.weight");
        double sum = 0.0;
        double squares = 0.0;
        double fourths = 0.0;
        const auto values = parameters.values(*entry);
        for (const float value : values) {
            const double z = static_cast<double>(value) / std::sqrt(2.0 / (5.0 * 128.0));
            sum += z;
            squares += z * z;
            fourths += z * z * z * z;
        }
        const auto n = static_cast<double>(values.size());
        QVERIFY(std::abs(sum / n) < 5.0 / std::sqrt(n));
        QVERIFY(std::abs(squares / n - 1.0) < 5.0 * std::sqrt(2.0 / n));
        QVERIFY(std::abs(fourths / n - 3.0) < 5.0 * std::sqrt(96.0 / n));
        const auto* gain = parameters.table().find("model.norm.weight");
        for (const float value : parameters.values(*gain)) {
            QCOMPARE(value, 1.0F);
        }
    }

    void fileRoundTrip()
    {
        const QTemporaryDir folder;
        const std::filesystem::path path
            = folder.filePath(QStringLiteral("model.safetensors")).toStdString();
        const Parameters parameters = Parameters::initialise(tinyModel(), 1).value();
        QVERIFY(parameters.save(path).has_value());
        const auto loaded = Parameters::load(tinyModel(), path);
        QVERIFY(loaded.has_value());
        QCOMPARE(loaded->hash(), parameters.hash());
        QCOMPARE(crypto::sha256File(path.string()).value(), parameters.hash());
        QCOMPARE(crypto::sha256(parameters.toSafetensors()), parameters.hash());
        const auto file = ml::Safetensors::open(path).value();
        const auto data = file.bytes(file.entries().front());
        QCOMPARE(reinterpret_cast<std::uintptr_t>(data.data()) % 64, std::uintptr_t{ 0 });
        const Parameters copy = parameters.clone().value();
        QVERIFY(std::memcmp(
                    copy.values().data(), parameters.values().data(), copy.values().size_bytes())
            == 0);

        ModelConfig other = tinyModel();
        other.ffn = 13;
        QCOMPARE(Parameters::load(other, path).error().code, base::Errc::Invalid);
        other = tinyModel();
        other.tied = true;
        QCOMPARE(Parameters::load(other, path).error().code, base::Errc::Invalid);
        QCOMPARE(
            Parameters::load(tinyModel(), path.string() + "x").error().code, base::Errc::NotFound);
        QVERIFY(!Parameters::load(tinyModel(), folder.path().toStdString()).has_value());
    }

    void configJsonIsStable()
    {
        const std::string json = tinyModel().toConfigJson();
        QVERIFY(json.find("\"model_type\": \"llama\"") != std::string::npos);
        QVERIFY(json.find("\"num_key_value_heads\": 1") != std::string::npos);
        QVERIFY(json.find("\"tie_word_embeddings\": false") != std::string::npos);
        QCOMPARE(json, tinyModel().toConfigJson());
    }
};

QTEST_GUILESS_MAIN(TestParameters)
#include "tst_parameters.moc"
