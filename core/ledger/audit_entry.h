// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/amount.h"
#include "base/bytes.h"
#include "base/clock.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace loam::ledger {

/// What an entry of the audit log tells. The names in docs/protocol-ledger.md are what is stored.
enum class AuditKind : std::uint8_t {
    Genesis, ///< entry 0: the network was founded
    Transferred, ///< amount from subject to peer
    Bonded,
    Unbonded,
    NodeRegistered,
    RunOpened,
    RunJoined,
    RunLeft,
    RoundOpened, ///< beacon in `hash`
    UpdateSubmitted, ///< commitment in `hash`
    UpdateAccepted, ///< reward in `amount`; commitment in `hash`
    UpdateRefused, ///< reason in `reason`; commitment in `hash`
    RoundClosed, ///< parameters in `hash`; minted sum in `amount`
    RoundVoided, ///< parameters unchanged, in `hash`
    RewardVested, ///< amount became free
    RunEnded,
    NodeSlashed, ///< amount burned
    FeesCollected, ///< all fees of a block, to its proposer
};

std::string_view auditKindName(AuditKind kind); ///< "update.accepted"
std::optional<AuditKind> auditKindFromName(std::string_view name);

/// One leaf of the network's audit log. Equal on all nodes, byte for byte.
struct AuditEntry
{
    std::uint64_t index{ 0 };
    std::uint64_t height{ 0 };
    base::UnixTime time{};
    AuditKind kind{ AuditKind::Genesis };
    base::PublicKey subject; ///< whom it is about; zero: nobody
    std::optional<base::PublicKey> peer;
    std::optional<base::Hash256> run;
    std::optional<std::uint64_t> round;
    base::Amount amount;
    std::optional<base::Hash256> hash; ///< see AuditKind
    std::optional<base::Hash256> transaction; ///< that caused it
    std::string reason; ///< code or memo
    /// Further facts in a fixed order, e.g. {"weight", "0.5"}, {"bond_before", "100"}.
    std::vector<std::pair<std::string, std::string>> details;

    bool operator==(const AuditEntry&) const = default;

    /// Deterministic CBOR: the bytes that are hashed.
    base::Bytes encode() const;
    static base::Result<AuditEntry> decode(base::ByteView bytes);
    /// Text that a search looks through: kind, addresses, hashes, reason, details; at most 600
    /// bytes.
    std::string searchText() const;
};

} // namespace loam::ledger
