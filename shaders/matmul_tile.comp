// SPDX-License-Identifier: GPL-3.0-or-later
// c[m,n] = or += a b by tiles in shared memory: for real GPUs. A workgroup makes a tile of
// TILE_M x TILE_N results out of slices of SLICE columns of a and rows of b; a lane owns
// LANE_M x LANE_N of them, spread so that neighbours touch neighbouring memory.
// (TILE_M / LANE_M) * (TILE_N / LANE_N) must be the size of the workgroup.
#version 450
#extension GL_GOOGLE_include_directive : require
#include "include/kernel.glsl"
layout(constant_id = 1) const uint TILE_M = 64;
layout(constant_id = 2) const uint TILE_N = 64;
layout(constant_id = 3) const uint SLICE = 16;
layout(constant_id = 4) const uint LANE_M = 8;
layout(constant_id = 5) const uint LANE_N = 8;

FLOATS(0, c);
FLOATS(1, a);
FLOATS(2, b);
layout(push_constant) uniform Push
{
    uint at[3];
    uint m, n, k;
    uint am, ak; // strides of a by row of c and by k
    uint bk, bn;
    uint cm;
    uint accumulate;
} push;

// One float more a row: lanes that write down a column meet different banks.
const uint ROW_M = TILE_M + 1;
const uint ROW_N = TILE_N + 1;
shared float aTile[SLICE * ROW_M];
shared float bTile[SLICE * ROW_N];

void main()
{
    const uint across = TILE_N / LANE_N;
    const uint laneRow = lane() / across;
    const uint laneColumn = lane() % across;
    const uint rowStep = TILE_M / LANE_M;
    const uint row0 = gl_WorkGroupID.x * TILE_M;
    const uint column0 = gl_WorkGroupID.y * TILE_N;
    float sums[LANE_M * LANE_N];
    [[unroll]] for (uint i = 0; i < LANE_M * LANE_N; ++i) {
        sums[i] = 0.0;
    }
    for (uint first = 0; first < push.k; first += SLICE) {
        // Whichever stride is 1 runs with the lanes.
        for (uint i = lane(); i < SLICE * TILE_M; i += lanes()) {
            const uint p = push.ak == 1 ? i % SLICE : i / TILE_M;
            const uint r = push.ak == 1 ? i / SLICE : i % TILE_M;
            const bool isInside = row0 + r < push.m && first + p < push.k;
            const uint place = push.at[1] + (row0 + r) * push.am + (first + p) * push.ak;
            aTile[p * ROW_M + r] = isInside ? a.v[isInside ? place : 0] : 0.0;
        }
        for (uint i = lane(); i < SLICE * TILE_N; i += lanes()) {
            const uint p = push.bk == 1 ? i % SLICE : i / TILE_N;
            const uint r = push.bk == 1 ? i / SLICE : i % TILE_N;
            const bool isInside = column0 + r < push.n && first + p < push.k;
            const uint place = push.at[2] + (column0 + r) * push.bn + (first + p) * push.bk;
            bTile[p * ROW_N + r] = isInside ? b.v[isInside ? place : 0] : 0.0;
        }
        barrier();
        for (uint p = 0; p < SLICE; ++p) {
            float right[LANE_N];
            [[unroll]] for (uint j = 0; j < LANE_N; ++j) {
                right[j] = bTile[p * ROW_N + laneColumn + j * across];
            }
            [[unroll]] for (uint i = 0; i < LANE_M; ++i) {
                const float left = aTile[p * ROW_M + laneRow + i * rowStep];
                [[unroll]] for (uint j = 0; j < LANE_N; ++j) {
                    sums[i * LANE_N + j] = fma(left, right[j], sums[i * LANE_N + j]);
                }
            }
        }
        barrier();
    }
    [[unroll]] for (uint i = 0; i < LANE_M; ++i) {
        [[unroll]] for (uint j = 0; j < LANE_N; ++j) {
            const uint row = row0 + laneRow + i * rowStep;
            const uint column = column0 + laneColumn + j * across;
            if (row < push.m && column < push.n) {
                const uint place = push.at[0] + row * push.cm + column;
                const float before = push.accumulate != 0 ? c.v[place] : 0.0;
                c.v[place] = before + sums[i * LANE_N + j];
            }
        }
    }
}
