// SPDX-License-Identifier: GPL-3.0-or-later
#include "backends.h"
#include "ml/adamw.h"
#include "ml/generator.h"
#include "ml/transformer.h"
#include "model_oracle.h"

#include <QTest>

#include <cstring>

using namespace loam;
using namespace loam::ops;

namespace {

/// Two layers, three query heads on one key head, odd widths.
ml::ModelConfig smallModel(bool tied, bool biased = false)
{
    ml::ModelConfig config;
    config.dim = 18;
    config.layers = 2;
    config.heads = 3;
    config.kvHeads = 1;
    config.ffn = 23;
    config.vocab = 29;
    config.context = 16;
    config.tied = tied;
    config.qkvBias = biased;
    return config;
}

struct Batch
{
    std::vector<ml::Token> inputs;
    std::vector<ml::Token> targets;
    ml::BatchShape shape;

    ml::TokenBatch view() const { return { shape, inputs, targets }; }
};

Batch smallBatch(std::size_t vocab, ml::BatchShape shape)
{
    Batch batch{ someTokens(shape.tokens(), vocab, 1), someTokens(shape.tokens(), vocab, 2),
        shape };
    if (batch.targets.size() > 4) {
        batch.targets[3] = ml::kIgnoredTarget;
    }
    return batch;
}

/// Weights far from the initial calm, so that every term of the gradient matters.
ml::Parameters lively(const ml::ModelConfig& config)
{
    ml::Parameters parameters = ml::Parameters::zero(config).value();
    const auto values = noise(parameters.values().size(), 9, 0.3);
    std::ranges::copy(values, parameters.values().begin());
    for (const ml::ParameterEntry& entry : parameters.table().entries()) {
        if (!entry.isMatrix()) {
            for (float& gain : parameters.values(entry)) {
                gain += 1.0F;
            }
        }
    }
    return parameters;
}

std::unique_ptr<ml::Transformer> modelOn(
    const Device& device, const ml::Parameters& parameters, ml::BatchShape largest)
{
    auto model = ml::Transformer::create(
        parameters.config(), *device.backend, largest, ml::Transformer::Purpose::Train)
                     .value();
    succeed(model->setParameters(parameters));
    return model;
}

std::vector<float> gradientsOf(const ml::Transformer& model)
{
    std::vector<float> values(model.table().count());
    succeed(model.copyGradientsTo(values));
    return values;
}

} // namespace

class TestTransformer : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void lossAndGradients_data()
    {
        QTest::addColumn<bool>("tied");
        QTest::addColumn<bool>("biased");
        QTest::addColumn<int>("sequences");
        QTest::addColumn<int>("length");
        for (const bool tied : { true, false }) {
            QTest::addRow("tied %d, 1 x 1", tied) << tied << false << 1 << 1;
            QTest::addRow("tied %d, 2 x 7", tied) << tied << false << 2 << 7;
            QTest::addRow("tied %d, 3 x 16", tied) << tied << false << 3 << 16;
        }
        QTest::newRow("biased, 1 x 1") << true << true << 1 << 1;
        QTest::newRow("biased, 3 x 16") << true << true << 3 << 16;
    }
    void lossAndGradients()
    {
        QFETCH(bool, tied);
        QFETCH(bool, biased);
        QFETCH(int, sequences);
        QFETCH(int, length);
        const ml::BatchShape shape{ static_cast<std::size_t>(sequences),
            static_cast<std::size_t>(length) };
        const ml::ModelConfig config = smallModel(tied, biased);
        const ml::Parameters parameters = lively(config);
        const Batch batch = smallBatch(config.vocab, shape);
        const oracle::Values weights(parameters.values().begin(), parameters.values().end());
        const auto nats = [&](const oracle::Values& at) {
            return oracle::transformer(config, parameters.table(), at, shape.sequences,
                shape.length, batch.inputs, batch.targets);
        };
        const oracle::Values wanted = nats(weights);
        const auto counted = static_cast<double>(std::ranges::count_if(
            batch.targets, [](ml::Token token) { return token != ml::kIgnoredTarget; }));
        const auto mean = [&](const oracle::Values& at) {
            double sum = 0.0;
            for (const double value : nats(at)) {
                sum += value;
            }
            return sum / counted;
        };

        // Three places of every tensor.
        std::vector<std::pair<std::size_t, double>> gradient;
        for (const ml::ParameterEntry& entry : parameters.table().entries()) {
            const std::size_t used = entry.name == "model.embed_tokens.weight"
                ? static_cast<std::size_t>(batch.inputs[0]) * config.dim
                : 0;
            for (const std::size_t i : { used, entry.count / 2, entry.count - 1 }) {
                gradient.emplace_back(
                    entry.offset + i, oracle::derivative(mean, weights, entry.offset + i));
            }
        }
        for (const Device& device : allDevices()) {
            const auto model = modelOn(device, parameters, shape);
            const auto evaluated = model->evaluate(batch.view()).value();
            const auto trained = model->computeGradients(batch.view()).value();
            QCOMPARE(evaluated.tokens, static_cast<std::uint64_t>(counted));
            QCOMPARE(evaluated.nats, trained.nats);
            QVERIFY(isNear(std::abs(evaluated.mean() / mean(weights) - 1.0), 2e-6, device.name));
            for (std::size_t s = 0; s < shape.sequences; ++s) {
                double sum = 0.0;
                for (std::size_t t = 0; t < shape.length; ++t) {
                    sum += wanted[s * shape.length + t];
                }
                QVERIFY(isNear(std::abs(evaluated.natsPerSequence[s] - sum), 1e-4, device.name));
            }
            const auto got = gradientsOf(*model);
            double most = 0.0;
            double error = 0.0;
            for (const auto& [place, derivative] : gradient) {
                most = std::max(most, std::abs(derivative));
                error = std::max(error, std::abs(static_cast<double>(got[place]) - derivative));
            }
            QVERIFY(isNear(error / most, 2e-5, device.name));

            // Two halves of a batch accumulate to the whole, also over a dirty buffer.
            model
                ->computeGradients(
                    batch.view(), ml::Write::Overwrite, 0.5F / static_cast<float>(counted))
                .value();
            model
                ->computeGradients(
                    batch.view(), ml::Write::Accumulate, 0.5F / static_cast<float>(counted))
                .value();
            QVERIFY(isNear(distance(gradientsOf(*model), widen(got)), 2e-6, device.name));
        }
    }

    void exactLawGivesEqualBits()
    {
        ml::ModelConfig config = smallModel(true);
        config.dim = 96;
        config.ffn = 200;
        config.vocab = 700;
        config.context = 90;
        const ml::Parameters start = ml::Parameters::initialise(config, 5).value();
        const Batch batch = smallBatch(config.vocab, { 3, 90 });
        std::vector<float> first;
        double firstLoss = 0.0;
        int compared = 0;
        for (const Device& device : allDevices()) {
            if (!device.backend->isDeterministic()) {
                continue;
            }
            const auto model = modelOn(device, start, batch.shape);
            const auto optimiser = ml::AdamW::create(model->table(), *device.backend, {}).value();
            double loss = 0.0;
            for (int step = 0; step < 3; ++step) {
                loss = model->computeGradients(batch.view()).value().nats;
                optimiser->step(*model, 1e-2F).value();
            }
            ml::Parameters trained = ml::Parameters::zero(config).value();
            succeed(model->copyParametersTo(trained));
            const std::vector<float> values(trained.values().begin(), trained.values().end());
            if (first.empty()) {
                first = values;
                firstLoss = loss;
            }
            QVERIFY2(std::memcmp(values.data(), first.data(), first.size() * sizeof(float)) == 0,
                device.name.c_str());
            QCOMPARE(loss, firstLoss);
            ++compared;
        }
        QVERIFY(compared >= 2);
    }

    void everyBackendTrainsAlike()
    {
        ml::ModelConfig config = smallModel(true);
        config.dim = 48;
        config.ffn = 96;
        config.vocab = 300;
        config.context = 40;
        const ml::Parameters start = ml::Parameters::initialise(config, 5).value();
        const Batch batch = smallBatch(config.vocab, { 3, 40 });
        double first = 0.0;
        double last = 0.0;
        for (const Device& device : allDevices()) {
            const auto model = modelOn(device, start, batch.shape);
            const auto optimiser = ml::AdamW::create(model->table(), *device.backend, {}).value();
            double before = 0.0;
            double after = 0.0;
            for (int step = 0; step < 20; ++step) {
                after = model->computeGradients(batch.view()).value().nats;
                before = step == 0 ? after : before;
                optimiser->step(*model, 3e-3F).value();
            }
            QVERIFY2(after < 0.9 * before, device.name.c_str());
            if (first == 0.0) {
                first = before;
                last = after;
            }
            QVERIFY(isNear(std::abs(before / first - 1.0), 1e-6, device.name + " first step"));
            QVERIFY(isNear(std::abs(after / last - 1.0), 1e-4, device.name + " step 20"));
        }
    }

    void generatorSeesWhatTheModelSees()
    {
        const ml::ModelConfig config = smallModel(false);
        const ml::Parameters parameters = lively(config);
        const auto prompt = someTokens(config.context, config.vocab, 4);
        for (const Device& device : allDevices()) {
            const auto generator = ml::Generator::create(parameters, *device.backend).value();
            const auto model = modelOn(device, parameters, { 1, config.context });
            // nats of the last token by the whole model and from the generator's logits
            std::vector<ml::Token> targets(config.context, ml::kIgnoredTarget);
            targets.back() = 3;
            const auto report = model->evaluate({ { 1, config.context }, prompt, targets }).value();
            const auto logits = generator->logits(prompt).value();
            double total = 0.0;
            for (const float logit : logits) {
                total += std::exp(static_cast<double>(logit));
            }
            const double nats = std::log(total) - static_cast<double>(logits[3]);
            QVERIFY(isNear(std::abs(nats - report.nats), 2e-5, device.name));
        }
    }
};

QTEST_GUILESS_MAIN(TestTransformer)
#include "tst_transformer.moc"
