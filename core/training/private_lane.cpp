// SPDX-License-Identifier: GPL-3.0-or-later
#include "training/private_lane.h"

#include "crypto/hash.h"
#include "training/manifest.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace loam::training {
namespace {

    using base::Errc;
    using base::fail;
    using base::Result;

    /// Integer steps of the rounding over its own error: what rounding adds to the sensitivity
    /// stays below 0.2 %.
    constexpr double kStepsPerError = 16;
    constexpr std::size_t kWantedGroups = 9;
    /// Part of the squared sensitivity that counting the members within the clip takes: the noise
    /// of everything else grows by 2.6 %.
    constexpr double kCountingPart = 0.05;
    /// Of adaptive clipping: eta and gamma of its paper.
    constexpr double kClipRate = 0.2;
    constexpr double kClipQuantile = 0.5;
    constexpr std::uint32_t kMostClipChange = 1000;
    constexpr std::uint64_t kRecordVersion = 1;
    constexpr std::size_t kMostCohort = 4096;
    constexpr std::size_t kMostNeeded = 10'000'000;

    std::array<std::byte, 8> number(std::uint64_t value)
    {
        std::array<std::byte, 8> out{};
        for (std::size_t i = 0; i < 8; ++i) {
            out[7 - i] = static_cast<std::byte>(value >> (8 * i) & 255U);
        }
        return out;
    }

    /// Members in the order of SHA-256(purpose || beacon || round || node).
    std::vector<base::PublicKey> drawnOrder(std::string_view purpose, const base::Hash256& beacon,
        std::uint64_t round, std::span<const base::PublicKey> members)
    {
        std::vector<std::pair<base::Hash256, base::PublicKey>> drawn;
        for (const base::PublicKey& member : members) {
            drawn.emplace_back(crypto::Sha256{}
                                   .update(base::asBytes(purpose))
                                   .update(beacon.view())
                                   .update(number(round))
                                   .update(member.view())
                                   .finish(),
                member);
        }
        std::ranges::sort(drawn);
        std::vector<base::PublicKey> out;
        for (const auto& [hash, member] : drawn) {
            out.push_back(member);
        }
        return out;
    }

    std::size_t groupCount(const PrivateTerms& terms, std::size_t members)
    {
        if (members < terms.groupLeast) {
            return 0;
        }
        const std::size_t size
            = std::clamp<std::size_t>(members / kWantedGroups, terms.groupLeast, terms.groupMost);
        const std::size_t needed = (members + terms.groupMost - 1) / terms.groupMost;
        return std::max(needed, members / size);
    }

    RingCoding ringOf(const PrivateTerms& terms, std::size_t size)
    {
        RingCoding ring;
        ring.size = size;
        ring.clip = fromMicro(terms.clipMicro);
        ring.scale = kStepsPerError * std::sqrt(static_cast<double>(rotatedSize(size))) / ring.clip;
        ring.bits = 32;
        const double noise = fromMicro(terms.noiseMicro);
        ring.bitWeight = countingWeight(ring, noise, noise / (2 * std::sqrt(kCountingPart)));
        return ring;
    }

    double deltaOf(const PrivateTerms& terms)
    {
        return std::pow(10.0, -static_cast<double>(terms.deltaExponent));
    }

    /// Noise over clip of the mean of all members' updates, all groups present in full.
    double noiseRatioOf(const PrivateTerms& terms, std::size_t size, std::size_t members)
    {
        const std::size_t groups = groupCount(terms, members);
        if (groups == 0) {
            return HUGE_VAL;
        }
        const std::size_t each = members / groups;
        const GroupCoding coding = groupCoding(terms, size, each, base::Hash256{});
        const double onSums
            = coding.shareVariance * static_cast<double>(members) * static_cast<double>(size);
        return std::sqrt(onSums)
            / (coding.ring.scale * coding.ring.clip * static_cast<double>(members));
    }

    /// Smallest cohort at least `from` that the noise leaves something of.
    std::size_t membersNeeded(const PrivateTerms& terms, std::size_t size)
    {
        const double most = fromMicro(terms.noiseRatioMicro);
        std::size_t high = terms.groupLeast;
        while (high < kMostNeeded && noiseRatioOf(terms, size, high) > most) {
            high += std::max<std::size_t>(1, high / 64);
        }
        return high;
    }

} // namespace

Result<> PrivateTerms::validate() const
{
    const auto within = [](std::string_view field, std::uint64_t value, std::uint64_t least,
                            std::uint64_t most) -> Result<> {
        if (value < least || value > most) {
            return fail(Errc::Invalid,
                fmt::format("manifest: {} is {}, must be {} to {}", field, value, least, most));
        }
        return {};
    };
    TRY(within("private.noise", noiseMicro, 100'000, 100'000'000));
    TRY(within("private.clip", clipMicro, 1, 1'000'000'000));
    TRY(within("private.epsilon", epsilonMicro, 10'000, 1'000'000'000));
    TRY(within("private.delta_exponent", deltaExponent, 4, 12));
    TRY(within("private.rounds", rounds, 1, 100'000));
    TRY(within("private.colluders", colluderMicro, 0, 333'333));
    TRY(within("private.group_least", groupLeast, practice ? 2 : 16, 64));
    TRY(within("private.group_most", groupMost, groupLeast, 64));
    TRY(within("private.noise_ratio", noiseRatioMicro, 1, practice ? 1'000'000'000U : 2'000'000U));
    TRY(within("private.rank", rank, 1, 64));
    return {};
}

std::uint32_t colludersOf(const PrivateTerms& terms, std::size_t members)
{
    // Rounded up, but always so that somebody honest is left above the threshold.
    const auto share
        = static_cast<std::uint32_t>((members * terms.colluderMicro + 999'999) / 1'000'000);
    return std::min(share, sumThreshold(members) - 1);
}

GroupCoding groupCoding(
    const PrivateTerms& terms, std::size_t size, std::size_t members, const base::Hash256& beacon)
{
    GroupCoding out;
    out.ring = ringOf(terms, size);
    out.ring.seed = beacon;
    const double deviation = fromMicro(terms.noiseMicro) * out.ring.l2Bound();
    out.totalVariance = deviation * deviation;
    out.shareVariance
        = noiseShare(out.totalVariance, sumThreshold(members), colludersOf(terms, members));
    return out;
}

PrivateCost privateCost(const PrivateTerms& terms, std::size_t size, std::uint64_t rounds)
{
    PrivateCost cost;
    const double noise = fromMicro(terms.noiseMicro);
    cost.rho = zeroConcentrated(noise, rounds);
    cost.delta = deltaOf(terms);
    if (rounds == 0) {
        return cost;
    }
    const RingCoding ring = ringOf(terms, size);
    const double variance = std::pow(noise * ring.l2Bound(), 2);
    // The bound is proved for whole orders.
    std::vector<double> orders;
    std::vector<double> divergences;
    for (double order = 2; order <= 4096; order += std::max(1.0, std::floor(order / 32))) {
        orders.push_back(order);
        divergences.push_back(skellamRenyi(variance, ring.l1Bound(), ring.l2Bound(), order));
    }
    RenyiAccountant accountant{ orders };
    accountant.add(divergences, rounds);
    cost.epsilon = accountant.epsilon(cost.delta).epsilon;
    return cost;
}

std::uint32_t nextClipMicro(std::uint32_t clipMicro, std::uint32_t firstMicro, double within)
{
    const double x = -kClipRate * (std::clamp(within, 0.0, 1.0) - kClipQuantile);
    // exp(x) for |x| <= 0.1, to 10^-7.
    const double factor = 1 + x * (1 + x / 2 * (1 + x / 3 * (1 + x / 4)));
    const auto next = static_cast<std::uint64_t>(static_cast<double>(clipMicro) * factor + 0.5);
    const std::uint64_t least = std::max<std::uint64_t>(1, firstMicro / kMostClipChange);
    const std::uint64_t most
        = std::min<std::uint64_t>(std::uint64_t{ firstMicro } * kMostClipChange, 1'000'000'000);
    return static_cast<std::uint32_t>(std::clamp(next, least, most));
}

CohortJudgement judgeCohort(const PrivateTerms& terms, std::size_t size, std::size_t members)
{
    CohortJudgement out;
    out.epsilon = privateCost(terms, size, terms.rounds).epsilon;
    out.membersNeeded = membersNeeded(terms, size);
    out.noiseRatio = noiseRatioOf(terms, size, members);
    const double promised = fromMicro(terms.epsilonMicro);
    if (out.epsilon > promised) {
        out.sentence = fmt::format("refused: {} rounds with noise {:.2f} cost epsilon {:.2f}, but "
                                   "the run promises {:.2f}",
            terms.rounds, fromMicro(terms.noiseMicro), out.epsilon, promised);
        return out;
    }
    if (members < terms.groupLeast) {
        out.sentence
            = fmt::format("refused: {} members, but a group needs {}", members, terms.groupLeast);
        return out;
    }
    const double most = fromMicro(terms.noiseRatioMicro);
    if (out.noiseRatio > most) {
        out.sentence = fmt::format(
            "refused: with {} members the noise for epsilon {:.2f} would be {:.1f} times the "
            "largest update of a member, {:.1f} is allowed; about {} members are needed. Train an "
            "adapter at home instead",
            members, promised, out.noiseRatio, most, out.membersNeeded);
        return out;
    }
    out.isEnough = true;
    out.sentence
        = fmt::format("{} members, epsilon {:.2f} of {:.2f} for {} rounds, noise {:.2f} times a "
                      "member's largest update",
            members, out.epsilon, promised, terms.rounds, out.noiseRatio);
    if (terms.practice) {
        out.sentence = "practice: nothing here is private. " + out.sentence;
    }
    return out;
}

std::vector<std::vector<base::PublicKey>> assignGroups(const PrivateTerms& terms,
    const base::Hash256& beacon, std::uint64_t round, std::span<const base::PublicKey> cohort)
{
    const std::size_t count = groupCount(terms, cohort.size());
    std::vector<std::vector<base::PublicKey>> groups(count);
    if (count == 0) {
        return groups;
    }
    const std::vector<base::PublicKey> order
        = drawnOrder("loam/private/group/v1", beacon, round, cohort);
    for (std::size_t i = 0; i < order.size(); ++i) {
        groups[i % count].push_back(order[i]);
    }
    return groups;
}

std::vector<base::PublicKey> organisers(
    const base::Hash256& beacon, std::uint64_t round, std::span<const base::PublicKey> group)
{
    return drawnOrder("loam/private/organiser/v1", beacon, round, group);
}

Result<SumTerms> sumTerms(const PrivateTerms& terms, std::size_t size, const GroupRound& round)
{
    TRY(terms.validate());
    if (round.cohort.size() > kMostCohort
        || !std::is_sorted(round.cohort.begin(), round.cohort.end())
        || std::adjacent_find(round.cohort.begin(), round.cohort.end()) != round.cohort.end()) {
        return fail(
            Errc::Invalid, "the cohort of a private round must ascend, up to 4,096 members");
    }
    const auto groups = assignGroups(terms, round.beacon, round.round, round.cohort);
    if (round.group >= groups.size()) {
        return fail(Errc::Invalid, "the cohort of the private round has no such group");
    }
    SumTerms out;
    out.network = round.network;
    out.round = round.round;
    out.members = groups[round.group];
    if (round.attempt >= out.members.size()) {
        return fail(Errc::Invalid, "every member of the group has been its organiser already");
    }
    out.threshold = sumThreshold(out.members.size());
    out.bits = 32;
    out.values = static_cast<std::uint32_t>(ringOf(terms, size).encodedSize());
    crypto::Sha256 identity;
    identity.update(base::asBytes("loam/private/terms/v1"))
        .update(round.run.view())
        .update(number(round.round))
        .update(round.beacon.view())
        .update(round.params.view())
        .update(number(round.group))
        .update(number(round.attempt))
        .update(number(size));
    for (const base::PublicKey& member : round.cohort) {
        identity.update(member.view());
    }
    out.group = identity.finish();
    TRY(out.validate());
    return out;
}

base::Bytes GroupRecord::encode() const
{
    codec::Writer out;
    out.array(5).unsignedInt(kRecordVersion);
    out.array(cohort.size());
    for (const base::PublicKey& member : cohort) {
        out.bytes(member.view());
    }
    out.unsignedInt(group).unsignedInt(attempt).bytes(transcript);
    return out.take();
}

Result<GroupRecord> GroupRecord::decode(base::ByteView bytes)
{
    codec::Reader in{ bytes, { .bytes = kMostTranscriptBytes, .items = kMostCohort, .depth = 3 } };
    GroupRecord out;
    TRY(in.array(5));
    TRY_ASSIGN(const std::uint64_t version, in.unsignedInt());
    if (version != kRecordVersion) {
        return fail(Errc::Invalid, "the record of a private group has an unknown version");
    }
    TRY_ASSIGN(const std::size_t count, in.array());
    for (std::size_t i = 0; i < count; ++i) {
        TRY_ASSIGN(const auto member, in.fixed<base::PublicKey>());
        out.cohort.push_back(member);
    }
    TRY_ASSIGN(const std::uint64_t group, in.unsignedInt());
    TRY_ASSIGN(const std::uint64_t attempt, in.unsignedInt());
    if (group >= kMostCohort || attempt >= kMostGroupMembers) {
        return fail(Errc::Invalid, "the record of a private group is out of bounds");
    }
    out.group = static_cast<std::uint32_t>(group);
    out.attempt = static_cast<std::uint32_t>(attempt);
    TRY_ASSIGN(const base::ByteView transcript, in.bytes());
    out.transcript = base::toBytes(transcript);
    TRY(in.finish());
    return out;
}

Result<GroupMean> openRecord(
    const PrivateTerms& terms, std::size_t size, const GroupRound& round, const GroupRecord& record)
{
    GroupRound own = round;
    own.cohort = record.cohort;
    own.group = record.group;
    own.attempt = record.attempt;
    TRY_ASSIGN(const SumTerms sum, sumTerms(terms, size, own));
    TRY_ASSIGN(const SumTranscript transcript, SumTranscript::decode(record.transcript));
    TRY_ASSIGN(OpenedSum opened, openSum(sum, transcript));
    const GroupCoding coding = groupCoding(terms, size, sum.members.size(), round.beacon);
    TRY_ASSIGN(DecodedSum decoded, decodeSum(coding.ring, opened.values, opened.survivors.size()));
    return GroupMean{ std::move(decoded.mean), std::move(opened.survivors), decoded.within };
}

} // namespace loam::training
