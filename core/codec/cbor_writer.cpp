// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/require.h"
#include "base/utf8.h"
#include "codec/cbor.h"
#include "codec/major.h"

namespace loam::codec {

Writer& Writer::head(std::uint8_t major, std::uint64_t value)
{
    // RFC 8949 4.2.1: the shortest form of the argument.
    std::size_t size = 0;
    std::uint8_t info = 0;
    if (value < 24) {
        info = static_cast<std::uint8_t>(value);
    } else if (value <= UINT8_MAX) {
        info = 24;
        size = 1;
    } else if (value <= UINT16_MAX) {
        info = 25;
        size = 2;
    } else if (value <= UINT32_MAX) {
        info = 26;
        size = 4;
    } else {
        info = 27;
        size = 8;
    }
    m_out.push_back(static_cast<std::byte>(major << 5 | info));
    for (std::size_t i = size; i > 0; --i) {
        m_out.push_back(static_cast<std::byte>(value >> (8 * (i - 1)) & 255U));
    }
    return *this;
}

Writer& Writer::unsignedInt(std::uint64_t value)
{
    return head(major::kUnsigned, value);
}

Writer& Writer::signedInt(std::int64_t value)
{
    if (value >= 0) {
        return head(major::kUnsigned, static_cast<std::uint64_t>(value));
    }
    // -1 - value, which is the complement.
    return head(major::kNegative, ~static_cast<std::uint64_t>(value));
}

Writer& Writer::boolean(bool value)
{
    return head(major::kSimple, value ? major::kTrue : major::kFalse);
}

Writer& Writer::bytes(base::ByteView value)
{
    head(major::kBytes, value.size());
    return raw(value);
}

Writer& Writer::text(std::string_view value)
{
    ASSERT(base::isUtf8(value));
    head(major::kText, value.size());
    return raw(base::asBytes(value));
}

Writer& Writer::array(std::size_t count)
{
    return head(major::kArray, count);
}

Writer& Writer::map(std::size_t count)
{
    return head(major::kMap, count);
}

Writer& Writer::raw(base::ByteView item)
{
    m_out.insert(m_out.end(), item.begin(), item.end());
    return *this;
}

} // namespace loam::codec
