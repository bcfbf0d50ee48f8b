// SPDX-License-Identifier: GPL-3.0-or-later
// Products by tiles of floats.
#version 450
#extension GL_GOOGLE_include_directive : require
#include "include/kernel.glsl"

const uint EACH = 1;
#define STORED float
float packed(float some[EACH])
{
    return some[0];
}
float value(float place, uint index)
{
    return place;
}
#include "include/matmul_tile.glsl"
