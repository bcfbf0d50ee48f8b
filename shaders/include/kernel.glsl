// SPDX-License-Identifier: GPL-3.0-or-later
// What all kernels share. Constant 0 is the size of a workgroup, a power of two. The constants of a
// call begin with the place in each buffer, in elements, where the operand begins: bindings are
// aligned more coarsely than operands.
#extension GL_EXT_control_flow_attributes : require
layout(local_size_x_id = 0) in;

#define FLOATS(index, name) \
    layout(set = 0, binding = index, std430) buffer Floats##index { float v[]; } name
#define WORDS(index, name) \
    layout(set = 0, binding = index, std430) buffer Words##index { uint v[]; } name

/// Groups of one long row are laid out as rows of this many: an axis may hold only 65535.
const uint kGroupRow = 32768;
uint flatGroup()
{
    return gl_WorkGroupID.y * kGroupRow + gl_WorkGroupID.x;
}
uint lane()
{
    return gl_LocalInvocationID.x;
}
uint lanes()
{
    return gl_WorkGroupSize.x;
}
