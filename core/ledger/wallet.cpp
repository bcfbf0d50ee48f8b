// SPDX-License-Identifier: GPL-3.0-or-later
#include "ledger/wallet.h"

#include "base/bech32m.h"

#include <array>
#include <cstdio>

namespace loam::ledger {

using base::Amount;
using base::PublicKey;
using base::Result;

namespace {

    constexpr std::uint64_t kPage = 1'000;

    std::string isoTime(base::UnixTime time)
    {
        const auto day = std::chrono::floor<std::chrono::days>(time);
        const std::chrono::year_month_day date{ day };
        const std::chrono::hh_mm_ss clock{ time - day };
        std::array<char, 40> text{};
        const int length = std::snprintf(text.data(), text.size(),
            "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", static_cast<int>(date.year()),
            static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
            static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
            static_cast<int>(clock.seconds().count()),
            static_cast<int>(clock.subseconds().count()));
        return { text.data(), static_cast<std::size_t>(length) };
    }

    /// RFC 4180; somebody else wrote the memo, so it must not become a formula.
    std::string csvText(std::string_view text)
    {
        std::string out{ '"' };
        if (!text.empty() && std::string_view{ "=+-@" }.find(text.front()) != text.npos) {
            out += '\'';
        }
        for (const char c : text) {
            out += c;
            if (c == '"') {
                out += c;
            }
        }
        return out + '"';
    }

} // namespace

WalletBalance walletBalance(const Ledger& ledger, const PublicKey& key)
{
    const Account account = ledger.account(key);
    return { .balance = account.balance,
        .bonded = account.bonded,
        .vesting = account.vestingTotal(),
        .nextSequence = account.nextSequence };
}

Result<std::string> historyCsv(Ledger& ledger, const PublicKey& account)
{
    std::string out{ "time,kind,amount,locked,balance,peer,memo,reason,entry\r\n" };
    for (std::uint64_t offset = 0;; offset += kPage) {
        TRY_ASSIGN(const std::vector<AccountChange> page,
            ledger.history(
                account, { .offset = offset, .limit = kPage, .order = AuditOrder::OldestFirst }));
        if (page.empty()) {
            return out;
        }
        for (const AccountChange& change : page) {
            out += isoTime(change.time) + ',' + std::string{ changeKindName(change.kind) } + ','
                + change.amount.toString() + ',' + change.locked.toString() + ','
                + change.balance.toString() + ','
                + (change.peer ? base::toAddress(*change.peer) : std::string{}) + ','
                + csvText(change.memo) + ',' + csvText(change.reason) + ','
                + std::to_string(change.entry) + "\r\n";
        }
    }
}

Outcome<SignedTx> Signer::sign(std::uint64_t sequence, const TransactionBody& body) const
{
    return sign(sequence, requiredFee(body, m_genesis), body);
}

Outcome<SignedTx> Signer::sign(
    std::uint64_t sequence, Amount fee, const TransactionBody& body) const
{
    return SignedTx::sign(m_key, m_network, sequence, fee, body);
}

Outcome<SignedTx> Signer::transfer(
    std::uint64_t sequence, const PublicKey& to, Amount amount, std::string memo) const
{
    return sign(sequence, Transfer{ .to = to, .amount = amount, .memo = std::move(memo) });
}

} // namespace loam::ledger
