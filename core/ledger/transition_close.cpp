// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/require.h"
#include "ledger/transition.h"

#include <algorithm>

namespace loam::ledger {

using base::Amount;
using base::PublicKey;

/// An update of the round, as the chain knows it.
struct Transition::Submitted
{
    Member member;
};

struct Transition::Payment
{
    Contribution contribution;
    RewardSplit split;
};

namespace {

    /// Decimal text of a number of millionths.
    std::string millionths(std::int64_t value)
    {
        return Amount::fromMicro(value).toString();
    }

    bool isAccepted(const Contribution& contribution)
    {
        return contribution.verdict == Verdict::Accepted;
    }

    std::int64_t sumOfWeights(const CloseRound& body)
    {
        std::int64_t sum = 0;
        for (const Contribution& contribution : body.contributions) {
            sum += contribution.weightMillionths;
        }
        return sum;
    }

    void addVesting(Account& account, const VestingPart& part)
    {
        const auto order = [](const VestingPart& a, const VestingPart& b) {
            return std::tie(a.run, a.dueRound) < std::tie(b.run, b.dueRound);
        };
        const auto at
            = std::lower_bound(account.vesting.begin(), account.vesting.end(), part, order);
        if (at != account.vesting.end() && at->run == part.run && at->dueRound == part.dueRound) {
            at->amount = Amount::fromMicro(at->amount.micro() + part.amount.micro());
        } else {
            account.vesting.insert(at, part);
        }
    }

} // namespace

Outcome<> Transition::operator()(const CloseRound& body)
{
    if (!isValidator(m_sender)) {
        return refuse(Reason::NotValidator, "only validators close rounds");
    }
    TRY_ASSIGN(Run run, findOpenRound(body.run, body.round));
    if (run.submitted < run.expected && m_context.time <= run.deadline()) {
        return refuse(Reason::TooEarly, "members may still submit their updates");
    }
    std::vector<Submitted> submitted;
    for (const PublicKey& key : m_state.members(run.id)) {
        const std::optional<Member> member = m_state.member(run.id, key);
        ASSERT(member.has_value());
        if (member->hasSubmitted(run.round)) {
            submitted.push_back({ *member });
        }
    }
    TRY(checkClosure(run, body, submitted));
    TRY_ASSIGN(const std::vector<Payment> payments, splitEmission(run, body));

    Amount minted;
    for (const Payment& payment : payments) {
        minted = Amount::fromMicro(minted.micro() + payment.split.total.micro());
    }
    Totals totals = m_state.totals();
    totals.minted = Amount::fromMicro(totals.minted.micro() + minted.micro());
    m_state.put(totals);
    noteClosure(run, body, minted);
    TRY(releaseVested(run, run.round));
    const std::int64_t weights = sumOfWeights(body);
    auto payment = payments.begin();
    for (const Contribution& contribution : body.contributions) {
        if (isAccepted(contribution)) {
            TRY(pay(run, body, *payment, weights));
            ++payment;
        } else {
            noteRefusal(body, contribution);
        }
    }
    if (!payments.empty()) {
        run.params = body.paramsHash;
        run.checkpoint = body.checkpoint;
        run.lastLoss = body.lossAfter;
        run.minted = Amount::fromMicro(run.minted.micro() + minted.micro());
    }
    run.voidRounds += body.result == RoundResult::Void ? 1U : 0U;
    return finishRound(run, submitted);
}

Outcome<> Transition::checkClosure(
    const Run& run, const CloseRound& body, const std::vector<Submitted>& submitted) const
{
    const auto isSame = [](const Contribution& contribution, const Submitted& update) {
        return contribution.node == update.member.node
            && contribution.commitment == update.member.last->commitment;
    };
    if (!std::equal(body.contributions.begin(), body.contributions.end(), submitted.begin(),
            submitted.end(), isSame)) {
        return refuse(Reason::WrongContributions,
            "the list must name the " + std::to_string(submitted.size())
                + " submitted updates in ascending order of their nodes");
    }
    std::uint32_t eligible = 0;
    std::size_t accepted = 0;
    for (std::size_t i = 0; i < submitted.size(); ++i) {
        const Contribution& contribution = body.contributions[i];
        const bool isExcluded = submitted[i].member.status == Membership::Excluded;
        eligible += isExcluded ? 0U : 1U;
        accepted += isAccepted(contribution) ? 1U : 0U;
        if (isExcluded && isAccepted(contribution)) {
            return refuse(
                Reason::SlashedContribution, "an update of a slashed node must be refused");
        }
        const std::int64_t weight = contribution.weightMillionths;
        if (isAccepted(contribution) ? weight <= 0 || weight > kMaxWeightMillionths : weight != 0) {
            return refuse(Reason::WeightInvalid,
                "an accepted update has a weight of up to 1,000,000, a refused one none");
        }
    }
    const bool isBelowQuorum = eligible < run.terms.quorum;
    const bool isVoid = body.result == RoundResult::Void;
    if (isVoid != isBelowQuorum || (isVoid && accepted > 0)) {
        return refuse(Reason::WrongVoid,
            std::to_string(eligible) + " updates for a quorum of "
                + std::to_string(run.terms.quorum) + (isBelowQuorum ? ": void" : ": not void"));
    }
    if (accepted == 0 && (body.paramsHash != run.params || !body.checkpoint.empty())) {
        return refuse(Reason::UnexpectedParams, "nothing was accepted, so nothing may change");
    }
    return {};
}

Outcome<std::vector<Transition::Payment>> Transition::splitEmission(
    const Run& run, const CloseRound& body) const
{
    // At most 1,000 weights of 10^12: the sum fits.
    const std::int64_t weights = sumOfWeights(body);
    std::vector<Payment> out;
    for (const Contribution& contribution : body.contributions) {
        if (isAccepted(contribution)) {
            out.push_back({ contribution,
                splitReward(run.terms.emissionPerRound, contribution.weightMillionths, weights,
                    m_context.genesis.vestingRounds) });
        }
    }
    // All that was ever minted must fit beside the initial supply; then every sum of parts fits.
    const Totals totals = m_state.totals();
    const std::optional<Amount> minted = totals.minted.add(run.terms.emissionPerRound);
    if (!out.empty() && (!minted || !totals.initial.add(*minted))) {
        return refuse(Reason::Overflow, "the supply would leave the range of amounts");
    }
    return out;
}

void Transition::noteClosure(const Run& run, const CloseRound& body, Amount minted)
{
    const auto accepted
        = std::count_if(body.contributions.begin(), body.contributions.end(), isAccepted);
    const bool isVoid = body.result == RoundResult::Void;
    AuditEntry& entry = note(isVoid ? AuditKind::RoundVoided : AuditKind::RoundClosed, m_sender);
    entry.run = run.id;
    entry.round = run.round;
    entry.amount = minted;
    entry.hash = body.paramsHash;
    entry.reason = isVoid ? "below_quorum" : accepted == 0 ? "nothing_accepted" : "ok";
    entry.details.emplace_back("rule", body.rule);
    entry.details.emplace_back("submitted", std::to_string(body.contributions.size()));
    entry.details.emplace_back("accepted", std::to_string(accepted));
    entry.details.emplace_back("quorum", std::to_string(run.terms.quorum));
    entry.details.emplace_back("loss_before", millionths(body.lossBefore));
    entry.details.emplace_back("loss_after", millionths(body.lossAfter));
    entry.details.emplace_back("params_before", base::toHex(run.params.view()));
    entry.details.emplace_back("checkpoint", base::toHex(body.checkpoint));
}

void Transition::noteRefusal(const CloseRound& body, const Contribution& contribution)
{
    AuditEntry& entry = note(AuditKind::UpdateRefused, contribution.node);
    entry.run = body.run;
    entry.round = body.round;
    entry.hash = contribution.commitment;
    entry.reason = contribution.reason;
    entry.details.emplace_back("rule", body.rule);
    entry.details.emplace_back("norm", millionths(contribution.normMillionths));
    entry.details.emplace_back("paid", "0");
}

Outcome<> Transition::pay(
    const Run& run, const CloseRound& body, const Payment& payment, std::int64_t weights)
{
    const Contribution& contribution = payment.contribution;
    const RewardSplit& split = payment.split;
    const Amount vesting = Amount::fromMicro(split.total.micro() - split.now.micro());
    const std::uint64_t parts = split.parts.size();
    Account account = m_state.account(contribution.node);
    const std::optional<Amount> balance = account.balance.add(split.now);
    if (!balance) {
        return refuse(Reason::Overflow, "the balance would leave the range of amounts");
    }
    account.balance = *balance;
    for (std::uint64_t k = 0; k < parts; ++k) {
        if (split.parts[k] != Amount{}) {
            addVesting(account,
                { .run = run.id, .dueRound = run.round + 1 + k, .amount = split.parts[k] });
        }
    }
    m_state.put(contribution.node, account);
    if (vesting != Amount{}) {
        std::vector<PublicKey> holders = m_state.vestingHolders(run.id);
        const auto at = std::lower_bound(holders.begin(), holders.end(), contribution.node);
        if (at == holders.end() || *at != contribution.node) {
            holders.insert(at, contribution.node);
            m_state.putVestingHolders(run.id, holders);
        }
    }
    const std::string formula = run.terms.emissionPerRound.toString() + " * "
        + millionths(contribution.weightMillionths) + " / " + millionths(weights) + " = "
        + split.total.toString() + "; " + split.now.toString() + " now, " + vesting.toString()
        + " over the next " + std::to_string(parts) + " rounds";
    AuditEntry& entry = note(AuditKind::UpdateAccepted, contribution.node);
    entry.run = run.id;
    entry.round = run.round;
    entry.amount = split.total;
    entry.hash = contribution.commitment;
    entry.reason = contribution.reason;
    entry.details.emplace_back("rule", body.rule);
    entry.details.emplace_back("weight", millionths(contribution.weightMillionths));
    entry.details.emplace_back("weights", millionths(weights));
    entry.details.emplace_back("norm", millionths(contribution.normMillionths));
    entry.details.emplace_back("paid", split.now.toString());
    entry.details.emplace_back("vesting", vesting.toString());
    entry.details.emplace_back("formula", formula);
    record({ .account = contribution.node,
        .time = {},
        .kind = ChangeKind::Reward,
        .amount = split.now,
        .locked = vesting,
        .balance = account.balance,
        .peer = {},
        .memo = run.name + ", round " + std::to_string(run.round),
        .reason = formula,
        .entry = 0 });
    return {};
}

Outcome<> Transition::releaseVested(const Run& run, std::uint64_t upToRound)
{
    std::vector<PublicKey> remaining;
    for (const PublicKey& holder : m_state.vestingHolders(run.id)) {
        Account account = m_state.account(holder);
        Amount released;
        bool holdsMore = false;
        std::vector<VestingPart> kept;
        for (const VestingPart& part : account.vesting) {
            const bool isOfRun = part.run == run.id;
            if (isOfRun && part.dueRound <= upToRound) {
                released = Amount::fromMicro(released.micro() + part.amount.micro());
                continue;
            }
            holdsMore = holdsMore || isOfRun;
            kept.push_back(part);
        }
        if (holdsMore) {
            remaining.push_back(holder);
        }
        if (released == Amount{}) {
            continue;
        }
        const std::optional<Amount> balance = account.balance.add(released);
        if (!balance) {
            return refuse(Reason::Overflow, "the balance would leave the range of amounts");
        }
        account.balance = *balance;
        account.vesting = std::move(kept);
        m_state.put(holder, account);
        AuditEntry& entry = note(AuditKind::RewardVested, holder);
        entry.run = run.id;
        entry.round = run.round;
        entry.amount = released;
        record({ .account = holder,
            .time = {},
            .kind = ChangeKind::Vested,
            .amount = released,
            .locked = Amount::fromMicro(-released.micro()),
            .balance = account.balance,
            .peer = {},
            .memo = run.name + ", round " + std::to_string(run.round),
            .reason = "parts of earlier rewards that were due",
            .entry = 0 });
    }
    m_state.putVestingHolders(run.id, remaining);
    return {};
}

Outcome<> Transition::finishRound(Run& run, const std::vector<Submitted>& submitted)
{
    for (const Submitted& update : submitted) {
        Member member = update.member;
        if (member.status == Membership::Leaving) {
            removeMember(run, member, Membership::Left);
        } else if (member.status == Membership::Excluded) {
            removeMember(run, member, Membership::Excluded);
        }
    }
    ++run.round;
    run.expected = 0;
    run.submitted = 0;
    if (run.terms.roundsTotal != 0 && run.round == run.terms.roundsTotal) {
        run.phase = RunPhase::Finished;
        AuditEntry& entry = note(AuditKind::RunEnded, PublicKey{});
        entry.run = run.id;
        entry.hash = run.params;
        entry.amount = run.minted;
        entry.details.emplace_back("rounds", std::to_string(run.round));
        entry.details.emplace_back("void_rounds", std::to_string(run.voidRounds));
        // No further round will close, so what still vests becomes free now.
        TRY(releaseVested(run, UINT64_MAX));
        for (const PublicKey& member : m_state.members(run.id)) {
            forgetRun(member, run.id);
        }
    } else if (run.members >= run.membersToStart()) {
        openRound(run);
    } else {
        run.phase = RunPhase::Waiting;
    }
    m_state.put(run);
    return {};
}

} // namespace loam::ledger
