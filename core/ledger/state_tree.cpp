// SPDX-License-Identifier: GPL-3.0-or-later
#include "ledger/state_tree.h"

#include "base/require.h"
#include "crypto/hash.h"

#include <algorithm>
#include <vector>

namespace loam::ledger {

using base::Hash256;
using NodePtr = std::shared_ptr<const StateTree::Node>;

/// One entry, or a branch over at least two; a branch's child may be missing.
struct StateTree::Node
{
    Hash256 hash;
    std::size_t entries{ 1 };
    Hash256 position; ///< of an entry: SHA-256(key)
    base::Bytes key;
    base::Bytes value;
    NodePtr left;
    NodePtr right;

    bool isEntry() const { return entries == 1; }
};

namespace {

    constexpr std::byte kEntryTag[]{ std::byte{ 0 } };
    constexpr std::byte kBranchTag[]{ std::byte{ 1 } };
    constexpr std::size_t kBits = 256;

    /// An entry as it shall be; no entry means removal.
    struct Target
    {
        Hash256 position;
        NodePtr entry;
    };
    using Targets = std::span<const Target>;

    bool bitAt(const Hash256& position, std::size_t bit)
    {
        ASSERT(bit < kBits);
        const auto byte = std::to_integer<unsigned>(position.data[bit / 8]);
        return ((byte >> (7U - bit % 8U)) & 1U) != 0;
    }

    NodePtr makeEntry(const Hash256& position, const base::Bytes& key, const base::Bytes& value)
    {
        auto node = std::make_shared<StateTree::Node>();
        node->position = position;
        node->key = key;
        node->value = value;
        node->hash = crypto::Sha256{}
                         .update(kEntryTag)
                         .update(position.view())
                         .update(crypto::sha256(value).view())
                         .finish();
        return node;
    }

    NodePtr makeBranch(NodePtr left, NodePtr right)
    {
        const std::size_t entries = (left ? left->entries : 0) + (right ? right->entries : 0);
        if (entries == 0) {
            return nullptr;
        }
        if (entries == 1) {
            return left ? left : right;
        }
        auto node = std::make_shared<StateTree::Node>();
        const Hash256 empty;
        node->entries = entries;
        node->hash = crypto::Sha256{}
                         .update(kBranchTag)
                         .update((left ? left->hash : empty).view())
                         .update((right ? right->hash : empty).view())
                         .finish();
        node->left = std::move(left);
        node->right = std::move(right);
        return node;
    }

    /// Targets before the split have bit `depth` clear, those from it on have it set.
    Targets::iterator split(Targets targets, std::size_t depth)
    {
        return std::partition_point(targets.begin(), targets.end(),
            [depth](const Target& target) { return !bitAt(target.position, depth); });
    }

    NodePtr rebuilt(const NodePtr& node, Targets targets, std::size_t depth)
    {
        if (targets.empty()) {
            return node;
        }
        if (node && !node->isEntry()) {
            const auto middle = split(targets, depth);
            return makeBranch(rebuilt(node->left, { targets.begin(), middle }, depth + 1),
                rebuilt(node->right, { middle, targets.end() }, depth + 1));
        }
        if (targets.size() == 1 && (!node || node->position == targets.front().position)) {
            return targets.front().entry;
        }
        // An entry or nothing, and more to come: push what is here one level down.
        const auto middle = split(targets, depth);
        const bool isRight = node && bitAt(node->position, depth);
        return makeBranch(rebuilt(isRight ? nullptr : node, { targets.begin(), middle }, depth + 1),
            rebuilt(isRight ? node : nullptr, { middle, targets.end() }, depth + 1));
    }

    void visitNode(const StateTree::Node& node,
        const std::function<void(const base::Bytes&, const base::Bytes&)>& body)
    {
        if (node.isEntry()) {
            body(node.key, node.value);
            return;
        }
        if (node.left) {
            visitNode(*node.left, body);
        }
        if (node.right) {
            visitNode(*node.right, body);
        }
    }

} // namespace

StateTree StateTree::with(const StateChanges& changes) const
{
    std::vector<Target> targets;
    targets.reserve(changes.size());
    for (const auto& [key, value] : changes) {
        const Hash256 position = crypto::sha256(key);
        targets.push_back({ position, value ? makeEntry(position, key, *value) : nullptr });
    }
    std::sort(targets.begin(), targets.end(),
        [](const Target& a, const Target& b) { return a.position < b.position; });
    return StateTree{ rebuilt(m_root, targets, 0) };
}

const base::Bytes* StateTree::find(base::ByteView key) const
{
    const Hash256 position = crypto::sha256(key);
    const Node* node = m_root.get();
    for (std::size_t depth = 0; node && !node->isEntry(); ++depth) {
        node = bitAt(position, depth) ? node->right.get() : node->left.get();
    }
    return node && node->position == position ? &node->value : nullptr;
}

Hash256 StateTree::root() const
{
    return m_root ? m_root->hash : Hash256{};
}

std::size_t StateTree::size() const
{
    return m_root ? m_root->entries : 0;
}

void StateTree::visit(
    const std::function<void(const base::Bytes& key, const base::Bytes& value)>& body) const
{
    if (m_root) {
        visitNode(*m_root, body);
    }
}

} // namespace loam::ledger
