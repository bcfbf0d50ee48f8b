// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/narrow.h"
#include "base/require.h"
#include "ml/cpu_kernels.h"

#include <oneapi/dnnl/dnnl.h>

#ifdef LOAM_GOMP
// Of the OpenMP API only this: the calling thread's own number of threads.
extern "C" void omp_set_num_threads(int threads);
#endif

namespace loam::ml {

bool hasLibraryGemm()
{
#if defined(LOAM_X86) && defined(LOAM_GOMP)
    // Without AVX2 oneDNN has no generated code to offer over our own kernel.
    return __builtin_cpu_supports("avx2") != 0;
#else
    return false;
#endif
}

void libraryGemm(const Gemm& gemm)
{
#ifdef LOAM_GOMP
    // Set once in each of our threads: oneDNN then never starts or spins a team of its own.
    thread_local const bool kAlone = [] {
        omp_set_num_threads(1);
        return true;
    }();
    static_cast<void>(kAlone);
#endif
    const auto extent = [](std::size_t value) { return base::narrow<dnnl_dim_t>(value); };
    const dnnl_status_t status
        = dnnl_sgemm(gemm.layout == Layout::TN ? 'T' : 'N', gemm.layout == Layout::NT ? 'T' : 'N',
            extent(gemm.m), extent(gemm.n), extent(gemm.k), 1.0F, gemm.a, extent(gemm.lda), gemm.b,
            extent(gemm.ldb), gemm.accumulate ? 1.0F : 0.0F, gemm.c, extent(gemm.ldc));
    ASSERT(status == dnnl_success);
}

} // namespace loam::ml
