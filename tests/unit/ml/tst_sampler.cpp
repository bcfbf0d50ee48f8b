// SPDX-License-Identifier: GPL-3.0-or-later
#include "ml/answer_text.h"
#include "ml/sampler.h"

#include <QTest>

#include <array>
#include <cmath>

using namespace loam::ml;

namespace {

SamplingOptions plain(float temperature)
{
    SamplingOptions options;
    options.temperature = temperature;
    options.topK = 0;
    options.topP = 1.0F;
    options.minP = 0.0F;
    return options;
}

constexpr std::array<float, 4> kLogits{ 0.0F, 2.0F, 1.0F, -1.0F };

std::array<int, 4> drawn(const SamplingOptions& options, int times)
{
    Sampler sampler{ options };
    std::array<int, 4> counts{};
    for (int i = 0; i < times; ++i) {
        ++counts[static_cast<std::size_t>(sampler.sample(kLogits).token)];
    }
    return counts;
}

} // namespace

class TestSampler : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void drawsFromSoftmax()
    {
        constexpr int kTimes = 20'000;
        const auto counts = drawn(plain(1.0F), kTimes);
        double total = 0.0;
        for (const float logit : kLogits) {
            total += std::exp(static_cast<double>(logit));
        }
        for (std::size_t i = 0; i < kLogits.size(); ++i) {
            const double p = std::exp(static_cast<double>(kLogits[i])) / total;
            // Five standard deviations.
            const double room = 5.0 * std::sqrt(p * (1.0 - p) / kTimes);
            QVERIFY(std::abs(counts[i] / double{ kTimes } - p) < room);
        }
    }

    void zeroTemperatureTakesTheLikeliest() { QCOMPARE(drawn(plain(0.0F), 50)[1], 50); }

    void filtersLimitTheChoice()
    {
        SamplingOptions options = plain(5.0F);
        options.topK = 2;
        auto counts = drawn(options, 500);
        QVERIFY(counts[0] == 0 && counts[3] == 0 && counts[2] > 0);
        options = plain(5.0F);
        options.topP = 0.6F; // the likeliest has 0.644
        QCOMPARE(drawn(options, 500)[1], 500);
        options = plain(5.0F);
        options.minP = 0.2F; // of the likeliest: e^-1 stays, e^-2 goes
        counts = drawn(options, 500);
        QVERIFY(counts[0] == 0 && counts[3] == 0 && counts[2] > 0);
    }

    void equalSeedsDrawEqualTokens()
    {
        SamplingOptions options = plain(1.0F);
        options.seed = 7;
        Sampler a{ options };
        Sampler b{ options };
        options.seed = 8;
        Sampler other{ options };
        bool differs = false;
        for (int i = 0; i < 100; ++i) {
            const Token token = a.sample(kLogits).token;
            QCOMPARE(b.sample(kLogits).token, token);
            differs = differs || other.sample(kLogits).token != token;
        }
        QVERIFY(differs);
    }

    void penaltiesMoveTheLikeliest()
    {
        SamplingOptions options = plain(0.0F);
        options.repetitionPenalty = 4.0F;
        Sampler repetition{ options };
        repetition.accept(1, false);
        QCOMPARE(repetition.sample(kLogits).token, Token{ 2 });
        options = plain(0.0F);
        options.frequencyPenalty = 0.6F;
        Sampler frequency{ options };
        frequency.accept(1, false);
        frequency.accept(1, false);
        QCOMPARE(frequency.sample(kLogits).token, Token{ 1 });
        frequency.accept(1, true);
        frequency.accept(1, true);
        QCOMPARE(frequency.sample(kLogits).token, Token{ 2 });
        options = plain(0.0F);
        options.presencePenalty = 1.5F;
        Sampler presence{ options };
        presence.accept(1, true);
        QCOMPARE(presence.sample(kLogits).token, Token{ 2 });
    }

    void reportsLogProbabilities()
    {
        Sampler sampler{ plain(0.0F) };
        const SampledToken sampled = sampler.sample(kLogits, 2);
        double total = 0.0;
        for (const float logit : kLogits) {
            total += std::exp(static_cast<double>(logit));
        }
        QCOMPARE(sampled.best.size(), std::size_t{ 2 });
        QCOMPARE(sampled.best[0].token, Token{ 1 });
        QCOMPARE(sampled.best[1].token, Token{ 2 });
        QVERIFY(
            std::abs(static_cast<double>(sampled.logProbability) - (2.0 - std::log(total))) < 1e-5);
        QVERIFY(
            std::abs(static_cast<double>(sampled.best[1].logProbability) - (1.0 - std::log(total)))
            < 1e-5);
    }

    void stopTextsAreHeldBack()
    {
        AnswerText text{ { "END", "\n\n" } };
        QCOMPARE(text.push("a E"), std::string{ "a " });
        QCOMPARE(text.push("N"), std::string{});
        QCOMPARE(text.push("X\n"), std::string{ "ENX" });
        QCOMPARE(text.push("b END more"), std::string{ "\nb " });
        QVERIFY(text.isStopped());
        QCOMPARE(text.finish(), std::string{});
        AnswerText open{ { "END" } };
        QCOMPARE(open.push("EN"), std::string{});
        QCOMPARE(open.finish(), std::string{ "EN" });
    }

    void charactersStayWhole()
    {
        AnswerText text{ {} };
        QCOMPARE(text.push("\xF0\x9F"), std::string{});
        QCOMPARE(text.push("\x98\x80!"), std::string{ "\xF0\x9F\x98\x80!" });
        QCOMPARE(text.push("\xC3"), std::string{});
        QCOMPARE(text.finish(), std::string{ "\xEF\xBF\xBD" });
    }
};

QTEST_GUILESS_MAIN(TestSampler)
#include "tst_sampler.moc"
