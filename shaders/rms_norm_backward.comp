// SPDX-License-Identifier: GPL-3.0-or-later
// The first `rows` workgroups add a row's gradient to dX; those after it sum the gain's gradient
// over all rows in order, a column a lane. They share nothing that is written.
#version 450
#extension GL_GOOGLE_include_directive : require
#include "include/kernel.glsl"
#include "include/reduce.glsl"

FLOATS(0, dX);
FLOATS(1, dGain);
FLOATS(2, dOut);
FLOATS(3, x);
FLOATS(4, inverse);
FLOATS(5, gain);
layout(push_constant) uniform Push
{
    uint at[6];
    uint rows, dim;
    uint accumulate; // of the gain's gradient
    uint wantsGain;
} push;

void gainGradient(uint column)
{
    if (push.wantsGain == 0 || column >= push.dim) {
        return;
    }
    float total = 0.0;
    for (uint row = 0; row < push.rows; ++row) {
        const uint place = row * push.dim + column;
        total += dOut.v[push.at[2] + place]
            * (x.v[push.at[3] + place] * inverse.v[push.at[4] + row]);
    }
    const uint out_ = push.at[1] + column;
    dGain.v[out_] = (push.accumulate != 0 ? dGain.v[out_] : 0.0) + total;
}

void main()
{
    const uint row = flatGroup();
    if (row >= push.rows) {
        gainGradient((row - push.rows) * lanes() + lane());
        return;
    }
    const uint begin = row * push.dim;
    const float inv = inverse.v[push.at[4] + row];
    float share = 0.0;
    for (uint i = lane(); i < push.dim; i += lanes()) {
        share += dOut.v[push.at[2] + begin + i] * gain.v[push.at[5] + i]
            * x.v[push.at[3] + begin + i];
    }
    const float pull = sumOverGroup(share) * inv * inv * inv / float(push.dim);
    for (uint i = lane(); i < push.dim; i += lanes()) {
        dX.v[push.at[0] + begin + i] += dOut.v[push.at[2] + begin + i] * gain.v[push.at[5] + i] * inv
            - x.v[push.at[3] + begin + i] * pull;
    }
}
