// SPDX-License-Identifier: GPL-3.0-or-later
// Second half of attention's backward: a lane owns a key and its value and sums what every query of
// every head of the group gives them, in order.
#version 450
#extension GL_GOOGLE_include_directive : require
#include "include/kernel.glsl"
#include "include/math.glsl"
layout(constant_id = 1) const uint HEAD_DIM = 64;

FLOATS(0, dQkv);
FLOATS(1, delta);
FLOATS(2, dOut);
FLOATS(3, qkv);
FLOATS(4, logSum);
layout(push_constant) uniform Push
{
    uint at[5];
    uint sequence; // tokens of one sequence
    uint heads, kvHeads;
    float scale;
} push;

void main()
{
    const uint group = gl_WorkGroupID.y;
    const uint share = push.heads / push.kvHeads;
    const uint rowDim = (push.heads + 2 * push.kvHeads) * HEAD_DIM;
    const uint first = gl_WorkGroupID.z * push.sequence;
    const uint blockBegin = gl_WorkGroupID.x * lanes();
    const uint key = min(blockBegin + lane(), push.sequence - 1);
    const uint keyPlace = (first + key) * rowDim + (push.heads + group) * HEAD_DIM;
    const uint valuePlace = keyPlace + push.kvHeads * HEAD_DIM;

    float k[HEAD_DIM];
    float v[HEAD_DIM];
    float dK[HEAD_DIM];
    float dV[HEAD_DIM];
    [[unroll]] for (uint i = 0; i < HEAD_DIM; ++i) {
        k[i] = qkv.v[push.at[3] + keyPlace + i] * push.scale;
        v[i] = qkv.v[push.at[3] + valuePlace + i];
        dK[i] = 0.0;
        dV[i] = 0.0;
    }
    for (uint head = group * share; head < (group + 1) * share; ++head) {
        for (uint query = blockBegin; query < push.sequence; ++query) {
            const uint place = push.at[3] + (first + query) * rowDim + head * HEAD_DIM;
            const uint outPlace = push.at[2] + ((first + query) * push.heads + head) * HEAD_DIM;
            const uint statistic = (first + query) * push.heads + head;
            float q[HEAD_DIM];
            float d[HEAD_DIM];
            float score = 0.0;
            float weight = 0.0;
            [[unroll]] for (uint i = 0; i < HEAD_DIM; ++i) {
                q[i] = qkv.v[place + i];
                d[i] = dOut.v[outPlace + i];
                score = fma(q[i], k[i], score);
                weight = fma(d[i], v[i], weight);
            }
            const float shift = logSum.v[push.at[4] + statistic];
            const float pull = delta.v[push.at[1] + statistic];
            const float p = key <= query ? exponential(score - shift) : 0.0;
            const float slope = p * (weight - pull) * push.scale;
            [[unroll]] for (uint i = 0; i < HEAD_DIM; ++i) {
                dV[i] = fma(p, d[i], dV[i]);
                dK[i] = fma(slope, q[i], dK[i]);
            }
        }
    }
    if (blockBegin + lane() < push.sequence) {
        [[unroll]] for (uint i = 0; i < HEAD_DIM; ++i) {
            dQkv.v[push.at[0] + keyPlace + i] = dK[i];
            dQkv.v[push.at[0] + valuePlace + i] = dV[i];
        }
    }
}
