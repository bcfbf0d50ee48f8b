// SPDX-License-Identifier: GPL-3.0-or-later
#define LOAM_KERNELS exactKernelsAvx2
#define LOAM_KERNELS_NAME "exact avx2"

#include "ml/cpu_kernels.inc"
