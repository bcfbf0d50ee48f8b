// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/require.h"
#include "ledger/transition.h"

#include <algorithm>

namespace loam::ledger {

using base::Amount;
using base::PublicKey;

namespace {

    Amount negative(Amount amount)
    {
        return Amount::fromMicro(-amount.micro());
    }

    Outcome<> credit(Account& account, Amount amount)
    {
        const std::optional<Amount> sum = account.balance.add(amount);
        if (!sum) {
            return refuse(Reason::Overflow, "the balance would leave the range of amounts");
        }
        account.balance = *sum;
        return {};
    }

    Outcome<> debit(Account& account, Amount amount)
    {
        if (account.balance < amount) {
            return refuse(Reason::InsufficientFunds,
                "the balance is " + account.balance.toString() + " LOAM, needed are "
                    + amount.toString());
        }
        account.balance = Amount::fromMicro(account.balance.micro() - amount.micro());
        return {};
    }

    Outcome<> requirePositive(Amount amount)
    {
        if (amount <= Amount{}) {
            return refuse(Reason::AmountInvalid, "the amount must be above zero");
        }
        return {};
    }

} // namespace

AuditEntry& Transition::note(AuditKind kind, const PublicKey& subject)
{
    AuditEntry entry;
    entry.index = nextEntry();
    entry.height = m_context.height;
    entry.time = m_context.time;
    entry.kind = kind;
    entry.subject = subject;
    entry.transaction = m_transaction;
    return m_effects.entries.emplace_back(std::move(entry));
}

void Transition::record(AccountChange change)
{
    ASSERT(!m_effects.entries.empty());
    change.time = m_context.time;
    change.entry = m_effects.entries.back().index;
    m_effects.changes.push_back(std::move(change));
}

bool Transition::isValidator(const PublicKey& key) const
{
    const std::vector<PublicKey>& validators = m_context.genesis.validators;
    return std::find(validators.begin(), validators.end(), key) != validators.end();
}

Outcome<> Transition::payFee(Amount fee, std::string_view kind)
{
    Account account = m_state.account(m_sender);
    TRY(debit(account, fee));
    ++account.nextSequence;
    m_state.put(m_sender, account);
    if (fee != Amount{}) {
        // Every kind of transaction notes its own entry first.
        m_effects.changes.push_back({ .account = m_sender,
            .time = m_context.time,
            .kind = ChangeKind::Fee,
            .amount = negative(fee),
            .locked = {},
            .balance = account.balance,
            .peer = m_context.proposer,
            .memo = {},
            .reason = "fee of " + std::string{ kind },
            .entry = nextEntry() });
    }
    return {};
}

Outcome<> Transition::collectFees(Amount fees)
{
    Account account = m_state.account(m_context.proposer);
    TRY(credit(account, fees));
    m_state.put(m_context.proposer, account);
    note(AuditKind::FeesCollected, m_context.proposer).amount = fees;
    record({ .account = m_context.proposer,
        .time = {},
        .kind = ChangeKind::FeeIncome,
        .amount = fees,
        .locked = {},
        .balance = account.balance,
        .peer = {},
        .memo = {},
        .reason = "fees of block " + std::to_string(m_context.height),
        .entry = 0 });
    return {};
}

void Transition::found()
{
    const Genesis& genesis = m_context.genesis;
    const Amount supply = genesis.supply();
    AuditEntry& entry = note(AuditKind::Genesis, PublicKey{});
    entry.amount = supply;
    entry.hash = base::Hash256{ m_context.network.data };
    entry.reason = genesis.name;
    entry.details.emplace_back("validators", std::to_string(genesis.validators.size()));
    entry.details.emplace_back("validator_bond", genesis.validatorBond.toString());
    entry.details.emplace_back("transaction_fee", genesis.transactionFee.toString());
    entry.details.emplace_back("max_emission", genesis.maxEmissionPerRound.toString());
    m_state.put(Totals{ .initial = supply, .minted = {}, .burned = {} });
    for (const auto& [key, amount] : genesis.initialBalances) {
        const Amount bond = isValidator(key) ? genesis.validatorBond : Amount{};
        Account account;
        account.balance = Amount::fromMicro(amount.micro() - bond.micro());
        account.bonded = bond;
        m_state.put(key, account);
        record({ .account = key,
            .time = {},
            .kind = ChangeKind::Initial,
            .amount = account.balance,
            .locked = bond,
            .balance = account.balance,
            .peer = {},
            .memo = {},
            .reason = "initial balance of the genesis",
            .entry = 0 });
    }
}

Outcome<> Transition::operator()(const Transfer& body)
{
    TRY(requirePositive(body.amount));
    if (body.to == m_sender) {
        return refuse(Reason::SelfTransfer, "sender and receiver are the same account");
    }
    Account from = m_state.account(m_sender);
    Account to = m_state.account(body.to);
    TRY(debit(from, body.amount));
    TRY(credit(to, body.amount));
    m_state.put(m_sender, from);
    m_state.put(body.to, to);
    AuditEntry& entry = note(AuditKind::Transferred, m_sender);
    entry.peer = body.to;
    entry.amount = body.amount;
    entry.reason = body.memo;
    record({ .account = m_sender,
        .time = {},
        .kind = ChangeKind::Sent,
        .amount = negative(body.amount),
        .locked = {},
        .balance = from.balance,
        .peer = body.to,
        .memo = body.memo,
        .reason = "transfer",
        .entry = 0 });
    record({ .account = body.to,
        .time = {},
        .kind = ChangeKind::Received,
        .amount = body.amount,
        .locked = {},
        .balance = to.balance,
        .peer = m_sender,
        .memo = body.memo,
        .reason = "transfer",
        .entry = 0 });
    return {};
}

Outcome<> Transition::operator()(const Bond& body)
{
    TRY(requirePositive(body.amount));
    Account account = m_state.account(m_sender);
    AuditEntry& entry = note(AuditKind::Bonded, m_sender);
    entry.amount = body.amount;
    entry.details.emplace_back("bond_before", account.bonded.toString());
    TRY(debit(account, body.amount));
    const std::optional<Amount> bonded = account.bonded.add(body.amount);
    if (!bonded) {
        return refuse(Reason::Overflow, "the bond would leave the range of amounts");
    }
    account.bonded = *bonded;
    m_state.put(m_sender, account);
    record({ .account = m_sender,
        .time = {},
        .kind = ChangeKind::Bonded,
        .amount = negative(body.amount),
        .locked = body.amount,
        .balance = account.balance,
        .peer = {},
        .memo = {},
        .reason = "bonded",
        .entry = 0 });
    return {};
}

Outcome<> Transition::operator()(const Unbond& body)
{
    TRY(requirePositive(body.amount));
    Account account = m_state.account(m_sender);
    if (account.bonded < body.amount) {
        return refuse(
            Reason::InsufficientBond, "the bond is " + account.bonded.toString() + " LOAM");
    }
    AuditEntry& entry = note(AuditKind::Unbonded, m_sender);
    entry.amount = body.amount;
    entry.details.emplace_back("bond_before", account.bonded.toString());
    account.bonded = Amount::fromMicro(account.bonded.micro() - body.amount.micro());
    if (isValidator(m_sender) && account.bonded < m_context.genesis.validatorBond) {
        return refuse(Reason::BondRequired,
            "a validator keeps a bond of " + m_context.genesis.validatorBond.toString() + " LOAM");
    }
    TRY(credit(account, body.amount));
    m_state.put(m_sender, account);
    record({ .account = m_sender,
        .time = {},
        .kind = ChangeKind::Unbonded,
        .amount = body.amount,
        .locked = negative(body.amount),
        .balance = account.balance,
        .peer = {},
        .memo = {},
        .reason = "unbonded",
        .entry = 0 });
    return {};
}

Outcome<> Transition::operator()(const ReportEvidence& body)
{
    const consensus::ValidatorSet validators = m_context.genesis.validatorSet();
    if (const auto checked = body.evidence.verify(validators, m_context.network); !checked) {
        return refuse(Reason::EvidenceInvalid, checked.error().message);
    }
    const PublicKey offender = validators.members.at(body.evidence.first.voter);
    if (m_state.slash(offender)) {
        return refuse(Reason::AlreadySlashed, "the offender was slashed before");
    }
    Account account = m_state.account(offender);
    const SlashRecord slash{ .height = m_context.height,
        .offenceHeight = body.evidence.first.height,
        .bond = account.bonded,
        .vesting = account.vestingTotal() };
    Totals totals = m_state.totals();
    // Bond and vesting are parts of the supply, whose sum fits (see splitEmission).
    const Amount lost = Amount::fromMicro(slash.bond.micro() + slash.vesting.micro());
    totals.burned = Amount::fromMicro(totals.burned.micro() + lost.micro());
    m_state.put(totals);
    m_state.put(offender, slash);

    AuditEntry& entry = note(AuditKind::NodeSlashed, offender);
    entry.peer = m_sender;
    entry.amount = lost;
    entry.reason = "double_vote";
    entry.details.emplace_back("offence_height", std::to_string(slash.offenceHeight));
    entry.details.emplace_back("bond_before", slash.bond.toString());
    entry.details.emplace_back("vesting_before", slash.vesting.toString());
    entry.details.emplace_back("votes",
        base::toHex(body.evidence.first.encode()) + " "
            + base::toHex(body.evidence.second.encode()));
    for (const VestingPart& part : account.vesting) {
        std::vector<PublicKey> holders = m_state.vestingHolders(part.run);
        if (const auto found = std::find(holders.begin(), holders.end(), offender);
            found != holders.end()) {
            holders.erase(found);
            m_state.putVestingHolders(part.run, holders);
        }
    }
    account.bonded = Amount{};
    account.vesting.clear();
    m_state.put(offender, account);
    record({ .account = offender,
        .time = {},
        .kind = ChangeKind::Slashed,
        .amount = {},
        .locked = negative(lost),
        .balance = account.balance,
        .peer = m_sender,
        .memo = "double vote at height " + std::to_string(slash.offenceHeight),
        .reason = "double_vote",
        .entry = 0 });
    if (const std::optional<NodeRecord> node = m_state.node(offender)) {
        for (const RunId& run : node->runs) {
            exclude(offender, run);
        }
    }
    return {};
}

} // namespace loam::ledger
