// SPDX-License-Identifier: GPL-3.0-or-later
// Puts keys and values [R, width] at their places in the cache. A lane moves one element of each.
#version 450
#extension GL_GOOGLE_include_directive : require
#include "include/kernel.glsl"
FLOATS(0, keyCache);
FLOATS(1, valueCache);
FLOATS(2, keys);
FLOATS(3, values);
WORDS(4, places); // slot and position of every row

layout(push_constant) uniform Push
{
    uint at[5];
    uint count;
    uint width;
    uint context; // tokens of a slot
} push;

void main()
{
    const uint index = flatGroup() * lanes() + lane();
    if (index >= push.count) {
        return;
    }
    const uint row = index / push.width;
    const uint slot = places.v[push.at[4] + 2 * row];
    const uint position = places.v[push.at[4] + 2 * row + 1];
    const uint place = (slot * push.context + position) * push.width + index % push.width;
    keyCache.v[push.at[0] + place] = keys.v[push.at[2] + index];
    valueCache.v[push.at[1] + place] = values.v[push.at[3] + index];
}
