// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/bytes.h"

#include <functional>
#include <vector>

namespace loam::crypto {

/// RFC 6962 2.1: SHA-256(0x00 || entry).
base::Hash256 merkleLeaf(base::ByteView entry);
/// RFC 6962 2.1: SHA-256(0x01 || left || right).
base::Hash256 merkleNode(const base::Hash256& left, const base::Hash256& right);
/// SHA-256 of nothing, the root of an empty tree.
base::Hash256 merkleEmptyRoot();

/// An append-only Merkle tree (RFC 6962) kept in memory as complete levels of hashes, so that
/// root, inclusion and consistency proofs of any earlier size cost O(log n).
class MerkleTree
{
public:
    /// Appends the hash of a leaf and returns its index.
    std::uint64_t append(const base::Hash256& leaf);
    std::uint64_t size() const;
    base::Hash256 root() const;
    /// Root of the first `size` leaves; size must not exceed size().
    base::Hash256 rootAt(std::uint64_t size) const;
    /// PATH(index, first `size` leaves); fails with Invalid when index >= size or size > size().
    base::Result<std::vector<base::Hash256>> inclusionProof(
        std::uint64_t index, std::uint64_t size) const;
    /// PROOF(from, first `to` leaves); empty for from == 0 or from == to.
    base::Result<std::vector<base::Hash256>> consistencyProof(
        std::uint64_t from, std::uint64_t to) const;
    /// Forgets all leaves beyond the first `size`.
    void truncate(std::uint64_t size);

private:
    base::Hash256 subtreeRoot(std::uint64_t begin, std::uint64_t end) const;
    std::vector<std::vector<base::Hash256>> m_levels;
};

/// RFC 9162 2.1.3.2.
bool verifyInclusion(const base::Hash256& leaf, std::uint64_t index, std::uint64_t size,
    std::span<const base::Hash256> proof, const base::Hash256& root);
/// RFC 9162 2.1.4.2.
bool verifyConsistency(std::uint64_t fromSize, std::uint64_t toSize, const base::Hash256& fromRoot,
    const base::Hash256& toRoot, std::span<const base::Hash256> proof);

} // namespace loam::crypto
