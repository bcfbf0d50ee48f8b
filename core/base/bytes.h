// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace loam::base {

using Bytes = std::vector<std::byte>;
using ByteView = std::span<const std::byte>;
using MutableByteView = std::span<std::byte>;

/// The characters of `text` as bytes, without a copy.
inline ByteView asBytes(std::string_view text)
{
    return std::as_bytes(std::span{ text.data(), text.size() });
}

/// The bytes as characters, without a copy. No claim is made about UTF-8.
inline std::string_view asText(ByteView bytes)
{
    return { reinterpret_cast<const char*>(bytes.data()), bytes.size() };
}

inline Bytes toBytes(ByteView view)
{
    return { view.begin(), view.end() };
}

/// An array of N bytes whose tag keeps hashes, keys and signatures apart at compile time.
template <class Tag, std::size_t N> struct FixedBytes
{
    static constexpr std::size_t kSize = N;
    std::array<std::byte, N> data{};

    ByteView view() const { return data; }
    MutableByteView mutableView() { return data; }

    /// Fails with Invalid unless `bytes` holds exactly N bytes.
    static Result<FixedBytes> from(ByteView bytes)
    {
        if (bytes.size() != N) {
            return fail(Errc::Invalid,
                "expected " + std::to_string(N) + " bytes, got " + std::to_string(bytes.size()));
        }
        FixedBytes out;
        std::memcpy(out.data.data(), bytes.data(), N);
        return out;
    }

    friend auto operator<=>(const FixedBytes&, const FixedBytes&) = default;
};

using Hash256 = FixedBytes<struct Hash256Tag, 32>;
using PublicKey = FixedBytes<struct PublicKeyTag, 32>;
using Signature = FixedBytes<struct SignatureTag, 64>;
/// A network's identity: SHA-256 of its genesis.
using NetworkId = FixedBytes<struct NetworkIdTag, 32>;

/// Lower-case hexadecimal.
std::string toHex(ByteView bytes);
/// Accepts both cases; fails with Invalid on odd length or a foreign character.
Result<Bytes> fromHex(std::string_view text);
/// RFC 4648 section 4, with padding.
std::string toBase64(ByteView bytes);
/// Strict: canonical padding, no white space.
Result<Bytes> fromBase64(std::string_view text);

template <class Fixed> Result<Fixed> fixedFromHex(std::string_view text)
{
    TRY_ASSIGN(const Bytes bytes, fromHex(text));
    return Fixed::from(bytes);
}

} // namespace loam::base

template <class Tag, std::size_t N> struct std::hash<loam::base::FixedBytes<Tag, N>>
{
    // The contents are hashes and keys, so any eight bytes of them are a good hash already.
    std::size_t operator()(const loam::base::FixedBytes<Tag, N>& value) const noexcept
    {
        static_assert(N >= sizeof(std::size_t));
        std::size_t out = 0;
        std::memcpy(&out, value.data.data(), sizeof out);
        return out;
    }
};
