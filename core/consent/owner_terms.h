// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "consent/grant.h"
#include "consent/privacy_cost.h"

namespace loam::consent {

/// What the owner set once, for every run. A manifest can only be stricter.
struct OwnerTerms
{
    bool privateLane{ false }; ///< may private text enter the private lane at all
    bool adapters{ false }; ///< may adapters be trained at home
    bool askedPrivateLane{ false }; ///< the owner has answered the question
    bool askedAdapters{ false };
    std::uint64_t sourceEpsilonMilli{ 3000 }; ///< most that all runs together may spend on a source
    std::uint64_t deltaPerBillion{ 1000 }; ///< 10^-6: largest δ
    std::uint32_t minimumGroup{ 16 }; ///< smallest group of a secure sum (DESIGN 6)
    std::uint32_t minimumCohort{ 64 }; ///< fewest members whose noise adds up
    std::uint64_t maximumTokensPerRound{ 1'000'000 };
    bool onlyGoodText{ true }; ///< leave out what was judged gibberish, boilerplate or a duplicate

    friend bool operator==(const OwnerTerms&, const OwnerTerms&) = default;
};

/// What a run's manifest asks for. The node translates the run's own manifest into this.
struct RunTerms
{
    RunId run;
    Purpose purpose{ Purpose::Adapter };
    std::uint64_t epsilonMilli{ 0 }; ///< promised for the whole run
    std::uint64_t deltaPerBillion{ 0 };
    std::uint32_t group{ 0 };
    std::uint32_t cohort{ 0 };
    std::uint64_t tokensPerRound{ 0 };
};

/// What then holds: in every field the strictest of owner, grant and manifest.
struct EffectiveTerms
{
    RunId run;
    Purpose purpose{ Purpose::Adapter };
    MicroRho grantCap; ///< zero with Adapter
    MicroRho sourceCap;
    std::uint64_t deltaPerBillion{ 0 };
    std::uint64_t tokensPerRound{ 0 };
    bool onlyGoodText{ true };
};

/// Denied, with the reason in one sentence, when the run asks for what owner or grant do not give:
/// another run or purpose, a purpose the owner switched off, a weaker δ, a smaller group or cohort.
base::Result<EffectiveTerms> strictest(
    const OwnerTerms& owner, const Grant& grant, const RunTerms& run);

} // namespace loam::consent
