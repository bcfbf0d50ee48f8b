// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "training/accountant.h"
#include "training/private_terms.h"
#include "training/secure_sum.h"
#include "training/skellam.h"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace loam::training {

/// Members of a group that may leave out their noise.
std::uint32_t colludersOf(const PrivateTerms& terms, std::size_t members);

/// How one group of `members` codes its vectors of `size` values in a round.
struct GroupCoding
{
    RingCoding ring;
    double totalVariance{ 0 }; ///< of the noise on the sum, guaranteed
    double shareVariance{ 0 }; ///< of one member's part
};
GroupCoding groupCoding(
    const PrivateTerms& terms, std::size_t size, std::size_t members, const base::Hash256& beacon);

/// Privacy that a member has spent after `rounds` rounds: zCDP's rho of the noise, and epsilon by
/// the Skellam bound at whole orders. Nothing is claimed for sampling or dropouts.
struct PrivateCost
{
    double rho{ 0 };
    double epsilon{ 0 };
    double delta{ 0 };
};
PrivateCost privateCost(const PrivateTerms& terms, std::size_t size, std::uint64_t rounds);

/// The clip of the next round (Andrew et al., arXiv 1905.03871), in millionths: towards the norm
/// that half of the members stay below. `within`: noisy part of the members within the present one.
/// Stays within a factor of 1,000 of `first`, the manifest's. Basic arithmetic alone, so that every
/// machine gets the same number.
std::uint32_t nextClipMicro(std::uint32_t clipMicro, std::uint32_t firstMicro, double within);

/// Whether a cohort can give a useful result at the promise, with the numbers either way.
struct CohortJudgement
{
    bool isEnough{ false };
    double noiseRatio{ 0 }; ///< noise over clip of the mean update
    std::size_t membersNeeded{ 0 };
    double epsilon{ 0 }; ///< of all the run's rounds
    std::string sentence;
};
CohortJudgement judgeCohort(const PrivateTerms& terms, std::size_t size, std::size_t members);

/// Who is in which group of a round: a function of the beacon, drawn after everyone had joined.
/// Sizes are within the terms and differ by one at most; about nine groups if there are members for
/// them, so that the robust rule between the groups has something to choose from. Empty when the
/// cohort is smaller than one group.
std::vector<std::vector<base::PublicKey>> assignGroups(const PrivateTerms& terms,
    const base::Hash256& beacon, std::uint64_t round, std::span<const base::PublicKey> cohort);

/// The members of a group in the order in which they are organisers: the next takes over when one
/// does not get through.
std::vector<base::PublicKey> organisers(
    const base::Hash256& beacon, std::uint64_t round, std::span<const base::PublicKey> group);

/// Everything that names one attempt of one group in a round.
struct GroupRound
{
    base::NetworkId network;
    base::Hash256 run;
    std::uint64_t round{ 0 };
    base::Hash256 beacon;
    base::Hash256 params; ///< hash of the parameters the round starts from
    std::vector<base::PublicKey> cohort; ///< ascending
    std::uint32_t group{ 0 };
    std::uint32_t attempt{ 0 }; ///< 0 with the first organiser
};

/// Terms of that group's secure sum. Invalid when the cohort makes no such group.
base::Result<SumTerms> sumTerms(
    const PrivateTerms& terms, std::size_t size, const GroupRound& round);

/// What a group publishes and its members commit to on the ledger: who was in the round, and the
/// transcript that opens the sum.
struct GroupRecord
{
    std::vector<base::PublicKey> cohort;
    std::uint32_t group{ 0 };
    std::uint32_t attempt{ 0 };
    base::Bytes transcript;

    base::Bytes encode() const;
    static base::Result<GroupRecord> decode(base::ByteView bytes);
};

/// A group's checked result.
struct GroupMean
{
    std::vector<double> mean; ///< (size), noise in it
    std::vector<base::PublicKey> survivors;
    double within{ 0 }; ///< noisy part of them whose update was within the clip
};
/// Checks a record against the round (cohort and attempt are the record's own) and opens it.
base::Result<GroupMean> openRecord(const PrivateTerms& terms, std::size_t size,
    const GroupRound& round, const GroupRecord& record);

} // namespace loam::training
