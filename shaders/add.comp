// SPDX-License-Identifier: GPL-3.0-or-later
// x += delta; a delta shorter than x is added to every row. A lane owns one element.
#version 450
#extension GL_GOOGLE_include_directive : require
#include "include/kernel.glsl"

FLOATS(0, x);
FLOATS(1, delta);
layout(push_constant) uniform Push
{
    uint at[2];
    uint count;
    uint period; // floats of delta
} push;

void main()
{
    const uint index = flatGroup() * lanes() + lane();
    if (index < push.count) {
        x.v[push.at[0] + index] += delta.v[push.at[1] + index % push.period];
    }
}
