// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/merkle.h"

#include "base/require.h"
#include "crypto/hash.h"

#include <algorithm>
#include <bit>

namespace loam::crypto {

namespace {

    using base::Hash256;

    /// One step of both verifiers: RFC 9162 joins with the left sibling on the right edge of the
    /// tree and then climbs past the levels where the edge has no sibling.
    struct Climb
    {
        std::uint64_t at; ///< fn of the RFC
        std::uint64_t last; ///< sn of the RFC

        bool siblingIsLeft() const { return (at & 1U) != 0 || at == last; }
        void up(bool siblingWasLeft)
        {
            if (siblingWasLeft) {
                while ((at & 1U) == 0 && at != 0) {
                    shift();
                }
            }
            shift();
        }
        void shift()
        {
            at >>= 1;
            last >>= 1;
        }
    };

} // namespace

Hash256 merkleLeaf(base::ByteView entry)
{
    // Small entries are put together on the stack: one call is cheaper than a streaming context.
    std::array<std::byte, 512> buffer{};
    if (entry.size() < buffer.size()) {
        std::ranges::copy(entry, buffer.begin() + 1);
        return sha256(base::ByteView{ buffer }.first(entry.size() + 1));
    }
    return Sha256{}.update(base::ByteView{ buffer }.first(1)).update(entry).finish();
}

Hash256 merkleNode(const Hash256& left, const Hash256& right)
{
    std::array<std::byte, 1 + 2 * Hash256::kSize> input{};
    input[0] = std::byte{ 1 };
    std::ranges::copy(left.data, input.begin() + 1);
    std::ranges::copy(right.data, input.begin() + 1 + Hash256::kSize);
    return sha256(input);
}

Hash256 merkleEmptyRoot()
{
    return sha256({});
}

std::uint64_t MerkleTree::append(const Hash256& leaf)
{
    const std::uint64_t index = size();
    Hash256 node = leaf;
    std::size_t level = 0;
    for (std::uint64_t at = index;; at >>= 1, ++level) {
        if (m_levels.size() == level) {
            m_levels.emplace_back();
        }
        m_levels[level].push_back(node);
        if ((at & 1U) == 0) {
            return index;
        }
        node = merkleNode(m_levels[level][at - 1], node);
    }
}

std::uint64_t MerkleTree::size() const
{
    return m_levels.empty() ? 0 : m_levels.front().size();
}

Hash256 MerkleTree::root() const
{
    return rootAt(size());
}

Hash256 MerkleTree::rootAt(std::uint64_t size) const
{
    ASSERT(size <= this->size());
    return size == 0 ? merkleEmptyRoot() : subtreeRoot(0, size);
}

Hash256 MerkleTree::subtreeRoot(std::uint64_t begin, std::uint64_t end) const
{
    // `begin` is always a multiple of the largest power of two below the width, so a complete
    // subtree is one stored hash and the rest splits off at the right.
    const std::uint64_t width = end - begin;
    if (std::has_single_bit(width)) {
        return m_levels[static_cast<std::size_t>(std::countr_zero(width))][begin / width];
    }
    const std::uint64_t left = std::bit_floor(width);
    return merkleNode(subtreeRoot(begin, begin + left), subtreeRoot(begin + left, end));
}

base::Result<std::vector<Hash256>> MerkleTree::inclusionProof(
    std::uint64_t index, std::uint64_t size) const
{
    if (index >= size || size > this->size()) {
        return base::fail(base::Errc::Invalid,
            "there is no leaf " + std::to_string(index) + " in a tree of " + std::to_string(size));
    }
    std::vector<Hash256> path;
    std::uint64_t begin = 0;
    std::uint64_t end = size;
    while (end - begin > 1) {
        const std::uint64_t middle = begin + std::bit_ceil(end - begin) / 2;
        if (index < middle) {
            path.push_back(subtreeRoot(middle, end));
            end = middle;
        } else {
            path.push_back(subtreeRoot(begin, middle));
            begin = middle;
        }
    }
    std::ranges::reverse(path);
    return path;
}

base::Result<std::vector<Hash256>> MerkleTree::consistencyProof(
    std::uint64_t from, std::uint64_t to) const
{
    if (from > to || to > size()) {
        return base::fail(base::Errc::Invalid,
            "cannot prove that " + std::to_string(to) + " leaves contain the first "
                + std::to_string(from));
    }
    std::vector<Hash256> path;
    if (from == 0 || from == to) {
        return path;
    }
    std::uint64_t begin = 0;
    std::uint64_t end = to;
    while (end != from) {
        const std::uint64_t middle = begin + std::bit_ceil(end - begin) / 2;
        if (from <= middle) {
            path.push_back(subtreeRoot(middle, end));
            end = middle;
        } else {
            path.push_back(subtreeRoot(begin, middle));
            begin = middle;
        }
    }
    // The verifier knows the old root already when the old tree is this very subtree.
    if (begin != 0) {
        path.push_back(subtreeRoot(begin, end));
    }
    std::ranges::reverse(path);
    return path;
}

void MerkleTree::truncate(std::uint64_t size)
{
    for (std::size_t level = 0; level < m_levels.size(); ++level) {
        const std::uint64_t keep = size >> level;
        if (keep < m_levels[level].size()) {
            m_levels[level].resize(keep);
        }
    }
    std::erase_if(m_levels, [](const auto& level) { return level.empty(); });
}

bool verifyInclusion(const Hash256& leaf, std::uint64_t index, std::uint64_t size,
    std::span<const Hash256> proof, const Hash256& root)
{
    if (index >= size) {
        return false;
    }
    Climb climb{ index, size - 1 };
    Hash256 node = leaf;
    for (const Hash256& sibling : proof) {
        if (climb.last == 0) {
            return false;
        }
        const bool left = climb.siblingIsLeft();
        node = left ? merkleNode(sibling, node) : merkleNode(node, sibling);
        climb.up(left);
    }
    return climb.last == 0 && node == root;
}

bool verifyConsistency(std::uint64_t fromSize, std::uint64_t toSize, const Hash256& fromRoot,
    const Hash256& toRoot, std::span<const Hash256> proof)
{
    if (fromSize > toSize) {
        return false;
    }
    if (fromSize == toSize) {
        return proof.empty() && fromRoot == toRoot;
    }
    if (fromSize == 0) {
        return proof.empty() && fromRoot == merkleEmptyRoot();
    }
    Climb climb{ fromSize - 1, toSize - 1 };
    while ((climb.at & 1U) != 0) {
        climb.shift();
    }
    // A complete old tree is a node of the new one, so its root is where the climb begins.
    const bool complete = std::has_single_bit(fromSize);
    if (!complete && proof.empty()) {
        return false;
    }
    Hash256 from = complete ? fromRoot : proof.front();
    Hash256 to = from;
    for (const Hash256& sibling : proof.subspan(complete ? 0 : 1)) {
        if (climb.last == 0) {
            return false;
        }
        const bool left = climb.siblingIsLeft();
        if (left) {
            from = merkleNode(sibling, from);
        }
        to = left ? merkleNode(sibling, to) : merkleNode(to, sibling);
        climb.up(left);
    }
    return climb.last == 0 && from == fromRoot && to == toRoot;
}

} // namespace loam::crypto
