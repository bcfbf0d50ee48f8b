// SPDX-License-Identifier: GPL-3.0-or-later
// A part of a matrix of weights as core/ml/vulkan_weights.cpp lays it out: words by columns, within
// them the rows side by side, so that neighbouring lanes (one a row) read neighbouring words. First
// all quants, then their high bits, scales and offsets.
layout(constant_id = 1) const uint KIND = 0; // 0 fp32, 1 fp16, 2 bf16, 3 int8, 4 nibbles
layout(constant_id = 2) const uint HIGH_BITS = 0; // of nibbles: 0, 1 or 2 more
layout(constant_id = 3) const uint GROUP = 32; // columns that share a scale
layout(constant_id = 4) const uint HAS_OFFSET = 0;
layout(constant_id = 5) const int BIAS = 0; // taken from unsigned quants

struct Part
{
    uint base; // of the part in the binding
    uint rows;
    uint high; // where the sections begin, from base
    uint scales;
    uint offsets;
};

uint wordOf(Part part, uint row, uint index)
{
    return weights.v[part.base + index * part.rows + row];
}

/// The quants of columns 8 * eighth .. 8 * eighth + 7.
void loadEight(Part part, uint row, uint eighth, out float q[8])
{
    if (KIND == 0) {
        [[unroll]] for (uint i = 0; i < 8; ++i) {
            q[i] = uintBitsToFloat(wordOf(part, row, 8 * eighth + i));
        }
    } else if (KIND == 1) {
        [[unroll]] for (uint i = 0; i < 4; ++i) {
            const vec2 pair = unpackHalf2x16(wordOf(part, row, 4 * eighth + i));
            q[2 * i] = pair.x;
            q[2 * i + 1] = pair.y;
        }
    } else if (KIND == 2) {
        [[unroll]] for (uint i = 0; i < 4; ++i) {
            const uint pair = wordOf(part, row, 4 * eighth + i);
            q[2 * i] = uintBitsToFloat(pair << 16);
            q[2 * i + 1] = uintBitsToFloat(pair & 0xFFFF0000u);
        }
    } else if (KIND == 3) {
        [[unroll]] for (uint i = 0; i < 2; ++i) {
            const int four = int(wordOf(part, row, 2 * eighth + i));
            [[unroll]] for (int j = 0; j < 4; ++j) {
                q[4 * i + j] = float(bitfieldExtract(four, 8 * j, 8));
            }
        }
    } else {
        const uint low = wordOf(part, row, eighth);
        uint high = 0;
        if (HIGH_BITS == 1) {
            high = weights.v[part.base + part.high + (eighth / 4) * part.rows + row]
                >> (8 * (eighth % 4));
        } else if (HIGH_BITS == 2) {
            high = weights.v[part.base + part.high + (eighth / 2) * part.rows + row]
                >> (16 * (eighth % 2));
        }
        [[unroll]] for (uint i = 0; i < 8; ++i) {
            uint value = low >> (4 * i) & 15u;
            if (HIGH_BITS == 1) {
                value |= (high >> i & 1u) << 4;
            } else if (HIGH_BITS == 2) {
                value |= (high >> (2 * i) & 3u) << 4;
            }
            q[i] = float(int(value) - BIAS);
        }
    }
}

/// weight = scale * quant + offset
vec2 scaleAndOffset(Part part, uint row, uint column)
{
    if (KIND < 3) {
        return vec2(1.0, 0.0);
    }
    const uint place = part.base + column / GROUP * part.rows + row;
    return vec2(uintBitsToFloat(weights.v[place + part.scales]),
        HAS_OFFSET != 0 ? uintBitsToFloat(weights.v[place + part.offsets]) : 0.0);
}
