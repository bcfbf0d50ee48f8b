// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"
#include "ml/inference_backend.h"
#include "ml/model_file.h"
#include "ml/sampler.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace loam::ml {

struct LanguageModelOptions
{
    std::uint32_t context{ 4096 }; ///< tokens of one sequence, at most the model's own
    std::uint32_t slots{ 4 }; ///< sequences side by side
    std::uint32_t batch{ 512 }; ///< rows computed together
};

/// One answer that is wanted.
struct AnswerRequest
{
    std::vector<Token> prompt;
    std::size_t maxTokens{ 256 };
    SamplingOptions sampling;
    std::vector<std::string> stop; ///< texts that end the answer and are not part of it
    std::size_t alternatives{ 0 }; ///< likely tokens reported with each token
};

enum class AnswerEnd { EndOfText, Stop, Length, Cancelled };

/// What happened to an answer in one step.
struct AnswerEvent
{
    std::uint64_t answer{ 0 };
    std::string text; ///< new text, whole characters only; held back while a stop text may begin
    std::vector<SampledToken> tokens;
    std::optional<AnswerEnd> end;
    std::size_t promptTokens{ 0 }; ///< computed; those kept from an earlier prompt are not counted
    std::size_t answerTokens{ 0 };
    double promptSeconds{ 0 };
    double answerSeconds{ 0 };
};

/// A model ready to answer on one device. Several answers advance together (continuous batching);
/// a prompt that begins like what a slot still holds is only computed from where they differ.
/// One thread at a time.
class LanguageModel
{
public:
    /// Bytes that `create` will need on the device: weights, cache and activations.
    static std::uint64_t memoryNeed(const ModelFile& file, const LanguageModelOptions& options);

    /// `file` and `backend` must outlive the model.
    static base::Result<std::unique_ptr<LanguageModel>> create(
        const ModelFile& file, InferenceBackend& backend, const LanguageModelOptions& options);
    ~LanguageModel();
    LanguageModel(const LanguageModel&) = delete;
    LanguageModel& operator=(const LanguageModel&) = delete;

    const ModelFile& file() const;
    const LanguageModelOptions& options() const;

    /// Logits after every token of `tokens`, [tokens, vocab]; uses a slot of its own, which must be
    /// free (Unavailable otherwise).
    base::Result<std::vector<float>> logits(std::span<const Token> tokens);
    /// The mean over tokens of the last hidden state after the final norm, [dim], length 1.
    base::Result<std::vector<float>> embedding(std::span<const Token> tokens);

    /// Queues an answer; Invalid for an empty or too long prompt, naming the numbers.
    base::Result<std::uint64_t> begin(AnswerRequest request);
    void cancel(std::uint64_t answer);
    bool isBusy() const;
    /// Computes one batch and reports what came of it. Cancelled after an interrupt; the answers
    /// under way are then lost.
    base::Result<> step(const std::function<void(const AnswerEvent&)>& sink);

private:
    struct State;
    explicit LanguageModel(std::unique_ptr<State> state);
    std::unique_ptr<State> m_state;
};

} // namespace loam::ml
