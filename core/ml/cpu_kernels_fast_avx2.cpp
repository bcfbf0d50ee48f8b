// SPDX-License-Identifier: GPL-3.0-or-later
#define LOAM_KERNELS fastKernelsAvx2
#define LOAM_KERNELS_NAME "fast avx2"

#include "ml/cpu_kernels.inc"
