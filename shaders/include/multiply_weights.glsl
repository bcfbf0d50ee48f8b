// SPDX-License-Identifier: GPL-3.0-or-later
// out[R,n] = or += x[R,k] w[n,k]^T, weights turned into floats on the way. A lane owns COLUMNS rows of
// w against ROWS rows of x, whose addresses are the same in all lanes. With SLICES > 1 that many
// lanes share one result: each takes a stretch of k, then they are joined in order. With
// LANES_SHARE_X a workgroup is one vector of eight lanes, which read eight numbers of x at once and
// hand them around.
#include "kernel.glsl"
#ifdef LANES_SHARE_X
#include "lanes.glsl"
#endif
FLOATS(0, result);
FLOATS(1, x);
WORDS(2, weights);
#include "weights.glsl"
layout(constant_id = 6) const uint ROWS = 8;
layout(constant_id = 7) const uint COLUMNS = 4;
layout(constant_id = 8) const uint SLICES = 1;

layout(push_constant) uniform Push
{
    uint at[3];
    uint rows; // of x
    uint columns; // k
    uint eighths; // k / 8, rounded up
    uint partRows, high, scales, offsets;
    uint width; // of a row of the result
    uint firstColumn; // of this part of w in it
    uint accumulate;
} push;

const uint RESULTS = ROWS * COLUMNS;
const uint kMostLanes = 256;
shared float partial[SLICES > 1 ? kMostLanes * RESULTS : 1];

/// Columns 8 * eighth to 8 * eighth + 7 of a row of x; beyond k, where the weights are zero, any.
void loadX(uint row, uint eighth, out float left[8])
{
#ifdef LANES_SHARE_X
    left = ofAllLanes(x.v[row + min(eighth * 8 + lane(), push.columns - 1)]);
#else
    [[unroll]] for (uint c = 0; c < 8; ++c) {
        left[c] = x.v[row + min(eighth * 8 + c, push.columns - 1)];
    }
#endif
}

void main()
{
    const Part part
        = Part(push.at[2], push.partRows, push.high, push.scales, push.offsets);
    const uint across = lanes() / SLICES;
    const uint laneColumn = lane() % across;
    const uint slice = lane() / across;
    const uint row0 = gl_WorkGroupID.x * ROWS;
    const uint column0 = gl_WorkGroupID.y * across * COLUMNS + laneColumn;
    uint xPlace[ROWS];
    uint wRow[COLUMNS];
    float sums[RESULTS];
    [[unroll]] for (uint i = 0; i < ROWS; ++i) {
        xPlace[i] = push.at[1] + min(row0 + i, push.rows - 1) * push.columns;
    }
    [[unroll]] for (uint j = 0; j < COLUMNS; ++j) {
        wRow[j] = min(column0 + j * across, push.partRows - 1);
    }
    [[unroll]] for (uint i = 0; i < RESULTS; ++i) {
        sums[i] = 0.0;
    }
    const uint perGroup = KIND < 3 ? 1 : GROUP / 8;
    const uint groups = (push.eighths + perGroup - 1) / perGroup;
    const uint step = (groups + SLICES - 1) / SLICES;
    const uint begin = SLICES > 1 ? slice * step : 0;
    const uint end = SLICES > 1 ? min(groups, begin + step) : groups;
    for (uint g = begin; g < end; ++g) {
        vec2 scale[COLUMNS];
        [[unroll]] for (uint j = 0; j < COLUMNS; ++j) {
            scale[j] = scaleAndOffset(part, wRow[j], g * perGroup * 8);
        }
        for (uint t = 0; t < perGroup; ++t) {
            const uint eighth = g * perGroup + t;
            float w[COLUMNS * 8];
            [[unroll]] for (uint j = 0; j < COLUMNS; ++j) {
                float q[8];
                loadEight(part, wRow[j], eighth, q);
                [[unroll]] for (uint c = 0; c < 8; ++c) {
                    w[j * 8 + c] = fma(scale[j].x, q[c], scale[j].y);
                }
            }
            [[unroll]] for (uint i = 0; i < ROWS; ++i) {
                float left[8];
                loadX(xPlace[i], eighth, left);
                [[unroll]] for (uint c = 0; c < 8; ++c) {
                    [[unroll]] for (uint j = 0; j < COLUMNS; ++j) {
                        sums[i * COLUMNS + j]
                            = fma(left[c], w[j * 8 + c], sums[i * COLUMNS + j]);
                    }
                }
            }
        }
    }
    if (SLICES > 1) {
        [[unroll]] for (uint i = 0; i < RESULTS; ++i) {
            partial[i * lanes() + lane()] = sums[i];
        }
        barrier();
        if (slice != 0) {
            return;
        }
        [[unroll]] for (uint i = 0; i < RESULTS; ++i) {
            for (uint s = 1; s < SLICES; ++s) {
                sums[i] += partial[i * lanes() + s * across + laneColumn];
            }
        }
    }
    [[unroll]] for (uint i = 0; i < ROWS; ++i) {
        [[unroll]] for (uint j = 0; j < COLUMNS; ++j) {
            const uint row = row0 + i;
            const uint column = column0 + j * across;
            if (row < push.rows && column < push.partRows) {
                const uint place = push.at[0] + row * push.width + push.firstColumn + column;
                const float before = push.accumulate != 0 ? result.v[place] : 0.0;
                result.v[place] = before + sums[i * COLUMNS + j];
            }
        }
    }
}
