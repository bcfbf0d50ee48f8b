// SPDX-License-Identifier: GPL-3.0-or-later
#include "ml/bench_inference.h"

#include "ml/language_model.h"
#include "ml/thread_pool.h"
#include "ml/vulkan_backend.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <deque>
#include <numeric>
#include <utility>

namespace loam::ml {

using base::Errc;
using base::fail;
using base::Result;

namespace {

    constexpr std::size_t kPrompt = 512;
    constexpr std::size_t kAnswer = 128;
    constexpr std::size_t kBandwidthBytes = std::size_t{ 256 } << 20U;
    constexpr int kBandwidthTries = 5;

    ModelShape noiseShape()
    {
        ModelShape shape;
        shape.dim = 768;
        shape.layers = 12;
        shape.heads = 12;
        shape.kvHeads = 12;
        shape.headDim = 64;
        shape.ffn = 2'048;
        shape.vocab = 32'000;
        shape.context = 2'048;
        shape.attentionScale = 0.125F;
        return shape;
    }

    class NoiseModel final : public ModelFile
    {
    public:
        static Result<std::unique_ptr<ModelFile>> create(WeightType type)
        {
            std::unique_ptr<NoiseModel> model{ new NoiseModel };
            TRY(model->fill(type));
            return model;
        }
        const ModelDescription& description() const override { return m_description; }
        const ModelTensors& tensors() const override { return m_tensors; }
        const TextCodec& text() const override { return *m_text; }

    private:
        Result<> fill(WeightType type)
        {
            m_description.name = "llama134m";
            m_description.quantisation = weightTypeName(type);
            m_description.shape = noiseShape();
            const ModelShape& shape = m_description.shape;
            const std::size_t width = std::size_t{ shape.heads } * shape.headDim;
            const auto matrix = [&](WeightSource& out, std::size_t rows, std::size_t columns) {
                return makeMatrix(out, type, rows, columns);
            };
            TRY(matrix(m_tensors.embedding, shape.vocab, shape.dim));
            TRY(matrix(m_tensors.head, shape.vocab, shape.dim));
            m_tensors.outputNorm.assign(shape.dim, 1.0F);
            m_tensors.layers.resize(shape.layers);
            for (LayerTensors& layer : m_tensors.layers) {
                layer.attentionNorm.assign(shape.dim, 1.0F);
                layer.ffnNorm.assign(shape.dim, 1.0F);
                TRY(matrix(layer.q, width, shape.dim));
                TRY(matrix(layer.k, width, shape.dim));
                TRY(matrix(layer.v, width, shape.dim));
                TRY(matrix(layer.output, shape.dim, width));
                TRY(matrix(layer.gate, shape.ffn, shape.dim));
                TRY(matrix(layer.up, shape.ffn, shape.dim));
                TRY(matrix(layer.down, shape.dim, shape.ffn));
            }
            Vocabulary vocabulary;
            for (std::uint32_t i = 0; i < shape.vocab; ++i) {
                vocabulary.pieces.push_back({ fmt::format("t{} ", i), 0.0F, PieceKind::Normal });
            }
            vocabulary.pieces[0].kind = PieceKind::Unknown;
            vocabulary.unknown = 0;
            TRY_ASSIGN(m_text, TextCodec::create(std::move(vocabulary)));
            return {};
        }

        Result<> makeMatrix(
            WeightSource& out, WeightType type, std::size_t rows, std::size_t columns)
        {
            const std::size_t row = rowBytes(type, columns);
            base::Bytes& bytes = m_bytes.emplace_back(rows * row);
            std::vector<float> values(columns);
            for (std::size_t r = 0; r < rows; ++r) {
                for (float& value : values) {
                    // Knuth's MMIX generator; the upper bits, -1/16 to 1/16.
                    m_state = m_state * 6364136223846793005U + 1442695040888963407U;
                    value = (static_cast<float>(m_state >> 40U) * 0x1p-23F - 1.0F) / 16.0F;
                }
                TRY(quantise(type, bytes.data() + r * row, values));
            }
            out = { type, rows, columns, bytes };
            m_description.parameters += rows * columns;
            m_description.bytes += bytes.size();
            return {};
        }

        std::uint64_t m_state{ 1 };
        std::deque<base::Bytes> m_bytes;
        ModelDescription m_description;
        ModelTensors m_tensors;
        std::unique_ptr<TextCodec> m_text;
    };

    /// What one token reads, and multiplies.
    struct Work
    {
        double bytes{ 0 }; ///< of the matrices, the head among them
        double layerFlop{ 0 }; ///< of a token of a prompt, of the length that is measured
        double headFlop{ 0 };
    };

    Work workOf(const ModelFile& file)
    {
        Work work;
        const auto count = [&](const WeightSource& w) {
            work.bytes += static_cast<double>(w.rows * rowBytes(w.type, w.columns));
            return 2.0 * static_cast<double>(w.rows * w.columns);
        };
        const ModelTensors& tensors = file.tensors();
        const ModelShape& shape = file.description().shape;
        for (const LayerTensors& layer : tensors.layers) {
            for (const WeightSource* w : { &layer.q, &layer.k, &layer.v, &layer.output, &layer.gate,
                     &layer.up, &layer.down }) {
                work.layerFlop += count(*w);
            }
            // Scores and values over half of the prompt on average.
            work.layerFlop += 2.0 * static_cast<double>(shape.heads * shape.headDim * kPrompt);
        }
        work.headFlop = count(tensors.head);
        return work;
    }

    /// A model's name as part of a measurement's: letters, digits, points; dashes for the rest.
    std::string plainName(std::string_view name)
    {
        std::string out;
        for (const char c : name) {
            const bool isLetter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
            const bool isPlain = isLetter || (c >= '0' && c <= '9') || c == '.';
            out += isLetter ? static_cast<char>(c | 0x20) : isPlain ? c : '-';
        }
        return out;
    }

    /// One answer to its end.
    Result<AnswerEvent> answer(LanguageModel& model, std::vector<Token> prompt, std::size_t tokens)
    {
        AnswerRequest request;
        request.prompt = std::move(prompt);
        request.maxTokens = tokens;
        request.sampling.temperature = 0.0F;
        TRY(model.begin(std::move(request)));
        AnswerEvent last;
        while (model.isBusy()) {
            TRY(model.step([&last](const AnswerEvent& event) { last = event; }));
        }
        return last;
    }

    Token tokenOf(const ModelFile& file, std::size_t number)
    {
        return static_cast<Token>((number * 37 + 11) % file.description().shape.vocab);
    }

    /// Seconds of a prompt that begins like none before.
    Result<double> promptSeconds(LanguageModel& model, std::size_t& number)
    {
        std::vector<Token> prompt;
        ++number;
        for (std::size_t i = 0; i < kPrompt; ++i) {
            prompt.push_back(tokenOf(model.file(), number + 101 * i));
        }
        TRY_ASSIGN(const AnswerEvent done, answer(model, std::move(prompt), 1));
        return done.promptSeconds;
    }

    /// Seconds a token of answers; those that end early are followed by others.
    Result<double> tokenSeconds(LanguageModel& model, std::size_t& number)
    {
        constexpr int kMostAnswers = 64;
        double seconds = 0.0;
        std::size_t tokens = 0;
        for (int i = 0; i < kMostAnswers && tokens < kAnswer; ++i) {
            const Token first = tokenOf(model.file(), ++number);
            TRY_ASSIGN(const AnswerEvent done, answer(model, { first }, kAnswer - tokens + 1));
            seconds += done.answerSeconds;
            tokens += done.answerTokens - std::min<std::size_t>(done.answerTokens, 1);
        }
        if (tokens < kAnswer) {
            return fail(Errc::Unavailable, "the model ends its answers at once");
        }
        return seconds / static_cast<double>(tokens);
    }

} // namespace

Result<std::unique_ptr<ModelFile>> noiseModel(WeightType type)
{
    return NoiseModel::create(type);
}

double memoryBandwidth(unsigned threads)
{
    ThreadPool pool{ threads };
    const std::vector<std::uint64_t> words(kBandwidthBytes / sizeof(std::uint64_t), 1);
    constexpr std::size_t kPieces = 64;
    std::atomic<std::uint64_t> kept{ 0 };
    double best = 0.0;
    for (int i = 0; i < kBandwidthTries; ++i) {
        const double seconds = secondsOf([&] {
            pool.run(kPieces, [&](std::size_t piece, unsigned) {
                const auto part = std::span{ words }.subspan(
                    piece * words.size() / kPieces, words.size() / kPieces);
                kept += std::accumulate(part.begin(), part.end(), std::uint64_t{ 0 });
            });
        });
        best = std::max(best, static_cast<double>(kBandwidthBytes) / seconds);
    }
    return best;
}

Measurements benchInference(
    const BenchOptions& options, const BenchMachine& machine, const InferenceSubject& subject)
{
    const bool isCpu = !options.card;
    ThreadPool pool{ isCpu ? options.threads : 1 };
    TRY_ASSIGN(const std::unique_ptr<InferenceBackend> backend,
        isCpu ? makeCpuInference(pool) : makeVulkanInference(*options.card));
    backend->setInterrupt(options.shouldStop);
    TRY_ASSIGN(const std::unique_ptr<ModelFile> file,
        subject.model.empty() ? noiseModel(subject.type) : ModelFile::open(subject.model));
    TRY_ASSIGN(const auto model,
        LanguageModel::create(*file, *backend, { 2 * kPrompt, 1, static_cast<unsigned>(kPrompt) }));
    if (model->options().context < kPrompt + 1) {
        return fail(Errc::Invalid,
            fmt::format("{} reads {} tokens; the benchmark needs {}", file->description().name,
                model->options().context, kPrompt + 1));
    }
    std::vector<double> prompts;
    std::vector<double> answers;
    std::size_t number = 0;
    TRY(promptSeconds(*model, number)); // first touch of the memory
    for (unsigned i = 0; i < options.repetitions; ++i) {
        TRY_ASSIGN(const double prompt, promptSeconds(*model, number));
        TRY_ASSIGN(const double token, tokenSeconds(*model, number));
        prompts.push_back(static_cast<double>(kPrompt) / prompt);
        answers.push_back(1.0 / token);
    }
    std::vector<Measurement> out;
    const auto add = [&](const char* what, const char* unit, std::vector<double> values,
                         double factor) {
        for (double& value : values) {
            value *= factor;
        }
        Measurement one = summary(fmt::format("infer.{}.{}.{}", plainName(file->description().name),
                                      file->description().quantisation, what),
            unit, std::move(values));
        one.device = backend->name();
        one.threads = pool.threads();
        out.push_back(std::move(one));
    };
    add("prompt512", "tokens/s", prompts, 1.0);
    add("answer128", "tokens/s", answers, 1.0);
    if (isCpu) {
        const Work work = workOf(*file);
        const double bandwidth = memoryBandwidth(options.threads);
        if (machine.peak > 0.0) {
            const double flop = work.layerFlop + work.headFlop / static_cast<double>(kPrompt);
            add("prompt512.flop_utilisation", "1", prompts, flop / (machine.peak * pool.threads()));
        }
        add("answer128.bandwidth_utilisation", "1", answers, work.bytes / bandwidth);
        add("memory_read", "GB/s", { bandwidth }, 1e-9);
    }
    return out;
}

} // namespace loam::ml
