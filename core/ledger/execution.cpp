// SPDX-License-Identifier: GPL-3.0-or-later
#include "ledger/execution.h"

#include "base/require.h"
#include "ledger/registration.h"
#include "ledger/transition.h"

#include <algorithm>
#include <array>

namespace loam::ledger {

using base::Amount;

namespace {

    constexpr std::array<std::string_view, 10> kChangeNames{ "initial", "received", "sent", "fee",
        "fee_income", "bonded", "unbonded", "reward", "vested", "slashed" };
    static_assert(kChangeNames.size() == static_cast<std::size_t>(ChangeKind::Slashed) + 1);

} // namespace

std::string_view changeKindName(ChangeKind kind)
{
    return kChangeNames.at(static_cast<std::size_t>(kind));
}

std::optional<ChangeKind> changeKindFromName(std::string_view name)
{
    const auto found = std::find(kChangeNames.begin(), kChangeNames.end(), name);
    if (found == kChangeNames.end()) {
        return std::nullopt;
    }
    return static_cast<ChangeKind>(found - kChangeNames.begin());
}

Amount requiredFee(const TransactionBody& body, const Genesis& genesis)
{
    const bool isFree = !std::holds_alternative<Transfer>(body)
        && !std::holds_alternative<Bond>(body) && !std::holds_alternative<Unbond>(body)
        && !std::holds_alternative<OpenRun>(body);
    return isFree ? Amount{} : genesis.transactionFee;
}

RewardSplit splitReward(
    Amount emission, std::int64_t weight, std::int64_t weights, std::uint32_t vestingRounds)
{
    ASSERT(weight >= 0 && weights > 0 && weight <= weights && vestingRounds > 0);
    const std::optional<Amount> total = emission.scale(weight, weights);
    ASSERT(total.has_value());
    const Amount vesting = Amount::fromMicro(total->micro() / 2);
    RewardSplit out{
        .total = *total, .now = Amount::fromMicro(total->micro() - vesting.micro()), .parts = {}
    };
    std::int64_t released = 0;
    for (std::uint32_t k = 1; k <= vestingRounds; ++k) {
        const std::optional<Amount> due = vesting.scale(k, vestingRounds);
        ASSERT(due.has_value());
        out.parts.push_back(Amount::fromMicro(due->micro() - released));
        released = due->micro();
    }
    return out;
}

BlockExecution::BlockExecution(State state, const BlockContext& context, std::uint64_t auditSize)
    : m_state{ std::move(state) }
    , m_context{ context }
    , m_auditSize{ auditSize }
{
}

Outcome<> BlockExecution::apply(const SignedTx& tx, Precheck precheck)
{
    const std::size_t mark = m_state.mark();
    const std::size_t entries = m_effects.entries.size();
    const std::size_t changes = m_effects.changes.size();
    Outcome<> outcome = applyChecked(tx, precheck);
    if (!outcome) {
        m_state.rollback(mark);
        m_effects.entries.resize(entries);
        m_effects.changes.resize(changes);
    }
    return outcome;
}

Outcome<> BlockExecution::applyChecked(const SignedTx& tx, Precheck precheck)
{
    const Account sender = m_state.account(tx.sender());
    if (tx.sequence() < sender.nextSequence) {
        return refuse(Reason::SequenceUsed,
            "sequence number " + std::to_string(tx.sequence()) + " was used; the next is "
                + std::to_string(sender.nextSequence));
    }
    if (tx.sequence() > sender.nextSequence) {
        return refuse(Reason::SequenceGap,
            "sequence number " + std::to_string(sender.nextSequence) + " is missing");
    }
    if (tx.fee() < requiredFee(tx.body(), m_context.genesis)) {
        return refuse(Reason::FeeTooLow,
            "the fee is " + requiredFee(tx.body(), m_context.genesis).toString() + " LOAM");
    }
    const bool isForSlashed = std::holds_alternative<Transfer>(tx.body())
        || std::holds_alternative<ReportEvidence>(tx.body());
    if (!isForSlashed && m_state.slash(tx.sender())) {
        return refuse(Reason::SenderSlashed, "the sender was slashed for a double vote");
    }
    if (precheck == Precheck::None && !tx.hasValidSignature(m_context.network)) {
        return refuse(Reason::BadSignature, "the signature is not the sender's for this network");
    }
    const auto* registration = std::get_if<RegisterNode>(&tx.body());
    const bool needsWork = registration && m_context.genesis.registrationDifficulty > 0;
    if (needsWork) {
        if (m_registrations == kMaxRegistrationsPerBlock) {
            return refuse(Reason::TooManyRegistrations, "the block holds 8 registrations already");
        }
        if (precheck == Precheck::None
            && !verifyRegistrationWork(m_context.network, tx.sender(), registration->nonce,
                m_context.genesis.registrationDifficulty)) {
            return refuse(Reason::WorkTooWeak, "the proof of work does not meet the difficulty");
        }
    }
    const std::optional<Amount> fees = m_fees.add(tx.fee());
    if (!fees) {
        return refuse(Reason::Overflow, "the block's fees leave the range of amounts");
    }
    Transition transition{ m_state, m_context, m_auditSize, m_effects, tx.sender(), tx.id() };
    TRY(transition.payFee(tx.fee(), kindName(tx.body())));
    TRY(std::visit(transition, tx.body()));
    m_fees = *fees;
    m_registrations += needsWork ? 1U : 0U;
    return {};
}

Outcome<> BlockExecution::finish()
{
    if (m_fees == Amount{}) {
        return {};
    }
    Transition transition{ m_state, m_context, m_auditSize, m_effects, m_context.proposer,
        std::nullopt };
    TRY(transition.collectFees(m_fees));
    m_fees = Amount{};
    return {};
}

BlockExecution executeGenesis(const Genesis& genesis)
{
    const BlockContext context{ .genesis = genesis,
        .network = genesis.networkId(),
        .height = 0,
        .time = genesis.time,
        .parent = {},
        .proposer = {} };
    BlockExecution out{ State{ StateTree{} }, context, 0 };
    Transition transition{ out.m_state, out.m_context, 0, out.m_effects, {}, std::nullopt };
    transition.found();
    return out;
}

} // namespace loam::ledger
