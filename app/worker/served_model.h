// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ml/language_model.h"
#include "ml/thread_pool.h"
#include "worker/request.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace loam::worker {

/// How much a model gets when nobody says otherwise.
inline constexpr std::uint32_t kDefaultContext = 4096;
inline constexpr std::uint32_t kDefaultSlots = 4;

/// A model on a device, with everything it stands on.
class ServedModel
{
public:
    /// Reads device ("cpu" or a uuid), context, slots, threads and the model of a "load" job.
    /// `interrupt` is asked all the time while the model computes.
    static base::Result<std::unique_ptr<ServedModel>> load(
        const Request& request, std::function<bool()> interrupt);

    ml::LanguageModel& language() { return *m_language; }
    const ml::TextCodec& text() const { return m_file->text(); }
    const ml::ModelFile& file() const { return *m_file; }
    std::uint32_t context() const { return m_language->options().context; }

    /// Tokens of a text that the model shall continue; control tokens in it count as such.
    std::vector<ml::Token> promptTokens(std::string_view prompt) const;
    /// Tokens of a text as it stands, for an embedding.
    std::vector<ml::Token> plainTokens(std::string_view text) const;
    /// What an "answer" job asks for.
    base::Result<ml::AnswerRequest> answerRequest(const Request& request) const;

private:
    explicit ServedModel(unsigned threads)
        : m_pool{ std::make_unique<ml::ThreadPool>(threads) }
    {
    }
    /// Computes short answers that nobody asked for, so that a driver compiles every kernel now and
    /// not in the middle of the first answer, where its silence would look like a hang.
    base::Result<> warmUp();
    base::Result<std::vector<ml::Token>> conversation(
        const Request& request, std::size_t answerTokens) const;

    std::unique_ptr<ml::ThreadPool> m_pool;
    std::unique_ptr<ml::ModelFile> m_file;
    std::unique_ptr<ml::InferenceBackend> m_backend;
    std::unique_ptr<ml::LanguageModel> m_language;
};

/// The options of a model that is asked for so much; never more than it was trained for.
ml::LanguageModelOptions optionsFor(
    const ml::ModelFile& file, std::uint64_t context, std::uint64_t slots);

} // namespace loam::worker
