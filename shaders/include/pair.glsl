// SPDX-License-Identifier: GPL-3.0-or-later
// Sums in pairs of floats (Dekker, 1971; Knuth's two-sum), as good as those in double on devices
// without it.
vec2 joined(vec2 a, vec2 b)
{
    precise float sum = a.x + b.x;
    precise float shift = sum - a.x;
    precise float lost = (a.x - (sum - shift)) + (b.x - shift);
    precise float rest = lost + (a.y + b.y);
    precise float top = sum + rest;
    precise float bottom = rest - (top - sum);
    return vec2(top, bottom);
}
