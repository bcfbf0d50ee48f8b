// SPDX-License-Identifier: GPL-3.0-or-later
// Reductions over a workgroup in a fixed order, without subgroup operations.
const uint kMostLanes = 256;
shared float reducePool[kMostLanes];

#define REDUCE(name, joined) \
    float name(float value) \
    { \
        reducePool[lane()] = value; \
        barrier(); \
        for (uint s = lanes() / 2; s > 0; s >>= 1) { \
            if (lane() < s) { \
                const float a = reducePool[lane()]; \
                const float b = reducePool[lane() + s]; \
                reducePool[lane()] = joined; \
            } \
            barrier(); \
        } \
        const float result = reducePool[0]; \
        barrier(); \
        return result; \
    }
REDUCE(sumOverGroup, a + b)
REDUCE(maximumOverGroup, max(a, b))
