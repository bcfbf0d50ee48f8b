// SPDX-License-Identifier: GPL-3.0-or-later
// First step: every workgroup reduces a block of x to a pair. Second step: one workgroup joins the
// pairs.
#version 450
#extension GL_GOOGLE_include_directive : require
#include "include/kernel.glsl"
#include "include/pair.glsl"
layout(constant_id = 1) const uint JOINS = 0;

FLOATS(0, result);
FLOATS(1, x);
layout(push_constant) uniform Push
{
    uint at[2];
    uint count; // floats of x, or pairs
    uint block;
} push;

const uint kMostLanes = 256;
shared float high[kMostLanes];
shared float low[kMostLanes];

void main()
{
    const uint begin = JOINS != 0 ? 0 : flatGroup() * push.block;
    if (begin >= push.count) {
        return;
    }
    const uint end = JOINS != 0 ? push.count : min(push.count, begin + push.block);
    vec2 total = vec2(0.0);
    for (uint i = begin + lane(); i < end; i += lanes()) {
        if (JOINS != 0) {
            total = joined(
                total, vec2(x.v[push.at[1] + 2 * i], x.v[push.at[1] + 2 * i + 1]));
        } else {
            const float value = x.v[push.at[1] + i];
            total = joined(total, vec2(value * value, 0.0));
        }
    }
    high[lane()] = total.x;
    low[lane()] = total.y;
    barrier();
    for (uint s = lanes() / 2; s > 0; s >>= 1) {
        if (lane() < s) {
            const vec2 sum = joined(vec2(high[lane()], low[lane()]),
                vec2(high[lane() + s], low[lane() + s]));
            high[lane()] = sum.x;
            low[lane()] = sum.y;
        }
        barrier();
    }
    if (lane() == 0) {
        if (JOINS != 0) {
            result.v[push.at[0]] = high[0] + low[0];
        } else {
            result.v[push.at[0] + 2 * flatGroup()] = high[0];
            result.v[push.at[0] + 2 * flatGroup() + 1] = low[0];
        }
    }
}
