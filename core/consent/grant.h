// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/bytes.h"
#include "base/clock.h"
#include "base/id.h"
#include "codec/envelope.h"
#include "crypto/ed25519.h"

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace loam::consent {

using SourceId = base::Id<struct SourceIdTag, std::int64_t>;
/// 16 random bytes, the same in every version of a grant.
using GrantId = base::FixedBytes<struct GrantIdTag, 16>;
/// A training run; all zero stands for work that never leaves this computer.
using RunId = base::Hash256;

/// What the granted text may be used for. The numbers are signed.
enum class Purpose : std::uint8_t {
    Adapter = 1, ///< an adapter of the owner's own, at home
    PrivateLane = 2, ///< a round of the private lane (DESIGN 6)
};

std::string_view purposeName(Purpose purpose);
std::optional<Purpose> purposeFrom(std::string_view name);

/// Consent as it is signed: docs/protocol-consent.md has the fields.
struct Grant
{
    static constexpr std::uint64_t kFormat = 1;
    static constexpr std::size_t kMaxSources = 256;
    static constexpr std::string_view kType = "consent-grant";

    GrantId id;
    std::uint64_t version{ 1 }; ///< counts up when the owner changes his mind; the highest holds
    RunId run;
    Purpose purpose{ Purpose::Adapter };
    std::vector<SourceId> sources; ///< ascending
    base::UnixTime issued;
    base::UnixTime until;
    std::uint64_t epsilonMilli{ 0 }; ///< cap of this grant in thousandths; 0 with Adapter
    std::uint64_t deltaPerBillion{ 0 }; ///< δ times 10^9; 0 with Adapter
    std::uint64_t files{ 0 }; ///< how many the owner had looked at
    base::Hash256 seen; ///< root over what he saw: FileSeen::leaf() of each, in order of path

    /// Invalid, naming the field, when a field is out of its range.
    base::Result<> validate() const;
    base::Bytes encode() const;
    static base::Result<Grant> decode(base::ByteView bytes);
};

/// The end of a grant before its time.
struct Revocation
{
    static constexpr std::string_view kType = "consent-revocation";
    GrantId grant;
    base::UnixTime time;

    base::Bytes encode() const;
    static base::Result<Revocation> decode(base::ByteView bytes);
};

/// One file as the owner saw it: what training may use is this and nothing newer.
struct FileSeen
{
    SourceId source;
    std::string path;
    base::Hash256 contents; ///< SHA-256 of the file
    base::Hash256 used; ///< SHA-256 of the text after redaction

    /// Leaf of Grant::seen: SHA-256 of a deterministic encoding.
    base::Hash256 leaf() const;
};

/// Signs for no network in particular: consent is a matter between the owner and his computer, and
/// a run's id is inside.
codec::Envelope sign(const Grant& grant, const crypto::KeyPair& key);
codec::Envelope sign(const Revocation& revocation, const crypto::KeyPair& key);
/// The grant inside; Denied for another signer or a bad signature, Invalid for another type.
base::Result<Grant> openGrant(base::ByteView envelope, const base::PublicKey& owner);
base::Result<Revocation> openRevocation(base::ByteView envelope, const base::PublicKey& owner);

} // namespace loam::consent
