// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/file.h"
#include "ml/adamw.h"
#include "ml/exact_math.h"
#include "ml/generator.h"
#include "ml/thread_pool.h"
#include "ml/tokenizer.h"

#include <QElapsedTimer>
#include <QTest>

#include <atomic>
#include <cstring>
#include <limits>
#include <thread>

using namespace loam;
using ml::ModelConfig;
using ml::Parameters;
using ml::Token;
using ml::Transformer;

namespace {

constexpr ml::BatchShape kShape{ 8, 32 };

ModelConfig byteModel()
{
    ModelConfig config;
    config.dim = 48;
    config.layers = 2;
    config.heads = 4;
    config.kvHeads = 2;
    config.ffn = 128;
    config.vocab = 256;
    config.context = 32;
    return config;
}

struct Setup
{
    ml::ThreadPool pool{ 2 };
    std::unique_ptr<ml::Backend> backend;
    std::unique_ptr<Transformer> model;
    std::unique_ptr<ml::AdamW> optimiser;

    explicit Setup(bool reference)
    {
        backend = (reference ? ml::makeReferenceBackend(pool) : ml::makeFastBackend(pool)).value();
        model = Transformer::create(byteModel(), *backend, kShape, Transformer::Purpose::Train)
                    .value();
        optimiser = ml::AdamW::create(model->table(), *backend, {}).value();
        ASSERT(model->setParameters(Parameters::initialise(byteModel(), 11).value()).has_value());
    }
};

/// Windows of the text's bytes, chosen by counter.
struct Windows
{
    explicit Windows(base::Bytes bytes)
        : text{ std::move(bytes) }
        , inputs(kShape.tokens())
        , targets(kShape.tokens())
    {
    }

    ml::TokenBatch batch(std::uint32_t number)
    {
        for (std::size_t s = 0; s < kShape.sequences; ++s) {
            const auto words
                = ml::exact::philox({ number, static_cast<std::uint32_t>(s), 0, 0 }, { 1, 2 });
            const std::size_t begin = words[0] % (text.size() - kShape.length - 1);
            for (std::size_t t = 0; t < kShape.length; ++t) {
                inputs[s * kShape.length + t] = std::to_integer<Token>(text[begin + t]);
                targets[s * kShape.length + t] = std::to_integer<Token>(text[begin + t + 1]);
            }
        }
        return { kShape, inputs, targets };
    }

    base::Bytes text;
    std::vector<Token> inputs;
    std::vector<Token> targets;
};

} // namespace

class TestTrainingStep : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { m_text = base::readFile(LOAM_SAMPLE_TEXT, 1U << 20U).value(); }

    void lossFallsOnRealText_data()
    {
        QTest::addColumn<bool>("reference");
        QTest::newRow("reference") << true;
        QTest::newRow("fast") << false;
    }
    void lossFallsOnRealText()
    {
        QFETCH(bool, reference);
        Setup setup{ reference };
        Windows windows{ m_text };
        const double before = setup.model->evaluate(windows.batch(1'000'000)).value().mean();
        QVERIFY(std::abs(before - std::log(256.0)) < 0.4);
        for (std::uint32_t step = 0; step < 200; ++step) {
            QVERIFY(setup.model->computeGradients(windows.batch(step)).has_value());
            QVERIFY(setup.optimiser->step(*setup.model, 4e-3F).has_value());
        }
        double after = 0.0;
        for (std::uint32_t i = 0; i < 4; ++i) {
            after += setup.model->evaluate(windows.batch(1'000'000 + i)).value().mean() / 4.0;
        }
        qInfo("nats per byte: %.4f before, %.4f after", before, after);
        // Frequencies of single bytes alone give about 3.1.
        QVERIFY(after < 2.1);
    }

    void memorisesOneBatch()
    {
        Setup setup{ false };
        Windows windows{ m_text };
        double loss = 0.0;
        for (int step = 0; step < 150; ++step) {
            loss = setup.model->computeGradients(windows.batch(7)).value().mean();
            QVERIFY(setup.optimiser->step(*setup.model, 1e-2F).has_value());
        }
        qInfo("memorised: %.4f nats per byte", loss);
        QVERIFY(loss < 0.2);

        // What is known by heart can be recited.
        Parameters trained = Parameters::zero(byteModel()).value();
        QVERIFY(setup.model->copyParametersTo(trained).has_value());
        const auto generator = ml::Generator::create(trained, *setup.backend).value();
        windows.batch(7);
        const std::vector<Token> prompt(windows.inputs.begin(), windows.inputs.begin() + 20);
        const auto tokens = generator->generate(prompt, { .maxTokens = 10 }).value();
        const std::vector<Token> wanted(windows.inputs.begin() + 20, windows.inputs.begin() + 30);
        QCOMPARE(tokens, wanted);
    }

    void generationOptions()
    {
        Setup setup{ false };
        const Parameters parameters = Parameters::initialise(byteModel(), 2).value();
        const auto generator = ml::Generator::create(parameters, *setup.backend).value();
        const std::vector<Token> prompt{ 5, 6, 7 };
        const ml::GenerateOptions warm{ .maxTokens = 12, .temperature = 1.0F, .seed = 3 };
        const auto first = generator->generate(prompt, warm).value();
        QCOMPARE(first.size(), std::size_t{ 12 });
        QCOMPARE(generator->generate(prompt, warm).value(), first);
        ml::GenerateOptions other = warm;
        other.seed = 4;
        QVERIFY(generator->generate(prompt, other).value() != first);
        other = warm;
        other.stopToken = first[5];
        const auto stopped = generator->generate(prompt, other).value();
        QVERIFY(stopped.size() <= 5);
        std::size_t seen = 0;
        const auto three = generator->generate(prompt, warm, [&](Token) { return ++seen < 3; });
        QCOMPARE(three.value().size(), std::size_t{ 3 });
        // Up to the context's end and not beyond.
        other = warm;
        other.maxTokens = 1000;
        QCOMPARE(generator->generate(prompt, other).value().size(), std::size_t{ 32 - 3 + 1 });
        QVERIFY(!generator->generate({}, warm).has_value());
        const std::vector<Token> foreign{ 256 };
        QVERIFY(!generator->generate(foreign, warm).has_value());
    }

    void foreignBatchesAreRefused()
    {
        Setup setup{ false };
        Windows windows{ m_text };
        const ml::TokenBatch good = windows.batch(1);
        const auto refused = [&](const ml::TokenBatch& batch) {
            const auto result = setup.model->computeGradients(batch);
            return !result && result.error().code == base::Errc::Invalid;
        };
        QVERIFY(refused({ { 9, 32 }, good.inputs, good.targets }));
        QVERIFY(refused({ { 4, 64 }, good.inputs, good.targets }));
        QVERIFY(refused({ { 0, 0 }, {}, {} }));
        QVERIFY(refused({ { ~std::size_t{ 0 }, 2 }, good.inputs, good.targets }));
        QVERIFY(refused({ kShape, good.inputs.first(5), good.targets }));
        windows.inputs[3] = 256;
        QVERIFY(refused(good));
        windows.inputs[3] = -1;
        QVERIFY(refused(good));
        windows.inputs[3] = 1;
        windows.targets[3] = -2;
        QVERIFY(refused(good));
        windows.targets[3] = ml::kIgnoredTarget;
        QVERIFY(!refused(good));
        ModelConfig other = byteModel();
        other.ffn = 64;
        QVERIFY(!setup.model->setParameters(Parameters::zero(other).value()).has_value());
    }

    void uncountedBatchHasNoGradient()
    {
        Setup setup{ true };
        Windows windows{ m_text };
        windows.batch(1);
        windows.targets.assign(kShape.tokens(), ml::kIgnoredTarget);
        const auto report
            = setup.model->computeGradients({ kShape, windows.inputs, windows.targets }).value();
        QCOMPARE(report.tokens, std::uint64_t{ 0 });
        QCOMPARE(report.mean(), 0.0);
        QCOMPARE(setup.optimiser->step(*setup.model, 0.0F).value(), 0.0F);
    }

    void brokenWeightsAreNoticed()
    {
        Setup setup{ false };
        Windows windows{ m_text };
        Parameters parameters = Parameters::initialise(byteModel(), 1).value();
        parameters.values().back() = std::numeric_limits<float>::infinity();
        QVERIFY(setup.model->setParameters(parameters).has_value());
        const auto report = setup.model->computeGradients(windows.batch(1)).value();
        QVERIFY(!std::isfinite(report.nats));
        const auto stepped = setup.optimiser->step(*setup.model, 1e-3F);
        QVERIFY(!stepped.has_value());
        QCOMPARE(stepped.error().code, base::Errc::Invalid);
        QCOMPARE(setup.optimiser->steps(), std::uint64_t{ 0 });
    }

    void optimiserContinuesFromItsState()
    {
        Setup one{ true };
        Setup two{ true };
        Windows windows{ m_text };
        const auto step = [&](Setup& setup, std::uint32_t number) {
            return setup.model->computeGradients(windows.batch(number)).has_value()
                && setup.optimiser->step(*setup.model, 1e-3F).has_value();
        };
        QVERIFY(step(one, 1) && step(one, 2));
        std::vector<float> first(one.model->table().count());
        std::vector<float> second(first.size());
        Parameters parameters = Parameters::zero(byteModel()).value();
        QVERIFY(one.optimiser->copyStateTo(first, second).has_value());
        QVERIFY(one.model->copyParametersTo(parameters).has_value());
        QVERIFY(two.model->setParameters(parameters).has_value());
        QVERIFY(two.optimiser->setState(first, second, one.optimiser->steps()).has_value());
        QVERIFY(step(one, 3) && step(two, 3));
        Parameters again = Parameters::zero(byteModel()).value();
        QVERIFY(one.model->copyParametersTo(parameters).has_value());
        QVERIFY(two.model->copyParametersTo(again).has_value());
        QCOMPARE(again.hash(), parameters.hash());
    }

    void clippingBoundsTheStep()
    {
        Setup setup{ true };
        Windows windows{ m_text };
        const auto optimiser = ml::AdamW::create(setup.model->table(), *setup.backend,
            { .beta1 = 0.0F, .weightDecay = 0.0F, .clipNorm = 0.01F })
                                   .value();
        QVERIFY(setup.model->computeGradients(windows.batch(1)).has_value());
        const float norm = optimiser->step(*setup.model, 1e-3F).value();
        QVERIFY(norm > 0.01F);
        // The first moment is the clipped gradient itself when beta1 is 0.
        std::vector<float> first(setup.model->table().count());
        std::vector<float> second(first.size());
        QVERIFY(optimiser->copyStateTo(first, second).has_value());
        double squares = 0.0;
        for (const float value : first) {
            squares += static_cast<double>(value) * static_cast<double>(value);
        }
        QVERIFY(std::abs(std::sqrt(squares) - 0.01) < 1e-6);
        QVERIFY(!ml::AdamW::create(setup.model->table(), *setup.backend, { .beta1 = 1.0F })
                     .has_value());
    }

    void interruptStopsAStepSoon()
    {
        Setup setup{ false };
        Windows windows{ m_text };
        const ml::TokenBatch batch = windows.batch(1);
        std::atomic<bool> stop{ false };
        setup.backend->setInterrupt([&] { return stop.load(); });
        const double whole = setup.model->computeGradients(batch).value().nats;
        // Another thread asks to stop while steps follow one another.
        std::atomic<int> steps{ 0 };
        QElapsedTimer sinceStop;
        std::thread other{ [&] {
            while (steps < 2) {
                std::this_thread::yield();
            }
            sinceStop.start();
            stop = true;
        } };
        auto result = setup.model->computeGradients(batch);
        while (result) {
            ++steps;
            result = setup.model->computeGradients(batch);
        }
        const qint64 waited = sinceStop.elapsed();
        other.join();
        QCOMPARE(result.error().code, base::Errc::Cancelled);
        QVERIFY2(waited < 100, qPrintable(QString::number(waited)));
        stop = false;
        QCOMPARE(setup.model->computeGradients(batch).value().nats, whole);
    }

private:
    base::Bytes m_text;
};

QTEST_GUILESS_MAIN(TestTrainingStep)
#include "tst_training_step.moc"
