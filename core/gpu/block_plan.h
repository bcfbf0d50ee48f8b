// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <optional>

namespace loam::gpu {

/// Which parts of one block of memory are taken. First fit; neighbours that are given back melt
/// together. Sizes and offsets in bytes.
class BlockPlan
{
public:
    explicit BlockPlan(std::uint64_t bytes);

    /// `alignment` must be a power of two. Nothing when no gap is large enough.
    std::optional<std::uint64_t> take(std::uint64_t bytes, std::uint64_t alignment);
    /// `offset` must be one that take() gave.
    void giveBack(std::uint64_t offset);

    std::uint64_t bytes() const { return m_bytes; }
    std::uint64_t used() const { return m_used; }
    bool isEmpty() const { return m_taken.empty(); }

private:
    std::uint64_t m_bytes;
    std::uint64_t m_used{ 0 };
    std::map<std::uint64_t, std::uint64_t> m_free; ///< offset -> bytes
    std::map<std::uint64_t, std::uint64_t> m_taken; ///< offset -> bytes
};

} // namespace loam::gpu
