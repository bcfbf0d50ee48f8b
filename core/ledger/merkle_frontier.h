// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "crypto/merkle.h"

#include <cstdint>
#include <vector>

namespace loam::ledger {

/// The right edge of an RFC 6962 tree: enough to append and to know the root, O(log n) in size,
/// so that every not yet final block can have a log of its own.
class MerkleFrontier
{
public:
    void append(const base::Hash256& leaf)
    {
        m_peaks.push_back({ 1, leaf });
        while (m_peaks.size() > 1 && m_peaks[m_peaks.size() - 2].leaves == m_peaks.back().leaves) {
            const Peak right = m_peaks.back();
            m_peaks.pop_back();
            Peak& left = m_peaks.back();
            left = { left.leaves * 2, crypto::merkleNode(left.hash, right.hash) };
        }
        ++m_size;
    }

    std::uint64_t size() const { return m_size; }

    base::Hash256 root() const
    {
        if (m_peaks.empty()) {
            return crypto::merkleEmptyRoot();
        }
        base::Hash256 root = m_peaks.back().hash;
        for (auto peak = m_peaks.rbegin() + 1; peak != m_peaks.rend(); ++peak) {
            root = crypto::merkleNode(peak->hash, root);
        }
        return root;
    }

private:
    struct Peak
    {
        std::uint64_t leaves;
        base::Hash256 hash;
    };
    std::vector<Peak> m_peaks;
    std::uint64_t m_size{ 0 };
};

} // namespace loam::ledger
