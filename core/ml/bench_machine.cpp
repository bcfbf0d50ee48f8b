// SPDX-License-Identifier: GPL-3.0-or-later
#include "ml/bench_training.h"
#include "ml/cpu_kernels.h"

#include <fstream>

namespace loam::ml {

namespace {

    constexpr int kRounds = 20'000;
    constexpr int kTries = 100;

#ifdef LOAM_X86
    /// Independent chains that hide the latency of a fused multiply-add.
    constexpr int kChains = 12;

    /// Each chain begins elsewhere: equal ones would be computed once and counted twelve times.
    template <class V> [[gnu::always_inline]] inline void begin(V (&sums)[kChains])
    {
        for (int c = 0; c < kChains; ++c) {
            sums[c] = V{} + static_cast<float>(c);
        }
    }

    [[gnu::target("avx2,fma")]] double multiplyAdd8()
    {
        using V8 = float __attribute__((vector_size(32)));
        V8 sums[kChains];
        begin(sums);
        const V8 factor = V8{} + 0.999F;
        const V8 addend = V8{} + 0.001F;
        for (int i = 0; i < kRounds; ++i) {
#pragma GCC unroll 12
            for (int c = 0; c < kChains; ++c) {
                sums[c] = __builtin_ia32_vfmaddps256(sums[c], factor, addend);
            }
        }
        V8 total = {};
        for (const V8& sum : sums) {
            total += sum;
        }
        return static_cast<double>(total[0]);
    }

    [[gnu::target("avx512f,avx512vl,avx512bw,avx512dq,fma")]] double multiplyAdd16()
    {
        using V16 = float __attribute__((vector_size(64)));
#ifdef __clang__
        constexpr unsigned short kAllLanes = 0xFFFF;
#else
        constexpr short kAllLanes = -1;
#endif
        constexpr int kCurrentRounding = 4;
        V16 sums[kChains];
        begin(sums);
        const V16 factor = V16{} + 0.999F;
        const V16 addend = V16{} + 0.001F;
        for (int i = 0; i < kRounds; ++i) {
#pragma GCC unroll 12
            for (int c = 0; c < kChains; ++c) {
                sums[c] = __builtin_ia32_vfmaddps512_mask(
                    sums[c], factor, addend, kAllLanes, kCurrentRounding);
            }
        }
        V16 total = {};
        for (const V16& sum : sums) {
            total += sum;
        }
        return static_cast<double>(total[0]);
    }
#endif

    std::string coreName()
    {
        std::ifstream file{ "/proc/cpuinfo" };
        std::string line;
        while (std::getline(file, line)) {
            const std::size_t colon = line.find(": ");
            if (line.starts_with("model name") && colon != std::string::npos) {
                return line.substr(colon + 2);
            }
        }
        return "unknown";
    }

} // namespace

BenchMachine benchMachine()
{
    BenchMachine machine;
    machine.core = coreName();
#ifdef LOAM_X86
    const bool isWide = hasWideVectors();
    if (!isWide && !(__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))) {
        return machine;
    }
    const double flop = 2.0 * (isWide ? 16.0 : 8.0) * kChains * kRounds;
    volatile double kept = 0.0;
    for (int i = 0; i < kTries; ++i) {
        const double seconds
            = secondsOf([&] { kept = kept + (isWide ? multiplyAdd16() : multiplyAdd8()); });
        machine.peak = std::max(machine.peak, flop / seconds);
    }
#endif
    return machine;
}

} // namespace loam::ml
