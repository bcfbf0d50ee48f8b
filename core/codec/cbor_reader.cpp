// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/utf8.h"
#include "codec/cbor.h"
#include "codec/major.h"

namespace loam::codec {

using base::Errc;
using base::Result;

tl::unexpected<base::Error> Reader::error(std::string what) const
{
    return base::fail(Errc::Invalid, what + " at byte " + std::to_string(m_offset));
}

Result<Reader::Head> Reader::head()
{
    if (m_offset == m_input.size()) {
        return error("message ends too early");
    }
    const auto first = std::to_integer<std::uint8_t>(m_input[m_offset]);
    const auto type = static_cast<std::uint8_t>(first >> 5);
    const auto info = static_cast<std::uint8_t>(first & 31U);
    if (type == major::kTag) {
        return error("tags are not allowed");
    }
    if (type == major::kSimple && info != major::kFalse && info != major::kTrue) {
        return error("floating point, null and simple values are not allowed");
    }
    if (info < 24) {
        ++m_offset;
        return Head{ type, info };
    }
    if (info > 27) {
        return error("indefinite lengths are not allowed");
    }
    const std::size_t size = std::size_t{ 1 } << (info - 24);
    if (m_input.size() - m_offset - 1 < size) {
        return error("message ends too early");
    }
    std::uint64_t value = 0;
    for (const std::byte b : m_input.subspan(m_offset + 1, size)) {
        value = value << 8 | std::to_integer<std::uint64_t>(b);
    }
    // The smallest value that needs this many bytes.
    const std::uint64_t least = size == 1 ? 24 : std::uint64_t{ 1 } << (4 * size);
    if (value < least) {
        return error("a number is not in its shortest form");
    }
    m_offset += 1 + size;
    return Head{ type, value };
}

Result<Reader::Head> Reader::head(std::uint8_t major, const char* what)
{
    const std::size_t start = m_offset;
    TRY_ASSIGN(const Head found, head());
    if (found.major != major) {
        m_offset = start;
        return error(std::string{ "expected " } + what);
    }
    return found;
}

Result<std::uint64_t> Reader::unsignedInt()
{
    TRY_ASSIGN(const Head found, head(major::kUnsigned, "an unsigned integer"));
    return found.value;
}

Result<std::int64_t> Reader::signedInt()
{
    const std::size_t start = m_offset;
    TRY_ASSIGN(const Head found, head());
    const bool negative = found.major == major::kNegative;
    if ((!negative && found.major != major::kUnsigned) || found.value > INT64_MAX) {
        m_offset = start;
        return error("expected an integer of 64 bits");
    }
    const auto value = static_cast<std::int64_t>(found.value);
    return negative ? -1 - value : value;
}

Result<bool> Reader::boolean()
{
    TRY_ASSIGN(const Head found, head(major::kSimple, "a truth value"));
    return found.value == major::kTrue;
}

Result<base::ByteView> Reader::string(std::uint8_t major, const char* what)
{
    const std::size_t start = m_offset;
    TRY_ASSIGN(const Head found, head(major, what));
    const bool tooLong = found.value > m_limits.bytes;
    if (tooLong || found.value > m_input.size() - m_offset) {
        m_offset = start;
        return error(tooLong ? "a string is longer than allowed" : "message ends too early");
    }
    const base::ByteView out = m_input.subspan(m_offset, found.value);
    m_offset += found.value;
    return out;
}

Result<base::ByteView> Reader::bytes()
{
    return string(major::kBytes, "a byte string");
}

Result<std::string_view> Reader::text()
{
    const std::size_t start = m_offset;
    TRY_ASSIGN(const base::ByteView view, string(major::kText, "a text"));
    const std::string_view out = base::asText(view);
    if (!base::isUtf8(out)) {
        m_offset = start;
        return error("a text is not valid UTF-8");
    }
    return out;
}

Result<std::size_t> Reader::container(
    std::uint8_t major, const char* what, std::size_t itemsPerEntry)
{
    const std::size_t start = m_offset;
    TRY_ASSIGN(const Head found, head(major, what));
    // Every item takes a byte at least: a count beyond the input is refused before anybody
    // reserves memory for it.
    const bool tooMany = found.value > m_limits.items;
    if (tooMany || found.value * itemsPerEntry > m_input.size() - m_offset) {
        m_offset = start;
        return error(
            tooMany ? "a collection has more items than allowed" : "message ends too early");
    }
    return static_cast<std::size_t>(found.value);
}

Result<std::size_t> Reader::array()
{
    return container(major::kArray, "an array", 1);
}

Result<std::size_t> Reader::map()
{
    return container(major::kMap, "a map", 2);
}

Result<> Reader::key(std::uint64_t expected)
{
    const std::size_t start = m_offset;
    TRY_ASSIGN(const std::uint64_t found, unsignedInt());
    if (found != expected) {
        m_offset = start;
        return error("expected the key " + std::to_string(expected));
    }
    return {};
}

Result<> Reader::array(std::size_t count)
{
    const std::size_t start = m_offset;
    TRY_ASSIGN(const std::size_t found, array());
    if (found != count) {
        m_offset = start;
        return error("expected an array of " + std::to_string(count) + " items");
    }
    return {};
}

Result<> Reader::map(std::size_t count)
{
    const std::size_t start = m_offset;
    TRY_ASSIGN(const std::size_t found, map());
    if (found != count) {
        m_offset = start;
        return error("expected a map of " + std::to_string(count) + " pairs");
    }
    return {};
}

Result<base::ByteView> Reader::raw()
{
    const std::size_t start = m_offset;
    TRY(skip(m_limits.depth));
    return m_input.subspan(start, m_offset - start);
}

Result<> Reader::skip(std::size_t depth)
{
    if (m_offset == m_input.size()) {
        return error("message ends too early");
    }
    if (depth == 0) {
        return error("message is nested more deeply than allowed");
    }
    switch (std::to_integer<std::uint8_t>(m_input[m_offset]) >> 5) {
    case major::kBytes:
        TRY(bytes());
        return {};
    case major::kText:
        TRY(text());
        return {};
    case major::kArray: {
        TRY_ASSIGN(const std::size_t count, array());
        for (std::size_t i = 0; i < count; ++i) {
            TRY(skip(depth - 1));
        }
        return {};
    }
    case major::kMap: {
        TRY_ASSIGN(const std::size_t count, map());
        std::uint64_t previous = 0;
        for (std::size_t i = 0; i < count; ++i) {
            TRY_ASSIGN(const std::uint64_t found, unsignedInt());
            if (i > 0 && found <= previous) {
                return error("the keys of a map are not in ascending order");
            }
            previous = found;
            TRY(skip(depth - 1));
        }
        return {};
    }
    default:
        // Integers and truth values; head() refuses everything else.
        TRY(head());
        return {};
    }
}

Result<> Reader::finish() const
{
    if (m_offset != m_input.size()) {
        return error("message has trailing bytes");
    }
    return {};
}

} // namespace loam::codec
