// SPDX-License-Identifier: GPL-3.0-or-later
// out[R,D] = table[token[R], D]. A lane owns one element.
#version 450
#extension GL_GOOGLE_include_directive : require
#include "include/kernel.glsl"

FLOATS(0, result);
FLOATS(1, table);
WORDS(2, tokens);
layout(push_constant) uniform Push
{
    uint at[3];
    uint count;
    uint dim;
    uint first; // tokens of this part of the table
    uint end;
} push;

void main()
{
    const uint index = flatGroup() * lanes() + lane();
    if (index >= push.count) {
        return;
    }
    const uint token = tokens.v[push.at[2] + index / push.dim];
    if (token >= push.first && token < push.end) {
        result.v[push.at[0] + index]
            = table.v[push.at[1] + (token - push.first) * push.dim + index % push.dim];
    }
}
