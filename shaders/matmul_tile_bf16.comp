// SPDX-License-Identifier: GPL-3.0-or-later
// Products by tiles whose operands are rounded to bfloat16, two a word, and summed as floats: half the
// traffic of shared memory, the range of floats, 8 bits of precision (Micikevicius et al.,
// arXiv:1710.03740; Kalamkar et al., arXiv:1905.12322).
#version 450
#extension GL_GOOGLE_include_directive : require
#include "include/kernel.glsl"

const uint EACH = 2;
#define STORED uint
/// To nearest, ties to even, in the upper half; what is not finite stays so.
uint rounded(float x)
{
    const uint bits = floatBitsToUint(x);
    const bool isNumber = (bits & 0x7FFFFFFF) <= 0x7F800000;
    return isNumber ? (bits + 0x7FFF + ((bits >> 16) & 1)) & 0xFFFF0000 : bits | 0x400000;
}
uint packed(float some[EACH])
{
    return (rounded(some[0]) >> 16) | (rounded(some[1]) & 0xFFFF0000);
}
float value(uint place, uint index)
{
    return uintBitsToFloat(index == 0 ? place << 16 : place & 0xFFFF0000);
}
#include "include/matmul_tile.glsl"
