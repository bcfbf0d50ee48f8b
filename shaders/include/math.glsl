// SPDX-License-Identifier: GPL-3.0-or-later
// The language allows exp and log errors that a gradient would show; these are good to the last bits
// on every device: reduction to |r| <= ln 2 / 2 in two parts (Cody and Waite), then the series.

float exponential(float x)
{
    x = clamp(x, -87.0, 88.0);
    const float n = roundEven(x * 1.44269504);
    float r = x - n * 0.693359375;
    r = r + n * 2.12194440e-4;
    float p = 1.0 / 5040.0;
    p = p * r + 1.0 / 720.0;
    p = p * r + 1.0 / 120.0;
    p = p * r + 1.0 / 24.0;
    p = p * r + 1.0 / 6.0;
    p = p * r + 0.5;
    p = p * r * r + r + 1.0;
    return p * uintBitsToFloat(uint(int(n) + 127) << 23);
}

/// x > 0: one step of Newton from the built-in value.
float logarithm(float x)
{
    const float y = log(x);
    return y + (x * exponential(-y) - 1.0);
}

float sigmoid(float x)
{
    return 1.0 / (1.0 + exponential(-x));
}
