// SPDX-License-Identifier: GPL-3.0-or-later
// out = activation(gate) * up, gate and up wherever they lie. A lane owns one element.
#version 450
#extension GL_GOOGLE_include_directive : require
#include "include/kernel.glsl"
#include "include/math.glsl"

FLOATS(0, result);
FLOATS(1, gate);
FLOATS(2, up);
layout(push_constant) uniform Push
{
    uint at[3];
    uint count;
    uint width;
    uint stride; // of a row of gate and of up
    uint activation; // 0: silu, 1: gelu by tanh (Hendrycks and Gimpel, arXiv:1606.08415)
} push;

void main()
{
    const uint index = flatGroup() * lanes() + lane();
    if (index >= push.count) {
        return;
    }
    const uint place = index / push.width * push.stride + index % push.width;
    const float g = gate.v[push.at[1] + place];
    // 0.5 (1 + tanh(y)) is the sigmoid of 2 y.
    const float inner = push.activation == 0
        ? g
        : 1.5957691216 * (g + 0.044715 * g * g * g);
    result.v[push.at[0] + index] = g * sigmoid(inner) * up.v[push.at[2] + place];
}
