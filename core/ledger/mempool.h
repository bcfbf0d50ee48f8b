// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ledger/ledger.h"

#include <map>
#include <unordered_map>

namespace loam::ledger {

/// Transactions waiting for a block: checked on entry, bounded, by sender in the order of their
/// sequence numbers. Belongs to the ledger's thread; the ledger must outlive it.
class Mempool
{
public:
    struct Limits
    {
        std::size_t transactions{ 10'000 };
        std::size_t bytes{ 32U << 20 };
        std::size_t perSender{ 64 }; ///< also the furthest gap in sequence numbers
        std::chrono::minutes age{ 60 }; ///< after which a transaction is dropped
    };

    explicit Mempool(Ledger& ledger)
        : Mempool{ ledger, Limits{} }
    {
    }
    Mempool(Ledger& ledger, const Limits& limits)
        : m_ledger{ ledger }
        , m_limits{ limits }
    {
    }

    /// Takes a transaction, or says why not. One that waits with the same sender and sequence
    /// number is replaced by a higher fee. When the pool is full, the cheapest one that nothing
    /// depends on gives way to a better payer.
    Outcome<> add(SignedTx tx, base::UnixTime now);
    /// For the next block: per sender in order, otherwise higher fee first, then older first.
    std::vector<SignedTx> candidates(std::size_t maxBytes = BlockPayload::kMaxBytes) const;
    /// Forgets what became final, what this made invalid, and what is too old.
    void onFinalized(const FinalizedInfo& finalized, base::UnixTime now);
    /// Forgets transactions that a proposal found to be invalid.
    void drop(std::span<const RefusedTx> refused);

    bool contains(const base::Hash256& id) const { return m_ids.contains(id); }
    const SignedTx* find(const base::Hash256& id) const;
    std::size_t size() const { return m_ids.size(); }
    std::size_t bytes() const { return m_bytes; }
    /// The sequence number that the sender's next transaction should carry.
    std::uint64_t nextSequence(const base::PublicKey& sender) const;

private:
    struct Waiting
    {
        SignedTx tx;
        base::UnixTime since{};
        std::uint64_t arrival{ 0 };
    };
    using Queue = std::map<std::uint64_t, Waiting>;

    Outcome<> checkInQueue(const SignedTx& tx, base::UnixTime now);
    Outcome<> makeRoom(const SignedTx& tx);
    void erase(const base::PublicKey& sender, std::uint64_t sequence);

    Ledger& m_ledger;
    Limits m_limits;
    std::map<base::PublicKey, Queue> m_queues;
    std::unordered_map<base::Hash256, std::pair<base::PublicKey, std::uint64_t>> m_ids;
    std::size_t m_bytes{ 0 };
    std::uint64_t m_arrivals{ 0 };
};

} // namespace loam::ledger
