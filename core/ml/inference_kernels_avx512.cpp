// SPDX-License-Identifier: GPL-3.0-or-later
#define LOAM_KERNELS inferenceKernelsAvx512
#define LOAM_KERNELS_NAME "cpu avx512 vnni"
#define LOAM_DOT_VNNI
#define LOAM_PANEL_BYTES 64
#define LOAM_TILE_ROWS 8

#include "ml/inference_kernels.inc"
