// SPDX-License-Identifier: GPL-3.0-or-later
// One query of one head against a cache of keys and values: a workgroup each. Lanes share out the
// keys, each with a softmax of its own; then these are joined in a fixed order.
#version 450
#extension GL_GOOGLE_include_directive : require
#include "include/kernel.glsl"
#include "include/math.glsl"
#include "include/reduce.glsl"
layout(constant_id = 1) const uint HEAD_DIM = 64;

FLOATS(0, result);
FLOATS(1, query);
FLOATS(2, keys);
FLOATS(3, values);
WORDS(4, places); // slot and position of every row
layout(push_constant) uniform Push
{
    uint at[5];
    uint heads, kvHeads;
    uint context; // tokens of a slot
    uint window; // 0: all
    float scale;
} push;

void main()
{
    const uint row = gl_WorkGroupID.x;
    const uint head = gl_WorkGroupID.y;
    const uint kvDim = push.kvHeads * HEAD_DIM;
    const uint slot = places.v[push.at[4] + 2 * row];
    const uint position = places.v[push.at[4] + 2 * row + 1];
    const uint begin
        = push.window > 0 && position + 1 > push.window ? position + 1 - push.window : 0;
    const uint base = slot * push.context * kvDim + head / (push.heads / push.kvHeads) * HEAD_DIM;
    float q[HEAD_DIM];
    float sums[HEAD_DIM];
    [[unroll]] for (uint i = 0; i < HEAD_DIM; ++i) {
        q[i] = query.v[push.at[1] + (row * push.heads + head) * HEAD_DIM + i] * push.scale;
        sums[i] = 0.0;
    }
    float most = -1e30;
    float total = 0.0;
    for (uint key = begin + lane(); key <= position; key += lanes()) {
        const uint place = base + key * kvDim;
        float score = 0.0;
        [[unroll]] for (uint i = 0; i < HEAD_DIM; ++i) {
            score = fma(q[i], keys.v[push.at[2] + place + i], score);
        }
        const float next = max(most, score);
        const float fade = exponential(most - next);
        const float p = exponential(score - next);
        total = total * fade + p;
        [[unroll]] for (uint i = 0; i < HEAD_DIM; ++i) {
            sums[i] = sums[i] * fade + p * values.v[push.at[3] + place + i];
        }
        most = next;
    }
    const float top = maximumOverGroup(most);
    const float fade = total > 0.0 ? exponential(most - top) : 0.0;
    const float whole = sumOverGroup(total * fade);
    [[unroll]] for (uint i = 0; i < HEAD_DIM; ++i) {
        const float value = sumOverGroup(sums[i] * fade);
        if (lane() == i % lanes()) {
            result.v[push.at[0] + (row * push.heads + head) * HEAD_DIM + i] = value / whole;
        }
    }
}
