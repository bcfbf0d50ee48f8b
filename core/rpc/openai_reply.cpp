// SPDX-License-Identifier: GPL-3.0-or-later
#include "rpc/openai_reply.h"

#include "base/bytes.h"

#include <nlohmann/json.hpp>

#include <span>

namespace loam::rpc {
namespace {

    using Json = nlohmann::json;

    std::string text(const Json& json)
    {
        // Tokens may end in the middle of a character: replaced, not thrown.
        return json.dump(-1, ' ', false, Json::error_handler_t::replace);
    }

    std::string sse(const Json& json)
    {
        return "data: " + text(json) + "\n\n";
    }

    Json bytesOf(const std::string& token)
    {
        Json out = Json::array();
        for (const char byte : token) {
            out.push_back(static_cast<unsigned char>(byte));
        }
        return out;
    }

    Json chatLogprobs(const std::vector<ApiToken>& tokens)
    {
        Json content = Json::array();
        for (const ApiToken& token : tokens) {
            Json best = Json::array();
            for (const auto& [likely, logProbability] : token.best) {
                best.push_back({ { "token", likely }, { "logprob", logProbability },
                    { "bytes", bytesOf(likely) } });
            }
            content.push_back({ { "token", token.text }, { "logprob", token.logProbability },
                { "bytes", bytesOf(token.text) }, { "top_logprobs", std::move(best) } });
        }
        return { { "content", std::move(content) } };
    }

    Json completionLogprobs(const std::vector<ApiToken>& tokens, std::size_t offset)
    {
        Json names = Json::array();
        Json values = Json::array();
        Json best = Json::array();
        Json offsets = Json::array();
        for (const ApiToken& token : tokens) {
            names.push_back(token.text);
            values.push_back(token.logProbability);
            offsets.push_back(offset);
            offset += token.text.size();
            Json likely = Json::object();
            for (const auto& [name, logProbability] : token.best) {
                likely[name] = logProbability;
            }
            best.push_back(std::move(likely));
        }
        return { { "tokens", std::move(names) }, { "token_logprobs", std::move(values) },
            { "top_logprobs", std::move(best) }, { "text_offset", std::move(offsets) } };
    }

    Json usage(const ApiEnd& end)
    {
        return { { "prompt_tokens", end.promptTokens }, { "completion_tokens", end.answerTokens },
            { "total_tokens", end.promptTokens + end.answerTokens } };
    }

    std::string finishReason(const ApiEnd& end)
    {
        return end.reason == "length" ? "length" : "stop";
    }

    Json embedding(const std::vector<float>& values, bool asBase64)
    {
        if (!asBase64) {
            return values;
        }
        // Little-endian fp32, as this machine keeps them.
        return base::toBase64(std::as_bytes(std::span{ values }));
    }

} // namespace

ApiReply::ApiReply(ApiCall call, const ApiRequest& request, std::string id, std::int64_t created)
    : m_call{ call }
    , m_model{ request.model }
    , m_id{ std::move(id) }
    , m_created{ created }
    , m_includesUsage{ request.includesUsage }
    , m_wantsLogprobs{ request.wantsLogprobs }
    , m_asBase64{ request.asBase64 }
{
}

namespace {

    /// What every object of one answer begins with.
    Json frame(const char* object, const std::string& id, const std::string& model,
        std::int64_t created, Json choices)
    {
        return { { "id", id }, { "object", object }, { "created", created }, { "model", model },
            { "choices", std::move(choices) } };
    }

} // namespace

std::string ApiReply::opening() const
{
    if (m_call != ApiCall::Chat) {
        return {};
    }
    return sse(frame("chat.completion.chunk", m_id, m_model, m_created,
        Json::array({ { { "index", 0 }, { "delta", { { "role", "assistant" }, { "content", "" } } },
            { "logprobs", nullptr }, { "finish_reason", nullptr } } })));
}

std::string ApiReply::event(const ApiPiece& piece)
{
    if (piece.text.empty() && (!m_wantsLogprobs || piece.tokens.empty())) {
        return {};
    }
    Json choice{ { "index", 0 }, { "finish_reason", nullptr }, { "logprobs", nullptr } };
    if (m_call == ApiCall::Chat) {
        choice["delta"] = { { "content", piece.text } };
        if (m_wantsLogprobs) {
            choice["logprobs"] = chatLogprobs(piece.tokens);
        }
    } else {
        choice["text"] = piece.text;
        if (m_wantsLogprobs) {
            choice["logprobs"] = completionLogprobs(piece.tokens, m_offset);
        }
    }
    for (const ApiToken& token : piece.tokens) {
        m_offset += token.text.size();
    }
    return sse(frame(m_call == ApiCall::Chat ? "chat.completion.chunk" : "text_completion", m_id,
        m_model, m_created, Json::array({ std::move(choice) })));
}

std::string ApiReply::closing(const ApiEnd& end) const
{
    const char* const object
        = m_call == ApiCall::Chat ? "chat.completion.chunk" : "text_completion";
    Json choice{ { "index", 0 }, { "finish_reason", finishReason(end) }, { "logprobs", nullptr } };
    if (m_call == ApiCall::Chat) {
        choice["delta"] = Json::object();
    } else {
        choice["text"] = "";
    }
    std::string out
        = sse(frame(object, m_id, m_model, m_created, Json::array({ std::move(choice) })));
    if (m_includesUsage) {
        Json last = frame(object, m_id, m_model, m_created, Json::array());
        last["usage"] = usage(end);
        out += sse(last);
    }
    return out + "data: [DONE]\n\n";
}

std::string ApiReply::failure(const ApiError& error)
{
    return "data: " + errorBody(error) + "\n\n";
}

void ApiReply::add(const ApiPiece& piece)
{
    m_all.text += piece.text;
    m_all.tokens.insert(m_all.tokens.end(), piece.tokens.begin(), piece.tokens.end());
    if (!piece.embedding.empty()) {
        m_embeddings.push_back(piece.embedding);
    }
}

std::string ApiReply::whole(const ApiEnd& end) const
{
    if (m_call == ApiCall::Embedding) {
        Json data = Json::array();
        for (const std::vector<float>& values : m_embeddings) {
            data.push_back({ { "object", "embedding" }, { "index", data.size() },
                { "embedding", embedding(values, m_asBase64) } });
        }
        return text({ { "object", "list" }, { "data", std::move(data) }, { "model", m_model },
            { "usage",
                { { "prompt_tokens", end.promptTokens },
                    { "total_tokens", end.promptTokens } } } });
    }
    Json choice{ { "index", 0 }, { "finish_reason", finishReason(end) }, { "logprobs", nullptr } };
    if (m_call == ApiCall::Chat) {
        choice["message"]
            = { { "role", "assistant" }, { "content", m_all.text }, { "refusal", nullptr } };
        if (m_wantsLogprobs) {
            choice["logprobs"] = chatLogprobs(m_all.tokens);
        }
    } else {
        choice["text"] = m_all.text;
        if (m_wantsLogprobs) {
            choice["logprobs"] = completionLogprobs(m_all.tokens, 0);
        }
    }
    Json out = frame(m_call == ApiCall::Chat ? "chat.completion" : "text_completion", m_id, m_model,
        m_created, Json::array({ std::move(choice) }));
    out["usage"] = usage(end);
    return text(out);
}

std::string errorBody(const ApiError& error)
{
    const auto orNull
        = [](const std::string& value) { return value.empty() ? Json{} : Json(value); };
    return text({ { "error",
        { { "message", error.message }, { "type", error.type }, { "param", orNull(error.param) },
            { "code", orNull(error.code) } } } });
}

} // namespace loam::rpc
