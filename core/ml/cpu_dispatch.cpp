// SPDX-License-Identifier: GPL-3.0-or-later
#include "ml/cpu_kernels.h"

#include <array>

namespace loam::ml {

const CpuKernels& exactKernelsBaseline();
const CpuKernels& fastKernelsBaseline();
#ifdef LOAM_X86
const CpuKernels& exactKernelsAvx2();
const CpuKernels& fastKernelsAvx2();
const CpuKernels& exactKernelsAvx512();
const CpuKernels& fastKernelsAvx512();
#endif

namespace {

#ifdef LOAM_X86
    /// How many of the three tables, narrow to wide, this CPU can run.
    std::size_t tablesOf(bool isModern)
    {
        if (!isModern) {
            return 1;
        }
        return hasWideVectors() ? 3 : 2;
    }
#endif

} // namespace

bool hasWideVectors()
{
#ifdef LOAM_X86
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl")
        && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw")
        && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#else
    return false;
#endif
}

std::span<const CpuKernels* const> exactTables()
{
#ifdef LOAM_X86
    static const std::array<const CpuKernels*, 3> tables{ &exactKernelsBaseline(),
        &exactKernelsAvx2(), &exactKernelsAvx512() };
    return std::span{ tables }.first(tablesOf(__builtin_cpu_supports("avx2") != 0));
#else
    static const std::array<const CpuKernels*, 1> tables{ &exactKernelsBaseline() };
    return tables;
#endif
}

std::span<const CpuKernels* const> fastTables()
{
#ifdef LOAM_X86
    static const std::array<const CpuKernels*, 3> tables{ &fastKernelsBaseline(),
        &fastKernelsAvx2(), &fastKernelsAvx512() };
    const bool isModern = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    return std::span{ tables }.first(tablesOf(isModern));
#else
    static const std::array<const CpuKernels*, 1> tables{ &fastKernelsBaseline() };
    return tables;
#endif
}

const CpuKernels& exactKernels()
{
    return *exactTables().back();
}

const CpuKernels& fastKernels()
{
    return *fastTables().back();
}

} // namespace loam::ml
