// SPDX-License-Identifier: GPL-3.0-or-later
#include "ml/cpu_kernels.h"

#include <array>

namespace loam::ml {

const CpuKernels& exactKernelsBaseline();
const CpuKernels& fastKernelsBaseline();
#ifdef LOAM_X86
const CpuKernels& exactKernelsAvx2();
const CpuKernels& fastKernelsAvx2();
#endif

std::span<const CpuKernels* const> exactTables()
{
#ifdef LOAM_X86
    static const std::array<const CpuKernels*, 2> tables{ &exactKernelsBaseline(),
        &exactKernelsAvx2() };
    return std::span{ tables }.first(__builtin_cpu_supports("avx2") ? 2 : 1);
#else
    static const std::array<const CpuKernels*, 1> tables{ &exactKernelsBaseline() };
    return tables;
#endif
}

std::span<const CpuKernels* const> fastTables()
{
#ifdef LOAM_X86
    static const std::array<const CpuKernels*, 2> tables{ &fastKernelsBaseline(),
        &fastKernelsAvx2() };
    const bool modern = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    return std::span{ tables }.first(modern ? 2 : 1);
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
