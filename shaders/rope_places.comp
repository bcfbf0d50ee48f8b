// SPDX-License-Identifier: GPL-3.0-or-later
// Turns x[R, heads, headDim] in place by position * frequency. A lane turns one pair. The language
// promises sines only to 2^-11, so they are made here: the angle as an exact product in two floats
// (Dekker, 1971), reduced by pi/2 in three parts (Cody and Waite), then the series.
#version 450
#extension GL_GOOGLE_include_directive : require
#include "include/kernel.glsl"
FLOATS(0, x);
FLOATS(1, frequencies);
WORDS(2, places); // slot and position of every row

layout(push_constant) uniform Push
{
    uint at[3];
    uint pairs; // rows * heads * headDim / 2
    uint heads;
    uint headDim;
    uint adjacent; // 1: element 2i turns with 2i + 1, 0: i with i + headDim/2
} push;

vec2 cosineAndSine(float position, float frequency)
{
    precise float high = position * frequency;
    precise float a = position * 4097.0;
    precise float aTop = a - (a - position);
    precise float aRest = position - aTop;
    precise float b = frequency * 4097.0;
    precise float bTop = b - (b - frequency);
    precise float bRest = frequency - bTop;
    precise float low = ((aTop * bTop - high) + aTop * bRest + aRest * bTop) + aRest * bRest;
    const float n = roundEven(high * 0.63661977);
    precise float r = high - n * 1.5703125;
    r = r - n * 4.837512969970703125e-4;
    r = r - n * 7.54978995489188216e-8;
    r = r + low;
    const float s = r * r;
    const float sine = r
        + r * s * (-1.0 / 6.0 + s * (1.0 / 120.0 + s * (-1.0 / 5040.0 + s * (1.0 / 362880.0))));
    const float cosine = 1.0
        + s * (-0.5 + s * (1.0 / 24.0 + s * (-1.0 / 720.0 + s * (1.0 / 40320.0))));
    switch (int(n) & 3) {
    case 0:
        return vec2(cosine, sine);
    case 1:
        return vec2(-sine, cosine);
    case 2:
        return vec2(-cosine, -sine);
    default:
        return vec2(sine, -cosine);
    }
}

void main()
{
    const uint index = flatGroup() * lanes() + lane();
    if (index >= push.pairs) {
        return;
    }
    const uint half_ = push.headDim / 2;
    const uint i = index % half_;
    const uint head = index / half_;
    const uint row = head / push.heads;
    const float position = float(places.v[push.at[2] + 2 * row + 1]);
    const vec2 turn = cosineAndSine(position, frequencies.v[push.at[1] + i]);
    const uint begin = push.at[0] + head * push.headDim;
    const uint low = begin + (push.adjacent != 0 ? 2 * i : i);
    const uint high = push.adjacent != 0 ? low + 1 : low + half_;
    const float a = x.v[low];
    const float b = x.v[high];
    x.v[low] = a * turn.x - b * turn.y;
    x.v[high] = b * turn.x + a * turn.y;
}
