// SPDX-License-Identifier: GPL-3.0-or-later
#define LOAM_KERNELS inferenceKernelsAvx2
#define LOAM_KERNELS_NAME "cpu avx2"
#define LOAM_DOT_AVX2
#define LOAM_PANEL_BYTES 32
#define LOAM_TILE_ROWS 4

#include "ml/inference_kernels.inc"
