// SPDX-License-Identifier: GPL-3.0-or-later
#include "ledger/mempool.h"

#include <queue>

#include <algorithm>

namespace loam::ledger {

using base::Hash256;
using base::PublicKey;

namespace {

    /// Refusals that time may cure: the transaction may stay.
    bool mayPass(Reason reason)
    {
        return reason == Reason::SequenceGap || reason == Reason::TooEarly
            || reason == Reason::TooManyRegistrations;
    }

} // namespace

Outcome<> Mempool::add(SignedTx tx, base::UnixTime now)
{
    if (m_ids.contains(tx.id())) {
        return refuse(Reason::Duplicate, "the transaction is waiting already");
    }
    TRY(checkInQueue(tx, now));
    const auto queue = m_queues.find(tx.sender());
    const bool isReplacement = queue != m_queues.end() && queue->second.contains(tx.sequence());
    if (isReplacement) {
        erase(tx.sender(), tx.sequence());
    } else {
        TRY(makeRoom(tx));
    }
    m_ids.emplace(tx.id(), std::pair{ tx.sender(), tx.sequence() });
    m_bytes += tx.bytes().size();
    const PublicKey sender = tx.sender();
    const std::uint64_t sequence = tx.sequence();
    m_queues[sender].emplace(sequence, Waiting{ std::move(tx), now, m_arrivals++ });
    return {};
}

/// As it would be executed: behind the sender's transactions that wait before it.
Outcome<> Mempool::checkInQueue(const SignedTx& tx, base::UnixTime now)
{
    const std::uint64_t next = m_ledger.headState().account(tx.sender()).nextSequence;
    if (tx.sequence() >= next && tx.sequence() - next >= m_limits.perSender) {
        return refuse(Reason::SequenceGap,
            "the sequence number is more than " + std::to_string(m_limits.perSender) + " ahead of "
                + std::to_string(next));
    }
    std::vector<const SignedTx*> line;
    bool hasGap = false;
    if (const auto queue = m_queues.find(tx.sender()); queue != m_queues.end()) {
        const auto& waiting = queue->second;
        if (const auto same = waiting.find(tx.sequence());
            same != waiting.end() && tx.fee() <= same->second.tx.fee()) {
            return refuse(Reason::ReplacementFeeTooLow,
                "a transaction with this sequence number waits with a fee of "
                    + same->second.tx.fee().toString() + " LOAM");
        }
        for (auto at = waiting.lower_bound(next); at != waiting.end() && at->first < tx.sequence();
             ++at) {
            line.push_back(&at->second.tx);
        }
    }
    hasGap = tx.sequence() > next && line.size() != tx.sequence() - next;
    if (hasGap) {
        // What it will meet is unknown yet; only who sent it can be checked.
        if (tx.fee() < requiredFee(tx.body(), m_ledger.genesis())) {
            return refuse(Reason::FeeTooLow, "the fee is below the network's");
        }
        if (!tx.hasValidSignature(m_ledger.networkId())) {
            return refuse(
                Reason::BadSignature, "the signature is not the sender's for this network");
        }
        return {};
    }
    if (!line.empty() && !m_ledger.check(line, now)) {
        // An earlier one waits for its time; this one can only be judged by itself.
        if (!tx.hasValidSignature(m_ledger.networkId())) {
            return refuse(
                Reason::BadSignature, "the signature is not the sender's for this network");
        }
        return {};
    }
    line.push_back(&tx);
    return m_ledger.check(line, now);
}

Outcome<> Mempool::makeRoom(const SignedTx& tx)
{
    if (const auto queue = m_queues.find(tx.sender());
        queue != m_queues.end() && queue->second.size() >= m_limits.perSender) {
        return refuse(Reason::PoolFull, "the sender has as many transactions waiting as it may");
    }
    while (m_ids.size() >= m_limits.transactions || m_bytes + tx.bytes().size() > m_limits.bytes) {
        // Only the last of a sender can go without stranding others.
        auto cheapest = m_queues.end();
        for (auto queue = m_queues.begin(); queue != m_queues.end(); ++queue) {
            if (cheapest == m_queues.end()
                || queue->second.rbegin()->second.tx.fee()
                    < cheapest->second.rbegin()->second.tx.fee()) {
                cheapest = queue;
            }
        }
        if (cheapest == m_queues.end() || cheapest->first == tx.sender()
            || cheapest->second.rbegin()->second.tx.fee() >= tx.fee()) {
            return refuse(Reason::PoolFull, "the pool is full of transactions that pay as much");
        }
        erase(cheapest->first, cheapest->second.rbegin()->first);
    }
    return {};
}

std::vector<SignedTx> Mempool::candidates(std::size_t maxBytes) const
{
    struct Head
    {
        const Queue* queue;
        Queue::const_iterator at;
    };
    const auto isWorse = [](const Head& a, const Head& b) {
        const Waiting& left = a.at->second;
        const Waiting& right = b.at->second;
        return left.tx.fee() != right.tx.fee() ? left.tx.fee() < right.tx.fee()
                                               : left.arrival > right.arrival;
    };
    std::priority_queue<Head, std::vector<Head>, decltype(isWorse)> heads{ isWorse };
    const State state = m_ledger.headState();
    for (const auto& [sender, queue] : m_queues) {
        const auto at = queue.find(state.account(sender).nextSequence);
        if (at != queue.end()) {
            heads.push({ &queue, at });
        }
    }
    std::vector<SignedTx> out;
    std::size_t bytes = 0;
    while (!heads.empty()) {
        const Head head = heads.top();
        heads.pop();
        const SignedTx& tx = head.at->second.tx;
        if (bytes + tx.bytes().size() > maxBytes) {
            continue;
        }
        bytes += tx.bytes().size();
        out.push_back(tx);
        const auto next = std::next(head.at);
        if (next != head.queue->end() && next->first == head.at->first + 1) {
            heads.push({ head.queue, next });
        }
    }
    return out;
}

void Mempool::onFinalized(const FinalizedInfo& finalized, base::UnixTime now)
{
    for (const Hash256& id : finalized.transactions) {
        if (const auto found = m_ids.find(id); found != m_ids.end()) {
            const auto [sender, sequence] = found->second;
            erase(sender, sequence);
        }
    }
    std::vector<std::pair<PublicKey, std::uint64_t>> stale;
    const State state = m_ledger.headState();
    for (const auto& [sender, queue] : m_queues) {
        const std::uint64_t next = state.account(sender).nextSequence;
        for (const auto& [sequence, waiting] : queue) {
            if (sequence < next || now - waiting.since > m_limits.age) {
                stale.emplace_back(sender, sequence);
                continue;
            }
            const SignedTx* const tx = &waiting.tx;
            if (sequence == next) {
                const Outcome<> outcome = m_ledger.check({ &tx, 1 }, now);
                if (!outcome && !mayPass(outcome.error().reason)) {
                    stale.emplace_back(sender, sequence);
                }
            }
        }
    }
    for (const auto& [sender, sequence] : stale) {
        erase(sender, sequence);
    }
}

void Mempool::drop(std::span<const RefusedTx> refused)
{
    for (const RefusedTx& tx : refused) {
        const auto found = m_ids.find(tx.id);
        if (found != m_ids.end() && !mayPass(tx.refusal.reason)) {
            const auto [sender, sequence] = found->second;
            erase(sender, sequence);
        }
    }
}

const SignedTx* Mempool::find(const Hash256& id) const
{
    const auto found = m_ids.find(id);
    if (found == m_ids.end()) {
        return nullptr;
    }
    return &m_queues.at(found->second.first).at(found->second.second).tx;
}

std::uint64_t Mempool::nextSequence(const PublicKey& sender) const
{
    std::uint64_t next = m_ledger.headState().account(sender).nextSequence;
    if (const auto queue = m_queues.find(sender); queue != m_queues.end()) {
        while (queue->second.contains(next)) {
            ++next;
        }
    }
    return next;
}

void Mempool::erase(const PublicKey& sender, std::uint64_t sequence)
{
    const auto queue = m_queues.find(sender);
    if (queue == m_queues.end()) {
        return;
    }
    const auto waiting = queue->second.find(sequence);
    if (waiting == queue->second.end()) {
        return;
    }
    m_bytes -= waiting->second.tx.bytes().size();
    m_ids.erase(waiting->second.tx.id());
    queue->second.erase(waiting);
    if (queue->second.empty()) {
        m_queues.erase(queue);
    }
}

} // namespace loam::ledger
