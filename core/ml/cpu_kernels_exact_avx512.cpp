// SPDX-License-Identifier: GPL-3.0-or-later
#define LOAM_KERNELS exactKernelsAvx512
#define LOAM_KERNELS_NAME "exact avx512"

#include "ml/cpu_kernels.inc"
