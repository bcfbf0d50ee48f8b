// SPDX-License-Identifier: GPL-3.0-or-later
#include "ml/gguf.h"
#include "ml/language_model.h"
#include "ml/model_export.h"
#include "ml/thread_pool.h"
#include "ml/tokenizer.h"
#include "ml/trainable_model.h"
#include "ml/transformer.h"
#include "unit/support.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <set>

using namespace loam;

namespace {

ml::ModelConfig configOf(bool tied, bool qkvBias = false)
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
    config.qkvBias = qkvBias;
    return config;
}

/// Fresh weights; biases, which begin at zero, are given something to do.
ml::Parameters parametersOf(const ml::ModelConfig& config)
{
    auto parameters = ml::Parameters::initialise(config, 11).value();
    for (const ml::ParameterEntry& entry : parameters.table().entries()) {
        if (entry.name.ends_with(".bias")) {
            for (std::size_t i = 0; i < entry.count; ++i) {
                parameters.values(entry)[i] = 0.3F * std::cos(static_cast<float>(i));
            }
        }
    }
    return parameters;
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
        QTest::addColumn<bool>("biased");
        QTest::addColumn<double>("tolerance");
        QTest::newRow("F32") << int(ml::WeightType::F32) << true << false << 0.0;
        QTest::newRow("F32, head of its own") << int(ml::WeightType::F32) << false << false << 0.0;
        QTest::newRow("F32, biases") << int(ml::WeightType::F32) << true << true << 0.0;
        QTest::newRow("F16") << int(ml::WeightType::F16) << true << false << 0.001;
        QTest::newRow("BF16") << int(ml::WeightType::BF16) << true << true << 0.005;
        QTest::newRow("Q8_0") << int(ml::WeightType::Q8_0) << false << true << 0.005;
        QTest::newRow("Q4_0") << int(ml::WeightType::Q4_0) << true << false << 0.12;
    }
    void readsBackWhatWasWritten()
    {
        QFETCH(int, type);
        QFETCH(bool, tied);
        QFETCH(bool, biased);
        QFETCH(double, tolerance);
        const ml::ModelConfig config = configOf(tied, biased);
        const auto source = parametersOf(config);
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
        QTest::addColumn<bool>("biased");
        QTest::addColumn<double>("tolerance");
        QTest::newRow("run's own") << -1 << false << 1e-4;
        QTest::newRow("F32") << int(ml::WeightType::F32) << false << 1e-4;
        QTest::newRow("F32, biases") << int(ml::WeightType::F32) << true << 1e-4;
        QTest::newRow("F16") << int(ml::WeightType::F16) << false << 0.02;
        QTest::newRow("Q8_0") << int(ml::WeightType::Q8_0) << true << 0.1;
    }
    void adaptedModelComputesWithTheAdapter()
    {
        QFETCH(int, type);
        QFETCH(bool, biased);
        QFETCH(double, tolerance);
        const ml::ModelConfig config = configOf(true, biased);
        auto merged = parametersOf(config);
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

    /// Training computes what answering does, biases and all.
    void trainsTheModelThatAnswers()
    {
        const ml::ModelConfig config = configOf(true, true);
        const auto parameters = parametersOf(config);
        ml::ThreadPool pool{ 2 };
        const auto backend = ml::makeReferenceBackend(pool).value();
        const auto model = ml::Transformer::create(
            config, *backend, { 1, 7 }, ml::Transformer::Purpose::Evaluate)
                               .value();
        LOAM_OK(model->setParameters(parameters));
        const std::vector<ml::Token> inputs{ 5, 17, 250, 9, 33, 120, 7 };
        std::vector<ml::Token> targets(inputs.size(), ml::kIgnoredTarget);
        targets.back() = 99;
        const double nats = model->evaluate({ { 1, 7 }, inputs, targets }).value().nats;
        const std::vector<float> all = logits(*modelOf(parameters.clone().value()));
        const std::span answered = std::span{ all }.last(config.vocab);
        double sum = 0;
        for (const float logit : answered) {
            sum += std::exp(static_cast<double>(logit));
        }
        const double wanted = std::log(sum) - static_cast<double>(answered[99]);
        QVERIFY2(std::abs(nats - wanted) < 1e-4, qPrintable(QString::number(nats - wanted)));
    }

    void writesGgufAdapters_data()
    {
        QTest::addColumn<bool>("isLlama");
        QTest::newRow("llama") << true;
        QTest::newRow("qwen2") << false;
    }
    void writesGgufAdapters()
    {
        QFETCH(bool, isLlama);
        const ml::ModelConfig config = configOf(true);
        const ml::Lora lora = strongAdapter(config);
        const auto path = file(QStringLiteral("adapter.gguf"));
        const auto family = isLlama ? ml::Architecture::Llama : ml::Architecture::Qwen2;
        LOAM_OK(ml::exportLoraGguf(lora, family, "My letters", path));
        const auto read = ml::Gguf::open(path);
        LOAM_OK(read);
        QCOMPARE(read->tensors().size(), std::size_t{ 2 * 2 * 7 });
        std::set<std::string> names;
        for (const auto& tensor : read->tensors()) {
            names.emplace(tensor.name);
        }
        QVERIFY(names.contains("blk.1.attn_q.weight.lora_a"));
        QVERIFY(names.contains("blk.0.ffn_down.weight.lora_b"));
        QCOMPARE(read->text("general.architecture").value(),
            std::optional<std::string_view>{ isLlama ? "llama" : "qwen2" });
        // A llama file's queries turn in pairs, a qwen2 file's in halves as they lie here.
        const auto entry = lora.table().b(0, ml::Linear::Query);
        const auto kept = lora.values().subspan(entry.offset, entry.count);
        std::vector<float> written(entry.count);
        const auto* tensor = read->tensor("blk.0.attn_q.weight.lora_b");
        QVERIFY(tensor != nullptr);
        std::memcpy(written.data(), tensor->bytes.data(), entry.count * sizeof(float));
        QCOMPARE(std::ranges::equal(written, kept), !isLlama);
    }
};

QTEST_GUILESS_MAIN(TestTrainableModel)
#include "tst_trainable_model.moc"
