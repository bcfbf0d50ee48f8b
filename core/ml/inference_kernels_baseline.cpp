// SPDX-License-Identifier: GPL-3.0-or-later
// Plain C++ for any machine. Its panels have the shape of the AVX-512 ones, so that every machine
// tests that path but for the one instruction in it.
#define LOAM_KERNELS inferenceKernelsBaseline
#define LOAM_KERNELS_NAME "cpu baseline"
#define LOAM_PANEL_BYTES 64
#define LOAM_TILE_ROWS 1

#include "ml/inference_kernels.inc"
