// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/bytes.h"

#include <cstdint>
#include <string>

namespace loam::codec {

/// Writes the deterministic CBOR subset of docs/protocol.md (RFC 8949 4.2.1): unsigned and
/// negative integers, byte strings, UTF-8 text, arrays and maps of definite length, booleans.
/// No floating point, tags or null. Map keys are unsigned integers written in ascending order.
class Writer
{
public:
    Writer& unsignedInt(std::uint64_t value);
    Writer& signedInt(std::int64_t value);
    Writer& boolean(bool value);
    Writer& bytes(base::ByteView value);
    Writer& text(std::string_view value);
    /// Announces an array of `count` items, which the caller writes next.
    Writer& array(std::size_t count);
    /// Announces a map of `count` pairs, written as key(), value, ... with ascending keys.
    Writer& map(std::size_t count);
    /// Key of the next pair; same encoding as unsignedInt.
    Writer& key(std::uint64_t key) { return unsignedInt(key); }
    /// Splices bytes that are one complete CBOR item already.
    Writer& raw(base::ByteView item);

    base::Bytes take() { return std::move(m_out); }
    base::ByteView view() const { return m_out; }

private:
    Writer& head(std::uint8_t major, std::uint64_t value);
    base::Bytes m_out;
};

/// What a reader accepts at most; beyond it the input is Invalid, whatever it announces.
struct Limits
{
    std::size_t bytes{ 1U << 20 }; ///< size of one byte or text string
    std::size_t items{ 1U << 16 }; ///< items of one array, pairs of one map
    std::size_t depth{ 16 }; ///< nesting that raw() will cross
};

/// Reads the subset strictly: shortest forms only, definite lengths, valid UTF-8, no trailing
/// bytes (finish()). Views point into the input, which must outlive them. Errors are Invalid and
/// name the offset.
class Reader
{
public:
    explicit Reader(base::ByteView input, const Limits& limits = {})
        : m_input{ input }
        , m_limits{ limits }
    {
    }

    base::Result<std::uint64_t> unsignedInt();
    base::Result<std::int64_t> signedInt();
    base::Result<bool> boolean();
    base::Result<base::ByteView> bytes();
    base::Result<std::string_view> text();
    base::Result<std::size_t> array();
    base::Result<std::size_t> map();
    /// The next item must be this unsigned integer.
    base::Result<> key(std::uint64_t expected);
    /// An array header that must announce exactly `count` items.
    base::Result<> array(std::size_t count);
    /// A map header that must announce exactly `count` pairs.
    base::Result<> map(std::size_t count);
    /// The bytes of the next complete item, checked for the subset (map keys ascending too).
    base::Result<base::ByteView> raw();
    /// A byte string of exactly the size of Fixed.
    template <class Fixed> base::Result<Fixed> fixed()
    {
        TRY_ASSIGN(const base::ByteView view, bytes());
        return Fixed::from(view);
    }
    /// Fails unless everything has been read.
    base::Result<> finish() const;
    std::size_t offset() const { return m_offset; }

private:
    struct Head
    {
        std::uint8_t major;
        std::uint64_t value;
    };
    base::Result<Head> head();
    base::Result<Head> head(std::uint8_t major, const char* what);
    base::Result<base::ByteView> string(std::uint8_t major, const char* what);
    base::Result<std::size_t> container(
        std::uint8_t major, const char* what, std::size_t itemsPerEntry);
    base::Result<> skip(std::size_t depth);
    tl::unexpected<base::Error> error(std::string what) const;

    base::ByteView m_input;
    Limits m_limits;
    std::size_t m_offset{ 0 };
};

} // namespace loam::codec
