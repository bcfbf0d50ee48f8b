// SPDX-License-Identifier: GPL-3.0-or-later
#version 450
#extension GL_GOOGLE_include_directive : require
#define LANES_SHARE_X
#include "include/multiply_weights.glsl"
