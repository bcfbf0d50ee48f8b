// SPDX-License-Identifier: GPL-3.0-or-later
// A workgroup a row: sum = x + delta, inverse = 1/sqrt(mean(sum^2) + eps), out = sum * inverse * gain.
#version 450
#extension GL_GOOGLE_include_directive : require
#include "include/kernel.glsl"
#include "include/reduce.glsl"

FLOATS(0, sum);
FLOATS(1, result);
FLOATS(2, inverse);
FLOATS(3, x);
FLOATS(4, delta);
FLOATS(5, gain);
layout(push_constant) uniform Push
{
    uint at[6];
    uint rows, dim;
    float eps;
    uint adds; // whether there are delta and sum
    uint keeps; // whether inverse is wanted
} push;

void main()
{
    const uint row = flatGroup();
    if (row >= push.rows) {
        return;
    }
    const uint begin = row * push.dim;
    float squares = 0.0;
    for (uint i = lane(); i < push.dim; i += lanes()) {
        float value = x.v[push.at[3] + begin + i];
        if (push.adds != 0) {
            value += delta.v[push.at[4] + begin + i];
            sum.v[push.at[0] + begin + i] = value;
        }
        squares += value * value;
    }
    const float mean = sumOverGroup(squares) / float(push.dim);
    const float inv = 1.0 / sqrt(mean + push.eps);
    for (uint i = lane(); i < push.dim; i += lanes()) {
        // sum may be x itself: what was added is not added again.
        const float value = push.adds != 0
            ? sum.v[push.at[0] + begin + i]
            : x.v[push.at[3] + begin + i];
        result.v[push.at[1] + begin + i] = value * inv * gain.v[push.at[5] + i];
    }
    if (push.keeps != 0 && lane() == 0) {
        inverse.v[push.at[2] + row] = inv;
    }
}
