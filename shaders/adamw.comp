// SPDX-License-Identifier: GPL-3.0-or-later
// Weights, first and second moment in one pass (Loshchilov and Hutter, arXiv:1711.05101).
#version 450
#extension GL_GOOGLE_include_directive : require
#include "include/kernel.glsl"
layout(constant_id = 1) const uint EACH = 8;

FLOATS(0, weights);
FLOATS(1, gradient);
FLOATS(2, first);
FLOATS(3, second);
layout(push_constant) uniform Push
{
    uint at[4];
    uint count;
    float learningRate, beta1, beta2, epsilon, weightDecay;
    float correction1, correction2, gradientScale;
} push;

void main()
{
    const uint begin = flatGroup() * lanes() * EACH + lane();
    for (uint j = 0; j < EACH; ++j) {
        const uint i = begin + j * lanes();
        if (i < push.count) {
            const float g = push.gradientScale * gradient.v[push.at[1] + i];
            const float m = push.beta1 * first.v[push.at[2] + i] + (1.0 - push.beta1) * g;
            const float v = push.beta2 * second.v[push.at[3] + i] + (1.0 - push.beta2) * g * g;
            first.v[push.at[2] + i] = m;
            second.v[push.at[3] + i] = v;
            const float w = weights.v[push.at[0] + i];
            const float pull = (m / push.correction1)
                / (sqrt(v / push.correction2) + push.epsilon);
            weights.v[push.at[0] + i] = w - push.learningRate * (push.weightDecay * w + pull);
        }
    }
}
