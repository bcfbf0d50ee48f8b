// SPDX-License-Identifier: GPL-3.0-or-later
#include "node/private_consent.h"

#include "base/require.h"
#include "training/accountant.h"
#include "training/manifest.h"
#include "training/private_lane.h"

#include <fmt/format.h>

#include <algorithm>

namespace loam::node {

using base::Errc;
using base::fail;
using base::Result;

namespace {

    /// δ in thousandths of a millionth; a smaller one counts as that, which is the stricter way.
    std::uint64_t deltaPerBillion(const training::PrivateTerms& terms)
    {
        std::uint64_t out = 1'000'000'000;
        for (unsigned i = 0; i < terms.deltaExponent; ++i) {
            out /= 10;
        }
        return std::max<std::uint64_t>(out, 1);
    }

    consent::RunTerms runTerms(const PrivateRoundTerms& round)
    {
        return { .run = round.run,
            .purpose = consent::Purpose::PrivateLane,
            .epsilonMilli = round.terms.epsilonMicro / 1000,
            .deltaPerBillion = deltaPerBillion(round.terms),
            .group = static_cast<std::uint32_t>(round.group),
            .cohort = static_cast<std::uint32_t>(round.cohort),
            .tokensPerRound = 0 };
    }

} // namespace

Result<consent::GrantId> PrivateConsent::grantFor(const base::Hash256& run) const
{
    consent::Records& records = m_data.records();
    if (!records.terms().privateLane) {
        return fail(Errc::Denied,
            "you have not allowed private text to take part in shared training; see My data, or "
            "`loamctl data budget --private-lane on`");
    }
    for (const consent::GrantRecord& record : records.grants()) {
        const consent::Grant& grant = record.grant;
        if (grant.purpose == consent::Purpose::PrivateLane && grant.run == run && !record.revoked
            && grant.until > records.clock().now()) {
            return grant.id;
        }
    }
    return fail(Errc::Denied,
        "you have granted this run none of your text; see My data, or `loamctl data grant "
        "--purpose private --run "
            + base::toHex(run.view()).substr(0, 8) + "...`");
}

consent::MicroRho PrivateConsent::costOf(const training::PrivateTerms& terms)
{
    const auto cost = consent::MicroRho::fromRho(
        training::zeroConcentrated(training::fromMicro(terms.noiseMicro), 1));
    ASSERT(cost.has_value());
    return *cost;
}

std::uint64_t PrivateConsent::roundsSpent(const base::Hash256& run) const
{
    return m_data.records().uses().chargedRounds(run).size();
}

Result<DataService::BatchRequest> PrivateConsent::requestFor(const PrivateRoundTerms& round) const
{
    TRY_ASSIGN(const consent::GrantId grant, grantFor(round.run));
    const auto& charged = m_data.records().uses().chargedRounds(round.run);
    if (charged.contains(round.round)) {
        return fail(Errc::Denied,
            "this round was paid for before the program ended; what was trained then may have been "
            "sent, so the node waits for the next one");
    }
    const std::uint64_t rounds = charged.size() + 1;
    if (rounds > round.terms.rounds) {
        return fail(Errc::Denied,
            fmt::format(
                "all {} rounds that the run asked of a member are spent", round.terms.rounds));
    }
    const double promised = training::fromMicro(round.terms.epsilonMicro);
    const double epsilon = training::privateCost(round.terms, round.size, rounds).epsilon;
    if (!(epsilon <= promised)) {
        return fail(Errc::Denied,
            fmt::format("the round would bring this node's epsilon to {:.2f}; the run promised at "
                        "most {:.2f}",
                epsilon, promised));
    }
    return DataService::BatchRequest{ .grant = grant,
        .run = runTerms(round),
        .round = round.round,
        .cost = costOf(round.terms),
        .leastTokens = round.leastTokens };
}

void PrivateConsent::open(
    const PrivateRoundTerms& round, DataService::Done<DataService::Batches> done)
{
    const auto request = requestFor(round);
    if (!request) {
        done(tl::unexpected{ request.error() });
        return;
    }
    m_data.batches(*request, std::move(done));
}

} // namespace loam::node
