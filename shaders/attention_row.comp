// SPDX-License-Identifier: GPL-3.0-or-later
// ROWS queries of one slot and one head against a cache of keys and values: a workgroup each. Lanes
// share out the keys, each with a softmax of its own; then these are joined in a fixed order.
#version 450
#extension GL_GOOGLE_include_directive : require
#include "include/kernel.glsl"
#include "include/math.glsl"
#include "include/reduce.glsl"
layout(constant_id = 1) const uint HEAD_DIM = 64;
layout(constant_id = 2) const uint ROWS = 1; // what is read of the cache serves so many

// The lanes' shares of some elements of the result at a time: a barrier for all of them.
const uint kJoined = 2048;
shared float joined[kJoined];

FLOATS(0, result);
FLOATS(1, query);
FLOATS(2, keys);
FLOATS(3, values);
WORDS(4, places); // slot and position of every row
layout(push_constant) uniform Push
{
    uint at[5];
    uint rows;
    uint heads, kvHeads;
    uint context; // tokens of a slot
    uint window; // 0: all
    float scale;
} push;

void main()
{
    const uint head = gl_WorkGroupID.y;
    const uint kvDim = push.kvHeads * HEAD_DIM;
    uint row[ROWS];
    uint begin[ROWS];
    uint position[ROWS];
    float q[ROWS * HEAD_DIM];
    float sums[ROWS * HEAD_DIM];
    float most[ROWS];
    float total[ROWS];
    uint first = 0xFFFFFFFFu;
    uint last = 0;
    [[unroll]] for (uint r = 0; r < ROWS; ++r) {
        // Beyond the last row it is computed once more, with the same result.
        row[r] = min(gl_WorkGroupID.x * ROWS + r, push.rows - 1);
        position[r] = places.v[push.at[4] + 2 * row[r] + 1];
        begin[r] = push.window > 0 && position[r] + 1 > push.window
            ? position[r] + 1 - push.window
            : 0;
        first = min(first, begin[r]);
        last = max(last, position[r]);
        most[r] = -1e30;
        total[r] = 0.0;
        [[unroll]] for (uint i = 0; i < HEAD_DIM; ++i) {
            q[r * HEAD_DIM + i]
                = query.v[push.at[1] + (row[r] * push.heads + head) * HEAD_DIM + i] * push.scale;
            sums[r * HEAD_DIM + i] = 0.0;
        }
    }
    const uint slot = places.v[push.at[4] + 2 * row[0]];
    const uint base = slot * push.context * kvDim + head / (push.heads / push.kvHeads) * HEAD_DIM;
    for (uint key = first + lane(); key <= last; key += lanes()) {
        const uint place = base + key * kvDim;
        float score[ROWS];
        [[unroll]] for (uint r = 0; r < ROWS; ++r) {
            score[r] = 0.0;
        }
        [[unroll]] for (uint i = 0; i < HEAD_DIM; ++i) {
            const float k = keys.v[push.at[2] + place + i];
            [[unroll]] for (uint r = 0; r < ROWS; ++r) {
                score[r] = fma(q[r * HEAD_DIM + i], k, score[r]);
            }
        }
        float fade[ROWS];
        float p[ROWS];
        [[unroll]] for (uint r = 0; r < ROWS; ++r) {
            const bool isSeen = key >= begin[r] && key <= position[r];
            const float next = isSeen ? max(most[r], score[r]) : most[r];
            fade[r] = exponential(most[r] - next);
            p[r] = isSeen ? exponential(score[r] - next) : 0.0;
            total[r] = total[r] * fade[r] + p[r];
            most[r] = next;
        }
        [[unroll]] for (uint i = 0; i < HEAD_DIM; ++i) {
            const float value = values.v[push.at[3] + place + i];
            [[unroll]] for (uint r = 0; r < ROWS; ++r) {
                sums[r * HEAD_DIM + i] = sums[r * HEAD_DIM + i] * fade[r] + p[r] * value;
            }
        }
    }
    const uint step = kJoined / lanes();
    [[unroll]] for (uint r = 0; r < ROWS; ++r) {
        const float top = maximumOverGroup(most[r]);
        const float share = total[r] > 0.0 ? exponential(most[r] - top) : 0.0;
        const float whole = sumOverGroup(total[r] * share);
        [[unroll]] for (uint from = 0; from < HEAD_DIM; from += step) {
            const uint count = min(step, HEAD_DIM - from);
            [[unroll]] for (uint i = 0; i < count; ++i) {
                joined[i * lanes() + lane()] = sums[r * HEAD_DIM + from + i] * share;
            }
            barrier();
            for (uint i = lane(); i < count; i += lanes()) {
                float value = 0.0;
                for (uint l = 0; l < lanes(); ++l) {
                    value += joined[i * lanes() + l];
                }
                result.v[push.at[0] + (row[r] * push.heads + head) * HEAD_DIM + from + i]
                    = value / whole;
            }
            barrier();
        }
    }
}
