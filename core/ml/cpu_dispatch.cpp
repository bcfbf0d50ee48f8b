// SPDX-License-Identifier: GPL-3.0-or-later
#include "ml/cpu_kernels.h"

namespace loam::ml {

const CpuKernels& exactKernels()
{
#ifdef LOAM_X86
    if (__builtin_cpu_supports("avx2")) {
        return exactKernelsAvx2();
    }
#endif
    return exactKernelsBaseline();
}

const CpuKernels& fastKernels()
{
#ifdef LOAM_X86
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
        return fastKernelsAvx2();
    }
#endif
    return fastKernelsBaseline();
}

} // namespace loam::ml
