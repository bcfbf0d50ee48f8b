// SPDX-License-Identifier: GPL-3.0-or-later
// A workgroup a row of logits: nats = -log softmax[target]; then, if wanted, the logits become their
// gradient times `scale`. Ignored targets cost nothing and give no gradient.
#version 450
#extension GL_GOOGLE_include_directive : require
#include "include/kernel.glsl"
#include "include/math.glsl"
#include "include/reduce.glsl"

FLOATS(0, nats);
FLOATS(1, logits);
WORDS(2, targets);
layout(push_constant) uniform Push
{
    uint at[3];
    uint rows, vocab;
    uint gradient;
    float scale;
} push;

void main()
{
    const uint row = flatGroup();
    if (row >= push.rows) {
        return;
    }
    const uint begin = push.at[1] + row * push.vocab;
    const int target = int(targets.v[push.at[2] + row]);
    float most = -1e30;
    for (uint i = lane(); i < push.vocab; i += lanes()) {
        most = max(most, logits.v[begin + i]);
    }
    most = maximumOverGroup(most);
    float total = 0.0;
    for (uint i = lane(); i < push.vocab; i += lanes()) {
        total += exponential(logits.v[begin + i] - most);
    }
    total = sumOverGroup(total);
    if (lane() == 0) {
        nats.v[push.at[0] + row] = target < 0
            ? 0.0
            : logarithm(total) + (most - logits.v[begin + uint(max(target, 0))]);
    }
    if (push.gradient == 0) {
        return;
    }
    // The target's logit was read above: nobody may overwrite it before.
    barrier();
    const float factor = target < 0 ? 0.0 : push.scale;
    for (uint i = lane(); i < push.vocab; i += lanes()) {
        const float p = exponential(logits.v[begin + i] - most) / total;
        logits.v[begin + i] = factor * (int(i) == target ? p - 1.0 : p);
    }
}
