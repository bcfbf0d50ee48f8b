// SPDX-License-Identifier: GPL-3.0-or-later
#include "ml/gguf.h"
#include "ml/language_model.h"
#include "ml/model_export.h"
#include "ml/thread_pool.h"
#include "ml/tokenizer.h"
#include "ml/trainable_model.h"
#include "unit/support.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <algorithm>
#include <cmath>
#include <set>

using namespace loam;

namespace {

ml::ModelConfig configOf(bool tied)
{
    ml::ModelConfig config;
    config.dim = 64;
    config.layers = 2;
    config.heads = 4;
    config.kvHeads = 2;
    config.ffn = 96;
    config.vocab = 512;
    config.context = 64;
    config.tied = tied;
    return config;
}

/// An adapter that changes every layer a good deal.
ml::Lora strongAdapter(const ml::ModelConfig& config)
{
    const ml::LoraConfig wanted{ 4, 8.0F, { ml::kLinears.begin(), ml::kLinears.end() }, false };
    ml::Lora lora = ml::Lora::initialise(config, wanted, 3).value();
    for (std::size_t i = 0; i < lora.values().size(); ++i) {
        lora.values()[i] += 0.05F * std::sin(static_cast<float>(i));
    }
    return lora;
}

double largestDifference(std::span<const float> a, std::span<const float> b)
{
    double most = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        most = std::max(most, std::abs(static_cast<double>(a[i]) - static_cast<double>(b[i])));
    }
    return a.size() == b.size() ? most : 1e9;
}

} // namespace

class TestTrainableModel final : public QObject
{
    Q_OBJECT

private:
    base::Bytes m_vocabulary;
    QTemporaryDir m_folder;

    std::filesystem::path file(const QString& name) const
    {
        return m_folder.filePath(name).toStdString();
    }
    std::unique_ptr<ml::ModelFile> modelOf(ml::Parameters parameters) const
    {
        return ml::ModelFile::ofParameters(
            std::make_shared<const ml::Parameters>(std::move(parameters)), "tiny", m_vocabulary)
            .value();
    }
    /// The model written as GGUF with this type of weights and opened again.
    std::unique_ptr<ml::ModelFile> fromGguf(const ml::ModelFile& model, ml::WeightType type) const
    {
        const auto path = file(QStringLiteral("model.gguf"));
        if (!ml::exportGguf(model, path, { type, {} })) {
            return nullptr;
        }
        return ml::ModelFile::open(path).value();
    }
    static std::vector<float> logits(const ml::ModelFile& model)
    {
        ml::ThreadPool pool{ 1 };
        const auto backend = ml::makeCpuInference(pool).value();
        const auto language = ml::LanguageModel::create(model, *backend, { 64, 2, 32 }).value();
        const std::vector<ml::Token> tokens{ 5, 17, 250, 9, 33, 120, 7 };
        return language->logits(tokens).value();
    }

private Q_SLOTS:
    void initTestCase()
    {
        QFile text{ QStringLiteral(LOAM_SAMPLE_TEXT) };
        QVERIFY(text.open(QIODevice::ReadOnly));
        const std::string sample = text.read(40'000).toStdString();
        const std::array<std::string_view, 1> texts{ sample };
        auto vocabulary = ml::Tokenizer::train(texts, { .vocab = 512 });
        LOAM_OK(vocabulary);
        m_vocabulary = std::move(*vocabulary);
    }

    void readsBackWhatWasWritten_data()
    {
        QTest::addColumn<int>("type");
        QTest::addColumn<bool>("tied");
        QTest::addColumn<double>("tolerance");
        QTest::newRow("F32") << int(ml::WeightType::F32) << true << 0.0;
        QTest::newRow("F32, head of its own") << int(ml::WeightType::F32) << false << 0.0;
        QTest::newRow("F16") << int(ml::WeightType::F16) << true << 0.001;
        QTest::newRow("BF16") << int(ml::WeightType::BF16) << true << 0.005;
        QTest::newRow("Q8_0") << int(ml::WeightType::Q8_0) << false << 0.005;
        QTest::newRow("Q4_0") << int(ml::WeightType::Q4_0) << true << 0.12;
    }
    void readsBackWhatWasWritten()
    {
        QFETCH(int, type);
        QFETCH(bool, tied);
        QFETCH(double, tolerance);
        const ml::ModelConfig config = configOf(tied);
        const auto source = ml::Parameters::initialise(config, 11).value();
        const auto model = modelOf(source.clone().value());
        const auto read = fromGguf(*model, ml::WeightType(type));
        QVERIFY(read);
        const auto back = ml::trainableParameters(*read);
        LOAM_OK(back);
        QVERIFY(back->config() == config);
        QVERIFY(largestDifference(back->values(), source.values()) <= tolerance);
    }

    /// The merged model answers as the trained one: rows of queries and keys are where they belong.
    void adaptedModelComputesWithTheAdapter_data()
    {
        QTest::addColumn<int>("type");
        QTest::addColumn<double>("tolerance");
        QTest::newRow("run's own") << -1 << 1e-4;
        QTest::newRow("F32") << int(ml::WeightType::F32) << 1e-4;
        QTest::newRow("F16") << int(ml::WeightType::F16) << 0.02;
        QTest::newRow("Q8_0") << int(ml::WeightType::Q8_0) << 0.1;
    }
    void adaptedModelComputesWithTheAdapter()
    {
        QFETCH(int, type);
        QFETCH(double, tolerance);
        const ml::ModelConfig config = configOf(true);
        auto merged = ml::Parameters::initialise(config, 11).value();
        auto base = modelOf(merged.clone().value());
        const ml::Lora lora = strongAdapter(config);
        LOAM_OK(lora.mergeInto(merged));
        const std::vector<float> wanted = logits(*modelOf(std::move(merged)));
        const std::vector<float> before = logits(*base);
        if (type >= 0) {
            base = fromGguf(*base, ml::WeightType(type));
        }
        const std::uint64_t bytes = base->description().bytes;
        const auto adapted = ml::adaptedModel(std::move(base), lora);
        LOAM_OK(adapted);
        const double difference = largestDifference(logits(**adapted), wanted);
        QVERIFY2(difference < tolerance, qPrintable(QString::number(difference)));
        QVERIFY(largestDifference(before, wanted) > 5 * tolerance);
        QVERIFY((*adapted)->description().bytes >= bytes);
    }

    void otherShapesAreRefused()
    {
        auto base = modelOf(ml::Parameters::initialise(configOf(true), 11).value());
        ml::ModelConfig other = configOf(true);
        other.layers = 3;
        LOAM_FAILS(ml::adaptedModel(std::move(base), strongAdapter(other)), base::Errc::Invalid);
    }

    void writesGgufAdapters()
    {
        const ml::ModelConfig config = configOf(true);
        const ml::Lora lora = strongAdapter(config);
        const auto path = file(QStringLiteral("adapter.gguf"));
        LOAM_OK(ml::exportLoraGguf(lora, "My letters", path));
        const auto read = ml::Gguf::open(path);
        LOAM_OK(read);
        QCOMPARE(read->tensors().size(), std::size_t{ 2 * 2 * 7 });
        std::set<std::string> names;
        for (const auto& tensor : read->tensors()) {
            names.emplace(tensor.name);
        }
        QVERIFY(names.contains("blk.1.attn_q.weight.lora_a"));
        QVERIFY(names.contains("blk.0.ffn_down.weight.lora_b"));
    }
};

QTEST_GUILESS_MAIN(TestTrainableModel)
#include "tst_trainable_model.moc"
