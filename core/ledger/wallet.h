// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ledger/ledger.h"

namespace loam::ledger {

/// What a window or a command line shows of an account.
struct WalletBalance
{
    base::Amount balance; ///< free
    base::Amount bonded;
    base::Amount vesting;
    std::uint64_t nextSequence{ 0 };
};
WalletBalance walletBalance(const Ledger& ledger, const base::PublicKey& account);

/// The whole history, oldest first, as RFC 4180 CSV with a header line: time (UTC, ISO 8601),
/// kind, amount, locked, balance (running), peer (address), memo, reason, entry. Texts that a
/// spreadsheet would run as a formula are defused by a leading apostrophe.
base::Result<std::string> historyCsv(Ledger& ledger, const base::PublicKey& account);

/// Signs transactions of one key for one network.
class Signer
{
public:
    /// The key must outlive the signer.
    Signer(const crypto::KeyPair& key, const Genesis& genesis)
        : m_key{ key }
        , m_network{ genesis.networkId() }
        , m_genesis{ genesis }
    {
    }

    /// With the fee the network asks for this kind.
    Outcome<SignedTx> sign(std::uint64_t sequence, const TransactionBody& body) const;
    Outcome<SignedTx> sign(
        std::uint64_t sequence, base::Amount fee, const TransactionBody& body) const;
    Outcome<SignedTx> transfer(std::uint64_t sequence, const base::PublicKey& to,
        base::Amount amount, std::string memo) const;

private:
    const crypto::KeyPair& m_key;
    base::NetworkId m_network;
    Genesis m_genesis;
};

} // namespace loam::ledger
