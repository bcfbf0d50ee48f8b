// SPDX-License-Identifier: GPL-3.0-or-later
#define LOAM_KERNELS fastKernelsAvx512
#define LOAM_KERNELS_NAME "fast avx512"

#include "ml/cpu_kernels.inc"
