// SPDX-License-Identifier: GPL-3.0-or-later
// The largest magnitudes of each chunk of an update, packed as they travel: two magnitudes, then for
// each kept value the gap to the one before as a Golomb-Rice code, its sign and its class. One
// workgroup a chunk. The cut is found digit by digit from the top (radix selection: magnitudes order
// like their bits); a lane owns whole words of 32 neighbouring values, so that codes are in order.
#version 450
#extension GL_GOOGLE_include_directive : require
#include "include/kernel.glsl"
#include "include/pair.glsl"

WORDS(0, packed); // [chunks, stride]: number of bits, 0 where a value is not finite; the bits
WORDS(1, x); // bits of floats
layout(push_constant) uniform Push
{
    uint at[2];
    uint count; // values of x
    uint keep; // of each chunk
    uint stride;
} push;

const uint kChunk = 4096;
const uint kMostLanes = 256;
const uint kMostWords = 776;
const uint kDigits = 256;
const uint kMagnitude = 0x7FFFFFFF;

shared uint counts[kDigits];
shared uint pool[kMostLanes];
shared vec2 sums[2 * kMostLanes];
shared uint keptWords[kChunk / 32];
shared uint largeWords[kChunk / 32];
shared uint stream[kMostWords];
shared uvec2 found;
shared uint isBroken;

uint first; // of the chunk, in x
uint values; // of the chunk
uint kept;

uint magnitude(uint i)
{
    return x.v[first + i] & kMagnitude;
}

/// The `wanted`-th largest magnitude, and how many of those equal to it are among the wanted.
uvec2 cutOf(uint wanted)
{
    if (wanted == 0) {
        return uvec2(~0U, 0);
    }
    uint prefix = 0;
    uint rest = wanted;
    for (uint top = 31; top > 0;) {
        const uint width = min(top, 8);
        const uint shift = top - width;
        for (uint i = lane(); i < kDigits; i += lanes()) {
            counts[i] = 0;
        }
        barrier();
        for (uint i = lane(); i < values; i += lanes()) {
            const uint m = magnitude(i);
            if (m >> top == prefix >> top) {
                atomicAdd(counts[(m >> shift) & ((1U << width) - 1)], 1);
            }
        }
        barrier();
        if (lane() == 0) {
            uint digit = (1U << width) - 1;
            while (counts[digit] < rest) {
                rest -= counts[digit];
                --digit;
            }
            found = uvec2(prefix | digit << shift, rest);
        }
        barrier();
        prefix = found.x;
        rest = found.y;
        top = shift;
    }
    return uvec2(prefix, rest);
}

/// Of the lanes before this one.
uint sumBefore(uint value)
{
    barrier();
    pool[lane()] = value;
    barrier();
    uint sum = 0;
    for (uint i = 0; i < lane(); ++i) {
        sum += pool[i];
    }
    return sum;
}
uint maximumBefore(uint value)
{
    barrier();
    pool[lane()] = value;
    barrier();
    uint most = 0;
    for (uint i = 0; i < lane(); ++i) {
        most = max(most, pool[i]);
    }
    return most;
}

/// Nearest binary16 of a number that is not negative, ties to even, at most its largest.
uint halfOf(float value)
{
    const uint bits = floatBitsToUint(value);
    if (bits >= 0x477FF000) {
        return 0x7BFF;
    }
    if (bits >= 0x38800000) {
        const uint rebased = bits - (112U << 23);
        return (rebased + 0xFFF + ((rebased >> 13) & 1)) >> 13;
    }
    if (bits < 0x33000000) {
        return 0;
    }
    const uint mantissa = (bits & 0x7FFFFF) | 0x800000;
    const uint shift = 126 - (bits >> 23);
    const uint rest = mantissa & ((1U << shift) - 1);
    const uint middle = 1U << (shift - 1);
    const uint whole = mantissa >> shift;
    return rest > middle || (rest == middle && (whole & 1) != 0) ? whole + 1 : whole;
}

/// The mean, rounded once: the quotient's halves of 12 bits times a count are exact.
uint meanOf(vec2 sum, uint number)
{
    const float divisor = float(number);
    precise float quotient = sum.x / divisor;
    const float upper = uintBitsToFloat(floatBitsToUint(quotient) & ~0xFFFU);
    precise float rest = ((sum.x - upper * divisor) - (quotient - upper) * divisor) + sum.y;
    precise float mean = quotient + rest / divisor;
    return halfOf(mean);
}

/// The low `number` (1..32) bits of `bits` at a place of the stream, the most significant first.
void put(uint place, uint bits, uint number)
{
    const uint room = 32 - (place & 31);
    if (number <= room) {
        atomicOr(stream[place >> 5], bits << (room - number));
    } else {
        atomicOr(stream[place >> 5], bits >> (number - room));
        atomicOr(stream[(place >> 5) + 1], bits << (32 - (number - room)));
    }
}

/// As in the protocol: the largest b with 1000 kept 2^b <= 693 values.
uint riceShift()
{
    uint shift = 0;
    while ((kept << (shift + 1)) * 1000 <= values * 693) {
        ++shift;
    }
    return shift;
}

void main()
{
    const uint chunk = flatGroup();
    if (chunk * kChunk >= push.count) {
        return;
    }
    first = push.at[1] + chunk * kChunk;
    values = min(kChunk, push.count - chunk * kChunk);
    kept = min(push.keep, values);
    const uint largeCount = kept / 2;

    if (lane() == 0) {
        isBroken = 0;
    }
    for (uint i = lane(); i < kMostWords; i += lanes()) {
        stream[i] = 0;
    }
    barrier();
    for (uint i = lane(); i < values; i += lanes()) {
        if (magnitude(i) >= 0x7F800000) {
            atomicOr(isBroken, 1);
        }
    }
    const uvec2 keptCut = cutOf(kept);
    const uvec2 largeCut = cutOf(largeCount);

    const uint each = (kChunk / 32 + lanes() - 1) / lanes();
    const uint begin = min(values, lane() * each * 32);
    const uint end = min(values, begin + each * 32);
    uint keptTies = 0;
    uint largeTies = 0;
    for (uint i = begin; i < end; ++i) {
        const uint m = magnitude(i);
        keptTies += m == keptCut.x ? 1 : 0;
        largeTies += m == largeCut.x ? 1 : 0;
    }
    keptTies = sumBefore(keptTies);
    largeTies = sumBefore(largeTies);

    // What is above is so large that the mean of its class cannot be told from infinity.
    const float most = 65504.0 * 4096.0;
    vec2 smallSum = vec2(0.0);
    vec2 largeSum = vec2(0.0);
    uint next = 0;
    for (uint from = begin; from < end; from += 32) {
        uint keptWord = 0;
        uint largeWord = 0;
        for (uint i = from; i < min(end, from + 32); ++i) {
            const uint m = magnitude(i);
            bool isKept = m > keptCut.x;
            if (m == keptCut.x) {
                isKept = keptTies < keptCut.y;
                ++keptTies;
            }
            bool isLarge = m > largeCut.x;
            if (m == largeCut.x) {
                isLarge = largeTies < largeCut.y;
                ++largeTies;
            }
            if (isKept) {
                const vec2 value = vec2(min(uintBitsToFloat(m), most), 0.0);
                if (isLarge) {
                    largeSum = joined(largeSum, value);
                    largeWord |= 1U << (i - from);
                } else {
                    smallSum = joined(smallSum, value);
                }
                keptWord |= 1U << (i - from);
                next = i + 1;
            }
        }
        keptWords[from / 32] = keptWord;
        largeWords[from / 32] = largeWord;
    }
    next = maximumBefore(next);
    sums[2 * lane()] = smallSum;
    sums[2 * lane() + 1] = largeSum;
    barrier();
    if (lane() == 0) {
        for (uint i = 1; i < lanes(); ++i) {
            smallSum = joined(smallSum, sums[2 * i]);
            largeSum = joined(largeSum, sums[2 * i + 1]);
        }
        const uint small = meanOf(smallSum, kept - largeCount);
        found = uvec2(small, largeCount == 0 ? small : meanOf(largeSum, largeCount));
    }
    barrier();
    const uvec2 halves = found;

    const bool hasGaps = kept < values;
    const uint shift = riceShift();
    uint bits = 0;
    uint expected = next;
    for (uint from = begin; from < end; from += 32) {
        for (uint left = keptWords[from / 32]; left != 0; left &= left - 1) {
            const uint i = from + uint(findLSB(left));
            bits += hasGaps ? ((i - expected) >> shift) + 3 + shift : 2;
            expected = i + 1;
        }
    }
    uint place = 32 + sumBefore(bits);
    const uint finish = place + bits;
    expected = next;
    for (uint from = begin; from < end; from += 32) {
        for (uint left = keptWords[from / 32]; left != 0; left &= left - 1) {
            const uint bit = left & -left;
            const uint i = from + uint(findLSB(left));
            if (hasGaps) {
                uint ones = (i - expected) >> shift;
                while (ones > 0) {
                    const uint part = min(ones, 31);
                    put(place, (1U << part) - 1, part);
                    place += part;
                    ones -= part;
                }
                put(place, (i - expected) & ((1U << shift) - 1), shift + 1);
                place += shift + 1;
                expected = i + 1;
            }
            const bool isLarge = (largeWords[from / 32] & bit) != 0 && halves.x != halves.y;
            const bool isNegative = (isLarge ? halves.y : halves.x) != 0
                && x.v[first + i] > 0x80000000U;
            put(place, (isNegative ? 2U : 0U) | (isLarge ? 1U : 0U), 2);
            place += 2;
        }
    }
    if (lane() == 0) {
        stream[0] = halves.x << 16 | halves.y;
    }
    barrier();
    const uint target = push.at[0] + chunk * push.stride;
    if (lane() == lanes() - 1) {
        packed.v[target] = isBroken != 0 ? 0 : finish;
    }
    for (uint i = lane(); i + 1 < push.stride; i += lanes()) {
        packed.v[target + 1 + i] = stream[i];
    }
}
