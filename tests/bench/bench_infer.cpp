// SPDX-License-Identifier: GPL-3.0-or-later
// bench_infer MODEL THREADS [REPETITIONS]: prompt (512) and generation (128) tokens/s as JSON;
// bench_infer MODEL THREADS greedy N ID,ID,...: greedy tokens, to compare with other programs.
#include "ml/language_model.h"
#include "ml/thread_pool.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <string>
#include <vector>

using namespace loam;

namespace {

int fails(const base::Error& error)
{
    fmt::print(stderr, "{}\n", error.message);
    return 1;
}

/// Runs one answer to its end; seconds of prompt and of the tokens after the first.
base::Result<ml::AnswerEvent> answer(ml::LanguageModel& model, std::vector<ml::Token> prompt,
    std::size_t tokens, std::vector<ml::Token>& out)
{
    ml::AnswerRequest request;
    request.prompt = std::move(prompt);
    request.maxTokens = tokens;
    request.sampling.temperature = 0.0F;
    TRY(model.begin(std::move(request)));
    ml::AnswerEvent last;
    while (model.isBusy()) {
        TRY(model.step([&](const ml::AnswerEvent& event) {
            for (const ml::SampledToken& token : event.tokens) {
                out.push_back(token.token);
            }
            last = event;
        }));
    }
    return last;
}

} // namespace

int main(int argc, char** argv)
{
    if (argc < 3) {
        fmt::print(stderr, "usage: bench_infer MODEL THREADS [REPETITIONS | greedy N ID,ID,...]\n");
        return 2;
    }
    const unsigned threads = static_cast<unsigned>(std::max(1, std::atoi(argv[2])));
    auto file = ml::ModelFile::open(argv[1]);
    if (!file) {
        return fails(file.error());
    }
    ml::ThreadPool pool{ threads };
    auto backend = ml::makeCpuInference(pool);
    if (!backend) {
        return fails(backend.error());
    }
    auto model = ml::LanguageModel::create(**file, **backend, { 1'024, 1, 512 });
    if (!model) {
        return fails(model.error());
    }
    std::vector<ml::Token> out;
    if (argc > 5 && std::string{ argv[3] } == "greedy") {
        std::vector<ml::Token> prompt;
        for (const char* at = argv[5]; *at != '\0';) {
            char* end = nullptr;
            prompt.push_back(static_cast<ml::Token>(std::strtol(at, &end, 10)));
            at = *end == ',' ? end + 1 : end;
            if (end == at && *end != '\0') {
                return 2;
            }
        }
        const auto done
            = answer(**model, prompt, static_cast<std::size_t>(std::atoi(argv[4])), out);
        if (!done) {
            return fails(done.error());
        }
        fmt::print("[{}]\n", fmt::join(out, ", "));
        return 0;
    }
    const int repetitions = argc > 3 ? std::max(1, std::atoi(argv[3])) : 5;
    std::vector<double> prompts;
    std::vector<double> generation;
    for (int i = 0; i < repetitions; ++i) {
        std::vector<ml::Token> prompt;
        for (int t = 0; t < 512; ++t) {
            prompt.push_back((t * 37 + i * 101 + 11) % 30'000);
        }
        const auto first = answer(**model, prompt, 1, out);
        const auto second = answer(**model, { 2 + i }, 129, out);
        if (!first || !second) {
            return fails(!first ? first.error() : second.error());
        }
        prompts.push_back(512.0 / first->promptSeconds);
        generation.push_back(static_cast<double>(second->answerTokens - 1) / second->answerSeconds);
    }
    for (auto* values : { &prompts, &generation }) {
        std::ranges::sort(*values);
        fmt::print("{{\"name\": \"{}\", \"value\": {:.1f}, \"unit\": \"tokens/s\", \"device\": "
                   "\"{}\", \"threads\": {}, \"repetitions\": {}, \"minimum\": {:.1f}, "
                   "\"maximum\": {:.1f}}}\n",
            values == &prompts ? "prompt 512" : "generation 128", (*values)[values->size() / 2],
            (*backend)->name(), threads, repetitions, values->front(), values->back());
    }
    return 0;
}
