// SPDX-License-Identifier: GPL-3.0-or-later
#include "ml/inference_kernels.h"

#include <array>

#ifdef LOAM_X86
#include <cpuid.h>
#endif

namespace loam::ml {

const InferenceKernels& inferenceKernelsBaseline();
#ifdef LOAM_X86
const InferenceKernels& inferenceKernelsAvx2();
const InferenceKernels& inferenceKernelsAvx512();
#endif

#ifdef LOAM_X86
namespace {

    /// Not every compiler's __builtin_cpu_supports() knows this one.
    bool hasHalfFloats()
    {
        unsigned eax = 0;
        unsigned ebx = 0;
        unsigned ecx = 0;
        unsigned edx = 0;
        return __get_cpuid(1, &eax, &ebx, &ecx, &edx) != 0 && (ecx & bit_F16C) != 0;
    }

} // namespace
#endif

std::span<const InferenceKernels* const> inferenceTables()
{
#ifdef LOAM_X86
    static const std::array<const InferenceKernels*, 3> tables{ &inferenceKernelsBaseline(),
        &inferenceKernelsAvx2(), &inferenceKernelsAvx512() };
    static const std::size_t usable = []() -> std::size_t {
        if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma") || !hasHalfFloats()) {
            return 1U;
        }
        const bool wide = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")
            && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq")
            && __builtin_cpu_supports("avx512vnni");
        return wide ? 3U : 2U;
    }();
    return std::span{ tables }.first(usable);
#else
    static const std::array<const InferenceKernels*, 1> tables{ &inferenceKernelsBaseline() };
    return tables;
#endif
}

} // namespace loam::ml
