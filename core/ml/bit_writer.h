// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/bytes.h"
#include "base/require.h"

#include <cstdint>
#include <span>
#include <vector>

namespace loam::ml {

/// Appends bits to words of 32, the most significant of each first.
class BitWriter
{
public:
    /// The low `count` (0..32) bits of `value`, most significant first; the rest must be zero.
    void bits(std::uint32_t value, unsigned count)
    {
        ASSERT(count <= 32 && (count == 32 || value >> count == 0));
        const auto used = static_cast<unsigned>(m_size % 32);
        if (used == 0 && count > 0) {
            m_words.push_back(0);
        }
        const unsigned room = 32 - used;
        if (count > room) {
            m_words.back() |= value >> (count - room);
            m_words.push_back(value << (32 - (count - room)));
        } else if (count > 0) {
            m_words.back() |= value << (room - count);
        }
        m_size += count;
    }
    /// Golomb-Rice code with parameter `shift`: quotient in unary ones and a zero, remainder in
    /// `shift` bits.
    void rice(std::uint32_t value, unsigned shift)
    {
        for (std::uint32_t i = value >> shift; i > 0; --i) {
            bits(1, 1);
        }
        bits(0, 1);
        bits(value & ((1U << shift) - 1U), shift);
    }
    /// The first `count` bits of `words`.
    void append(std::span<const std::uint32_t> words, std::size_t count)
    {
        for (const std::uint32_t word : words.first((count + 31) / 32)) {
            const auto part = static_cast<unsigned>(std::min<std::size_t>(count, 32));
            bits(word >> (32 - part), part);
            count -= part;
        }
    }
    void clear()
    {
        m_words.clear();
        m_size = 0;
    }

    /// In bits.
    std::size_t size() const { return m_size; }
    const std::vector<std::uint32_t>& words() const { return m_words; }
    /// The last byte is filled with zeros.
    void appendTo(base::Bytes& out) const
    {
        for (std::size_t i = 0; i < (m_size + 7) / 8; ++i) {
            out.push_back(static_cast<std::byte>(m_words[i / 4] >> (24U - 8U * (i % 4)) & 0xFFU));
        }
    }

private:
    std::vector<std::uint32_t> m_words;
    std::size_t m_size{ 0 };
};

} // namespace loam::ml
