// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ledger/wallet.h"

#include <memory>

/// A small network for tests of the ledger: four validators, who also have the only votes, and
/// six users. Keys and times are fixed, so every run is alike.
namespace loam::test {

using namespace ledger;

inline base::Amount coins(std::int64_t whole)
{
    return base::Amount::fromMicro(whole * base::Amount::kMicroPerLoam);
}

inline base::Amount micro(std::int64_t value)
{
    return base::Amount::fromMicro(value);
}

crypto::KeyPair keyOf(int number);
base::Hash256 hashOf(std::string_view text);

/// Aborts with the message when there is no value: for steps that are not what a test is about.
[[noreturn]] void stop(const std::string& message);
template <class T> T must(base::Result<T> result)
{
    if (!result) {
        stop(result.error().message);
    }
    return std::move(*result);
}
template <class T> T must(Outcome<T> outcome)
{
    if (!outcome) {
        stop(outcome.error().toError().message);
    }
    return std::move(*outcome);
}
inline void must(base::Result<> result)
{
    if (!result) {
        stop(result.error().message);
    }
}

class Network
{
public:
    static constexpr int kValidators = 4;
    static constexpr int kUsers = 6;

    /// In memory, or at `path` when it is not empty.
    explicit Network(const std::filesystem::path& path = {}, const Genesis& genesis = founding());
    static Genesis founding();
    void reopen(const std::filesystem::path& path);

    /// Signed with the sequence number that follows `ahead` others, and the network's fee.
    SignedTx tx(
        const crypto::KeyPair& key, const TransactionBody& body, std::uint64_t ahead = 0) const;
    SignedTx tx(const crypto::KeyPair& key, const TransactionBody& body, base::Amount fee,
        std::uint64_t sequence) const;

    consensus::Block block(const base::Hash256& parent, consensus::Height height,
        const std::vector<SignedTx>& txs, base::UnixTime time) const;
    consensus::Certificate certificate(const consensus::Block& block,
        consensus::VoteKind kind = consensus::VoteKind::Finalize) const;
    consensus::Vote vote(int validator, consensus::VoteKind kind, consensus::Height height,
        const base::Hash256& block) const;
    /// One final block with these transactions, a second later. Stops when one is not taken.
    FinalizedInfo commit(const std::vector<SignedTx>& txs);
    FinalizedInfo commit(const SignedTx& tx) { return commit(std::vector<SignedTx>{ tx }); }
    /// Why the transaction would be refused now; nothing when it would be taken.
    std::optional<Reason> refusal(const SignedTx& tx) const;
    std::optional<Reason> refusal(const crypto::KeyPair& key, const TransactionBody& body) const
    {
        return refusal(tx(key, body));
    }

    /// A run of `terms` with the users 0..members-1 registered and joined; unless the terms say
    /// otherwise the first round opens with the last of them.
    RunId openRun(const RunTerms& terms, int members);
    /// Terms of a run that mints 100 LOAM a round; window 60 s, grace 10 s.
    static RunTerms terms(std::uint32_t quorum);
    SignedTx submission(const RunId& run, int user) const;
    /// The closing of the open round: accepted with weight 1 but for those named with a reason.
    CloseRound closure(
        const RunId& run, const std::map<base::PublicKey, std::string>& refused = {}) const;

    const crypto::KeyPair& validator(int i) const { return m_keys.at(static_cast<std::size_t>(i)); }
    const crypto::KeyPair& user(int i) const
    {
        return m_keys.at(static_cast<std::size_t>(kValidators + i));
    }
    const base::PublicKey& userKey(int i) const { return user(i).publicKey(); }

    Genesis genesis;
    std::unique_ptr<Ledger> ledger;
    base::UnixTime now;

private:
    std::vector<crypto::KeyPair> m_keys;
};

} // namespace loam::test
