// SPDX-License-Identifier: GPL-3.0-or-later
#include "gpu/block_plan.h"

#include "base/require.h"

#include <iterator>

namespace loam::gpu {

BlockPlan::BlockPlan(std::uint64_t bytes)
    : m_bytes{ bytes }
{
    if (bytes > 0) {
        m_free.emplace(0, bytes);
    }
}

std::optional<std::uint64_t> BlockPlan::take(std::uint64_t bytes, std::uint64_t alignment)
{
    ASSERT(bytes > 0 && alignment > 0 && (alignment & (alignment - 1)) == 0);
    for (auto gap = m_free.begin(); gap != m_free.end(); ++gap) {
        const auto [begin, size] = *gap;
        const std::uint64_t offset = (begin + alignment - 1) & ~(alignment - 1);
        const std::uint64_t skipped = offset - begin;
        if (skipped >= size || size - skipped < bytes) {
            continue;
        }
        m_free.erase(gap);
        if (skipped > 0) {
            m_free.emplace(begin, skipped);
        }
        if (const std::uint64_t rest = size - skipped - bytes; rest > 0) {
            m_free.emplace(offset + bytes, rest);
        }
        m_taken.emplace(offset, bytes);
        m_used += bytes;
        return offset;
    }
    return std::nullopt;
}

void BlockPlan::giveBack(std::uint64_t offset)
{
    const auto taken = m_taken.find(offset);
    ASSERT(taken != m_taken.end());
    std::uint64_t begin = offset;
    std::uint64_t size = taken->second;
    m_used -= size;
    m_taken.erase(taken);
    auto after = m_free.lower_bound(begin);
    if (after != m_free.end() && after->first == begin + size) {
        size += after->second;
        after = m_free.erase(after);
    }
    if (after != m_free.begin()) {
        const auto before = std::prev(after);
        if (before->first + before->second == begin) {
            begin = before->first;
            size += before->second;
            m_free.erase(before);
        }
    }
    m_free.emplace(begin, size);
}

} // namespace loam::gpu
