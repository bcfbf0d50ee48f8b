// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "codec/envelope.h"
#include "crypto/ed25519.h"
#include "crypto/x25519.h"
#include "training/shamir.h"

#include <cstdint>
#include <string_view>
#include <vector>

namespace loam::training {

/// Members of one group at most; also the highest place.
inline constexpr std::uint32_t kMostGroupMembers = 256;
/// Values of one masked vector at most.
inline constexpr std::uint32_t kMostSumValues = 1U << 20U;
inline constexpr std::size_t kMostTranscriptBytes = std::size_t{ 48 } << 20U;

/// Survivors below which a sum stays closed: with fewer than a third colluding, no organiser can
/// get two different sums opened (2 t > n + n/3).
constexpr std::uint32_t sumThreshold(std::size_t members)
{
    return static_cast<std::uint32_t>(2 * members / 3 + 1);
}

/// What all members of a group agree on before the first message.
struct SumTerms
{
    base::NetworkId network;
    base::Hash256 group; ///< names run, round, beacon, parameters, coding and members
    std::uint64_t round{ 0 };
    std::vector<base::PublicKey> members; ///< distinct; the place of a member counts from 1
    std::uint32_t threshold{ 0 };
    std::uint8_t bits{ 32 }; ///< of the ring
    std::uint32_t values{ 0 }; ///< of each vector

    base::Result<> validate() const;
    /// Place of a member; 0 for a stranger.
    std::uint32_t placeOf(const base::PublicKey& node) const;
    std::uint32_t mask() const
    {
        return bits == 32 ? UINT32_MAX : (std::uint32_t{ 1 } << bits) - 1;
    }
};

/// Places of members, ascending without repetition.
using Places = std::vector<std::uint32_t>;
bool contains(const Places& places, std::uint32_t place);

/// R0: the keys of one member for this round.
struct Advertisement
{
    crypto::X25519Public cipherKey; ///< for the shares that members send each other
    crypto::X25519Public maskKey; ///< for the pairwise masks
    base::Hash256 seedHash; ///< of the seed of its own mask
};

/// R1: the sealed shares of one member, one for each member of the list, its own empty.
struct ShareBundle
{
    base::Hash256 list; ///< the list of keys it answers
    std::vector<base::Bytes> sealed;
};

/// Organiser, after R1: who shared, and what they sealed for one member.
struct Inbox
{
    Places sharers;
    std::vector<base::Bytes> sealed; ///< in the order of `sharers`, the member's own empty
};

/// R2: the masked vector.
struct MaskedVector
{
    base::Hash256 list;
    std::vector<std::uint32_t> values;
};

/// R3: what a member saw. All members must sign the same, or nothing is opened.
struct Confirmation
{
    base::Hash256 list;
    Places sharers;
    Places survivors; ///< whose masked vectors are in the sum
    bool operator==(const Confirmation&) const = default;
};

/// R4: for each sharer one share: of its own mask's seed if it survived, of its mask key if not.
struct Unmasking
{
    std::vector<SecretShare> shares; ///< in the order of the sharers
};

inline constexpr std::string_view kAdvertise = "private-advertise";
inline constexpr std::string_view kShare = "private-share";
inline constexpr std::string_view kMask = "private-mask";
inline constexpr std::string_view kConfirm = "private-confirm";
inline constexpr std::string_view kUnmask = "private-unmask";

/// A member's message with the place of who signed it.
template <class Body> struct FromMember
{
    std::uint32_t place{ 0 };
    Body body;
};

/// Signed envelopes; each names group and round. Decoding checks type, group, round, membership,
/// signature and bounds; Invalid (Denied for a bad signature) says which.
base::Bytes signMessage(
    const SumTerms& terms, const crypto::KeyPair& key, const Advertisement& body);
base::Bytes signMessage(const SumTerms& terms, const crypto::KeyPair& key, const ShareBundle& body);
base::Bytes signMessage(
    const SumTerms& terms, const crypto::KeyPair& key, const MaskedVector& body);
base::Bytes signMessage(
    const SumTerms& terms, const crypto::KeyPair& key, const Confirmation& body);
base::Bytes signMessage(const SumTerms& terms, const crypto::KeyPair& key, const Unmasking& body);
base::Result<FromMember<Advertisement>> readAdvertisement(
    const SumTerms& terms, base::ByteView message);
base::Result<FromMember<ShareBundle>> readShareBundle(
    const SumTerms& terms, base::ByteView message);
base::Result<FromMember<MaskedVector>> readMaskedVector(
    const SumTerms& terms, base::ByteView message);
base::Result<FromMember<Confirmation>> readConfirmation(
    const SumTerms& terms, base::ByteView message);
base::Result<FromMember<Unmasking>> readUnmasking(const SumTerms& terms, base::ByteView message);

/// What the organiser passes on: lists of members' messages, ascending by place.
base::Bytes writeList(const std::vector<base::Bytes>& messages);
base::Result<std::vector<base::Bytes>> readList(base::ByteView bytes);
base::Bytes writeInbox(const Inbox& inbox);
base::Result<Inbox> readInbox(base::ByteView bytes);
base::Bytes writePlaces(const Places& places);
base::Result<Places> readPlaces(base::ByteView bytes);

/// A finished sum: everything that opens it, for anyone to check.
struct SumTranscript
{
    std::vector<base::Bytes> advertisements;
    std::vector<base::Bytes> masked;
    std::vector<base::Bytes> confirmations;
    std::vector<base::Bytes> unmaskings;

    base::Bytes encode() const;
    static base::Result<SumTranscript> decode(base::ByteView bytes);
};

} // namespace loam::training
