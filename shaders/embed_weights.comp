// SPDX-License-Identifier: GPL-3.0-or-later
// out[R,D] = scale * table[token[R], D] from weights in any format. A lane owns eight columns.
#version 450
#extension GL_GOOGLE_include_directive : require
#include "include/kernel.glsl"
FLOATS(0, result);
WORDS(1, weights);
WORDS(2, tokens);
#include "include/weights.glsl"

layout(push_constant) uniform Push
{
    uint at[3];
    uint rows;
    uint dim;
    uint eighths; // of a row
    uint partRows, high, scales, offsets;
    uint first; // token of this part of the table
    float factor;
} push;

void main()
{
    const uint index = flatGroup() * lanes() + lane();
    if (index >= push.rows * push.eighths) {
        return;
    }
    const uint row = index / push.eighths;
    const uint eighth = index % push.eighths;
    const uint token = tokens.v[push.at[2] + row];
    if (token < push.first || token >= push.first + push.partRows) {
        return;
    }
    const Part part
        = Part(push.at[1], push.partRows, push.high, push.scales, push.offsets);
    float q[8];
    loadEight(part, token - push.first, eighth, q);
    const vec2 scale = scaleAndOffset(part, token - push.first, eighth * 8);
    for (uint c = 0; c < 8; ++c) {
        const uint column = eighth * 8 + c;
        if (column < push.dim) {
            result.v[push.at[0] + row * push.dim + column]
                = push.factor * fma(scale.x, q[c], scale.y);
        }
    }
}
