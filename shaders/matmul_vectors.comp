// SPDX-License-Identifier: GPL-3.0-or-later
// c[m,n] = or += a b as in matmul_register, with every load four numbers wide: on CPUs a load costs
// more than the sums made of it. For operands whose rows, offsets and k are multiples of four; each
// of them is contiguous along one axis. A lane owns ROWS x COLUMNS results side by side.
#version 450
#extension GL_GOOGLE_include_directive : require
#include "include/kernel.glsl"
layout(constant_id = 1) const uint ROWS = 16;
layout(constant_id = 2) const uint COLUMNS = 8;
layout(constant_id = 3) const bool A_ALONG_K = true; // else along m
layout(constant_id = 4) const bool B_ALONG_N = true; // else along k

VECTORS(0, c);
VECTORS(1, a);
VECTORS(2, b);
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
    const uint column0 = (gl_WorkGroupID.y * lanes() + lane()) * COLUMNS;
    // All places count vectors.
    uint aPlace[ROWS];
    uint bPlace[COLUMNS];
    vec4 sums[ROWS * COLUMNS / 4];
    [[unroll]] for (uint i = 0; i < ROWS; ++i) {
        // What lies beyond the edge reads the last vector and is never written.
        aPlace[i] = A_ALONG_K ? (push.at[1] + min(row0 + i, push.m - 1) * push.am) / 4
                              : (push.at[1] + min(row0 + i / 4 * 4, push.m - 4)) / 4;
    }
    [[unroll]] for (uint j = 0; j < COLUMNS; ++j) {
        bPlace[j] = B_ALONG_N ? (push.at[2] + min(column0 + j / 4 * 4, push.n - 4)) / 4
                              : (push.at[2] + min(column0 + j, push.n - 1) * push.bn) / 4;
    }
    [[unroll]] for (uint i = 0; i < ROWS * COLUMNS / 4; ++i) {
        sums[i] = vec4(0.0);
    }
    const uint aStride = push.ak / 4;
    const uint bStride = push.bk / 4;
    for (uint p = 0; p < push.k; p += 4) {
        vec4 left[ROWS];
        vec4 right[COLUMNS];
        if (A_ALONG_K) {
            [[unroll]] for (uint i = 0; i < ROWS; ++i) {
                left[i] = a.v[aPlace[i] + p / 4];
            }
        }
        if (!B_ALONG_N) {
            [[unroll]] for (uint j = 0; j < COLUMNS; ++j) {
                right[j] = b.v[bPlace[j] + p / 4];
            }
        }
        [[unroll]] for (uint q = 0; q < 4; ++q) {
            vec4 row[COLUMNS / 4];
            [[unroll]] for (uint j = 0; j < COLUMNS / 4; ++j) {
                row[j] = B_ALONG_N ? b.v[bPlace[4 * j] + (p + q) * bStride]
                                   : vec4(right[4 * j][q], right[4 * j + 1][q],
                                       right[4 * j + 2][q], right[4 * j + 3][q]);
            }
            [[unroll]] for (uint i = 0; i < ROWS; ++i) {
                if (!A_ALONG_K && i % 4 == 0) {
                    left[i / 4] = a.v[aPlace[i] + (p + q) * aStride];
                }
                const float factor = A_ALONG_K ? left[i][q] : left[i / 4][i % 4];
                [[unroll]] for (uint j = 0; j < COLUMNS / 4; ++j) {
                    sums[i * (COLUMNS / 4) + j]
                        = fma(vec4(factor), row[j], sums[i * (COLUMNS / 4) + j]);
                }
            }
        }
    }
    [[unroll]] for (uint i = 0; i < ROWS; ++i) {
        [[unroll]] for (uint j = 0; j < COLUMNS / 4; ++j) {
            const uint column = column0 + 4 * j;
            if (row0 + i < push.m && column < push.n) {
                const uint place = (push.at[0] + (row0 + i) * push.cm + column) / 4;
                const vec4 before = push.accumulate != 0 ? c.v[place] : vec4(0.0);
                c.v[place] = before + sums[i * (COLUMNS / 4) + j];
            }
        }
    }
}
