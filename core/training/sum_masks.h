// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "training/sum_messages.h"

#include <span>

// What the two sides of the secure sum share; no other module includes this.
namespace loam::training::masks {

enum class Sign { Plus, Minus };

/// SHA-256 of the list of keys as the organiser sent it.
base::Hash256 listHash(base::ByteView list);
/// The hash by which a member commits to the seed of its own mask.
base::Hash256 seedHash(const SumTerms& terms, const crypto::SymmetricKey& seed);
/// Adds or takes away the key stream of a mask: 32-bit words, little endian, in the ring.
void apply(const SumTerms& terms, const crypto::SymmetricKey& maskKey, Sign sign,
    std::span<std::uint32_t> values);
/// The key of a member's own mask.
crypto::SymmetricKey ownKey(const SumTerms& terms, const crypto::SymmetricKey& seed);
/// The key of the mask of two members, the same from both sides.
base::Result<crypto::SymmetricKey> pairKey(
    const SumTerms& terms, const crypto::AgreementKey& mine, const crypto::X25519Public& theirs);
/// The key that seals what `from` sends to `to`, used for one message.
base::Result<crypto::SymmetricKey> shareKey(const SumTerms& terms, const crypto::AgreementKey& mine,
    const crypto::X25519Public& theirs, std::uint32_t from, std::uint32_t to);
/// Associated data of that message.
base::Bytes shareContext(const SumTerms& terms, std::uint32_t from, std::uint32_t to);
/// In a pair the lower place adds the mask and the higher takes it away.
constexpr Sign pairSign(std::uint32_t of, std::uint32_t with)
{
    return of < with ? Sign::Plus : Sign::Minus;
}

} // namespace loam::training::masks
