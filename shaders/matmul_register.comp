// SPDX-License-Identifier: GPL-3.0-or-later
// c[m,n] = or += a b with every sum in registers and no shared memory: for devices where memory
// shared by a group is as slow as any other (CPUs). Strides make all layouts one kernel. A lane owns
// ROWS x COLUMNS results; the addresses of a are the same in all lanes.
#version 450
#extension GL_GOOGLE_include_directive : require
#include "include/kernel.glsl"
layout(constant_id = 1) const uint ROWS = 16;
layout(constant_id = 2) const uint COLUMNS = 8;

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

void main()
{
    const uint row0 = gl_WorkGroupID.x * ROWS;
    const uint column0 = gl_WorkGroupID.y * lanes() * COLUMNS + lane();
    uint aPlace[ROWS];
    uint bPlace[COLUMNS];
    float sums[ROWS * COLUMNS];
    [[unroll]] for (uint i = 0; i < ROWS; ++i) {
        aPlace[i] = push.at[1] + min(row0 + i, push.m - 1) * push.am;
    }
    [[unroll]] for (uint j = 0; j < COLUMNS; ++j) {
        bPlace[j] = push.at[2] + min(column0 + j * lanes(), push.n - 1) * push.bn;
    }
    [[unroll]] for (uint i = 0; i < ROWS * COLUMNS; ++i) {
        sums[i] = 0.0;
    }
    uint aStep = 0;
    uint bStep = 0;
    for (uint p = 0; p < push.k; ++p) {
        float right[COLUMNS];
        [[unroll]] for (uint j = 0; j < COLUMNS; ++j) {
            right[j] = b.v[bPlace[j] + bStep];
        }
        [[unroll]] for (uint i = 0; i < ROWS; ++i) {
            const float left = a.v[aPlace[i] + aStep];
            [[unroll]] for (uint j = 0; j < COLUMNS; ++j) {
                sums[i * COLUMNS + j] = fma(left, right[j], sums[i * COLUMNS + j]);
            }
        }
        aStep += push.ak;
        bStep += push.bk;
    }
    [[unroll]] for (uint i = 0; i < ROWS; ++i) {
        [[unroll]] for (uint j = 0; j < COLUMNS; ++j) {
            const uint row = row0 + i;
            const uint column = column0 + j * lanes();
            if (row < push.m && column < push.n) {
                const uint place = push.at[0] + row * push.cm + column;
                const float before = push.accumulate != 0 ? c.v[place] : 0.0;
                c.v[place] = before + sums[i * COLUMNS + j];
            }
        }
    }
}
