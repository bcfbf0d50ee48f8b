// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/amount.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "consensus/types.h"

#include <chrono>
#include <map>
#include <string>
#include <vector>

namespace loam::ledger {

/// Whether a network is for real or was made by "Practice on this computer".
enum class NetworkPurpose : std::uint8_t { Community = 0, Practice = 1 };

/// Everything that founds a network. Its SHA-256 is the network's identity, so two networks that
/// differ in any rule or founder never mix.
struct Genesis
{
    static constexpr std::uint64_t kProtocolVersion = 1;
    static constexpr std::size_t kMaxBytes = 256U * 1024U;

    std::string name; ///< 1..64 bytes of UTF-8
    std::uint64_t protocolVersion{ kProtocolVersion };
    base::UnixTime time{}; ///< founding; no block is older
    std::vector<base::PublicKey> validators; ///< of epoch 0; 1..100, distinct
    std::chrono::milliseconds delta{ 2000 }; ///< Simplex' bound on a network delay
    std::uint8_t registrationDifficulty{ 0 }; ///< leading zero bits of scrypt; 0 = no work
    base::Amount validatorBond; ///< taken out of each validator's initial balance
    std::map<base::PublicKey, base::Amount> initialBalances;
    base::Amount transactionFee; ///< of transfers and of opening a run
    base::Amount maxEmissionPerRound{ base::Amount::fromMicro(
        1'000 * base::Amount::kMicroPerLoam) };
    std::uint32_t vestingRounds{ 10 }; ///< 1..100: half of a reward vests over as many
    NetworkPurpose purpose{ NetworkPurpose::Community };

    bool operator==(const Genesis&) const = default;

    /// Deterministic CBOR (docs/protocol-ledger.md).
    base::Bytes encode() const;
    /// Invalid, naming the field, when the bytes are not a valid genesis.
    static base::Result<Genesis> decode(base::ByteView bytes);
    /// Checks all bounds; sums must not overflow and every validator's balance cover its bond.
    base::Result<> validate() const;
    /// SHA-256 of encode().
    base::NetworkId networkId() const;
    /// The block of height 0, whose hash is the parent of the first proposal: no parent, the
    /// payload is encode().
    consensus::Block block() const;
    consensus::ValidatorSet validatorSet() const { return { .epoch = 0, .members = validators }; }
    /// Sum of initialBalances; valid after validate().
    base::Amount supply() const;
};

} // namespace loam::ledger
