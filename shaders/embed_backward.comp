// SPDX-License-Identifier: GPL-3.0-or-later
// dTable[token] += dOut of the rows with this token, in order: the rows of every token that occurs
// come as a list, so that no two lanes add to one place.
#version 450
#extension GL_GOOGLE_include_directive : require
#include "include/kernel.glsl"

FLOATS(0, dTable);
FLOATS(1, dOut);
WORDS(2, lists); // for every entry: token, where its rows begin and end; then the rows
layout(push_constant) uniform Push
{
    uint at[3];
    uint entries;
    uint dim;
    uint first; // tokens of this part of the table
    uint end;
} push;

void main()
{
    const uint index = flatGroup() * lanes() + lane();
    if (index >= push.entries * push.dim) {
        return;
    }
    const uint entry = push.at[2] + index / push.dim * 3;
    const uint column = index % push.dim;
    const uint token = lists.v[entry];
    if (token < push.first || token >= push.end) {
        return;
    }
    const uint place = push.at[0] + (token - push.first) * push.dim + column;
    float total = dTable.v[place];
    const uint rows = push.at[2] + push.entries * 3;
    for (uint i = lists.v[entry + 1]; i < lists.v[entry + 2]; ++i) {
        total += dOut.v[push.at[1] + lists.v[rows + i] * push.dim + column];
    }
    dTable.v[place] = total;
}
