// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/bytes.h"

#include <algorithm>

namespace loam::base {

namespace {

    constexpr std::string_view kHexDigits = "0123456789abcdef";
    constexpr std::string_view kBase64Digits
        = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    int hexValue(char c)
    {
        if (c >= '0' && c <= '9') {
            return c - '0';
        }
        if (c >= 'a' && c <= 'f') {
            return c - 'a' + 10;
        }
        if (c >= 'A' && c <= 'F') {
            return c - 'A' + 10;
        }
        return -1;
    }

} // namespace

std::string toHex(ByteView bytes)
{
    std::string out;
    out.reserve(bytes.size() * 2);
    for (const std::byte b : bytes) {
        out += kHexDigits[std::to_integer<std::size_t>(b >> 4)];
        out += kHexDigits[std::to_integer<std::size_t>(b & std::byte{ 15 })];
    }
    return out;
}

Result<Bytes> fromHex(std::string_view text)
{
    if (text.size() % 2 != 0) {
        return fail(Errc::Invalid, "hexadecimal text has an odd number of characters");
    }
    Bytes out;
    out.reserve(text.size() / 2);
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const int high = hexValue(text[i]);
        const int low = hexValue(text[i + 1]);
        if (high < 0 || low < 0) {
            return fail(Errc::Invalid,
                "character " + std::to_string(high < 0 ? i : i + 1) + " is not hexadecimal");
        }
        out.push_back(static_cast<std::byte>(high * 16 + low));
    }
    return out;
}

std::string toBase64(ByteView bytes)
{
    std::string out;
    out.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const std::size_t left = std::min<std::size_t>(3, bytes.size() - i);
        std::uint32_t group = 0;
        for (std::size_t j = 0; j < 3; ++j) {
            group = group << 8
                | (j < left ? std::to_integer<std::uint32_t>(bytes[i + j]) : std::uint32_t{ 0 });
        }
        for (std::size_t j = 0; j < 4; ++j) {
            out += j <= left ? kBase64Digits[group >> (18 - 6 * j) & 63U] : '=';
        }
    }
    return out;
}

Result<Bytes> fromBase64(std::string_view text)
{
    if (text.size() % 4 != 0) {
        return fail(Errc::Invalid, "base64 text is not a multiple of four characters");
    }
    const std::size_t padding
        = text.ends_with("==") ? 2 : (text.ends_with('=') ? std::size_t{ 1 } : std::size_t{ 0 });
    Bytes out;
    out.reserve(text.size() / 4 * 3);
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        std::size_t digit = 0;
        if (i < text.size() - padding) {
            digit = kBase64Digits.find(text[i]);
            if (digit == std::string_view::npos) {
                return fail(
                    Errc::Invalid, "character " + std::to_string(i) + " is not a base64 digit");
            }
        }
        group = group << 6 | static_cast<std::uint32_t>(digit);
        if (i % 4 == 3) {
            for (int shift = 16; shift >= 0; shift -= 8) {
                out.push_back(static_cast<std::byte>(group >> shift & 255U));
            }
            group = 0;
        }
    }
    for (std::size_t i = 0; i < padding; ++i) {
        if (out.back() != std::byte{ 0 }) {
            return fail(Errc::Invalid, "base64 text has stray bits in its padding");
        }
        out.pop_back();
    }
    return out;
}

} // namespace loam::base
