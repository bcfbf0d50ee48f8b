// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ml/op_types.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace loam::ml {

/// How the next token is drawn. Filters apply in this order: repetition, temperature 0 ends here,
/// top-k, top-p, min-p, temperature.
struct SamplingOptions
{
    float temperature{ 0.8F }; ///< 0 takes the most likely token
    std::uint32_t topK{ 40 }; ///< 0: all
    float topP{ 0.95F }; ///< 1: all
    float minP{ 0.05F }; ///< 0: all
    float repetitionPenalty{ 1.0F }; ///< of tokens among the last `repetitionWindow` (CTRL paper)
    std::uint32_t repetitionWindow{ 64 };
    float frequencyPenalty{ 0.0F }; ///< OpenAI's, over the answer so far
    float presencePenalty{ 0.0F };
    std::uint64_t seed{ 0 };
};

struct TokenProbability
{
    Token token{ 0 };
    float logProbability{ 0 };
};

struct SampledToken
{
    Token token{ 0 };
    float logProbability{ 0 }; ///< of the model, before any filter
    std::vector<TokenProbability> best; ///< the most likely ones, as many as were asked for
};

/// Draws one sequence's tokens: equal options, logits and seeds give equal tokens everywhere.
class Sampler
{
public:
    explicit Sampler(const SamplingOptions& options);
    /// Makes a token count for repetition; `isAnswer` for the answer's own penalties.
    void accept(Token token, bool isAnswer);
    /// logits[vocab]; `alternatives` of the most likely tokens are reported.
    SampledToken sample(std::span<const float> logits, std::size_t alternatives = 0);

private:
    SamplingOptions m_options;
    std::vector<Token> m_recent;
    std::vector<Token> m_answer;
    std::uint64_t m_drawn{ 0 };
};

} // namespace loam::ml
