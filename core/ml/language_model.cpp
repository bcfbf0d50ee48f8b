// SPDX-License-Identifier: GPL-3.0-or-later
#include "ml/language_model.h"

#include "ml/answer_text.h"
#include "ml/model_forward.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <deque>
#include <utility>

namespace loam::ml {

using base::Errc;
using base::fail;
using base::Result;

namespace {

    using Clock = std::chrono::steady_clock;

    double secondsSince(Clock::time_point start)
    {
        return std::chrono::duration<double>(Clock::now() - start).count();
    }

    /// An answer that is wanted or under way.
    struct Answer
    {
        explicit Answer(std::uint64_t number, AnswerRequest wanted)
            : id{ number }
            , request{ std::move(wanted) }
            , sampler{ request.sampling }
            , text{ request.stop }
        {
        }

        std::uint64_t id;
        AnswerRequest request;
        Sampler sampler;
        AnswerText text;
        std::vector<Token> tokens; ///< prompt and answer
        std::size_t computed{ 0 }; ///< of `tokens`, in the slot's cache
        std::size_t promptTokens{ 0 };
        std::size_t answerTokens{ 0 };
        bool isCancelled{ false };
        Clock::time_point started;
        Clock::time_point answering;
    };

    /// One sequence of the cache. What an answer leaves behind may serve the next one.
    struct Slot
    {
        std::vector<Token> held; ///< tokens whose keys and values are in the cache
        std::unique_ptr<Answer> answer;
        std::uint64_t lastUse{ 0 };
    };

    std::size_t commonPrefix(const std::vector<Token>& a, const std::vector<Token>& b)
    {
        const auto ends = std::ranges::mismatch(a, b);
        return static_cast<std::size_t>(ends.in1 - a.begin());
    }

    LanguageModelOptions clamped(const LanguageModelOptions& options, const ModelShape& shape)
    {
        LanguageModelOptions out = options;
        out.context = std::clamp(out.context, 1U, std::max(1U, shape.context));
        out.slots = std::clamp(out.slots, 1U, 256U);
        out.batch = std::max({ out.batch, out.slots, 1U });
        return out;
    }

} // namespace

struct LanguageModel::State
{
    State(const ModelFile& modelFile, const LanguageModelOptions& modelOptions)
        : file{ modelFile }
        , options{ modelOptions }
        , slots(modelOptions.slots)
    {
    }

    Result<> checkTokens(std::span<const Token> tokens) const;
    /// A slot without an answer, or nullptr; the one that holds most of `tokens`, else the oldest.
    Slot* freeSlot(const std::vector<Token>& tokens);
    void seat();
    void endCancelled(const std::function<void(const AnswerEvent&)>& sink);
    /// Rows for every seated answer; `wanted` are the rows whose logits some slot needs.
    void fillBatch();
    void emit(Slot& slot, std::span<const float> row,
        const std::function<void(const AnswerEvent&)>& sink);
    AnswerEvent eventOf(const Answer& answer) const;
    void dropAll();

    const ModelFile& file;
    LanguageModelOptions options;
    std::unique_ptr<ModelForward> forward;
    std::vector<Slot> slots;
    std::deque<std::unique_ptr<Answer>> waiting;
    std::uint64_t nextId{ 1 };
    std::uint64_t uses{ 0 };
    std::vector<BatchRow> rows;
    std::vector<std::size_t> wanted;
    std::vector<Slot*> wantedBy;
    std::vector<float> logits;
};

Result<> LanguageModel::State::checkTokens(std::span<const Token> tokens) const
{
    if (tokens.empty() || tokens.size() > options.context) {
        return fail(Errc::Invalid,
            fmt::format("a prompt has 1 to {} tokens here; this one has {}", options.context,
                tokens.size()));
    }
    const auto vocab = static_cast<Token>(file.description().shape.vocab);
    for (const Token token : tokens) {
        if (token < 0 || token >= vocab) {
            return fail(Errc::Invalid,
                fmt::format("token {} is outside the model's vocabulary of {}", token, vocab));
        }
    }
    return {};
}

Slot* LanguageModel::State::freeSlot(const std::vector<Token>& tokens)
{
    Slot* best = nullptr;
    std::size_t bestPrefix = 0;
    for (Slot& slot : slots) {
        if (slot.answer) {
            continue;
        }
        const std::size_t prefix = commonPrefix(slot.held, tokens);
        if (best == nullptr || prefix > bestPrefix
            || (prefix == bestPrefix && slot.lastUse < best->lastUse)) {
            best = &slot;
            bestPrefix = prefix;
        }
    }
    return best;
}

void LanguageModel::State::seat()
{
    while (!waiting.empty()) {
        Slot* slot = freeSlot(waiting.front()->request.prompt);
        if (slot == nullptr) {
            return;
        }
        slot->answer = std::move(waiting.front());
        waiting.pop_front();
        Answer& answer = *slot->answer;
        answer.tokens = answer.request.prompt;
        for (const Token token : answer.tokens) {
            answer.sampler.accept(token, false);
        }
        // The last token is always computed: its logits are what the answer begins with.
        answer.computed
            = std::min(commonPrefix(slot->held, answer.tokens), answer.tokens.size() - 1);
        slot->held.resize(answer.computed);
        slot->lastUse = ++uses;
        answer.started = Clock::now();
    }
}

AnswerEvent LanguageModel::State::eventOf(const Answer& answer) const
{
    AnswerEvent event;
    event.answer = answer.id;
    event.promptTokens = answer.promptTokens;
    event.answerTokens = answer.answerTokens;
    const bool answers = answer.answerTokens > 0;
    event.promptSeconds = answers
        ? std::chrono::duration<double>(answer.answering - answer.started).count()
        : secondsSince(answer.started);
    event.answerSeconds = answers ? secondsSince(answer.answering) : 0.0;
    return event;
}

void LanguageModel::State::endCancelled(const std::function<void(const AnswerEvent&)>& sink)
{
    const auto end = [&](Answer& answer, bool isSeated) {
        AnswerEvent event;
        event.answer = answer.id;
        if (isSeated) {
            event = eventOf(answer);
            event.text = answer.text.finish();
        }
        event.end = AnswerEnd::Cancelled;
        sink(event);
    };
    for (Slot& slot : slots) {
        if (slot.answer && slot.answer->isCancelled) {
            const std::unique_ptr<Answer> answer = std::move(slot.answer);
            end(*answer, true);
        }
    }
    for (std::unique_ptr<Answer>& answer : std::exchange(waiting, {})) {
        if (answer->isCancelled) {
            end(*answer, false);
        } else {
            waiting.push_back(std::move(answer));
        }
    }
}

void LanguageModel::State::fillBatch()
{
    rows.clear();
    wanted.clear();
    wantedBy.clear();
    const auto take = [&](Slot& slot, std::size_t most) {
        Answer& answer = *slot.answer;
        const std::size_t count = std::min(most, answer.tokens.size() - answer.computed);
        for (std::size_t i = 0; i < count; ++i) {
            const std::size_t position = answer.computed + i;
            rows.push_back({ answer.tokens[position],
                { static_cast<std::uint32_t>(&slot - slots.data()),
                    static_cast<std::uint32_t>(position) } });
        }
        answer.computed += count;
        if (answer.answerTokens == 0) {
            answer.promptTokens += count;
        }
        if (count > 0 && answer.computed == answer.tokens.size()) {
            wanted.push_back(rows.size() - 1);
            wantedBy.push_back(&slot);
        }
    };
    // Answers under way never wait for a long prompt: their single rows go first.
    for (const bool isPrompt : { false, true }) {
        for (Slot& slot : slots) {
            if (slot.answer && (slot.answer->answerTokens == 0) == isPrompt) {
                take(slot, options.batch - rows.size());
            }
        }
    }
}

void LanguageModel::State::emit(
    Slot& slot, std::span<const float> row, const std::function<void(const AnswerEvent&)>& sink)
{
    Answer& answer = *slot.answer;
    slot.held = answer.tokens;
    std::optional<AnswerEnd> end;
    std::string text;
    std::vector<SampledToken> tokens;
    if (answer.request.maxTokens == 0) {
        end = AnswerEnd::Length;
    } else {
        const SampledToken sampled = answer.sampler.sample(row, answer.request.alternatives);
        answer.sampler.accept(sampled.token, true);
        if (answer.answerTokens == 0) {
            answer.answering = Clock::now();
        }
        if (file.text().endsAnswer(sampled.token)) {
            end = AnswerEnd::EndOfText;
        } else {
            ++answer.answerTokens;
            answer.tokens.push_back(sampled.token);
            text = answer.text.push(file.text().piece(sampled.token));
            tokens.push_back(sampled);
            if (answer.text.isStopped()) {
                end = AnswerEnd::Stop;
            } else if (answer.answerTokens >= answer.request.maxTokens
                || answer.tokens.size() > options.context) {
                end = AnswerEnd::Length;
            }
        }
    }
    AnswerEvent event = eventOf(answer);
    event.text = std::move(text);
    event.tokens = std::move(tokens);
    event.end = end;
    if (end) {
        event.text += answer.text.finish();
        slot.answer.reset();
    }
    sink(event);
}

void LanguageModel::State::dropAll()
{
    waiting.clear();
    for (Slot& slot : slots) {
        slot.answer.reset();
        slot.held.clear();
    }
}

std::uint64_t LanguageModel::memoryNeed(const ModelFile& file, const LanguageModelOptions& wanted)
{
    const ModelShape& shape = file.description().shape;
    const LanguageModelOptions options = clamped(wanted, shape);
    // Keys and values of 32 bits: what a device may need at most.
    const std::uint64_t cache = std::uint64_t{ 2 } * sizeof(float) * shape.layers * options.slots
        * options.context * shape.kvHeads * shape.headDim;
    return file.description().bytes + cache
        + sizeof(float) * ModelForward::activationFloats(shape, options.batch, options.slots);
}

LanguageModel::LanguageModel(std::unique_ptr<State> state)
    : m_state{ std::move(state) }
{
}

LanguageModel::~LanguageModel() = default;

Result<std::unique_ptr<LanguageModel>> LanguageModel::create(
    const ModelFile& file, InferenceBackend& backend, const LanguageModelOptions& options)
{
    const ModelShape& shape = file.description().shape;
    auto state = std::make_unique<State>(file, clamped(options, shape));
    const KvShape cache{ shape.layers, state->options.slots, state->options.context, shape.kvHeads,
        shape.headDim };
    TRY_ASSIGN(state->forward,
        ModelForward::create(file, backend, cache, state->options.batch, state->options.slots));
    return std::unique_ptr<LanguageModel>{ new LanguageModel{ std::move(state) } };
}

const ModelFile& LanguageModel::file() const
{
    return m_state->file;
}

const LanguageModelOptions& LanguageModel::options() const
{
    return m_state->options;
}

Result<std::vector<float>> LanguageModel::logits(std::span<const Token> tokens)
{
    State& s = *m_state;
    TRY(s.checkTokens(tokens));
    Slot* slot = s.freeSlot({});
    if (slot == nullptr) {
        return fail(Errc::Unavailable, "all slots of the model are answering");
    }
    slot->held.clear();
    const auto index = static_cast<std::uint32_t>(slot - s.slots.data());
    std::vector<float> all;
    all.reserve(tokens.size() * s.file.description().shape.vocab);
    // As many rows at a time as there is room for logits.
    for (std::size_t begin = 0; begin < tokens.size(); begin += s.options.slots) {
        const std::size_t count = std::min<std::size_t>(s.options.slots, tokens.size() - begin);
        std::vector<BatchRow> rows;
        std::vector<std::size_t> wanted;
        for (std::size_t i = 0; i < count; ++i) {
            rows.push_back({ tokens[begin + i], { index, static_cast<std::uint32_t>(begin + i) } });
            wanted.push_back(i);
        }
        TRY(s.forward->run(rows, wanted, s.logits));
        all.insert(all.end(), s.logits.begin(), s.logits.end());
    }
    return all;
}

Result<std::vector<float>> LanguageModel::embedding(std::span<const Token> tokens)
{
    State& s = *m_state;
    TRY(s.checkTokens(tokens));
    Slot* slot = s.freeSlot({});
    if (slot == nullptr) {
        return fail(Errc::Unavailable, "all slots of the model are answering");
    }
    slot->held.clear();
    const auto index = static_cast<std::uint32_t>(slot - s.slots.data());
    const std::size_t dim = s.file.description().shape.dim;
    std::vector<double> sum(dim, 0.0);
    std::vector<float> hidden;
    for (std::size_t begin = 0; begin < tokens.size(); begin += s.options.batch) {
        const std::size_t count = std::min<std::size_t>(s.options.batch, tokens.size() - begin);
        std::vector<BatchRow> rows;
        for (std::size_t i = 0; i < count; ++i) {
            rows.push_back({ tokens[begin + i], { index, static_cast<std::uint32_t>(begin + i) } });
        }
        TRY(s.forward->runHidden(rows, hidden));
        for (std::size_t i = 0; i < hidden.size(); ++i) {
            sum[i % dim] += static_cast<double>(hidden[i]);
        }
    }
    double squares = 0.0;
    for (const double value : sum) {
        squares += value * value;
    }
    const double inverse = squares > 0.0 ? 1.0 / std::sqrt(squares) : 0.0;
    std::vector<float> out(dim);
    std::ranges::transform(
        sum, out.begin(), [inverse](double value) { return static_cast<float>(value * inverse); });
    return out;
}

Result<std::uint64_t> LanguageModel::begin(AnswerRequest request)
{
    TRY(m_state->checkTokens(request.prompt));
    const std::uint64_t id = m_state->nextId++;
    m_state->waiting.push_back(std::make_unique<Answer>(id, std::move(request)));
    return id;
}

void LanguageModel::cancel(std::uint64_t answer)
{
    for (Slot& slot : m_state->slots) {
        if (slot.answer && slot.answer->id == answer) {
            slot.answer->isCancelled = true;
        }
    }
    for (const std::unique_ptr<Answer>& waiting : m_state->waiting) {
        if (waiting->id == answer) {
            waiting->isCancelled = true;
        }
    }
}

bool LanguageModel::isBusy() const
{
    return !m_state->waiting.empty() || std::ranges::any_of(m_state->slots, [](const Slot& slot) {
        return slot.answer != nullptr;
    });
}

Result<> LanguageModel::step(const std::function<void(const AnswerEvent&)>& sink)
{
    State& s = *m_state;
    s.endCancelled(sink);
    s.seat();
    s.fillBatch();
    if (s.rows.empty()) {
        return {};
    }
    const Result<> done = s.forward->run(s.rows, s.wanted, s.logits);
    if (!done) {
        s.dropAll();
        return done;
    }
    for (Slot& slot : s.slots) {
        if (slot.answer) {
            const auto& tokens = slot.answer->tokens;
            slot.held.assign(tokens.begin(),
                tokens.begin() + static_cast<std::ptrdiff_t>(slot.answer->computed));
        }
    }
    const std::size_t vocab = s.file.description().shape.vocab;
    for (std::size_t i = 0; i < s.wanted.size(); ++i) {
        s.emit(*s.wantedBy[i], std::span{ s.logits }.subspan(i * vocab, vocab), sink);
    }
    return {};
}

} // namespace loam::ml
