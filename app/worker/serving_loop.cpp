// SPDX-License-Identifier: GPL-3.0-or-later
#include "worker/serving_loop.h"

#include <cstdlib>
#include <new>

namespace loam::worker {

using base::Errc;
using base::fail;
using base::Result;
using namespace std::chrono_literals;

namespace {

    constexpr std::size_t kMaxQueued = 256;
    constexpr std::size_t kMaxInputs = 256;
    /// Reading a model gives no signs of life; a disk may be slow, but not this slow.
    constexpr auto kLongestLoad = 10min;

    const char* endName(ml::AnswerEnd end)
    {
        switch (end) {
        case ml::AnswerEnd::EndOfText:
        case ml::AnswerEnd::Stop:
            return "stop";
        case ml::AnswerEnd::Length:
            return "length";
        case ml::AnswerEnd::Cancelled:
            break;
        }
        return "cancelled";
    }

    bool isSameId(const Json& a, const Json& b)
    {
        return !a.is_null() && a == b;
    }

} // namespace

ServingLoop::~ServingLoop()
{
    {
        const std::lock_guard lock{ m_mutex };
        m_isEnding = true;
    }
    m_changed.notify_all();
    if (m_beatThread.joinable()) {
        m_beatThread.join();
    }
    // The reader sits in read(); the process ends right after this and takes it along.
    if (m_readThread.joinable()) {
        m_readThread.detach();
    }
}

void ServingLoop::start()
{
    m_readThread = std::thread{ [this] { readLoop(); } };
    m_beatThread = std::thread{ [this] { beatLoop(); } };
}

void ServingLoop::readLoop()
{
    while (const std::optional<LineReader::Line> line = m_reader.next()) {
        if (!line->isTooLong && line->text.find_first_not_of(" \t\r") == std::string::npos) {
            continue;
        }
        Result<Request> request = line->isTooLong
            ? Result<Request>{ fail(Errc::Invalid, "a request line is longer than 1 MiB") }
            : Request::parse(line->text);
        if (!request) {
            refuse(Json{}, request.error());
            continue;
        }
        const std::lock_guard lock{ m_mutex };
        if (m_requests.size() >= kMaxQueued) {
            refuse(request->id(), { Errc::Unavailable, "256 requests are waiting already" });
            continue;
        }
        m_requests.push_back(std::move(*request));
        m_changed.notify_all();
    }
    // Whoever gave the orders is gone; nothing here outlives him.
    std::_Exit(EXIT_SUCCESS);
}

void ServingLoop::beatLoop()
{
    std::uint64_t beats = 0;
    std::uint64_t seen = 0;
    std::unique_lock lock{ m_mutex };
    while (!m_isEnding) {
        m_changed.wait(lock, [this] { return m_phase != Phase::Idle || m_isEnding; });
        m_changed.wait_for(lock, 1s, [this] { return m_phase == Phase::Idle || m_isEnding; });
        const bool isLoading = m_phase == Phase::Loading
            && std::chrono::steady_clock::now() - m_phaseBegan < kLongestLoad;
        const std::uint64_t signs = m_signsOfLife.load(std::memory_order_relaxed);
        if (m_phase != Phase::Idle && (isLoading || signs != seen)) {
            seen = signs;
            write({ { "heartbeat", ++beats } });
        }
    }
}

void ServingLoop::setPhase(Phase phase)
{
    const std::lock_guard lock{ m_mutex };
    m_phase = phase;
    m_phaseBegan = std::chrono::steady_clock::now();
    m_changed.notify_all();
}

std::deque<Request> ServingLoop::takeRequests()
{
    std::unique_lock lock{ m_mutex };
    if (!isBusy()) {
        m_phase = Phase::Idle;
        m_changed.notify_all();
        m_changed.wait(lock, [this] { return !m_requests.empty(); });
    }
    m_phase = Phase::Computing;
    m_changed.notify_all();
    return std::exchange(m_requests, {});
}

int ServingLoop::run()
{
    for (;;) {
        for (const Request& request : takeRequests()) {
            handle(request);
        }
        m_signsOfLife.fetch_add(1, std::memory_order_relaxed);
        if (isBusy() && !advance()) {
            return EXIT_FAILURE;
        }
    }
}

void ServingLoop::handle(const Request& request)
{
    const Result<std::string> job = request.text("job");
    const auto conclude = [this, &request](const Result<>& done) {
        if (!done) {
            refuse(request.id(), done.error());
        }
    };
    if (!job) {
        refuse(request.id(), job.error());
    } else if (*job == "answer") {
        conclude(begin(request));
    } else if (*job == "embed") {
        conclude(beginEmbedding(request));
    } else if (*job == "cancel_answer") {
        cancel(request);
    } else if (*job == "load") {
        const Result<Json> loaded = load(request);
        if (loaded) {
            succeed(request.id(), *loaded);
        } else {
            refuse(request.id(), loaded.error());
        }
    } else if (*job == "unload" && !isBusy()) {
        m_model.reset();
        succeed(request.id(), Json::object());
    } else if (*job == "quit") {
        std::_Exit(EXIT_SUCCESS);
    } else {
        refuse(request.id(), { Errc::Invalid, "cannot do the job " + *job + " now" });
    }
}

Result<Json> ServingLoop::load(const Request& request)
{
    if (isBusy()) {
        return fail(Errc::Unavailable, "the present model still answers");
    }
    setPhase(Phase::Loading);
    // The old one goes first: both may not fit.
    m_model.reset();
    try {
        TRY_ASSIGN(m_model, ServedModel::load(request, [this] {
            m_signsOfLife.fetch_add(1, std::memory_order_relaxed);
            return false;
        }));
    } catch (const std::bad_alloc&) {
        return fail(Errc::Unavailable, "the model needs more memory than there is");
    }
    const ml::ModelDescription& description = m_model->file().description();
    return Json{ { "name", description.name }, { "context", m_model->context() },
        { "memory",
            ml::LanguageModel::memoryNeed(m_model->file(), m_model->language().options()) } };
}

Result<> ServingLoop::begin(const Request& request)
{
    if (!m_model) {
        return fail(Errc::Unavailable, "no model is loaded");
    }
    TRY_ASSIGN(const bool wantsLogprobs,
        request.has("logprobs") ? request.boolean("logprobs") : Result<bool>{ false });
    TRY_ASSIGN(ml::AnswerRequest answer, m_model->answerRequest(request));
    const std::size_t promptTokens = answer.prompt.size();
    TRY_ASSIGN(const std::uint64_t number, m_model->language().begin(std::move(answer)));
    m_answers.emplace(number, Answer{ request.id(), promptTokens, wantsLogprobs });
    return {};
}

Result<> ServingLoop::beginEmbedding(const Request& request)
{
    if (!m_model) {
        return fail(Errc::Unavailable, "no model is loaded");
    }
    TRY_ASSIGN(std::vector<std::string> inputs, request.texts("inputs"));
    if (inputs.empty() || inputs.size() > kMaxInputs) {
        return fail(Errc::Invalid, "inputs: expected 1 to 256 texts");
    }
    m_embeddings.push_back({ request.id(), std::move(inputs), 0, 0 });
    return {};
}

void ServingLoop::cancel(const Request& request)
{
    const Result<std::uint64_t> wanted = request.number("answer");
    if (!wanted) {
        return;
    }
    const Json id = *wanted;
    for (const auto& [number, answer] : m_answers) {
        if (isSameId(answer.id, id)) {
            m_model->language().cancel(number);
            return;
        }
    }
    for (auto it = m_embeddings.begin(); it != m_embeddings.end(); ++it) {
        if (isSameId(it->id, id)) {
            m_embeddings.erase(it);
            refuse(id, { Errc::Cancelled, "the embedding was cancelled" });
            return;
        }
    }
}

bool ServingLoop::advance()
{
    try {
        if (!m_embeddings.empty()) {
            if (const Result<> done = embedNext(); !done) {
                const Json id = m_embeddings.front().id;
                m_embeddings.pop_front();
                refuse(id, done.error());
            }
        }
        if (m_answers.empty()) {
            return true;
        }
        const Result<> stepped
            = m_model->language().step([this](const ml::AnswerEvent& event) { report(event); });
        if (!stepped) {
            loseEverything(stepped.error());
            return false;
        }
    } catch (const std::bad_alloc&) {
        loseEverything({ Errc::Unavailable, "the memory is not enough for these answers" });
        return false;
    }
    return true;
}

Result<> ServingLoop::embedNext()
{
    Embedding& embedding = m_embeddings.front();
    const std::vector<ml::Token> tokens = m_model->plainTokens(embedding.inputs[embedding.next]);
    if (tokens.size() > m_model->context()) {
        return fail(Errc::Invalid,
            "input " + std::to_string(embedding.next) + " has " + std::to_string(tokens.size())
                + " tokens, and the model reads " + std::to_string(m_model->context()));
    }
    TRY_ASSIGN(const std::vector<float> values, m_model->language().embedding(tokens));
    embedding.tokens += tokens.size();
    ++embedding.next;
    write({ { "id", embedding.id }, { "progress", { { "embedding", values } } } });
    if (embedding.next == embedding.inputs.size()) {
        succeed(embedding.id, { { "prompt_tokens", embedding.tokens }, { "tokens", 0 } });
        m_embeddings.pop_front();
    }
    return {};
}

void ServingLoop::report(const ml::AnswerEvent& event)
{
    const auto found = m_answers.find(event.answer);
    if (found == m_answers.end()) {
        return;
    }
    const Answer& answer = found->second;
    if (!event.text.empty() || (answer.wantsLogprobs && !event.tokens.empty())) {
        Json progress{ { "text", event.text }, { "answer_tokens", event.answerTokens } };
        if (answer.wantsLogprobs) {
            const ml::TextCodec& codec = m_model->text();
            Json tokens = Json::array();
            for (const ml::SampledToken& token : event.tokens) {
                Json best = Json::array();
                for (const ml::TokenProbability& likely : token.best) {
                    best.push_back({ { "token", codec.piece(likely.token) },
                        { "logprob", likely.logProbability } });
                }
                tokens.push_back({ { "token", codec.piece(token.token) }, { "id", token.token },
                    { "logprob", token.logProbability }, { "best", std::move(best) } });
            }
            progress["tokens"] = std::move(tokens);
        }
        write({ { "id", answer.id }, { "progress", std::move(progress) } });
    }
    if (event.end) {
        succeed(answer.id,
            { { "end", endName(*event.end) }, { "prompt_tokens", answer.promptTokens },
                { "computed_tokens", event.promptTokens }, { "tokens", event.answerTokens },
                { "prompt_seconds", event.promptSeconds },
                { "answer_seconds", event.answerSeconds } });
        m_answers.erase(found);
    }
}

void ServingLoop::loseEverything(const base::Error& error)
{
    for (const auto& [number, answer] : m_answers) {
        refuse(answer.id, error);
    }
    for (const Embedding& embedding : m_embeddings) {
        refuse(embedding.id, error);
    }
}

void ServingLoop::succeed(const Json& id, Json fields)
{
    fields["id"] = id;
    fields["ok"] = true;
    write(fields);
}

void ServingLoop::refuse(const Json& id, const base::Error& error)
{
    write({ { "id", id }, { "ok", false }, { "code", std::string{ errcName(error.code) } },
        { "message", error.message } });
}

void ServingLoop::write(const Json& line)
{
    // A token may end in the middle of a character: replaced, not thrown.
    if (!m_writer.write(line.dump(-1, ' ', false, Json::error_handler_t::replace))) {
        std::_Exit(EXIT_FAILURE);
    }
}

} // namespace loam::worker
