// SPDX-License-Identifier: GPL-3.0-or-later
// Whole models: what is answered, alone and side by side, against an oracle and against itself.
#include "answer_oracle.h"
#include "ml/cpu_inference.h"
#include "ml/language_model.h"

#include <QTemporaryDir>
#include <QTest>

#include <atomic>

using namespace loam;
using namespace loam::ops;
using ml::AnswerEnd;
using ml::Architecture;
using ml::Token;
using ml::WeightType;

namespace {

/// What came of one answer.
struct Answered
{
    std::vector<Token> tokens;
    std::string text;
    std::vector<float> logProbabilities;
    std::optional<AnswerEnd> end;
    std::size_t promptTokens{ 0 };
    std::size_t answerTokens{ 0 };
};

using Answers = std::map<std::uint64_t, Answered>;

void collect(Answers& answers, const ml::AnswerEvent& event)
{
    Answered& one = answers[event.answer];
    QVERIFY2(!one.end, "nothing may come after the end of an answer");
    one.text += event.text;
    for (const ml::SampledToken& token : event.tokens) {
        one.tokens.push_back(token.token);
        one.logProbabilities.push_back(token.logProbability);
    }
    one.end = event.end;
    one.promptTokens = event.promptTokens;
    one.answerTokens = event.answerTokens;
}

bool step(ml::LanguageModel& model, Answers& answers)
{
    return model.step([&](const ml::AnswerEvent& event) { collect(answers, event); }).has_value();
}

ml::AnswerRequest greedy(std::vector<Token> prompt, std::size_t most)
{
    ml::AnswerRequest request;
    request.prompt = std::move(prompt);
    request.maxTokens = most;
    request.sampling.temperature = 0.0F;
    return request;
}

Answered answer(ml::LanguageModel& model, const ml::AnswerRequest& request)
{
    Answers answers;
    const std::uint64_t id = model.begin(request).value();
    while (model.isBusy()) {
        if (!step(model, answers)) {
            break;
        }
    }
    return answers[id];
}

std::string textOf(std::span<const Token> tokens)
{
    std::string text;
    for (const Token token : tokens) {
        text += token > 2 ? pieceText(static_cast<std::size_t>(token)) : std::string{};
    }
    return text;
}

double largestDifference(const std::vector<float>& a, const std::vector<float>& b)
{
    return distance(a, widen(b));
}

/// Relative to the largest logit. A value at the edge between two halves of the cache or, for
/// quantised weights, between two 8-bit activations may fall to the other side; where none does,
/// the error is below 1e-6.
double bound(const Recipe& recipe)
{
    return ml::blockFormat(recipe.type).columns == 1 ? 5e-4 : 4e-2;
}

/// A file, its oracle's weights and what computes it.
struct Subject
{
    Recipe recipe;
    Tensors tensors;
    std::unique_ptr<ml::ModelFile> file;
    std::unique_ptr<ml::ThreadPool> pool{ std::make_unique<ml::ThreadPool>(2) };
    std::unique_ptr<ml::InferenceBackend> backend;

    std::unique_ptr<ml::LanguageModel> model(ml::LanguageModelOptions options) const
    {
        return ml::LanguageModel::create(*file, *backend, options).value();
    }
};

constexpr std::array kAllTypes{ WeightType::F32, WeightType::F16, WeightType::BF16,
    WeightType::Q8_0, WeightType::Q5_0, WeightType::Q4_0 };

} // namespace

class TestLanguageModel : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void logits_data()
    {
        QTest::addColumn<Recipe>("recipe");
        const std::array families{ Recipe{ Architecture::Llama, {}, 2, false },
            Recipe{ Architecture::Llama, {}, 4, true }, Recipe{ Architecture::Qwen2, {}, 2, true },
            Recipe{ Architecture::Gemma3, {}, 1, true } };
        for (Recipe recipe : families) {
            for (const WeightType type : kAllTypes) {
                recipe.type = type;
                QTest::addRow("%s %zu key heads %s",
                    std::string{ ml::architectureName(recipe.architecture) }.c_str(),
                    recipe.kvHeads, std::string{ ml::weightTypeName(type) }.c_str())
                    << recipe;
            }
        }
    }
    /// Row by row, a few and many rows at a time, which are three paths through the kernels.
    void logits()
    {
        QFETCH(Recipe, recipe);
        const Subject subject = make(recipe);
        const std::vector<Token> tokens = someTokens(41, kVocab, 3);
        const oracle::Values wanted = logitsOf(recipe, subject.tensors, tokens);
        for (const std::uint32_t rows : { 1U, 5U, 41U }) {
            const auto got = subject.model({ 64, rows, 64 })->logits(tokens).value();
            QVERIFY(isNear(distance(got, wanted), bound(recipe), std::to_string(rows) + " rows"));
        }
    }

    void everyKernelTableAgrees()
    {
        const std::vector<Token> tokens = someTokens(20, kVocab, 4);
        for (const WeightType type : { WeightType::F16, WeightType::Q8_0, WeightType::Q4_0 }) {
            Subject subject = make({ Architecture::Gemma3, type, 1, true });
            const oracle::Values wanted = logitsOf(subject.recipe, subject.tensors, tokens);
            for (const ml::InferenceKernels* kernels : ml::inferenceTables()) {
                subject.backend
                    = std::make_unique<ml::CpuInference>(*subject.pool, *kernels, false);
                const auto got = subject.model({ 64, 20, 64 })->logits(tokens).value();
                QVERIFY(isNear(distance(got, wanted), bound(subject.recipe), kernels->name));
            }
        }
    }

    /// However the work is split, no sum changes its order.
    void threadsChangeNoBit()
    {
        const std::vector<Token> tokens = someTokens(40, kVocab, 4);
        for (const std::uint32_t rows : { 1U, 40U }) {
            std::vector<float> first;
            for (const unsigned threads : { 1U, 2U, 3U, 7U }) {
                Subject subject = make({ Architecture::Gemma3, WeightType::Q8_0, 1, true });
                subject.pool = std::make_unique<ml::ThreadPool>(threads);
                subject.backend = ml::makeCpuInference(*subject.pool).value();
                const auto got = subject.model({ 64, rows, 64 })->logits(tokens).value();
                first = threads == 1 ? got : first;
                QCOMPARE(got, first);
            }
        }
    }

    void answersAreTheLikeliestTokens()
    {
        const Subject subject = make({ Architecture::Llama, WeightType::F32, 2, false });
        const auto model = subject.model({ 64, 2, 16 });
        const Answered got = answer(*model, greedy(someTokens(21, kVocab, 5), 12));
        QCOMPARE(got.tokens.size(), std::size_t{ 12 });
        std::vector<Token> all = someTokens(21, kVocab, 5);
        for (std::size_t i = 0; i < got.tokens.size(); ++i) {
            const oracle::Values logits = logitsOf(subject.recipe, subject.tensors, all);
            const auto last = std::span{ logits }.last(kVocab);
            const auto best = std::ranges::max_element(last);
            QCOMPARE(got.tokens[i], static_cast<Token>(best - last.begin()));
            double total = 0.0;
            for (const double logit : last) {
                total += std::exp(logit - *best);
            }
            QVERIFY(
                std::abs(static_cast<double>(got.logProbabilities[i]) + std::log(total)) < 1e-3);
            all.push_back(got.tokens[i]);
        }
        QCOMPARE(got.text, textOf(got.tokens));
        QCOMPARE(got.end, std::optional{ AnswerEnd::Length });
        QCOMPARE(got.promptTokens, std::size_t{ 21 });
        QCOMPARE(got.answerTokens, std::size_t{ 12 });
    }

    void sideBySideAsAlone_data() { everyFamily(); }
    /// Nine answers of very different prompts, three at a time, the others waiting, in batches too
    /// small for the long prompts.
    void sideBySideAsAlone()
    {
        QFETCH(Recipe, recipe);
        const Subject subject = make(recipe);
        std::vector<ml::AnswerRequest> requests;
        for (std::uint32_t i = 0; i < 9; ++i) {
            std::vector<Token> prompt = someTokens(1 + i * 13 % 50, kVocab, 30 + i);
            prompt[0] = static_cast<Token>(3 + i); // nothing in common
            requests.push_back(greedy(std::move(prompt), 4 + i * 5 % 11));
        }
        const auto together = subject.model({ 96, 3, 8 });
        std::vector<std::uint64_t> ids;
        for (const ml::AnswerRequest& request : requests) {
            ids.push_back(together->begin(request).value());
        }
        Answers answers;
        int steps = 0;
        while (together->isBusy() && ++steps < 1'000) {
            QVERIFY(step(*together, answers));
        }
        QVERIFY(!together->isBusy());
        for (std::size_t i = 0; i < requests.size(); ++i) {
            const Answered alone = answer(*subject.model({ 96, 1, 512 }), requests[i]);
            const Answered& one = answers[ids[i]];
            QCOMPARE(one.tokens, alone.tokens);
            QCOMPARE(one.text, alone.text);
            QCOMPARE(one.end, alone.end);
            QCOMPARE(one.promptTokens, requests[i].prompt.size());
            QVERIFY(
                largestDifference(one.logProbabilities, alone.logProbabilities) < bound(recipe));
        }
    }

    /// A conversation that grows: only what is new is computed, and nothing else changes.
    void heldTokensAreReused_data() { everyFamily(); }
    void heldTokensAreReused()
    {
        QFETCH(Recipe, recipe);
        const Subject subject = make(recipe);
        const auto model = subject.model({ 96, 2, 512 });
        std::vector<Token> talk = someTokens(30, kVocab, 6);
        const Answered first = answer(*model, greedy(talk, 8));
        QCOMPARE(first.promptTokens, std::size_t{ 30 });
        talk.insert(talk.end(), first.tokens.begin(), first.tokens.end());
        const std::vector<Token> more = someTokens(9, kVocab, 7);
        talk.insert(talk.end(), more.begin(), more.end());
        const auto check = [&](const std::vector<Token>& prompt, std::size_t computed) {
            const Answered again = answer(*model, greedy(prompt, 8));
            QCOMPARE(again.promptTokens, computed);
            const Answered fresh = answer(*subject.model({ 96, 1, 512 }), greedy(prompt, 8));
            QCOMPARE(again.tokens, fresh.tokens);
            QVERIFY(
                largestDifference(again.logProbabilities, fresh.logProbabilities) < bound(recipe));
        };
        // The last token of the answer was never fed.
        check(talk, 10);
        // The same prompt again: its last token is computed for its logits.
        check(talk, 1);
        // A beginning of it, which cuts what the slot holds.
        check({ talk.begin(), talk.begin() + 20 }, 1);
        // Another slot is free and holds nothing of this.
        std::vector<Token> other = someTokens(25, kVocab, 8);
        other[0] = (talk[0] + 1) % static_cast<Token>(kVocab);
        check(other, 25);
        // The logits of a whole text take the memory of the slot that rested longest.
        QVERIFY(model->logits(other).has_value());
        check(other, 1);
        check(talk, talk.size());
    }

    void cancelledAnswersEnd()
    {
        const Subject subject = make({ Architecture::Llama, WeightType::Q8_0, 2, false });
        const auto model = subject.model({ 96, 2, 512 });
        std::vector<ml::AnswerRequest> requests;
        std::vector<std::uint64_t> ids;
        for (std::uint32_t i = 0; i < 4; ++i) {
            requests.push_back(greedy(someTokens(10 + i, kVocab, 9 + i), 12));
            ids.push_back(model->begin(requests.back()).value());
        }
        Answers answers;
        for (int i = 0; i < 4; ++i) {
            QVERIFY(step(*model, answers));
        }
        QVERIFY(!answers[ids[0]].tokens.empty() && answers[ids[2]].tokens.empty());
        model->cancel(ids[0]); // under way
        model->cancel(ids[2]); // waiting
        model->cancel(12345); // nobody's
        while (model->isBusy()) {
            QVERIFY(step(*model, answers));
        }
        QCOMPARE(answers[ids[0]].end, std::optional{ AnswerEnd::Cancelled });
        QCOMPARE(answers[ids[2]].end, std::optional{ AnswerEnd::Cancelled });
        QCOMPARE(answers[ids[0]].tokens.size(), std::size_t{ 4 });
        QCOMPARE(answers[ids[0]].text, textOf(answers[ids[0]].tokens));
        QVERIFY(answers[ids[2]].tokens.empty());
        for (const std::size_t i : { std::size_t{ 1 }, std::size_t{ 3 } }) {
            QCOMPARE(answers[ids[i]].end, std::optional{ AnswerEnd::Length });
            QCOMPARE(
                answers[ids[i]].tokens, answer(*subject.model({ 96, 1, 512 }), requests[i]).tokens);
        }
    }

    void anInterruptLosesTheAnswersAndNothingElse()
    {
        const Subject subject = make({ Architecture::Qwen2, WeightType::F16, 2, true });
        const auto model = subject.model({ 96, 2, 512 });
        const ml::AnswerRequest request = greedy(someTokens(40, kVocab, 2), 10);
        const Answered before = answer(*model, request);
        // Now in the prompt, now in the middle of an answer.
        for (const int steps : { 0, 3 }) {
            std::atomic<bool> stops{ false };
            subject.backend->setInterrupt([&stops] { return stops.load(); });
            QVERIFY(model->begin(greedy(someTokens(33, kVocab, 3), 20)).has_value());
            Answers answers;
            for (int i = 0; i < steps; ++i) {
                QVERIFY(step(*model, answers));
            }
            stops = true;
            const auto stopped = model->step([](const ml::AnswerEvent&) { QVERIFY(false); });
            QVERIFY(!stopped && stopped.error().code == base::Errc::Cancelled);
            QVERIFY(!model->isBusy());
            subject.backend->setInterrupt({});
            // Nothing half computed is taken for held.
            const Answered after = answer(*model, request);
            QCOMPARE(after.tokens, before.tokens);
            QCOMPARE(after.logProbabilities, before.logProbabilities);
            QCOMPARE(after.promptTokens, std::size_t{ 40 });
        }
    }

    void textsStop()
    {
        const Subject subject = make({ Architecture::Llama, WeightType::F32, 2, false });
        const auto model = subject.model({ 96, 1, 512 });
        ml::AnswerRequest request = greedy(someTokens(20, kVocab, 5), 10);
        const Answered whole = answer(*model, request);
        QCOMPARE(whole.text.size(), std::size_t{ 20 });
        // The end of one token and the beginning of the next; the first place where it stands.
        const std::string across = whole.text.substr(9, 2);
        request.stop = { "not in it", across, "" };
        const std::size_t place = whole.text.find(across);
        const Answered stopped = answer(*model, request);
        QCOMPARE(stopped.end, std::optional{ AnswerEnd::Stop });
        QCOMPARE(stopped.text, whole.text.substr(0, place));
        QCOMPARE(stopped.answerTokens, (place + across.size() + 1) / 2);
        // A text that begins and does not go on is held back, and in the end is there.
        request.stop = { whole.text.substr(18) + "!" };
        const Answered held = answer(*model, request);
        QCOMPARE(held.end, std::optional{ AnswerEnd::Length });
        QCOMPARE(held.text, whole.text);
    }

    void theEndOfTextEnds()
    {
        Recipe recipe{ Architecture::Llama, WeightType::F32, 2, false };
        const ml::AnswerRequest request = greedy(someTokens(20, kVocab, 5), 12);
        const Answered whole = answer(*make(recipe).model({ 96, 1, 512 }), request);
        recipe.eos = whole.tokens[7];
        const auto place = std::ranges::find(whole.tokens, recipe.eos);
        const Answered ended = answer(*make(recipe).model({ 96, 1, 512 }), request);
        QCOMPARE(ended.end, std::optional{ AnswerEnd::EndOfText });
        QCOMPARE(ended.tokens, std::vector<Token>(whole.tokens.begin(), place));
        QCOMPARE(ended.text, textOf(ended.tokens));
    }

    void lengthsAreKept()
    {
        const Subject subject = make({ Architecture::Gemma3, WeightType::Q4_0, 1, true });
        const auto model = subject.model({ 24, 1, 512 });
        const std::vector<Token> prompt = someTokens(20, kVocab, 5);
        // Five tokens: the last one's place is not needed to say it.
        const Answered full = answer(*model, greedy(prompt, 100));
        QCOMPARE(full.end, std::optional{ AnswerEnd::Length });
        QCOMPARE(full.tokens.size(), std::size_t{ 5 });
        const Answered last = answer(*model, greedy(someTokens(24, kVocab, 5), 100));
        QCOMPARE(last.tokens.size(), std::size_t{ 1 });
        const Answered none = answer(*model, greedy(prompt, 0));
        QCOMPARE(none.end, std::optional{ AnswerEnd::Length });
        QVERIFY(none.tokens.empty() && none.text.empty());
        const auto refusal = [&](std::vector<Token> tokens) {
            const auto begun = model->begin(greedy(std::move(tokens), 1));
            return begun ? std::string{} : begun.error().message;
        };
        const std::string tooLong = refusal(someTokens(25, kVocab, 5));
        QVERIFY(tooLong.find("24") != std::string::npos && tooLong.find("25") != std::string::npos);
        QVERIFY(!refusal({}).empty());
        QVERIFY(refusal({ 3, kVocab }).find("vocabulary") != std::string::npos);
        QVERIFY(refusal({ -1 }).find("vocabulary") != std::string::npos);
        QVERIFY(!model->isBusy());
        // More context than the model was made for is not given.
        QCOMPARE(subject.model({ 4096, 1, 512 })->options().context,
            static_cast<std::uint32_t>(kModelContext));
    }

    void embeddingsAreMeansOfLengthOne_data() { everyFamily(); }
    void embeddingsAreMeansOfLengthOne()
    {
        QFETCH(Recipe, recipe);
        const Subject subject = make(recipe);
        const auto model = subject.model({ 96, 1, 16 });
        const std::vector<Token> tokens = someTokens(37, kVocab, 8);
        const oracle::Values hidden = hiddenOf(recipe, subject.tensors, tokens);
        oracle::Values mean(kDim, 0.0);
        double squares = 0.0;
        for (std::size_t i = 0; i < hidden.size(); ++i) {
            mean[i % kDim] += hidden[i];
        }
        for (const double value : mean) {
            squares += value * value;
        }
        for (double& value : mean) {
            value /= std::sqrt(squares);
        }
        const auto got = model->embedding(tokens).value();
        QVERIFY(isNear(distance(got, mean), bound(recipe), "embedding"));
        double length = 0.0;
        for (const float value : got) {
            length += static_cast<double>(value) * static_cast<double>(value);
        }
        QVERIFY(std::abs(length - 1.0) < 1e-5);
        // An answer holds the only slot.
        QVERIFY(model->begin(greedy(tokens, 2)).has_value());
        Answers answers;
        QVERIFY(step(*model, answers));
        const auto refused = model->embedding(tokens);
        QVERIFY(refused || refused.error().code == base::Errc::Unavailable);
        while (model->isBusy()) {
            QVERIFY(step(*model, answers));
        }
        QCOMPARE(model->embedding(tokens).value(), got);
    }

    void seedsDecideWhatIsDrawn()
    {
        const Subject subject = make({ Architecture::Qwen2, WeightType::Q8_0, 2, false });
        const auto model = subject.model({ 96, 2, 512 });
        ml::AnswerRequest request = greedy(someTokens(12, kVocab, 5), 20);
        request.sampling = {};
        request.sampling.temperature = 1.5F;
        request.sampling.seed = 7;
        request.alternatives = 3;
        const Answered one = answer(*model, request);
        QCOMPARE(answer(*subject.model({ 96, 1, 512 }), request).tokens, one.tokens);
        request.sampling.seed = 8;
        QVERIFY(answer(*model, request).tokens != one.tokens);
    }

private:
    void everyFamily()
    {
        QTest::addColumn<Recipe>("recipe");
        QTest::newRow("llama F32") << Recipe{ Architecture::Llama, WeightType::F32, 2, false };
        QTest::newRow("qwen2 F32") << Recipe{ Architecture::Qwen2, WeightType::F32, 1, false };
        QTest::newRow("gemma3 F32") << Recipe{ Architecture::Gemma3, WeightType::F32, 1, true };
        QTest::newRow("gemma3 Q8_0") << Recipe{ Architecture::Gemma3, WeightType::Q8_0, 2, true };
    }

    Subject make(const Recipe& recipe)
    {
        const auto path = std::filesystem::path{ m_folder.path().toStdString() }
            / ("model" + std::to_string(m_files++) + ".gguf");
        Subject subject;
        subject.recipe = recipe;
        subject.tensors = writeModel(path, recipe);
        subject.file = ml::ModelFile::open(path).value();
        subject.backend = ml::makeCpuInference(*subject.pool).value();
        return subject;
    }

    QTemporaryDir m_folder;
    int m_files{ 0 };
};

QTEST_GUILESS_MAIN(TestLanguageModel)
#include "tst_language_model.moc"
