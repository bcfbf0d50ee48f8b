// SPDX-License-Identifier: GPL-3.0-or-later
// Speed of the CPU backends against this machine's own peak. Counters of the best round: GF/s,
// tokens/s and "mfu" (share of the measured peak of as many cores as threads) by wall clock, and
// "cpu_mfu" by the CPU time that the process was given: on a busy machine only the latter speaks
// of the program. Flags as of Google Benchmark, e.g. --benchmark_filter=train
// --benchmark_format=json.
#include "ml/adamw.h"
#include "ml/cpu_backend.h"
#include "ml/exact_math.h"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <time.h>

using namespace loam::ml;

namespace {

using Seconds = std::chrono::duration<double>;

double secondsSince(std::chrono::steady_clock::time_point begin)
{
    return Seconds{ std::chrono::steady_clock::now() - begin }.count();
}

double cpuSeconds(clockid_t clock)
{
    timespec now{};
    clock_gettime(clock, &now);
    return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

/// Keeps the quickest round by either clock.
class Stopwatch
{
public:
    void start()
    {
        m_wallBegin = std::chrono::steady_clock::now();
        m_cpuBegin = cpuSeconds(CLOCK_PROCESS_CPUTIME_ID);
    }
    void stop()
    {
        m_wall = std::min(m_wall, secondsSince(m_wallBegin));
        m_cpu = std::min(m_cpu, cpuSeconds(CLOCK_PROCESS_CPUTIME_ID) - m_cpuBegin);
    }
    double wall() const { return m_wall; }
    double cpu() const { return m_cpu; }

private:
    std::chrono::steady_clock::time_point m_wallBegin;
    double m_cpuBegin{ 0.0 };
    double m_wall{ 1e9 };
    double m_cpu{ 1e9 };
};

#ifdef __x86_64__
[[gnu::target("avx2,fma")]] double fmaRate()
{
    using V8 = float __attribute__((vector_size(32)));
    constexpr int kRounds = 200'000;
    constexpr int kChains = 12;
    V8 sums[kChains] = {};
    const V8 factor = V8{} + 0.999F;
    const V8 addend = V8{} + 0.001F;
    const double begin = cpuSeconds(CLOCK_THREAD_CPUTIME_ID);
    for (int i = 0; i < kRounds; ++i) {
#pragma GCC unroll 12
        for (int c = 0; c < kChains; ++c) {
            sums[c] = __builtin_ia32_vfmaddps256(sums[c], factor, addend);
        }
    }
    const double seconds = cpuSeconds(CLOCK_THREAD_CPUTIME_ID) - begin;
    for (V8& sum : sums) {
        benchmark::DoNotOptimize(sum);
    }
    return 2.0 * 8.0 * kChains * kRounds / seconds;
}
#else
double fmaRate()
{
    return 0.0;
}
#endif

/// Fused multiply-adds of one core, FLOP per second: the best of several tries.
double peakOfOneCore()
{
    static const double kPeak = [] {
        double best = 0.0;
        for (int i = 0; i < 200; ++i) {
            best = std::max(best, fmaRate());
        }
        return best;
    }();
    return kPeak;
}

ModelConfig oneMillion()
{
    return {};
}

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

void report(benchmark::State& state, double flopPerRound, const Stopwatch& watch, unsigned threads)
{
    const double rate = flopPerRound / watch.wall();
    state.counters["peak_GF/s"] = peakOfOneCore() * threads / 1e9;
    state.counters["best_GF/s"] = rate / 1e9;
    state.counters["best_mfu"] = rate / (peakOfOneCore() * threads);
    state.counters["best_cpu_mfu"] = flopPerRound / (watch.cpu() * peakOfOneCore());
}

std::unique_ptr<Backend> backendFor(ThreadPool& pool, bool reference)
{
    return (reference ? makeReferenceBackend(pool) : makeFastBackend(pool)).value();
}

/// Forward, backward and AdamW on random tokens.
void trainingStep(benchmark::State& state, const ModelConfig& config, bool reference)
{
    const auto threads = static_cast<unsigned>(state.range(0));
    ThreadPool pool{ threads };
    const auto backend = backendFor(pool, reference);
    const BatchShape shape{ 8, config.context };
    const auto model
        = Transformer::create(config, *backend, shape, Transformer::Purpose::Train).value();
    if (!model->setParameters(Parameters::initialise(config, 1).value())) {
        state.SkipWithError("no weights");
        return;
    }
    const auto optimiser = AdamW::create(model->table(), *backend, {}).value();
    std::vector<Token> tokens(shape.tokens());
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        const auto words = exact::philox({ static_cast<std::uint32_t>(i), 0, 0, 0 }, { 1, 1 });
        tokens[i] = static_cast<Token>(words[0] % config.vocab);
    }
    const TokenBatch batch{ shape, tokens, tokens };
    Stopwatch watch;
    for ([[maybe_unused]] const auto _ : state) {
        watch.start();
        const bool done = model->computeGradients(batch).has_value()
            && optimiser->step(*model, 1e-4F).has_value();
        watch.stop();
        if (!done) {
            state.SkipWithError("the step failed");
            break;
        }
    }
    const auto tokensPerStep = static_cast<double>(shape.tokens());
    state.counters["best_tokens/s"] = tokensPerStep / watch.wall();
    report(state, config.trainingFlopPerToken(shape.length) * tokensPerStep, watch, threads);
}

/// A product [m,k] x [n,k]^T.
void product(benchmark::State& state, bool reference, CpuBackend::Library library)
{
    const auto threads = static_cast<unsigned>(state.range(0));
    const auto extent = [&](std::size_t i) { return static_cast<std::size_t>(state.range(i)); };
    const MatmulShape shape{ extent(1), extent(2), extent(3) };
    ThreadPool pool{ threads };
    CpuBackend backend{ pool, reference ? CpuBackend::Law::Exact : CpuBackend::Law::Fast,
        reference ? exactKernels() : fastKernels(), library };
    const auto a = backend.allocate(shape.m * shape.k).value();
    const auto b = backend.allocate(shape.n * shape.k).value();
    const auto c = backend.allocate(shape.m * shape.n).value();
    backend.fill(*a, 1.0F);
    backend.fill(*b, 1.0F);
    Stopwatch watch;
    for ([[maybe_unused]] const auto _ : state) {
        watch.start();
        static_cast<Backend&>(backend).matmul({ Layout::NT, shape, *c, *a, *b, Write::Overwrite });
        watch.stop();
    }
    report(state, 2.0 * static_cast<double>(shape.m * shape.n * shape.k), watch, threads);
}

void shapes(benchmark::internal::Benchmark* bench)
{
    for (const int threads : { 1, 2 }) {
        bench->Args({ threads, 2048, 768, 256 });
        bench->Args({ threads, 2048, 256, 768 });
        bench->Args({ threads, 512, 512, 512 });
        bench->Args({ threads, 64, 256, 32 });
    }
    bench->UseRealTime()->Unit(benchmark::kMicrosecond);
}

void steps(benchmark::internal::Benchmark* bench)
{
    bench->Arg(1)->Arg(2)->UseRealTime()->Unit(benchmark::kMillisecond);
}

BENCHMARK_CAPTURE(product, exact, true, CpuBackend::Library::None)->Apply(shapes);
BENCHMARK_CAPTURE(product, fast_own, false, CpuBackend::Library::None)->Apply(shapes);
BENCHMARK_CAPTURE(product, fast_library, false,
    hasLibraryGemm() ? CpuBackend::Library::All : CpuBackend::Library::None)
    ->Apply(shapes);
BENCHMARK_CAPTURE(trainingStep, train_1m_fast, oneMillion(), false)->Apply(steps);
BENCHMARK_CAPTURE(trainingStep, train_1m_reference, oneMillion(), true)->Apply(steps);
BENCHMARK_CAPTURE(trainingStep, train_8m_fast, eightMillion(), false)->Apply(steps);
BENCHMARK_CAPTURE(trainingStep, train_8m_reference, eightMillion(), true)->Apply(steps);

} // namespace

BENCHMARK_MAIN();
