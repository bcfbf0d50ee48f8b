// SPDX-License-Identifier: GPL-3.0-or-later
// x = x * factor + group: each workgroup one element, so that a dispatch can be cut anywhere.
#version 450
layout(local_size_x = 1) in;
layout(set = 0, binding = 0, std430) buffer X { uint v[]; } x;
layout(push_constant) uniform Push { uint count; uint factor; } push;
void main()
{
    const uint i = gl_WorkGroupID.x + gl_WorkGroupID.y * 1000;
    if (i < push.count) {
        x.v[i] = x.v[i] * push.factor + i;
    }
}
