// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/bytes.h"

#include <functional>
#include <map>
#include <memory>
#include <optional>

namespace loam::ledger {

/// Keys and new values of a set of changes; no value means removal.
using StateChanges = std::map<base::Bytes, std::optional<base::Bytes>>;

/// The state as an immutable key-value map with a Merkle root: a binary trie over SHA-256(key), in
/// which a subtree with one entry is that entry. Its shape depends on the contents alone, so the
/// root does not depend on history. A change shares all it leaves alone with its predecessor:
/// every block's state is one cheap value, and a block costs O(changes * log entries).
///
/// Root: empty = 32 zero bytes; entry = SHA-256(0x00 || SHA-256(key) || SHA-256(value));
/// branch = SHA-256(0x01 || left || right), left where the next bit of SHA-256(key) is 0.
class StateTree
{
public:
    StateTree() = default;

    StateTree with(const StateChanges& changes) const;
    /// The value, which lives as long as any tree that holds it; null when absent.
    const base::Bytes* find(base::ByteView key) const;
    base::Hash256 root() const;
    std::size_t size() const;
    /// All entries, in the order of SHA-256(key).
    void visit(
        const std::function<void(const base::Bytes& key, const base::Bytes& value)>& body) const;

    struct Node;

private:
    explicit StateTree(std::shared_ptr<const Node> root)
        : m_root{ std::move(root) }
    {
    }
    std::shared_ptr<const Node> m_root;
};

} // namespace loam::ledger
