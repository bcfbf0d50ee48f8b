// SPDX-License-Identifier: GPL-3.0-or-later
#include "consent/owner_terms.h"

#include <algorithm>

namespace loam::consent {

using base::Errc;
using base::fail;

namespace {

    constexpr double kBillion = 1e9;
    constexpr double kThousand = 1e3;

} // namespace

base::Result<EffectiveTerms> strictest(
    const OwnerTerms& owner, const Grant& grant, const RunTerms& run)
{
    if (run.purpose != grant.purpose || run.run != grant.run) {
        return fail(Errc::Denied, "the grant is for another run or purpose");
    }
    EffectiveTerms out{ .run = run.run,
        .purpose = run.purpose,
        .grantCap = {},
        .sourceCap = {},
        .deltaPerBillion = 0,
        .tokensPerRound = owner.maximumTokensPerRound,
        .onlyGoodText = owner.onlyGoodText };
    if (run.tokensPerRound != 0) {
        out.tokensPerRound = std::min(out.tokensPerRound, run.tokensPerRound);
    }
    if (run.purpose == Purpose::Adapter) {
        if (!owner.adapters) {
            return fail(Errc::Denied, "you have not allowed adapters at home; see My data, or `loamctl data budget --adapters on`");
        }
        return out;
    }
    if (!owner.privateLane) {
        return fail(Errc::Denied,
            "you have not allowed private text to take part in shared training; see My data, or "
            "`loamctl data budget --private-lane on`");
    }
    if (run.group < owner.minimumGroup) {
        return fail(Errc::Denied,
            "the run sums updates in groups of " + std::to_string(run.group) + "; you ask for "
                + std::to_string(owner.minimumGroup));
    }
    if (run.cohort < owner.minimumCohort) {
        return fail(Errc::Denied,
            "the run hides an update among " + std::to_string(run.cohort) + " members; you ask for "
                + std::to_string(owner.minimumCohort));
    }
    // A larger δ is a weaker promise; an owner's ε at his δ says nothing about another.
    if (run.deltaPerBillion == 0 || run.deltaPerBillion > owner.deltaPerBillion
        || run.deltaPerBillion > grant.deltaPerBillion) {
        return fail(Errc::Denied, "the run's delta is larger than what you set");
    }
    out.deltaPerBillion
        = std::min({ owner.deltaPerBillion, grant.deltaPerBillion, run.deltaPerBillion });
    const double delta = static_cast<double>(out.deltaPerBillion) / kBillion;
    const std::uint64_t wanted = run.epsilonMilli == 0
        ? grant.epsilonMilli
        : std::min(grant.epsilonMilli, run.epsilonMilli);
    out.grantCap = capFor(static_cast<double>(wanted) / kThousand, delta);
    out.sourceCap = capFor(static_cast<double>(owner.sourceEpsilonMilli) / kThousand, delta);
    return out;
}

} // namespace loam::consent
