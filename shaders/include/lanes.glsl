// SPDX-License-Identifier: GPL-3.0-or-later
// For workgroups that are one vector of eight lanes.
#extension GL_KHR_shader_subgroup_ballot : require
const uint kLanes = 8;

/// What each lane has, in all of them. The number of a lane must be a constant.
float[kLanes] ofAllLanes(float mine)
{
    return float[](subgroupBroadcast(mine, 0u), subgroupBroadcast(mine, 1u),
        subgroupBroadcast(mine, 2u), subgroupBroadcast(mine, 3u), subgroupBroadcast(mine, 4u),
        subgroupBroadcast(mine, 5u), subgroupBroadcast(mine, 6u), subgroupBroadcast(mine, 7u));
}
