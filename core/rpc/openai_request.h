// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace loam::rpc {

/// The calls of the OpenAI-style endpoint that carry a body.
enum class ApiCall { Completion, Chat, Embedding };

/// A refusal in the shape that clients of that interface expect.
struct ApiError
{
    int status{ 400 }; ///< of HTTP
    std::string message;
    std::string type{ "invalid_request_error" };
    std::string param; ///< the field at fault, may be empty
    std::string code;
};

struct ApiMessage
{
    std::string role; ///< system, user or assistant
    std::string content;

    bool operator==(const ApiMessage&) const = default;
};

/// What a client wants, checked and bounded.
struct ApiRequest
{
    std::string model;
    std::vector<ApiMessage> messages; ///< of a chat
    std::string prompt; ///< of a completion
    std::vector<std::string> inputs; ///< of embeddings
    std::uint64_t maxTokens{ 16 };
    double temperature{ 1 };
    double topP{ 1 };
    double presencePenalty{ 0 };
    double frequencyPenalty{ 0 };
    std::optional<std::uint64_t> seed;
    std::vector<std::string> stop;
    bool streams{ false };
    bool includesUsage{ false }; ///< in a stream
    bool wantsLogprobs{ false };
    std::uint64_t alternatives{ 0 }; ///< likely tokens reported with each token
    bool asBase64{ false }; ///< embeddings as little-endian fp32 in base64
};

/// Reads the JSON body of a call. Whatever cannot be honoured is refused by name, what does not
/// change the answer is ignored.
tl::expected<ApiRequest, ApiError> readApiRequest(ApiCall call, std::string_view body);

} // namespace loam::rpc
