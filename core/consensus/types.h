// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/bytes.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace loam::consensus {

/// Height of a block: one iteration of Simplex; 0 is the genesis.
using Height = std::uint64_t;
/// Index into the validator set of an epoch.
using ValidatorIndex = std::uint16_t;

/// Largest payload of a block, in bytes; a block above it is Invalid for everyone.
inline constexpr std::size_t kMaxPayload = 1U << 20;
/// Largest validator set; the protocol is meant for about 100.
inline constexpr std::size_t kMaxValidators = 256;

/// The voters of one epoch: n validators, of whom f = (n - 1) / 3 may be Byzantine.
struct ValidatorSet
{
    std::uint64_t epoch{ 0 };
    std::vector<base::PublicKey> members; ///< index = ValidatorIndex

    std::size_t faults() const { return members.empty() ? 0 : (members.size() - 1) / 3; }
    /// Signers that make a certificate: n - f.
    std::size_t quorum() const { return members.size() - faults(); }
    /// Round-robin leader of a height.
    ValidatorIndex leader(Height height) const
    {
        return static_cast<ValidatorIndex>(height % members.size());
    }
};

/// What consensus agrees on. The payload is the application's; consensus never looks into it.
struct Block
{
    Height height{ 0 };
    std::uint64_t epoch{ 0 };
    base::Hash256 parent; ///< hash of the last non-dummy block of the chain
    base::Bytes payload;

    /// Deterministic CBOR: [height, epoch, parent, payload].
    base::Bytes encode() const;
    static base::Result<Block> decode(base::ByteView bytes);
    /// SHA-256 of encode().
    base::Hash256 hash() const;
};

enum class VoteKind : std::uint8_t {
    Notarize = 1, ///< vote(h, block)
    Nullify = 2, ///< vote(h, dummy)
    Finalize = 3, ///< finalize(h, block)
};

/// A validator's signed vote. The signature covers kind, epoch, height, block hash and network id.
struct Vote
{
    VoteKind kind{ VoteKind::Notarize };
    std::uint64_t epoch{ 0 };
    Height height{ 0 };
    base::Hash256 block; ///< all zero for Nullify
    ValidatorIndex voter{ 0 };
    base::Signature signature;

    bool operator==(const Vote&) const = default;
    /// Deterministic CBOR: [kind, epoch, height, block, voter, signature].
    base::Bytes encode() const;
    static base::Result<Vote> decode(base::ByteView bytes);
    /// The payload that is signed, without voter and signature: [kind, epoch, height, block].
    base::Bytes signedPayload() const;
    /// The bytes under the signature: signingInput("vote", network, signedPayload()).
    base::Bytes signedBytes(const base::NetworkId& network) const;
    /// Epoch, known voter and signature. Fails with Invalid.
    base::Result<> verify(const ValidatorSet& validators, const base::NetworkId& network) const;
};

/// A quorum of equal votes: a bitmap of voters and their signatures in index order.
struct Certificate
{
    VoteKind kind{ VoteKind::Notarize };
    std::uint64_t epoch{ 0 };
    Height height{ 0 };
    base::Hash256 block;
    std::vector<ValidatorIndex> voters; ///< ascending
    std::vector<base::Signature> signatures; ///< one for each voter

    bool operator==(const Certificate&) const = default;
    /// Deterministic CBOR: [kind, epoch, height, block, bitmap, signatures]. Bit i of the bitmap is
    /// bit i % 8 (least significant first) of byte i / 8; no trailing zero byte.
    base::Bytes encode() const;
    static base::Result<Certificate> decode(base::ByteView bytes);
    /// Everything verify() checks but the signatures.
    base::Result<> checkShape(const ValidatorSet& validators) const;
    /// The vote at `position` of voters, as it was cast; position < voters.size().
    Vote voteOf(std::size_t position) const;
    /// Checks epoch, quorum, distinct known voters in ascending order and every signature.
    /// Fails with Invalid.
    base::Result<> verify(const ValidatorSet& validators, const base::NetworkId& network) const;
};

/// Two different signed votes of one kind for one height by one validator (or a Finalize beside
/// a Nullify): proof of a double vote that anyone can check. The order is fixed, by kind, then by
/// block hash, so that a pair has one encoding.
struct Evidence
{
    Vote first;
    Vote second;

    /// The pair in its order, if no honest validator signs both. Signatures are not checked.
    static std::optional<Evidence> of(const Vote& a, const Vote& b);
    /// Deterministic CBOR: [first, second].
    base::Bytes encode() const;
    static base::Result<Evidence> decode(base::ByteView bytes);
    /// Fails with Invalid unless the two votes conflict, in order, with valid signatures.
    base::Result<> verify(const ValidatorSet& validators, const base::NetworkId& network) const;
};

} // namespace loam::consensus
