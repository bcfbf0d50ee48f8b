// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/bytes.h"

namespace loam::training {

/// Reads what ml::BitWriter wrote, byte by byte from the most significant bit; every error is
/// Invalid and says what was missing.
class BitReader
{
public:
    explicit BitReader(base::ByteView input)
        : m_input{ input }
    {
    }

    base::Result<std::uint32_t> bits(unsigned count)
    {
        if (m_input.size() * 8 - m_position < count) {
            return truncated();
        }
        std::uint32_t value = 0;
        for (unsigned i = 0; i < count; ++i) {
            value = (value << 1U) | next();
        }
        return value;
    }
    /// A Golomb-Rice code whose value must not exceed `limit`.
    base::Result<std::uint32_t> rice(unsigned shift, std::uint32_t limit)
    {
        const std::uint32_t longest = limit >> shift;
        std::uint32_t quotient = 0;
        for (;;) {
            if (m_position == m_input.size() * 8) {
                return truncated();
            }
            if (next() == 0) {
                break;
            }
            if (++quotient > longest) {
                return base::fail(base::Errc::Invalid, "index beyond its chunk");
            }
        }
        TRY_ASSIGN(const std::uint32_t rest, bits(shift));
        const std::uint32_t value = (quotient << shift) | rest;
        if (value > limit) {
            return base::fail(base::Errc::Invalid, "index beyond its chunk");
        }
        return value;
    }
    /// Everything but zero padding of the last byte must have been read.
    base::Result<> finish()
    {
        if (m_input.size() * 8 - m_position >= 8) {
            return base::fail(base::Errc::Invalid, "bytes after the last chunk");
        }
        while (m_position < m_input.size() * 8) {
            if (next() != 0) {
                return base::fail(base::Errc::Invalid, "padding is not zero");
            }
        }
        return {};
    }

private:
    static tl::unexpected<base::Error> truncated()
    {
        return base::fail(base::Errc::Invalid, "ends before the last chunk");
    }
    std::uint32_t next()
    {
        const auto byte = std::to_integer<std::uint32_t>(m_input[m_position / 8]);
        const std::uint32_t value = (byte >> (7U - m_position % 8)) & 1U;
        ++m_position;
        return value;
    }

    base::ByteView m_input;
    std::size_t m_position{ 0 };
};

} // namespace loam::training
