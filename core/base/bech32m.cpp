// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/bech32m.h"

#include <algorithm>

namespace loam::base {

namespace {

    constexpr std::string_view kDigits = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    constexpr std::uint32_t kChecksumConstant = 0x2bc830a3;

    std::uint32_t polymod(std::span<const std::uint8_t> values)
    {
        constexpr std::array<std::uint32_t, 5> kGenerator{ 0x3b6a57b2, 0x26508e6d, 0x1ea119fa,
            0x3d4233dd, 0x2a1462b3 };
        std::uint32_t sum = 1;
        for (const std::uint8_t value : values) {
            const std::uint32_t top = sum >> 25;
            sum = (sum & 0x1ffffff) << 5 ^ value;
            for (std::size_t i = 0; i < kGenerator.size(); ++i) {
                sum ^= (top >> i & 1U) != 0 ? kGenerator[i] : 0;
            }
        }
        return sum;
    }

    std::vector<std::uint8_t> expandPrefix(std::string_view hrp)
    {
        std::vector<std::uint8_t> out;
        for (const char c : hrp) {
            out.push_back(static_cast<std::uint8_t>(static_cast<unsigned char>(c) >> 5));
        }
        out.push_back(0);
        for (const char c : hrp) {
            out.push_back(static_cast<std::uint8_t>(static_cast<unsigned char>(c) & 31U));
        }
        return out;
    }

} // namespace

std::string toBech32m(std::string_view hrp, ByteView payload)
{
    std::vector<std::uint8_t> groups;
    std::uint32_t pending = 0;
    unsigned bits = 0;
    for (const std::byte b : payload) {
        pending = (pending << 8 | std::to_integer<std::uint32_t>(b)) & 0xfff;
        bits += 8;
        while (bits >= 5) {
            bits -= 5;
            groups.push_back(static_cast<std::uint8_t>(pending >> bits & 31U));
        }
    }
    if (bits > 0) {
        groups.push_back(static_cast<std::uint8_t>(pending << (5 - bits) & 31U));
    }
    std::vector<std::uint8_t> checked = expandPrefix(hrp);
    checked.insert(checked.end(), groups.begin(), groups.end());
    checked.insert(checked.end(), 6, 0);
    const std::uint32_t checksum = polymod(checked) ^ kChecksumConstant;
    for (unsigned i = 0; i < 6; ++i) {
        groups.push_back(static_cast<std::uint8_t>(checksum >> (5 * (5 - i)) & 31U));
    }
    std::string out{ hrp };
    out += '1';
    for (const std::uint8_t group : groups) {
        out += kDigits[group];
    }
    return out;
}

Result<Bytes> fromBech32m(std::string_view hrp, std::string_view text)
{
    std::string lower;
    bool hasUpper = false;
    bool hasLower = false;
    for (const char c : text) {
        hasUpper = hasUpper || (c >= 'A' && c <= 'Z');
        hasLower = hasLower || (c >= 'a' && c <= 'z');
        lower += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    if (hasUpper && hasLower) {
        return fail(Errc::Invalid, "address mixes upper and lower case");
    }
    if (!lower.starts_with(std::string{ hrp } + '1')) {
        return fail(Errc::Invalid, "address does not begin with \"" + std::string{ hrp } + "1\"");
    }
    const std::string_view digits = std::string_view{ lower }.substr(hrp.size() + 1);
    if (digits.size() < 6) {
        return fail(Errc::Invalid, "address is too short");
    }
    std::vector<std::uint8_t> groups;
    for (const char c : digits) {
        const std::size_t value = kDigits.find(c);
        if (value == std::string_view::npos) {
            return fail(Errc::Invalid,
                std::string{ "address holds the character \"" } + c
                    + "\", which addresses never contain");
        }
        groups.push_back(static_cast<std::uint8_t>(value));
    }
    std::vector<std::uint8_t> checked = expandPrefix(hrp);
    checked.insert(checked.end(), groups.begin(), groups.end());
    if (polymod(checked) != kChecksumConstant) {
        return fail(Errc::Invalid, "address has a typing error: its checksum does not match");
    }
    groups.resize(groups.size() - 6);
    Bytes out;
    std::uint32_t pending = 0;
    unsigned bits = 0;
    for (const std::uint8_t group : groups) {
        pending = (pending << 5 | group) & 0xfff;
        bits += 5;
        if (bits >= 8) {
            bits -= 8;
            out.push_back(static_cast<std::byte>(pending >> bits & 255U));
        }
    }
    if (bits >= 5 || (pending & ((1U << bits) - 1)) != 0) {
        return fail(Errc::Invalid, "address has stray bits in its padding");
    }
    return out;
}

std::string toAddress(const PublicKey& key)
{
    return toBech32m(kAddressPrefix, key.view());
}

Result<PublicKey> fromAddress(std::string_view text)
{
    TRY_ASSIGN(const Bytes payload, fromBech32m(kAddressPrefix, text));
    if (payload.size() != PublicKey::kSize) {
        return fail(Errc::Invalid, "address has the wrong length");
    }
    return PublicKey::from(payload);
}

} // namespace loam::base
