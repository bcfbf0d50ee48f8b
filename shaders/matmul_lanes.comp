// SPDX-License-Identifier: GPL-3.0-or-later
// c[m,n] = or += a b for CPUs whose vectors hold eight lanes. There a load costs as much as dozens of
// sums, whatever its addresses: so the lanes load different rows of a and hand them around, and a
// workgroup, which is one vector, owns ROWS x 8 COLUMNS results. Strides make all layouts one kernel.
#version 450
#extension GL_GOOGLE_include_directive : require
#include "include/kernel.glsl"
#include "include/lanes.glsl"
layout(constant_id = 1) const uint ROWS = 64; // a multiple of eight
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
    const uint column0 = gl_WorkGroupID.y * kLanes * COLUMNS + lane();
    uint aPlace[ROWS / kLanes];
    uint bPlace[COLUMNS];
    float sums[ROWS * COLUMNS];
    [[unroll]] for (uint g = 0; g < ROWS / kLanes; ++g) {
        aPlace[g] = push.at[1] + min(row0 + g * kLanes + lane(), push.m - 1) * push.am;
    }
    [[unroll]] for (uint j = 0; j < COLUMNS; ++j) {
        bPlace[j] = push.at[2] + min(column0 + j * kLanes, push.n - 1) * push.bn;
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
        [[unroll]] for (uint g = 0; g < ROWS / kLanes; ++g) {
            const float rows[kLanes] = ofAllLanes(a.v[aPlace[g] + aStep]);
            [[unroll]] for (uint l = 0; l < kLanes; ++l) {
                [[unroll]] for (uint j = 0; j < COLUMNS; ++j) {
                    const uint place = (g * kLanes + l) * COLUMNS + j;
                    sums[place] = fma(rows[l], right[j], sums[place]);
                }
            }
        }
        aStep += push.ak;
        bStep += push.bk;
    }
    [[unroll]] for (uint i = 0; i < ROWS; ++i) {
        [[unroll]] for (uint j = 0; j < COLUMNS; ++j) {
            const uint row = row0 + i;
            const uint column = column0 + j * kLanes;
            if (row < push.m && column < push.n) {
                const uint place = push.at[0] + row * push.cm + column;
                const float before = push.accumulate != 0 ? c.v[place] : 0.0;
                c.v[place] = before + sums[i * COLUMNS + j];
            }
        }
    }
}
