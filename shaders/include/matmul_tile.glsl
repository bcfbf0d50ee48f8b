// SPDX-License-Identifier: GPL-3.0-or-later
// c[m,n] = or += a b by tiles in shared memory: for real GPUs. A workgroup makes a tile of
// TILE_M x TILE_N results out of slices of SLICE columns of a and rows of b; a lane owns
// LANE_M x LANE_N of them, spread so that neighbours touch neighbouring memory.
// (TILE_M / LANE_M) * (TILE_N / LANE_N) must be the size of the workgroup. A place in shared memory
// holds EACH values that follow each other along k; SLICE must be a multiple of it. The includer
// says how: STORED, its type; packed(values), value(place, index).
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

// One place more a row: lanes that write down a column meet different banks.
const uint ROW_M = TILE_M + 1;
const uint ROW_N = TILE_N + 1;
const uint PLACES = SLICE / EACH;
shared STORED aTile[PLACES * ROW_M];
shared STORED bTile[PLACES * ROW_N];

/// A slice of an operand into its tile, which begins at row `begin` of `limit`; whichever stride is 1,
/// by row or along k, runs with the lanes.
#define LOAD(tile, extent, width, source, at, begin, limit, byRow, byK) \
    for (uint i = lane(); i < PLACES * extent; i += lanes()) { \
        const uint p = byK == 1 ? i % PLACES : i / extent; \
        const uint r = byK == 1 ? i / PLACES : i % extent; \
        float some[EACH]; \
        [[unroll]] for (uint e = 0; e < EACH; ++e) { \
            const uint along = first + p * EACH + e; \
            const bool isInside = begin + r < limit && along < push.k; \
            const uint place = at + (begin + r) * byRow + along * byK; \
            some[e] = isInside ? source.v[isInside ? place : 0] : 0.0; \
        } \
        tile[p * width + r] = packed(some); \
    }

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
        LOAD(aTile, TILE_M, ROW_M, a, push.at[1], row0, push.m, push.am, push.ak);
        LOAD(bTile, TILE_N, ROW_N, b, push.at[2], column0, push.n, push.bn, push.bk);
        barrier();
        for (uint p = 0; p < PLACES; ++p) {
            STORED right[LANE_N];
            [[unroll]] for (uint j = 0; j < LANE_N; ++j) {
                right[j] = bTile[p * ROW_N + laneColumn + j * across];
            }
            [[unroll]] for (uint i = 0; i < LANE_M; ++i) {
                const STORED left = aTile[p * ROW_M + laneRow + i * rowStep];
                [[unroll]] for (uint j = 0; j < LANE_N; ++j) {
                    [[unroll]] for (uint e = 0; e < EACH; ++e) {
                        sums[i * LANE_N + j] = fma(
                            value(left, e), value(right[j], e), sums[i * LANE_N + j]);
                    }
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
