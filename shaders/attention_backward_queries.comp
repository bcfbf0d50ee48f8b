// SPDX-License-Identifier: GPL-3.0-or-later
// First half of attention's backward: a lane owns a query, writes its gradient and, for the second
// half, delta = dOut . out. Probabilities are computed anew from the kept log-sum.
#version 450
#extension GL_GOOGLE_include_directive : require
#include "include/kernel.glsl"
#include "include/math.glsl"
layout(constant_id = 1) const uint HEAD_DIM = 64;

FLOATS(0, dQkv);
FLOATS(1, delta);
FLOATS(2, dOut);
FLOATS(3, qkv);
FLOATS(4, out_);
FLOATS(5, logSum);
layout(push_constant) uniform Push
{
    uint at[6];
    uint sequence; // tokens of one sequence
    uint heads, kvHeads;
    float scale;
} push;

void main()
{
    const uint head = gl_WorkGroupID.y;
    const uint rowDim = (push.heads + 2 * push.kvHeads) * HEAD_DIM;
    const uint first = gl_WorkGroupID.z * push.sequence;
    const uint blockBegin = gl_WorkGroupID.x * lanes();
    const uint query = min(blockBegin + lane(), push.sequence - 1);
    const uint lastKey = min(blockBegin + lanes() - 1, push.sequence - 1);
    const uint group = head / (push.heads / push.kvHeads);
    const uint keyBase = push.at[3] + first * rowDim + (push.heads + group) * HEAD_DIM;
    const uint valueBase = keyBase + push.kvHeads * HEAD_DIM;

    float q[HEAD_DIM];
    float d[HEAD_DIM];
    float sums[HEAD_DIM];
    const uint queryPlace = (first + query) * rowDim + head * HEAD_DIM;
    const uint outPlace = ((first + query) * push.heads + head) * HEAD_DIM;
    float pull = 0.0;
    [[unroll]] for (uint i = 0; i < HEAD_DIM; ++i) {
        q[i] = qkv.v[push.at[3] + queryPlace + i] * push.scale;
        d[i] = dOut.v[push.at[2] + outPlace + i];
        pull = fma(d[i], out_.v[push.at[4] + outPlace + i], pull);
        sums[i] = 0.0;
    }
    const uint statistic = (first + query) * push.heads + head;
    const float shift = logSum.v[push.at[5] + statistic];
    for (uint key = 0; key <= lastKey; ++key) {
        const uint place = keyBase + key * rowDim;
        const uint value = valueBase + key * rowDim;
        float score = 0.0;
        float weight = 0.0;
        float keys[HEAD_DIM];
        [[unroll]] for (uint i = 0; i < HEAD_DIM; ++i) {
            keys[i] = qkv.v[place + i];
            score = fma(q[i], keys[i], score);
            weight = fma(d[i], qkv.v[value + i], weight);
        }
        const float p = key <= query ? exponential(score - shift) : 0.0;
        const float slope = p * (weight - pull) * push.scale;
        [[unroll]] for (uint i = 0; i < HEAD_DIM; ++i) {
            sums[i] = fma(slope, keys[i], sums[i]);
        }
    }
    if (blockBegin + lane() < push.sequence) {
        [[unroll]] for (uint i = 0; i < HEAD_DIM; ++i) {
            dQkv.v[push.at[0] + queryPlace + i] = sums[i];
        }
        delta.v[push.at[1] + statistic] = pull;
    }
}
