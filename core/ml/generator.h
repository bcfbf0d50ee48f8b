// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ml/backend.h"
#include "ml/parameters.h"

#include <functional>
#include <memory>
#include <span>
#include <vector>

namespace loam::ml {

struct GenerateOptions
{
    std::size_t maxTokens{ 64 };
    float temperature{ 0.0F }; ///< 0 takes the most likely token
    std::uint64_t seed{ 0 }; ///< of the draw at a temperature above 0
    Token stopToken{ -1 }; ///< ends the text; not returned
};

/// Writes text token by token with a cache of keys and values. One thread at a time.
class Generator
{
public:
    /// `backend` must outlive the object; weights are copied to it.
    static base::Result<std::unique_ptr<Generator>> create(
        const Parameters& parameters, Backend& backend);
    ~Generator();
    Generator(const Generator&) = delete;
    Generator& operator=(const Generator&) = delete;

    /// Continues `prompt` (at least one token), at most up to the model's context.
    /// `onToken` (may be empty) sees each token as it comes and returns false to stop.
    base::Result<std::vector<Token>> generate(std::span<const Token> prompt,
        const GenerateOptions& options, const std::function<bool(Token)>& onToken = {});
    /// Logits after the last token of `prompt`, [vocab].
    base::Result<std::vector<float>> logits(std::span<const Token> prompt);

private:
    struct State;
    explicit Generator(std::unique_ptr<State> state);
    std::unique_ptr<State> m_state;
};

} // namespace loam::ml
