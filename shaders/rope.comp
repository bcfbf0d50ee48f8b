// SPDX-License-Identifier: GPL-3.0-or-later
// Turns queries and keys of rows [B*T, rowDim] in place by the angles of a table: element i of a
// head with i + headDim/2. A lane turns one pair.
#version 450
#extension GL_GOOGLE_include_directive : require
#include "include/kernel.glsl"

FLOATS(0, qkv);
FLOATS(1, table);
layout(push_constant) uniform Push
{
    uint at[2];
    uint pairs; // rows * turned heads * headDim / 2
    uint turned; // heads of queries and keys
    uint headDim;
    uint rowDim;
    uint sequence; // tokens of one sequence
    uint position;
    float sign;
} push;

void main()
{
    const uint index = flatGroup() * lanes() + lane();
    if (index >= push.pairs) {
        return;
    }
    const uint half_ = push.headDim / 2;
    const uint i = index % half_;
    const uint head = index / half_ % push.turned;
    const uint row = index / half_ / push.turned;
    const uint angle = push.at[1] + (push.position + row % push.sequence) * push.headDim + i;
    const uint low = push.at[0] + row * push.rowDim + head * push.headDim + i;
    const float cosine = table.v[angle];
    const float sine = push.sign * table.v[angle + half_];
    const float x = qkv.v[low];
    const float y = qkv.v[low + half_];
    qkv.v[low] = x * cosine - y * sine;
    qkv.v[low + half_] = y * cosine + x * sine;
}
