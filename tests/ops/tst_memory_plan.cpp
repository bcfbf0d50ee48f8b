// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends.h"
#include "ml/transformer.h"

#include <QTest>

#include <set>

using namespace loam;
using namespace loam::ops;

namespace {

ml::ModelConfig deepModel(bool tied)
{
    ml::ModelConfig config;
    config.dim = 16;
    config.layers = 3;
    config.heads = 2;
    config.kvHeads = 1;
    config.ffn = 24;
    config.vocab = 61;
    config.context = 32;
    config.tied = tied;
    return config;
}

std::unique_ptr<ml::Transformer> modelWith(const Device& device, const ml::Parameters& parameters,
    ml::BatchShape largest, std::uint64_t budget)
{
    ml::Transformer::Options options;
    options.memoryBudget = budget;
    auto model
        = ml::Transformer::create(parameters.config(), *device.backend, largest, options).value();
    succeed(model->setParameters(parameters));
    return model;
}

} // namespace

class TestMemoryPlan : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void everyPlanGivesTheSameGradients_data()
    {
        QTest::addColumn<bool>("tied");
        QTest::newRow("tied") << true;
        QTest::newRow("untied") << false;
    }
    void everyPlanGivesTheSameGradients()
    {
        QFETCH(bool, tied);
        constexpr ml::BatchShape kShape{ 40, 32 };
        const ml::ModelConfig config = deepModel(tied);
        const ml::Parameters parameters = ml::Parameters::initialise(config, 4).value();
        const auto inputs = someTokens(kShape.tokens(), config.vocab, 1);
        auto targets = someTokens(kShape.tokens(), config.vocab, 2);
        targets[5] = ml::kIgnoredTarget;
        const ml::TokenBatch batch{ kShape, inputs, targets };
        for (const Device& device : allDevices()) {
            std::vector<float> wanted;
            ml::LossReport wantedLoss;
            std::set<std::pair<bool, std::size_t>> seen;
            std::uint64_t budget = 0;
            // Each plan's own size less one byte asks for the next smaller one.
            for (;;) {
                ml::Transformer::Options options;
                options.memoryBudget = budget;
                auto made = ml::Transformer::create(config, *device.backend, kShape, options);
                if (!made) {
                    QCOMPARE(made.error().code, base::Errc::Unavailable);
                    break;
                }
                const auto& model = *made;
                succeed(model->setParameters(parameters));
                const ml::MemoryPlan plan = model->memoryPlan();
                QVERIFY(budget == 0 || plan.bytes <= budget);
                seen.emplace(plan.keep == ml::Keep::LayerInputs, plan.sequencesAtATime);
                budget = plan.bytes - 1;
                const ml::LossReport loss = model->computeGradients(batch).value();
                std::vector<float> got(model->gradients().count);
                succeed(model->copyGradientsTo(got));
                if (wanted.empty()) {
                    wanted = got;
                    wantedLoss = loss;
                }
                QCOMPARE(loss.tokens, wantedLoss.tokens);
                QCOMPARE(loss.natsPerSequence.size(), kShape.sequences);
                if (device.backend->isDeterministic()) {
                    QVERIFY(loss.natsPerSequence == wantedLoss.natsPerSequence);
                    QVERIFY2(got == wanted, (device.name + ": " + plan.describe()).c_str());
                } else {
                    QVERIFY(isNear(distance(got, widen(wanted)), 5e-6, device.name));
                }
                QVERIFY(isNear(std::abs(model->evaluate(batch).value().nats / loss.nats - 1.0),
                    1e-6, device.name));
            }
            // Whole, in parts, with layers computed twice, and both.
            QVERIFY2(seen.size() >= 4, std::to_string(seen.size()).c_str());
            QVERIFY(seen.contains({ false, kShape.sequences }));
            QVERIFY(seen.contains({ true, 2 }));
        }
    }

    void shorterSequencesFillTheSameRoom()
    {
        const ml::ModelConfig config = deepModel(true);
        const ml::Parameters parameters = ml::Parameters::initialise(config, 4).value();
        const Device device = std::move(allDevices().front());
        const auto whole = modelWith(device, parameters, { 32, 32 }, 0);
        const auto parts = modelWith(device, parameters, { 32, 32 }, whole->memoryPlan().bytes / 3);
        QVERIFY(parts->memoryPlan().sequencesAtATime < 32);
        const auto inputs = someTokens(32 * 20, config.vocab, 1);
        const auto targets = someTokens(32 * 20, config.vocab, 2);
        const ml::TokenBatch batch{ { 32, 20 }, inputs, targets };
        QCOMPARE(parts->computeGradients(batch).value().nats,
            whole->computeGradients(batch).value().nats);
    }

    void tooLittleIsExplained()
    {
        const Device device = std::move(allDevices().front());
        ml::Transformer::Options options;
        options.memoryBudget = 100'000;
        const auto made
            = ml::Transformer::create(deepModel(true), *device.backend, { 8, 32 }, options);
        QVERIFY(!made.has_value());
        QCOMPARE(made.error().code, base::Errc::Unavailable);
        QVERIFY(made.error().message.find("needs at least") != std::string::npos);
        QVERIFY(made.error().message.find("0.1 MiB are granted") != std::string::npos);
    }
};

QTEST_GUILESS_MAIN(TestMemoryPlan)
#include "tst_memory_plan.moc"
