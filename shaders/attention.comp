// SPDX-License-Identifier: GPL-3.0-or-later
// Causal attention with the online softmax (Dao et al., arXiv:2205.14135): a lane owns a query and
// walks over the keys, a few at a time; all lanes read the same key, so it is loaded once.
#version 450
#extension GL_GOOGLE_include_directive : require
#include "include/kernel.glsl"
#include "include/math.glsl"
layout(constant_id = 1) const uint HEAD_DIM = 64;

FLOATS(0, result);
FLOATS(1, logSum);
FLOATS(2, qkv);
layout(push_constant) uniform Push
{
    uint at[3];
    uint sequence; // tokens of one sequence
    uint heads, kvHeads;
    float scale;
} push;

const uint KEYS = 4;

void main()
{
    const uint head = gl_WorkGroupID.y;
    const uint rowDim = (push.heads + 2 * push.kvHeads) * HEAD_DIM;
    const uint first = gl_WorkGroupID.z * push.sequence;
    const uint blockBegin = gl_WorkGroupID.x * lanes();
    const uint query = min(blockBegin + lane(), push.sequence - 1);
    const uint lastKey = min(blockBegin + lanes() - 1, push.sequence - 1);
    const uint group = head / (push.heads / push.kvHeads);
    const uint keyBase = push.at[2] + first * rowDim + (push.heads + group) * HEAD_DIM;
    const uint valueBase = keyBase + push.kvHeads * HEAD_DIM;

    float q[HEAD_DIM];
    float sums[HEAD_DIM];
    const uint queryPlace = push.at[2] + (first + query) * rowDim + head * HEAD_DIM;
    [[unroll]] for (uint i = 0; i < HEAD_DIM; ++i) {
        q[i] = qkv.v[queryPlace + i] * push.scale;
        sums[i] = 0.0;
    }
    float most = -1e30;
    float total = 0.0;
    for (uint key = 0; key <= lastKey; key += KEYS) {
        float score[KEYS];
        float next = most;
        [[unroll]] for (uint j = 0; j < KEYS; ++j) {
            const uint place = keyBase + min(key + j, lastKey) * rowDim;
            float dot_ = 0.0;
            [[unroll]] for (uint i = 0; i < HEAD_DIM; ++i) {
                dot_ = fma(q[i], qkv.v[place + i], dot_);
            }
            score[j] = key + j <= query ? dot_ : -1e30;
            next = max(next, score[j]);
        }
        const float fade = exponential(most - next);
        total *= fade;
        [[unroll]] for (uint j = 0; j < KEYS; ++j) {
            score[j] = key + j <= query ? exponential(score[j] - next) : 0.0;
            total += score[j];
        }
        [[unroll]] for (uint i = 0; i < HEAD_DIM; ++i) {
            sums[i] *= fade;
        }
        [[unroll]] for (uint j = 0; j < KEYS; ++j) {
            const uint place = valueBase + min(key + j, lastKey) * rowDim;
            [[unroll]] for (uint i = 0; i < HEAD_DIM; ++i) {
                sums[i] = fma(score[j], qkv.v[place + i], sums[i]);
            }
        }
        most = next;
    }
    if (blockBegin + lane() < push.sequence) {
        const uint out_ = push.at[0] + ((first + query) * push.heads + head) * HEAD_DIM;
        [[unroll]] for (uint i = 0; i < HEAD_DIM; ++i) {
            result.v[out_ + i] = sums[i] / total;
        }
        logSum.v[push.at[1] + (first + query) * push.heads + head] = most + logarithm(total);
    }
}
