// SPDX-License-Identifier: GPL-3.0-or-later
#include "rpc/openai_request.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>

namespace loam::rpc {
namespace {

    using Json = nlohmann::json;

    constexpr int kMaxDepth = 16;
    constexpr std::size_t kMaxMessages = 4096;
    constexpr std::size_t kMaxInputs = 256;
    constexpr std::size_t kMaxStops = 4;
    constexpr std::size_t kMaxStopBytes = 256;
    constexpr std::uint64_t kMaxTokens = 100'000;
    constexpr std::uint64_t kChatTokens = 2048; ///< where a chat names no limit
    constexpr std::uint64_t kMaxSeed = std::uint64_t{ 1 } << 53U;

    tl::unexpected<ApiError> refuse(std::string message, const char* param, const char* code = "")
    {
        return tl::unexpected<ApiError>{ ApiError{
            400, std::move(message), "invalid_request_error", param, code } };
    }

    template <class T = void> using Read = tl::expected<T, ApiError>;

    /// Text deeper than any request is refused before it is parsed.
    bool isShallow(std::string_view body)
    {
        int depth = 0;
        bool isText = false;
        for (std::size_t i = 0; i < body.size(); ++i) {
            const char letter = body[i];
            if (isText) {
                i += letter == '\\' ? 1 : 0;
                isText = letter != '"';
            } else if (letter == '"') {
                isText = true;
            } else if (letter == '{' || letter == '[') {
                if (++depth > kMaxDepth) {
                    return false;
                }
            } else if (letter == '}' || letter == ']') {
                --depth;
            }
        }
        return true;
    }

    /// One field of the body; null counts as absent.
    const Json* find(const Json& body, const char* name)
    {
        const auto found = body.find(name);
        return found == body.end() || found->is_null() ? nullptr : &*found;
    }

    Read<double> real(const Json& body, const char* name, double fallback, double low, double high)
    {
        const Json* const value = find(body, name);
        if (value == nullptr) {
            return fallback;
        }
        const double number = value->is_number() ? value->get<double>() : std::nan("");
        if (!(number >= low && number <= high)) {
            return refuse(std::string{ name } + " must be a number from "
                    + std::to_string(static_cast<int>(low)) + " to "
                    + std::to_string(static_cast<int>(high)),
                name);
        }
        return number;
    }

    Read<std::uint64_t> whole(const Json& body, const char* name, std::uint64_t fallback,
        std::uint64_t low, std::uint64_t high)
    {
        const Json* const value = find(body, name);
        if (value == nullptr) {
            return fallback;
        }
        if (!value->is_number_unsigned() || value->get<std::uint64_t>() < low
            || value->get<std::uint64_t>() > high) {
            return refuse(std::string{ name } + " must be a whole number from "
                    + std::to_string(low) + " to " + std::to_string(high),
                name);
        }
        return value->get<std::uint64_t>();
    }

    Read<bool> flag(const Json& body, const char* name)
    {
        const Json* const value = find(body, name);
        if (value == nullptr) {
            return false;
        }
        if (!value->is_boolean()) {
            return refuse(std::string{ name } + " must be true or false", name);
        }
        return value->get<bool>();
    }

    bool isEmpty(const Json& value)
    {
        return (value.is_array() || value.is_object()) && value.empty();
    }

    /// What would change the answer and is not offered.
    Read<> refuseForeign(const Json& body)
    {
        for (const char* name : { "tools", "functions", "tool_choice", "function_call",
                 "logit_bias", "audio", "suffix", "prediction" }) {
            const Json* const value = find(body, name);
            const bool isNone = value != nullptr && value->is_string() && *value == "none";
            if (value != nullptr && !isEmpty(*value) && !isNone) {
                return refuse(
                    std::string{ name } + " is not supported", name, "unsupported_parameter");
            }
        }
        for (const char* name : { "n", "best_of" }) {
            const Json* const value = find(body, name);
            if (value != nullptr && *value != 1) {
                return refuse(std::string{ name } + " must be 1: one answer is made at a time",
                    name, "unsupported_value");
            }
        }
        const Json* const echo = find(body, "echo");
        if (echo != nullptr && *echo != false) {
            return refuse("echo is not supported", "echo", "unsupported_parameter");
        }
        const Json* const format = find(body, "response_format");
        if (format != nullptr
            && (!format->is_object() || format->value("type", Json{}) != "text")) {
            return refuse("response_format: only {\"type\": \"text\"} is supported",
                "response_format", "unsupported_value");
        }
        return {};
    }

    /// Text, or a list of {"type": "text", "text": ...} put together.
    Read<std::string> content(const Json& message)
    {
        const Json* const value = find(message, "content");
        if (value == nullptr) {
            return std::string{};
        }
        if (value->is_string()) {
            return value->get<std::string>();
        }
        std::string text;
        for (const Json& part : value->is_array() ? *value : Json::array({ 0 })) {
            const Json* const type = part.is_object() ? find(part, "type") : nullptr;
            const Json* const piece = part.is_object() ? find(part, "text") : nullptr;
            if (type == nullptr || *type != "text" || piece == nullptr || !piece->is_string()) {
                return refuse("content must be text or a list of parts of type \"text\"",
                    "messages", "unsupported_value");
            }
            text += piece->get_ref<const std::string&>();
        }
        return text;
    }

    Read<std::vector<ApiMessage>> messages(const Json& body)
    {
        const Json* const list = find(body, "messages");
        if (list == nullptr || !list->is_array() || list->empty() || list->size() > kMaxMessages) {
            return refuse("messages must be a list of 1 to 4096 messages", "messages");
        }
        std::vector<ApiMessage> out;
        for (const Json& message : *list) {
            const Json* const role = message.is_object() ? find(message, "role") : nullptr;
            if (role == nullptr || !role->is_string()) {
                return refuse("each message needs a role and content", "messages");
            }
            std::string name = role->get<std::string>();
            name = name == "developer" ? "system" : name;
            if (name != "system" && name != "user" && name != "assistant") {
                return refuse("the role " + name.substr(0, 32)
                        + " is not supported; use system, user or assistant",
                    "messages", "unsupported_value");
            }
            auto text = content(message);
            if (!text) {
                return tl::unexpected{ text.error() };
            }
            out.push_back({ std::move(name), std::move(*text) });
        }
        return out;
    }

    Read<std::vector<std::string>> texts(
        const Json& body, const char* name, std::size_t most, std::size_t longest)
    {
        const Json* const value = find(body, name);
        std::vector<std::string> out;
        if (value == nullptr) {
            return out;
        }
        const Json list = value->is_array() ? *value : Json::array({ *value });
        for (const Json& item : list) {
            if (!item.is_string() || item.get_ref<const std::string&>().size() > longest
                || out.size() >= most) {
                return refuse(std::string{ name } + " must be a text or a list of at most "
                        + std::to_string(most)
                        + (item.is_string() ? " texts" : " texts, not numbers of tokens"),
                    name);
            }
            out.push_back(item.get<std::string>());
        }
        return out;
    }

    /// Assigns the value of a Read, or returns its refusal.
#define READ_INTO(target, expr)                                                                    \
    do {                                                                                           \
        auto read_ = (expr);                                                                       \
        if (!read_) {                                                                              \
            return tl::unexpected{ std::move(read_).error() };                                     \
        }                                                                                          \
        target = std::move(*read_);                                                                \
    } while (false)

    Read<> readLogprobs(ApiCall call, const Json& body, ApiRequest& request)
    {
        if (call == ApiCall::Completion) {
            request.wantsLogprobs = find(body, "logprobs") != nullptr;
            READ_INTO(request.alternatives, whole(body, "logprobs", 0, 0, 5));
            return {};
        }
        READ_INTO(request.wantsLogprobs, flag(body, "logprobs"));
        READ_INTO(request.alternatives, whole(body, "top_logprobs", 0, 0, 20));
        if (request.alternatives > 0 && !request.wantsLogprobs) {
            return refuse("top_logprobs needs logprobs to be true", "top_logprobs");
        }
        return {};
    }

    Read<> readAnswerFields(ApiCall call, const Json& body, ApiRequest& request)
    {
        if (auto foreign = refuseForeign(body); !foreign) {
            return foreign;
        }
        const char* const limit = find(body, "max_completion_tokens") != nullptr
            ? "max_completion_tokens"
            : "max_tokens";
        READ_INTO(request.maxTokens,
            whole(body, limit, call == ApiCall::Chat ? kChatTokens : 16, 1, kMaxTokens));
        READ_INTO(request.temperature, real(body, "temperature", 1, 0, 2));
        READ_INTO(request.topP, real(body, "top_p", 1, 0, 1));
        READ_INTO(request.presencePenalty, real(body, "presence_penalty", 0, -2, 2));
        READ_INTO(request.frequencyPenalty, real(body, "frequency_penalty", 0, -2, 2));
        if (find(body, "seed") != nullptr) {
            READ_INTO(request.seed, whole(body, "seed", 0, 0, kMaxSeed));
        }
        READ_INTO(request.stop, texts(body, "stop", kMaxStops, kMaxStopBytes));
        std::erase_if(request.stop, [](const std::string& text) { return text.empty(); });
        READ_INTO(request.streams, flag(body, "stream"));
        if (const Json* const options = find(body, "stream_options");
            options != nullptr && options->is_object()) {
            READ_INTO(request.includesUsage, flag(*options, "include_usage"));
        }
        return readLogprobs(call, body, request);
    }

    Read<> readEmbeddingFields(const Json& body, ApiRequest& request)
    {
        READ_INTO(request.inputs, texts(body, "input", kMaxInputs, std::size_t{ 1 } << 20U));
        if (request.inputs.empty() || std::ranges::any_of(request.inputs, &std::string::empty)) {
            return refuse("input must be a text or a list of texts, none of them empty", "input");
        }
        if (find(body, "dimensions") != nullptr) {
            return refuse("dimensions is not supported: the model's own size is given",
                "dimensions", "unsupported_parameter");
        }
        const Json* const format = find(body, "encoding_format");
        if (format != nullptr && *format != "float" && *format != "base64") {
            return refuse("encoding_format must be float or base64", "encoding_format");
        }
        request.asBase64 = format != nullptr && *format == "base64";
        return {};
    }

} // namespace

tl::expected<ApiRequest, ApiError> readApiRequest(ApiCall call, std::string_view body)
{
    const Json parsed = isShallow(body) ? Json::parse(body, nullptr, false) : Json{};
    if (!parsed.is_object()) {
        return refuse("the body must be a JSON object", "");
    }
    ApiRequest request;
    const Json* const model = find(parsed, "model");
    if (model == nullptr || !model->is_string() || model->get_ref<const std::string&>().empty()) {
        return refuse("model must name a model; GET /v1/models lists them", "model");
    }
    request.model = model->get<std::string>();
    if (call == ApiCall::Embedding) {
        if (auto read = readEmbeddingFields(parsed, request); !read) {
            return tl::unexpected{ std::move(read).error() };
        }
        return request;
    }
    if (auto read = readAnswerFields(call, parsed, request); !read) {
        return tl::unexpected{ std::move(read).error() };
    }
    if (call == ApiCall::Chat) {
        READ_INTO(request.messages, messages(parsed));
        return request;
    }
    std::vector<std::string> prompts;
    READ_INTO(prompts, texts(parsed, "prompt", 1, body.size()));
    if (prompts.empty()) {
        return refuse("prompt must be a text", "prompt");
    }
    request.prompt = std::move(prompts.front());
    return request;
}

} // namespace loam::rpc
