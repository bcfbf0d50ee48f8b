// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/bytes.h"

namespace loam::training {

/// Appends bits, the most significant of each byte first.
class BitWriter
{
public:
    explicit BitWriter(base::Bytes start)
        : m_out{ std::move(start) }
    {
    }

    /// The low `count` (0..32) bits of `value`, most significant first.
    void bits(std::uint32_t value, unsigned count)
    {
        for (unsigned i = count; i > 0; --i) {
            bit(((value >> (i - 1U)) & 1U) != 0);
        }
    }
    /// `value` ones and a zero.
    void unary(std::uint32_t value)
    {
        for (std::uint32_t i = 0; i < value; ++i) {
            bit(true);
        }
        bit(false);
    }
    /// Golomb-Rice code with parameter `shift`: quotient in unary, remainder in `shift` bits.
    void rice(std::uint32_t value, unsigned shift)
    {
        unary(value >> shift);
        bits(value & ((1U << shift) - 1U), shift);
    }
    /// Pads the last byte with zeros and hands the bytes over.
    base::Bytes take()
    {
        if (m_used != 0) {
            m_out.push_back(static_cast<std::byte>(m_current << (8U - m_used)));
        }
        return std::move(m_out);
    }

private:
    void bit(bool value)
    {
        m_current = (m_current << 1U) | (value ? 1U : 0U);
        if (++m_used == 8) {
            m_out.push_back(static_cast<std::byte>(m_current));
            m_current = 0;
            m_used = 0;
        }
    }

    base::Bytes m_out;
    unsigned m_current{ 0 };
    unsigned m_used{ 0 };
};

/// Reads what BitWriter wrote; every error is Invalid and says what was missing.
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
