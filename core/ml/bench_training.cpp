// SPDX-License-Identifier: GPL-3.0-or-later
#include "ml/bench_training.h"

#include "ml/adamw.h"
#include "ml/exact_math.h"
#include "ml/layer_plan.h"
#include "ml/thread_pool.h"
#include "ml/transformer.h"

#include <fmt/format.h>

#include <set>

namespace loam::ml {

using base::Errc;
using base::fail;
using base::Result;

namespace {

    ModelConfig eightMillion()
    {
        ModelConfig config;
        config.dim = 256;
        config.layers = 6;
        config.heads = 8;
        config.kvHeads = 8;
        config.ffn = 768;
        config.vocab = 4096;
        config.context = 256;
        config.tied = false;
        return config;
    }

    constexpr BatchShape kBatch{ 8, 256 };

    std::vector<Token> someTokens(std::size_t count, std::size_t vocab)
    {
        std::vector<Token> tokens(count);
        for (std::size_t i = 0; i < count; ++i) {
            const auto words = exact::philox({ static_cast<std::uint32_t>(i), 0, 0, 0 }, { 1, 1 });
            tokens[i] = static_cast<Token>(words[0] % vocab);
        }
        return tokens;
    }

    /// The most threads and one, once each; a card has one.
    std::set<unsigned> threadCounts(const BenchOptions& options)
    {
        return { 1U, options.card ? 1U : std::max(1U, options.threads) };
    }

    Result<> proceed(const BenchOptions& options)
    {
        if (options.shouldStop && options.shouldStop()) {
            return fail(Errc::Cancelled, "the benchmark was cancelled");
        }
        return {};
    }

    /// What is measured: the card, or the processor with a pool of its own.
    struct Device
    {
        static Result<std::unique_ptr<Device>> create(const BenchOptions& options, unsigned threads)
        {
            auto out = std::make_unique<Device>();
            if (options.card) {
                TRY_ASSIGN(out->backend, makeVulkanBackend(*options.card));
                return out;
            }
            out->pool = std::make_unique<ThreadPool>(threads);
            TRY_ASSIGN(out->backend, makeFastBackend(*out->pool));
            return out;
        }
        unsigned threads() const { return pool ? pool->threads() : 1; }
        Measurement of(Measurement measured) const
        {
            measured.device = (pool ? "cpu " : "") + std::string{ backend->name() };
            measured.threads = threads();
            return measured;
        }
        /// Values that are neither zero nor tiny.
        Result<std::unique_ptr<Memory>> values(std::size_t floats)
        {
            std::vector<float> some(floats);
            for (std::size_t i = 0; i < floats; ++i) {
                some[i] = 0.1F + 0.01F * static_cast<float>(i % 31);
            }
            TRY_ASSIGN(auto memory, backend->allocate(floats));
            backend->upload(*memory, some);
            return memory;
        }

        std::unique_ptr<ThreadPool> pool;
        std::unique_ptr<Backend> backend;
    };

    /// Calls so often that a repetition takes milliseconds, and waits for all of them.
    template <class Task>
    Result<std::vector<double>> repeat(const BenchOptions& options, Device& device, Task task)
    {
        constexpr double kEnough = 5e-3;
        constexpr double kMostCalls = 1000.0;
        Result<> finished;
        const auto timeOf = [&](int calls) {
            return secondsOf([&] {
                for (int call = 0; call < calls; ++call) {
                    task();
                }
                finished = device.backend->finish();
            });
        };
        timeOf(1); // compiles a kernel, touches memory
        TRY(finished);
        const double once = std::max(1e-9, timeOf(1));
        const auto calls = static_cast<int>(std::clamp(kEnough / once, 1.0, kMostCalls));
        std::vector<double> seconds;
        for (unsigned i = 0; i < options.repetitions; ++i) {
            TRY(proceed(options));
            seconds.push_back(timeOf(calls) / calls);
            TRY(finished);
        }
        return seconds;
    }

    /// A model that can be stepped.
    struct Trainee
    {
        std::unique_ptr<Device> device;
        std::unique_ptr<Transformer> model;
        std::unique_ptr<AdamW> optimiser;
        std::vector<double> seconds;

        static Result<Trainee> create(
            const BenchOptions& options, unsigned threads, const Parameters& parameters)
        {
            Trainee out;
            TRY_ASSIGN(out.device, Device::create(options, threads));
            TRY_ASSIGN(out.model,
                Transformer::create(parameters.config(), *out.device->backend, kBatch,
                    Transformer::Purpose::Train));
            TRY(out.model->setParameters(parameters));
            TRY_ASSIGN(out.optimiser, AdamW::create(*out.model, AdamWSettings{}));
            return out;
        }
        Result<> step(const TokenBatch& batch)
        {
            TRY(model->computeGradients(batch));
            TRY(optimiser->step(*model, 1e-4F));
            return device->backend->finish();
        }
    };

} // namespace

Measurements benchGemm(const BenchOptions& options)
{
    struct Case
    {
        const char* name;
        Layout layout;
        MatmulShape shape;
    };
    // Forward, gradient of the input, gradient of the weights; a square one; an attention head.
    constexpr Case kCases[]
        = { { "nt", Layout::NT, { 2048, 768, 256 } }, { "nt", Layout::NT, { 2048, 256, 768 } },
              { "nn", Layout::NN, { 2048, 256, 1536 } }, { "tn", Layout::TN, { 1536, 256, 2048 } },
              { "nt", Layout::NT, { 512, 512, 512 } }, { "nt", Layout::NT, { 64, 256, 32 } } };
    std::vector<Measurement> out;
    for (const unsigned threads : threadCounts(options)) {
        TRY_ASSIGN(const auto device, Device::create(options, threads));
        for (const auto& [name, layout, shape] : kCases) {
            const auto [m, n, k] = shape;
            TRY_ASSIGN(const auto a, device->values(m * k));
            TRY_ASSIGN(const auto b, device->values(n * k));
            TRY_ASSIGN(const auto c, device->values(m * n));
            const Product product{ layout, shape, *c, *a, *b, Write::Overwrite };
            TRY_ASSIGN(
                auto values, repeat(options, *device, [&] { device->backend->matmul(product); }));
            for (double& value : values) {
                value = 2e-9 * static_cast<double>(m * n * k) / value;
            }
            out.push_back(device->of(
                summary(fmt::format("gemm.{}.{}x{}x{}", name, m, n, k), "GF/s", values)));
        }
    }
    return out;
}

Measurements benchTraining(const BenchOptions& options, const BenchMachine& machine)
{
    const ModelConfig config = eightMillion();
    TRY_ASSIGN(const Parameters parameters, Parameters::initialise(config, 1));
    const std::vector<Token> tokens = someTokens(kBatch.tokens(), config.vocab);
    const TokenBatch batch{ kBatch, tokens, tokens };
    std::vector<Trainee> trainees;
    for (const unsigned threads : threadCounts(options)) {
        TRY_ASSIGN(Trainee trainee, Trainee::create(options, threads, parameters));
        TRY(trainee.step(batch)); // first touch of the memory
        trainees.push_back(std::move(trainee));
    }
    // Interleaved, so that a disturbance of the machine meets all alike.
    for (unsigned i = 0; i < options.repetitions; ++i) {
        for (Trainee& trainee : trainees) {
            TRY(proceed(options));
            Result<> done;
            trainee.seconds.push_back(secondsOf([&] { done = trainee.step(batch); }));
            TRY(done);
        }
    }
    const auto rates = [](const Trainee& trainee, double perStep) {
        std::vector<double> values;
        for (const double seconds : trainee.seconds) {
            values.push_back(perStep / seconds);
        }
        return values;
    };
    const auto tokensPerStep = static_cast<double>(kBatch.tokens());
    const double flop = config.trainingFlopPerToken(kBatch.length) * tokensPerStep;
    std::vector<Measurement> out;
    for (const Trainee& trainee : trainees) {
        const Device& device = *trainee.device;
        out.push_back(device.of(
            summary("train.llama8m.tokens_per_second", "tokens/s", rates(trainee, tokensPerStep))));
        out.push_back(
            device.of(summary("train.llama8m.gflops", "GF/s", rates(trainee, flop * 1e-9))));
        if (machine.peak > 0.0 && !options.card) {
            const double perStep = flop / (machine.peak * device.threads());
            out.push_back(
                device.of(summary("train.llama8m.flop_utilisation", "1", rates(trainee, perStep))));
        }
    }
    if (trainees.size() > 1) {
        std::vector<double> ratios;
        for (std::size_t i = 0; i < trainees.front().seconds.size(); ++i) {
            ratios.push_back(trainees.front().seconds[i] / trainees.back().seconds[i]);
        }
        out.push_back(trainees.back().device->of(summary("train.llama8m.scaling", "1", ratios)));
    }
    return out;
}

Measurements benchOps(const BenchOptions& options)
{
    const ModelConfig config = eightMillion();
    const std::size_t n = kBatch.tokens();
    const std::size_t c = config.dim;
    const std::size_t f = config.ffn;
    const AttentionShape shape{ kBatch.sequences, kBatch.length, config.heads, config.kvHeads,
        config.headDim() };
    const std::vector<Token> tokens = someTokens(n, config.vocab);
    const std::size_t weights = std::size_t{ config.vocab } * c;
    std::vector<Measurement> out;
    for (const unsigned threads : threadCounts(options)) {
        TRY_ASSIGN(const auto device, Device::create(options, threads));
        Backend& b = *device->backend;
        TRY_ASSIGN(const auto x, device->values(n * c));
        TRY_ASSIGN(const auto y, device->values(n * c));
        TRY_ASSIGN(const auto z, device->values(n * c));
        TRY_ASSIGN(const auto gain, device->values(c));
        TRY_ASSIGN(const auto row, device->values(n * config.heads));
        TRY_ASSIGN(const auto qkv, device->values(n * shape.rowDim()));
        TRY_ASSIGN(const auto dQkv, device->values(n * shape.rowDim()));
        TRY_ASSIGN(const auto gateUp, device->values(n * 2 * f));
        TRY_ASSIGN(const auto dGateUp, device->values(n * 2 * f));
        TRY_ASSIGN(const auto hidden, device->values(n * f));
        TRY_ASSIGN(const auto dHidden, device->values(n * f));
        TRY_ASSIGN(const auto head, device->values(weights));
        TRY_ASSIGN(const auto dHead, device->values(weights));
        TRY_ASSIGN(const auto moments, device->values(2 * weights));
        TRY_ASSIGN(const auto scratch, device->values(b.headScratch(n, config.vocab)));
        TRY_ASSIGN(const auto angles, device->values(kBatch.length * config.headDim()));
        b.upload(*angles, ropeTable(config));
        const View first = View{ *moments }.slice(0, weights);
        const View second = View{ *moments }.slice(weights, weights);
        const View nats = View{ *row }.slice(0, n);
        AdamWStep step;
        step.epsilon = 1e-8F;
        const auto measure = [&](const char* name, auto task) -> Result<> {
            TRY_ASSIGN(auto values, repeat(options, *device, task));
            for (double& value : values) {
                value *= 1e6;
            }
            out.push_back(device->of(summary(std::string{ "ops." } + name, "us", values)));
            return {};
        };
        TRY(measure("add_rms_norm",
            [&] { b.addRmsNorm(*z, *y, nats, *x, *z, *gain, n, c, config.normEps); }));
        TRY(measure("rms_norm_backward", [&] {
            b.fill(*z, 0.0F);
            b.rmsNormBackward(*z, *gain, *y, *x, nats, *gain, n, c, Write::Overwrite);
        }));
        TRY(measure("rope", [&] { b.rope(*qkv, *angles, shape, 0, Direction::Forward); }));
        TRY(measure("attention", [&] { b.attention(*y, *row, *qkv, shape); }));
        TRY(measure(
            "attention_backward", [&] { b.attentionBackward(*dQkv, *x, *qkv, *y, *row, shape); }));
        TRY(measure("swiglu", [&] { b.swiglu(*hidden, *gateUp, n, f); }));
        TRY(measure("swiglu_backward",
            [&] { b.swigluBackward(*dGateUp, *hidden, *dHidden, *gateUp, n, f); }));
        TRY(measure("head_loss_backward", [&] {
            b.headLossBackward(nats, *y, *dHead, *x, *head, tokens, c, config.vocab, 1e-4F,
                Write::Overwrite, *scratch);
        }));
        TRY(measure("sum_of_squares", [&] { b.sumOfSquares(*gain, *dHead); }));
        TRY(measure("adamw", [&] { b.adamW(*head, *dHead, first, second, step); }));
        constexpr std::uint32_t kKeep = 512;
        TRY_ASSIGN(
            const auto packed, device->values(weights / kChunkValues * packedChunkWords(kKeep)));
        TRY(measure("pack_largest", [&] { b.packLargest(*packed, *dHead, kKeep); }));
    }
    return out;
}

} // namespace loam::ml
