// SPDX-License-Identifier: GPL-3.0-or-later
#include "node/round_result.h"

#include <QJsonArray>

#include <algorithm>
#include <map>

namespace loam::node {

namespace {

    ledger::CloseRound begin(const ledger::Run& run)
    {
        ledger::CloseRound closure;
        closure.run = run.id;
        closure.round = run.round;
        closure.paramsHash = run.params;
        return closure;
    }

    ledger::Contribution refused(const ledger::Member& member, std::string reason)
    {
        return { member.node, member.last->commitment, ledger::Verdict::Refused, std::move(reason),
            0, 0 };
    }

    void apply(const QJsonObject& verdict, ledger::Contribution& contribution)
    {
        const bool accepted = verdict.value(QLatin1String{ "accepted" }).toBool();
        contribution.verdict = accepted ? ledger::Verdict::Accepted : ledger::Verdict::Refused;
        contribution.reason = verdict.value(QLatin1String{ "reason" }).toString().toStdString();
        contribution.reason.resize(std::min(contribution.reason.size(), ledger::kMaxReasonBytes));
        contribution.weightMillionths
            = accepted ? verdict.value(QLatin1String{ "weight" }).toInteger() : 0;
        contribution.normMillionths = verdict.value(QLatin1String{ "norm" }).toInteger();
    }

} // namespace

bool isSlashed(const ledger::Member& member)
{
    return member.status == ledger::Membership::Excluded;
}

bool reachesQuorum(const ledger::Run& run, std::span<const ledger::Member> submitters)
{
    return submitters.size()
        - static_cast<std::size_t>(std::ranges::count_if(submitters, isSlashed))
        >= run.terms.quorum;
}

ledger::CloseRound voidRound(const ledger::Run& run, std::span<const ledger::Member> submitters)
{
    ledger::CloseRound closure = begin(run);
    closure.result = ledger::RoundResult::Void;
    closure.lossBefore = run.lastLoss;
    closure.lossAfter = run.lastLoss;
    for (const ledger::Member& member : submitters) {
        closure.contributions.push_back(
            refused(member, isSlashed(member) ? kDoubleVote : "below quorum"));
    }
    return closure;
}

base::Result<ledger::CloseRound> resultOf(const ledger::Run& run,
    std::span<const ledger::Member> submitters, std::string rule, const QJsonObject& answer)
{
    std::map<std::pair<QString, QString>, QJsonObject> verdicts;
    for (const QJsonValue& value : answer.value(QLatin1String{ "contributions" }).toArray()) {
        const QJsonObject verdict = value.toObject();
        verdicts[{ verdict.value(QLatin1String{ "commitment" }).toString(),
            verdict.value(QLatin1String{ "node" }).toString() }]
            = verdict;
    }
    ledger::CloseRound closure = begin(run);
    closure.rule = std::move(rule);
    closure.lossBefore = answer.value(QLatin1String{ "loss_before_micro" }).toInteger();
    closure.lossAfter = answer.value(QLatin1String{ "loss_after_micro" }).toInteger();
    const auto text
        = [](base::ByteView bytes) { return QString::fromStdString(base::toHex(bytes)); };
    for (const ledger::Member& member : submitters) {
        ledger::Contribution contribution
            = refused(member, isSlashed(member) ? kDoubleVote : "not delivered");
        const auto found
            = verdicts.find({ text(member.last->commitment.view()), text(member.node.view()) });
        if (!isSlashed(member) && found != verdicts.end()) {
            apply(found->second, contribution);
        }
        closure.contributions.push_back(std::move(contribution));
    }
    if (hasAccepted(closure)) {
        TRY_ASSIGN(closure.paramsHash,
            base::fixedFromHex<base::Hash256>(
                answer.value(QLatin1String{ "params_hash" }).toString().toStdString()));
    }
    return closure;
}

bool hasAccepted(const ledger::CloseRound& closure)
{
    return std::ranges::any_of(closure.contributions,
        [](const ledger::Contribution& one) { return one.verdict == ledger::Verdict::Accepted; });
}

} // namespace loam::node
