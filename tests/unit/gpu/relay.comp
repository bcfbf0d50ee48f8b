// SPDX-License-Identifier: GPL-3.0-or-later
// to[i] = from[count - 1 - i] + ADDED
#version 450
layout(local_size_x_id = 0) in;
layout(constant_id = 1) const uint ADDED = 0;
layout(set = 0, binding = 0, std430) buffer To { uint v[]; } to;
layout(set = 0, binding = 1, std430) readonly buffer From { uint v[]; } from;
layout(push_constant) uniform Push { uint count; } push;
void main()
{
    const uint i = gl_GlobalInvocationID.x;
    if (i < push.count) {
        to.v[i] = from.v[push.count - 1 - i] + ADDED;
    }
}
