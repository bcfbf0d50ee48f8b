// SPDX-License-Identifier: GPL-3.0-or-later
#define LOAM_KERNELS exactKernelsBaseline
#define LOAM_KERNELS_NAME "exact baseline"

#include "ml/cpu_kernels.inc"
