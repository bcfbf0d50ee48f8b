// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends.h"
#include "ml/adamw.h"
#include "ml/lora.h"
#include "ml/transformer.h"
#include "model_oracle.h"

#include <QTest>

#include <cstring>

using namespace loam;
using namespace loam::ops;
using ml::Linear;

namespace {

/// Grouped heads and odd widths, so that no two matrices have the same shape by chance.
ml::ModelConfig smallModel()
{
    ml::ModelConfig config;
    config.dim = 24;
    config.layers = 2;
    config.heads = 4;
    config.kvHeads = 2;
    config.ffn = 29;
    config.vocab = 31;
    config.context = 16;
    config.tied = true;
    return config;
}

ml::Parameters lively(const ml::ModelConfig& config)
{
    ml::Parameters parameters = ml::Parameters::zero(config).value();
    std::ranges::copy(noise(parameters.values().size(), 9, 0.3), parameters.values().begin());
    return parameters;
}

/// An adapter whose B is not zero, or half of the gradients would be.
ml::Lora livelyAdapter(const ml::ModelConfig& model, const ml::LoraConfig& config)
{
    ml::Lora lora = ml::Lora::initialise(model, config, 3).value();
    std::ranges::copy(noise(lora.values().size(), 10, 0.2), lora.values().begin());
    return lora;
}

/// Weights of the adapted model in double.
oracle::Values merged(const ml::Parameters& base, const ml::Lora& lora, const oracle::Values& at)
{
    oracle::Values weights(base.values().begin(), base.values().end());
    const std::size_t rank = lora.config().rank;
    for (std::size_t layer = 0; layer < base.config().layers; ++layer) {
        for (const Linear linear : lora.config().targets) {
            const ml::ParameterEntry& a = lora.table().a(layer, linear);
            const ml::ParameterEntry& b = lora.table().b(layer, linear);
            // base_model.model.model.layers.0.mlp.up_proj.lora_A.weight
            std::string name = a.name.substr(std::string_view{ "base_model.model." }.size());
            name.replace(name.find(".lora_A"), 7, "");
            const ml::ParameterEntry& w = *base.table().find(name);
            for (std::size_t o = 0; o < w.shape[0]; ++o) {
                for (std::size_t i = 0; i < w.shape[1]; ++i) {
                    double sum = 0.0;
                    for (std::size_t r = 0; r < rank; ++r) {
                        sum += at[b.offset + o * rank + r] * at[a.offset + r * w.shape[1] + i];
                    }
                    weights[w.offset + o * w.shape[1] + i]
                        += static_cast<double>(lora.config().scale()) * sum;
                }
            }
        }
    }
    return weights;
}

struct Batch
{
    std::vector<ml::Token> inputs;
    std::vector<ml::Token> targets;
    ml::BatchShape shape;

    ml::TokenBatch view() const { return { shape, inputs, targets }; }
};

Batch someBatch(std::size_t vocab, ml::BatchShape shape)
{
    return { someTokens(shape.tokens(), vocab, 1), someTokens(shape.tokens(), vocab, 2), shape };
}

std::unique_ptr<ml::Transformer> adapted(const Device& device, const ml::Parameters& base,
    const ml::Lora& lora, ml::BatchShape largest, std::uint64_t budget = 0)
{
    ml::Transformer::Options options;
    options.adapter = lora.config();
    options.memoryBudget = budget;
    auto model = ml::Transformer::create(base.config(), *device.backend, largest, options).value();
    succeed(model->setParameters(base));
    succeed(model->setAdapter(lora));
    return model;
}

std::vector<float> gradientsOf(const ml::Transformer& model)
{
    std::vector<float> values(model.gradients().count);
    succeed(model.copyGradientsTo(values));
    return values;
}

} // namespace

class TestLora : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void gradientsAgreeWithFiniteDifferences_data()
    {
        QTest::addColumn<std::vector<Linear>>("targets");
        QTest::addColumn<bool>("freezeA");
        const std::vector<Linear> all{ ml::kLinears.begin(), ml::kLinears.end() };
        QTest::newRow("all") << all << false;
        QTest::newRow("all, frozen A") << all << true;
        QTest::newRow("query and value")
            << std::vector<Linear>{ Linear::Query, Linear::Value } << false;
        QTest::newRow("up and down, frozen A")
            << std::vector<Linear>{ Linear::Up, Linear::Down } << true;
        QTest::newRow("output") << std::vector<Linear>{ Linear::Output } << false;
    }
    void gradientsAgreeWithFiniteDifferences()
    {
        QFETCH(std::vector<Linear>, targets);
        QFETCH(bool, freezeA);
        const ml::ModelConfig config = smallModel();
        const ml::Parameters base = lively(config);
        const ml::Lora lora = livelyAdapter(config, { 3, 5.0F, targets, freezeA });
        const Batch batch = someBatch(config.vocab, { 2, 9 });
        const oracle::Values values(lora.values().begin(), lora.values().end());
        const auto mean = [&](const oracle::Values& at) {
            double sum = 0.0;
            for (const double nats :
                oracle::transformer(config, base.table(), merged(base, lora, at),
                    batch.shape.sequences, batch.shape.length, batch.inputs, batch.targets)) {
                sum += nats;
            }
            return sum / static_cast<double>(batch.shape.tokens());
        };
        const double loss = mean(values);
        std::vector<std::pair<std::size_t, double>> wanted;
        for (const ml::ParameterEntry& entry : lora.table().trained()) {
            for (const std::size_t i : { std::size_t{ 0 }, entry.count / 2, entry.count - 1 }) {
                const std::size_t place = entry.offset + i;
                wanted.emplace_back(
                    place - lora.table().trainedBegin(), oracle::derivative(mean, values, place));
            }
        }
        for (const Device& device : allDevices()) {
            const auto model = adapted(device, base, lora, batch.shape);
            QVERIFY(isNear(std::abs(model->evaluate(batch.view()).value().mean() / loss - 1.0),
                2e-6, device.name));
            QVERIFY(model->computeGradients(batch.view()).has_value());
            const std::vector<float> got = gradientsOf(*model);
            QCOMPARE(got.size(), lora.trained().size());
            double most = 0.0;
            double error = 0.0;
            for (const auto& [place, derivative] : wanted) {
                most = std::max(most, std::abs(derivative));
                error = std::max(error, std::abs(static_cast<double>(got[place]) - derivative));
            }
            QVERIFY(isNear(error / most, 2e-5, device.name));
            // The base is frozen, and a second pass gives the sum.
            QVERIFY(model->computeGradients(batch.view(), ml::Write::Accumulate).has_value());
            oracle::Values twice = widen(got);
            for (double& value : twice) {
                value *= 2.0;
            }
            QVERIFY(isNear(distance(gradientsOf(*model), twice), 2e-6, device.name));
            ml::Parameters after = ml::Parameters::zero(config).value();
            succeed(model->copyParametersTo(after));
            QVERIFY(after.hash() == base.hash());
        }
    }

    void mergedModelIsTheAdaptedOne()
    {
        const ml::ModelConfig config = smallModel();
        const ml::Parameters base = lively(config);
        const ml::Lora lora = livelyAdapter(
            config, { 4, 8.0F, { Linear::Key, Linear::Gate, Linear::Down }, false });
        const Batch batch = someBatch(config.vocab, { 3, 16 });
        ml::Parameters whole = base.clone().value();
        succeed(lora.mergeInto(whole));
        for (const Device& device : allDevices()) {
            const auto model = adapted(device, base, lora, batch.shape);
            const auto plain = ml::Transformer::create(
                config, *device.backend, batch.shape, ml::Transformer::Purpose::Evaluate)
                                   .value();
            succeed(plain->setParameters(whole));
            const double one = model->evaluate(batch.view()).value().nats;
            const double other = plain->evaluate(batch.view()).value().nats;
            QVERIFY(isNear(std::abs(one / other - 1.0), 2e-6, device.name));
        }
    }

    void trainingMovesTheTrainedHalfOnly_data()
    {
        QTest::addColumn<bool>("freezeA");
        QTest::newRow("both") << false;
        QTest::newRow("frozen A") << true;
    }
    void trainingMovesTheTrainedHalfOnly()
    {
        QFETCH(bool, freezeA);
        const ml::ModelConfig config = smallModel();
        const ml::Parameters base = ml::Parameters::initialise(config, 1).value();
        ml::LoraConfig adapter{ 4, 8.0F, { ml::kLinears.begin(), ml::kLinears.end() }, freezeA };
        const ml::Lora start = ml::Lora::initialise(config, adapter, 7).value();
        const Batch batch = someBatch(config.vocab, { 4, 16 });
        std::vector<float> exact;
        for (const Device& device : allDevices()) {
            const auto model = adapted(device, base, start, batch.shape);
            const auto optimiser
                = ml::AdamW::create(*model, { .weightDecay = 0.0F, .clipNorm = 0.0F }).value();
            const double before = model->evaluate(batch.view()).value().mean();
            for (int step = 0; step < 30; ++step) {
                QVERIFY(model->computeGradients(batch.view()).has_value());
                QVERIFY(optimiser->step(*model, 2e-2F).has_value());
            }
            QVERIFY(model->evaluate(batch.view()).value().mean() < before - 0.5);
            ml::Lora trained = start;
            succeed(model->copyAdapterTo(trained));
            const std::size_t begin = start.table().trainedBegin();
            QCOMPARE(begin > 0, freezeA);
            QVERIFY(
                std::memcmp(trained.values().data(), start.values().data(), begin * sizeof(float))
                == 0);
            QVERIFY(trained.hash() != start.hash());
            if (device.backend->isDeterministic()) {
                const std::vector<float> values(trained.values().begin(), trained.values().end());
                QVERIFY(exact.empty() || exact == values);
                exact = values;
            }
        }
    }

    void lessMemoryGivesTheSameBits()
    {
        const ml::ModelConfig config = smallModel();
        const ml::Parameters base = lively(config);
        const ml::Lora lora
            = livelyAdapter(config, { 2, 4.0F, { ml::kLinears.begin(), ml::kLinears.end() } });
        const Batch batch = someBatch(config.vocab, { 64, 16 });
        for (const Device& device : allDevices()) {
            const auto whole = adapted(device, base, lora, batch.shape);
            const double nats = whole->computeGradients(batch.view()).value().nats;
            const std::vector<float> wanted = gradientsOf(*whole);
            const auto short_
                = adapted(device, base, lora, batch.shape, whole->memoryPlan().bytes / 5);
            QCOMPARE(short_->memoryPlan().keep, ml::Keep::LayerInputs);
            QVERIFY(short_->memoryPlan().sequencesAtATime < batch.shape.sequences);
            const double again = short_->computeGradients(batch.view()).value().nats;
            const std::vector<float> got = gradientsOf(*short_);
            if (device.backend->isDeterministic()) {
                QCOMPARE(again, nats);
                QVERIFY2(got == wanted, device.name.c_str());
            } else {
                QVERIFY(isNear(distance(got, widen(wanted)), 2e-6, device.name));
            }
        }
    }
};

QTEST_GUILESS_MAIN(TestLora)
#include "tst_lora.moc"
