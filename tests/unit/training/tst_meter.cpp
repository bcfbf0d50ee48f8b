// SPDX-License-Identifier: GPL-3.0-or-later
#include "ml/adamw.h"
#include "training/accountant.h"
#include "training/meter.h"
#include "unit/support.h"
#include "unit/training/tiny_run.h"

#include <QtTest>

#include <algorithm>
#include <cmath>
#include <random>

using namespace loam;
using training::Light;

namespace {

using Sequences = std::vector<std::vector<ml::Token>>;

constexpr std::size_t kPrefix = 4;
constexpr std::size_t kSecret = 6;

/// A fixed beginning and six random digits, as in "my number is 123456".
std::vector<ml::Token> secret(std::mt19937& engine)
{
    std::vector<ml::Token> out{ 60, 61, 62, 63 };
    for (std::size_t i = 0; i < kSecret; ++i) {
        out.push_back(static_cast<ml::Token>(engine() % 10));
    }
    return out;
}

Sequences secrets(std::size_t count, unsigned seed)
{
    std::mt19937 engine{ seed };
    Sequences out;
    for (std::size_t i = 0; i < count; ++i) {
        out.push_back(secret(engine));
    }
    return out;
}

/// Random texts of seventeen tokens: nothing to learn but the texts themselves.
Sequences noise(std::size_t count, unsigned seed)
{
    std::mt19937 engine{ seed };
    Sequences out(count, std::vector<ml::Token>(17));
    for (auto& sequence : out) {
        for (ml::Token& token : sequence) {
            token = static_cast<ml::Token>(engine() % 64);
        }
    }
    return out;
}

/// Trains on the very sequences until they are known by heart.
ml::Parameters overfitted(test::TinyRun& run, const Sequences& sequences, int steps)
{
    const std::size_t length = sequences.front().size() - 1;
    auto model = *ml::Transformer::create(run.manifest.model, *run.fast,
        { sequences.size(), length }, ml::Transformer::Purpose::Train);
    ml::AdamWSettings settings;
    settings.weightDecay = 0;
    auto optimiser = *ml::AdamW::create(run.params->table(), *run.fast, settings);
    ASSERT(model->setParameters(*run.params).has_value());
    std::vector<ml::Token> inputs;
    std::vector<ml::Token> targets;
    for (const auto& sequence : sequences) {
        inputs.insert(inputs.end(), sequence.begin(), sequence.end() - 1);
        targets.insert(targets.end(), sequence.begin() + 1, sequence.end());
    }
    for (int step = 0; step < steps; ++step) {
        ASSERT(model->computeGradients({ { sequences.size(), length }, inputs, targets }));
        ASSERT(optimiser->step(*model, 0.01F).has_value());
    }
    ml::Parameters out = run.params->clone().value();
    ASSERT(model->copyParametersTo(out).has_value());
    return out;
}

std::vector<double> nats(test::TinyRun& run, const ml::Parameters& params, const Sequences& texts)
{
    return training::sequenceNats(params, *run.fast, texts).value();
}

double medianExposure(test::TinyRun& run, const ml::Parameters& params, const Sequences& canaries)
{
    const std::vector<double> candidates = nats(run, params, secrets(10'000, 77));
    std::vector<double> bits;
    for (const double loss : nats(run, params, canaries)) {
        bits.push_back(training::exposureOf(loss, candidates).bits);
    }
    std::ranges::sort(bits);
    return bits[bits.size() / 2];
}

std::vector<double> normals(std::size_t count, double mean, unsigned seed)
{
    std::mt19937 engine{ seed };
    std::normal_distribution<double> normal{ mean, 1 };
    std::vector<double> out(count);
    std::ranges::generate(out, [&] { return normal(engine); });
    return out;
}

} // namespace

class TestMeter final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void exposureCounts();
    void clopperPearson();
    void bounds();
    void oneRun();
    void membershipOfKnownDistributions();
    void measuredIsBelowClaimed_data();
    void measuredIsBelowClaimed();
    void overfittedGoesRed();
    void untrainedStaysGreen();
    void badInput();
};

void TestMeter::exposureCounts()
{
    std::vector<double> candidates(9999);
    for (std::size_t i = 0; i < candidates.size(); ++i) {
        candidates[i] = static_cast<double>(i + 1);
    }
    const auto first = training::exposureOf(0.5, candidates);
    QCOMPARE(first.rank, 1U);
    QVERIFY(std::abs(first.bits - std::log2(10'000)) < 1e-12);
    QVERIFY(training::lightOf(first) == Light::Red);
    QVERIFY(std::abs(training::exposureOf(5000.5, candidates).bits - 1) < 1e-3);
    QVERIFY(training::lightOf(training::exposureOf(5000.5, candidates)) == Light::Green);
    QVERIFY(training::lightOf(training::exposureOf(100.5, candidates)) == Light::Amber);
    QVERIFY(training::exposureOf(1e9, candidates).bits < 1e-9);
    // A model that finds everything equally likely exposes nothing.
    QVERIFY(training::exposureOf(3, std::vector<double>(1000, 3.0)).bits < 1.01);
}

void TestMeter::clopperPearson()
{
    // Textbook values: two-sided 95 %.
    QVERIFY(std::abs(training::rateLow(0, 10, 0.975) - 0) < 1e-12);
    QVERIFY(std::abs(training::rateHigh(0, 10, 0.975) - 0.3085) < 1e-4);
    QVERIFY(std::abs(training::rateLow(5, 10, 0.975) - 0.1871) < 1e-4);
    QVERIFY(std::abs(training::rateHigh(5, 10, 0.975) - 0.8129) < 1e-4);
    QVERIFY(std::abs(training::rateLow(10, 10, 0.975) - 0.6915) < 1e-4);
    QVERIFY(std::abs(training::rateLow(81, 263, 0.975) - 0.2527) < 1e-4);
    QVERIFY(std::abs(training::rateHigh(81, 263, 0.975) - 0.3676) < 1e-4);
}

void TestMeter::bounds()
{
    // Perfect telling apart of 1,000 and 1,000: the bound is what such a number can show at most.
    const double perfect = training::epsilonLowerBound(1000, 1000, 0, 1000, 1e-6);
    QVERIFY2(perfect > 5.5 && perfect < 5.7, qPrintable(QString::number(perfect)));
    QCOMPARE(training::epsilonLowerBound(500, 1000, 500, 1000, 1e-6), 0.0);
    QVERIFY(training::epsilonLowerBound(900, 1000, 100, 1000, 1e-6)
        > training::epsilonLowerBound(90, 100, 10, 100, 1e-6));
}

void TestMeter::oneRun()
{
    QCOMPARE(training::oneRunLowerBound(100, 50), 0.0);
    QCOMPARE(training::oneRunLowerBound(100, 58), 0.0);
    const double all = training::oneRunLowerBound(100, 100);
    // P[all right] = (1 + e^-eps)^-100 = 0.05.
    QVERIFY(std::abs(std::pow(1 + std::exp(-all), -100) - 0.05) < 1e-6);
    QVERIFY(training::oneRunLowerBound(100, 80) > 0.9 && training::oneRunLowerBound(100, 80) < 1.4);
}

void TestMeter::membershipOfKnownDistributions()
{
    const auto same = training::measureMembership(normals(4000, 0, 1), normals(4000, 0, 2), 1e-6);
    LOAM_OK(same);
    QVERIFY(std::abs(same->auc - 0.5) < 0.03);
    QVERIFY(same->truePositives1 < 0.03 && same->truePositives01 < 0.01);
    QCOMPARE(same->epsilonLow, 0.0);
    QVERIFY(training::lightOf(*same) == Light::Green);
    const auto apart = training::measureMembership(normals(4000, 2, 3), normals(4000, 0, 4), 1e-6);
    LOAM_OK(apart);
    // Phi(2 / sqrt 2), and 1 - Phi(quantile - 2).
    QVERIFY(std::abs(apart->auc - 0.9214) < 0.01);
    QVERIFY(std::abs(apart->truePositives1 - 0.372) < 0.06);
    QVERIFY(apart->truePositives01 < apart->truePositives1);
    QVERIFY(training::lightOf(*apart) == Light::Red);
}

void TestMeter::measuredIsBelowClaimed_data()
{
    QTest::addColumn<double>("mu");
    QTest::newRow("0.1") << 0.1;
    QTest::newRow("0.5") << 0.5;
    QTest::newRow("1") << 1.0;
    QTest::newRow("2") << 2.0;
    QTest::newRow("3") << 3.0;
}

void TestMeter::measuredIsBelowClaimed()
{
    // The best attack on one Gaussian release sees N(mu, 1) against N(0, 1).
    QFETCH(double, mu);
    const double claimed = training::gaussianEpsilon(mu, 1e-6);
    for (unsigned seed = 0; seed < 6; ++seed) {
        const auto report = training::measureMembership(
            normals(3000, mu, 100 + seed), normals(3000, 0, 200 + seed), 1e-6);
        LOAM_OK(report);
        QVERIFY2(report->epsilonLow <= claimed,
            qPrintable(QStringLiteral("%1 > %2").arg(report->epsilonLow).arg(claimed)));
    }
}

void TestMeter::overfittedGoesRed()
{
    test::TinyRun run;
    const Sequences canaries = secrets(10, 5);
    const ml::Parameters known = overfitted(run, canaries, 250);
    const double exposure = medianExposure(run, known, canaries);
    QVERIFY2(exposure > 10, qPrintable(QString::number(exposure)));

    const Sequences members = noise(40, 6);
    const Sequences others = noise(40, 7);
    const ml::Parameters learnt = overfitted(run, members, 250);
    const auto scores = [&](const Sequences& texts) {
        return training::ratioScores(nats(run, *run.params, texts), nats(run, learnt, texts));
    };
    const auto report = training::measureMembership(scores(members), scores(others), 1e-6);
    LOAM_OK(report);
    qInfo("exposure %.1f bits, AUC %.3f, TPR at 1 %% %.2f, epsilon at least %.2f", exposure,
        report->auc, report->truePositives1, report->epsilonLow);
    QVERIFY(report->auc > 0.95);
    QVERIFY(report->epsilonLow > 1);
    QVERIFY(training::lightOf(*report) == Light::Red);
}

void TestMeter::untrainedStaysGreen()
{
    test::TinyRun run;
    const double exposure = medianExposure(run, *run.params, secrets(10, 5));
    QVERIFY2(exposure < 3, qPrintable(QString::number(exposure)));
    auto other = ml::Parameters::initialise(run.manifest.model, 99);
    LOAM_OK(other);
    const auto scores = [&](const Sequences& texts) {
        return training::ratioScores(nats(run, *other, texts), nats(run, *run.params, texts));
    };
    const auto report
        = training::measureMembership(scores(noise(200, 6)), scores(noise(200, 7)), 1e-6);
    LOAM_OK(report);
    QVERIFY2(training::lightOf(*report) == Light::Green, qPrintable(QString::number(report->auc)));
}

void TestMeter::badInput()
{
    test::TinyRun run;
    LOAM_FAILS(
        training::measureMembership(normals(5, 0, 1), normals(50, 0, 1), 0), base::Errc::Invalid);
    std::vector<double> bad = normals(50, 0, 1);
    bad[3] = std::nan("");
    LOAM_FAILS(training::measureMembership(bad, normals(50, 0, 1), 0), base::Errc::Invalid);
    LOAM_FAILS(training::sequenceNats(*run.params, *run.fast, Sequences{ { 1, 2, 3 }, { 1, 2 } }),
        base::Errc::Invalid);
    LOAM_FAILS(
        training::sequenceNats(*run.params, *run.fast, Sequences{ { 1 } }), base::Errc::Invalid);
    QVERIFY(training::sequenceNats(*run.params, *run.fast, {})->empty());
}

QTEST_GUILESS_MAIN(TestMeter)
#include "tst_meter.moc"
