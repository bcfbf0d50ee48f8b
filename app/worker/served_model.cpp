// SPDX-License-Identifier: GPL-3.0-or-later
#include "worker/served_model.h"

#include "worker/adapter_jobs.h"
#include "worker/compute_device.h"

#include <algorithm>
#include <cstdio>
#include <iterator>
#include <random>
#include <thread>

namespace loam::worker {
namespace {

    using base::Errc;
    using base::fail;
    using base::Result;

    constexpr std::uint64_t kMaxContext = 1U << 20U;
    constexpr std::uint64_t kMaxSlots = 64;
    constexpr std::uint64_t kMaxAlternatives = 20;

    std::uint64_t freshSeed()
    {
        std::random_device device;
        return (std::uint64_t{ device() } << 32U) | device();
    }

    Result<ml::SamplingOptions> samplingOf(const Request& request)
    {
        ml::SamplingOptions options;
        const auto real = [&request](const char* field, float& value) -> Result<> {
            TRY_ASSIGN(const double number, request.realOr(field, static_cast<double>(value)));
            value = static_cast<float>(number);
            return {};
        };
        TRY(real("temperature", options.temperature));
        TRY(real("top_p", options.topP));
        TRY(real("min_p", options.minP));
        TRY(real("repetition_penalty", options.repetitionPenalty));
        TRY(real("frequency_penalty", options.frequencyPenalty));
        TRY(real("presence_penalty", options.presencePenalty));
        TRY_ASSIGN(const std::uint64_t topK, request.numberOr("top_k", options.topK));
        options.topK = static_cast<std::uint32_t>(std::min<std::uint64_t>(topK, UINT32_MAX));
        TRY_ASSIGN(options.seed,
            request.has("seed") ? request.number("seed") : Result<std::uint64_t>{ freshSeed() });
        if (!(options.temperature >= 0) || !(options.topP >= 0)) {
            return fail(Errc::Invalid, "temperature and top_p must not be negative");
        }
        return options;
    }

} // namespace

ml::LanguageModelOptions optionsFor(
    const ml::ModelFile& file, std::uint64_t context, std::uint64_t slots)
{
    const std::uint64_t trained = std::max<std::uint64_t>(1, file.description().shape.context);
    ml::LanguageModelOptions options;
    options.context = static_cast<std::uint32_t>(
        std::clamp<std::uint64_t>(context, 1, std::min(trained, kMaxContext)));
    options.slots = static_cast<std::uint32_t>(std::clamp<std::uint64_t>(slots, 1, kMaxSlots));
    return options;
}

Result<std::unique_ptr<ServedModel>> ServedModel::load(
    const Request& request, std::function<bool()> interrupt)
{
    TRY_ASSIGN(const std::string device, request.textOr("device", "cpu"));
    TRY_ASSIGN(const std::uint64_t context, request.numberOr("context", kDefaultContext));
    TRY_ASSIGN(const std::uint64_t slots, request.numberOr("slots", kDefaultSlots));
    TRY_ASSIGN(const std::uint64_t threads, request.numberOr("threads", 1));
    const unsigned most = std::max(1U, std::thread::hardware_concurrency());
    std::unique_ptr<ServedModel> model{ new ServedModel{
        static_cast<unsigned>(std::clamp<std::uint64_t>(threads, 1, most)) } };
    TRY_ASSIGN(model->m_file, openAdaptedModel(request));
    if (device == "cpu") {
        TRY_ASSIGN(model->m_backend, ml::makeCpuInference(*model->m_pool));
    } else {
        TRY_ASSIGN(model->m_backend, ml::makeVulkanInference(vulkanOptions(device)));
    }
    model->m_backend->setInterrupt(std::move(interrupt));
    TRY_ASSIGN(model->m_language,
        ml::LanguageModel::create(
            *model->m_file, *model->m_backend, optionsFor(*model->m_file, context, slots)));
    if (device != "cpu") {
        TRY(model->warmUp());
    }
    return model;
}

Result<> ServedModel::warmUp()
{
    // One row, a few and many take different kernels.
    for (const std::size_t promptTokens : { 1U, 3U, 16U }) {
        ml::AnswerRequest request;
        request.prompt.assign(std::min<std::size_t>(promptTokens, context() - 1), ml::Token{ 0 });
        request.maxTokens = 2;
        if (request.prompt.empty()) {
            return {};
        }
        TRY(m_language->begin(std::move(request)));
        while (m_language->isBusy()) {
            TRY(m_language->step([](const ml::AnswerEvent&) {}));
        }
    }
    return {};
}

std::vector<ml::Token> ServedModel::promptTokens(std::string_view prompt) const
{
    std::vector<ml::Token> tokens = text().encode(prompt, ml::TextCodec::Special::Parse);
    const ml::Vocabulary& vocabulary = text().vocabulary();
    const bool isMissing = tokens.empty() || tokens.front() != vocabulary.bos;
    if (vocabulary.bos >= 0 && isMissing && (vocabulary.addBos || tokens.empty())) {
        tokens.insert(tokens.begin(), vocabulary.bos);
    }
    return tokens;
}

std::vector<ml::Token> ServedModel::plainTokens(std::string_view input) const
{
    std::vector<ml::Token> tokens = text().encode(input, ml::TextCodec::Special::Plain);
    const ml::Vocabulary& vocabulary = text().vocabulary();
    if (vocabulary.addBos && vocabulary.bos >= 0) {
        tokens.insert(tokens.begin(), vocabulary.bos);
    }
    return tokens;
}

Result<std::vector<ml::Token>> ServedModel::conversation(
    const Request& request, std::size_t answerTokens) const
{
    TRY_ASSIGN(const std::vector<Request> items, request.objects("messages"));
    TRY_ASSIGN(
        const bool fits, request.has("fit") ? request.boolean("fit") : Result<bool>{ false });
    std::vector<ml::ChatMessage> messages;
    for (const Request& item : items) {
        ml::ChatMessage message;
        TRY_ASSIGN(message.role, item.text("role"));
        TRY_ASSIGN(message.content, item.text("content"));
        messages.push_back(std::move(message));
    }
    if (messages.empty()) {
        return fail(Errc::Invalid, "messages: expected at least one");
    }
    std::vector<ml::Token> tokens = text().encodeChat(messages);
    // A quarter of the context is kept for the answer at least; what was said first is forgotten
    // first, the instructions of the system never.
    const std::size_t room = context() - std::min<std::size_t>(answerTokens, context() / 4);
    while (fits && tokens.size() > room && messages.size() > 1) {
        const auto oldest = std::ranges::find_if(
            messages, [](const ml::ChatMessage& message) { return message.role != "system"; });
        if (oldest == messages.end() || oldest + 1 == messages.end()) {
            break;
        }
        messages.erase(oldest);
        tokens = text().encodeChat(messages);
    }
    return tokens;
}

Result<ml::AnswerRequest> ServedModel::answerRequest(const Request& request) const
{
    ml::AnswerRequest answer;
    TRY_ASSIGN(const std::uint64_t most, request.numberOr("max_tokens", answer.maxTokens));
    TRY_ASSIGN(const std::uint64_t alternatives, request.numberOr("alternatives", 0));
    TRY_ASSIGN(answer.sampling, samplingOf(request));
    if (request.has("messages")) {
        TRY_ASSIGN(answer.prompt, conversation(request, most));
    } else {
        TRY_ASSIGN(const std::string prompt, request.text("prompt"));
        answer.prompt = promptTokens(prompt);
    }
    if (answer.prompt.size() >= context()) {
        return fail(Errc::Invalid,
            "the prompt has " + std::to_string(answer.prompt.size())
                + " tokens, and the model reads " + std::to_string(context())
                + " together with its answer; shorten it");
    }
    answer.maxTokens = std::min<std::uint64_t>(most, context() - answer.prompt.size());
    answer.alternatives = std::min(alternatives, kMaxAlternatives);
    if (request.has("stop")) {
        TRY_ASSIGN(answer.stop, request.texts("stop"));
    }
    if (request.has("messages")) {
        std::ranges::move(text().chatStops(), std::back_inserter(answer.stop));
    }
    return answer;
}

} // namespace loam::worker
