// SPDX-License-Identifier: GPL-3.0-or-later
// out[k,n] = the floats of n rows of weights in any format, from row `first` on: what a product over
// many rows of x reads faster than the weights themselves. A lane owns a row over a stretch of k.
#version 450
#extension GL_GOOGLE_include_directive : require
#include "include/kernel.glsl"
FLOATS(0, result);
WORDS(1, weights);
#include "include/weights.glsl"

layout(push_constant) uniform Push
{
    uint at[2];
    uint rows; // n
    uint columns; // k
    uint stretch; // eighths of a row that a lane owns
    uint partRows, high, scales, offsets;
    uint first;
} push;

void main()
{
    const uint row = gl_WorkGroupID.x * lanes() + lane();
    if (row >= push.rows) {
        return;
    }
    const Part part = Part(push.at[1], push.partRows, push.high, push.scales, push.offsets);
    const uint begin = gl_WorkGroupID.y * push.stretch;
    const uint end = min(begin + push.stretch, (push.columns + 7) / 8);
    for (uint eighth = begin; eighth < end; ++eighth) {
        float q[8];
        loadEight(part, push.first + row, eighth, q);
        const vec2 scale = scaleAndOffset(part, push.first + row, eighth * 8);
        [[unroll]] for (uint c = 0; c < 8; ++c) {
            const uint column = eighth * 8 + c;
            if (column < push.columns) {
                result.v[push.at[0] + column * push.rows + row] = fma(scale.x, q[c], scale.y);
            }
        }
    }
}
