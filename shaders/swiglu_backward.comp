// SPDX-License-Identifier: GPL-3.0-or-later
// dGateUp[R,2F] and, for the caller's next product, out[R,F] of silu(gate) * up.
#version 450
#extension GL_GOOGLE_include_directive : require
#include "include/kernel.glsl"
#include "include/math.glsl"

FLOATS(0, dGateUp);
FLOATS(1, result);
FLOATS(2, dOut);
FLOATS(3, gateUp);
layout(push_constant) uniform Push
{
    uint at[4];
    uint count;
    uint ffn;
} push;

void main()
{
    const uint index = flatGroup() * lanes() + lane();
    if (index >= push.count) {
        return;
    }
    const uint place = index / push.ffn * 2 * push.ffn + index % push.ffn;
    const float gate = gateUp.v[push.at[3] + place];
    const float up = gateUp.v[push.at[3] + place + push.ffn];
    const float d = dOut.v[push.at[2] + index];
    const float open = sigmoid(gate);
    const float silu = gate * open;
    result.v[push.at[1] + index] = silu * up;
    dGateUp.v[push.at[0] + place] = d * up * (open + silu * (1.0 - open));
    dGateUp.v[push.at[0] + place + push.ffn] = d * silu;
}
