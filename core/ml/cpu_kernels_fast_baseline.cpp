// SPDX-License-Identifier: GPL-3.0-or-later
#define LOAM_KERNELS fastKernelsBaseline
#define LOAM_KERNELS_NAME "fast baseline"

#include "ml/cpu_kernels.inc"
