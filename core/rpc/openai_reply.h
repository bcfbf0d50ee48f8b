// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "rpc/openai_request.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace loam::rpc {

/// A token of an answer and the likely ones at its place.
struct ApiToken
{
    std::string text;
    double logProbability{ 0 };
    std::vector<std::pair<std::string, double>> best;
};

/// Some more of an answer, or the next embedding.
struct ApiPiece
{
    std::string text;
    std::vector<ApiToken> tokens;
    std::vector<float> embedding;
};

/// How an answer or a list of embeddings came to its end.
struct ApiEnd
{
    std::string reason; ///< stop, length or cancelled
    std::uint64_t promptTokens{ 0 };
    std::uint64_t answerTokens{ 0 };
};

/// One answer on its way to a client of the OpenAI-style endpoint: turns pieces into the JSON that
/// such clients read. No thread of its own, no I/O.
class ApiReply
{
public:
    ApiReply(ApiCall call, const ApiRequest& request, std::string id, std::int64_t created);

    // A stream: the first event, one for each piece, the last ones.
    std::string opening() const;
    std::string event(const ApiPiece& piece);
    std::string closing(const ApiEnd& end) const;
    /// An error in the middle of a stream.
    static std::string failure(const ApiError& error);

    // All at once.
    void add(const ApiPiece& piece);
    std::string whole(const ApiEnd& end) const;

private:
    ApiCall m_call;
    std::string m_model;
    std::string m_id;
    std::int64_t m_created;
    bool m_includesUsage;
    bool m_wantsLogprobs;
    bool m_asBase64;
    ApiPiece m_all;
    std::vector<std::vector<float>> m_embeddings;
    std::size_t m_offset{ 0 }; ///< bytes of text before the next piece
};

/// {"error": {...}}
std::string errorBody(const ApiError& error);

} // namespace loam::rpc
