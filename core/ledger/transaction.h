// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/amount.h"
#include "codec/envelope.h"
#include "consensus/types.h"
#include "crypto/ed25519.h"
#include "ledger/reason.h"

#include <chrono>
#include <string>
#include <variant>
#include <vector>

namespace loam::ledger {

/// Identity of a run: the id of the transaction that opened it.
using RunId = base::Hash256;

/// Bounds that decode() enforces, so that whatever was decoded is safe to keep.
inline constexpr std::size_t kMaxTransactionBytes = 256U * 1024U;
inline constexpr std::size_t kMaxMemoBytes = 140;
inline constexpr std::size_t kMaxNameBytes = 64;
inline constexpr std::size_t kMaxManifestBytes = 64U * 1024U;
inline constexpr std::size_t kMaxReasonBytes = 64;
inline constexpr std::size_t kMaxCheckpointBytes = 256;
inline constexpr std::uint32_t kMaxRunMembers = 1'000;
inline constexpr std::int64_t kMaxWeightMillionths = 1'000'000'000'000;

struct Transfer
{
    base::PublicKey to;
    base::Amount amount; ///< above zero
    std::string memo; ///< UTF-8, at most kMaxMemoBytes
    bool operator==(const Transfer&) const = default;
};

struct Bond
{
    base::Amount amount;
    bool operator==(const Bond&) const = default;
};

struct Unbond
{
    base::Amount amount;
    bool operator==(const Unbond&) const = default;
};

/// Makes the sender a node that may join runs; see registration.h for the work.
struct RegisterNode
{
    std::string name; ///< 1..kMaxNameBytes of UTF-8
    std::uint64_t nonce{ 0 };
    bool operator==(const RegisterNode&) const = default;
};

/// What the ledger must know of a run; all else is in the manifest, which it does not read.
struct RunTerms
{
    base::Amount emissionPerRound; ///< minted at each close that accepts anything
    std::uint32_t quorum{ 1 }; ///< updates below which a round is void
    std::uint32_t startMembers{ 0 }; ///< members that open a waiting round; 0 = quorum
    std::chrono::milliseconds window{ 0 }; ///< time to compute and submit
    std::chrono::milliseconds grace{ 0 }; ///< further time to submit
    std::uint64_t roundsTotal{ 0 }; ///< 0 = endless
    std::uint32_t maxMembers{ kMaxRunMembers };
    base::Hash256 initialParams; ///< hash of the parameters round 0 starts from
    bool operator==(const RunTerms&) const = default;
};

struct OpenRun
{
    std::string name; ///< 1..kMaxNameBytes of UTF-8
    base::Bytes manifest; ///< opaque, at most kMaxManifestBytes
    RunTerms terms;
    bool operator==(const OpenRun&) const = default;
};

struct JoinRun
{
    RunId run;
    bool operator==(const JoinRun&) const = default;
};

struct LeaveRun
{
    RunId run;
    bool operator==(const LeaveRun&) const = default;
};

struct SubmitUpdate
{
    RunId run;
    std::uint64_t round{ 0 };
    base::Hash256 commitment; ///< SHA-256 of the update's body
    std::uint64_t bytes{ 0 }; ///< size of the body
    std::uint64_t tokens{ 0 }; ///< trained on
    bool operator==(const SubmitUpdate&) const = default;
};

enum class Verdict : std::uint8_t { Refused = 0, Accepted = 1 };

/// The decision on one submitted update.
struct Contribution
{
    base::PublicKey node;
    base::Hash256 commitment;
    Verdict verdict{ Verdict::Refused };
    std::string reason; ///< code such as "ok" or "norm_clip", 1..kMaxReasonBytes
    std::int64_t weightMillionths{ 0 }; ///< above zero exactly when accepted
    std::int64_t normMillionths{ 0 }; ///< of the update, 0 when unknown
    bool operator==(const Contribution&) const = default;
};

enum class RoundResult : std::uint8_t { Aggregated = 0, Void = 1 };

/// Closes a round. Whether its numbers are right is for the validators to recompute before they
/// vote (Ledger::execute names the closures of a block); the ledger checks form and money.
struct CloseRound
{
    RunId run;
    std::uint64_t round{ 0 };
    RoundResult result{ RoundResult::Aggregated };
    std::string rule; ///< of aggregation, e.g. "nnm+cclip"; may be empty
    std::vector<Contribution> contributions; ///< ascending by node, exactly the submitted ones
    base::Hash256 paramsHash; ///< parameters after the round
    std::int64_t lossBefore{ 0 }; ///< 10^-6 nats per byte of held-out text
    std::int64_t lossAfter{ 0 };
    base::Bytes checkpoint; ///< BitTorrent infohash of the checkpoint; may be empty
    bool operator==(const CloseRound&) const = default;
};

/// A double vote, told by anyone.
struct ReportEvidence
{
    consensus::Evidence evidence;
};

/// The index of an alternative, plus one, is the transaction's kind on the wire.
using TransactionBody = std::variant<Transfer, Bond, Unbond, RegisterNode, OpenRun, JoinRun,
    LeaveRun, SubmitUpdate, CloseRound, ReportEvidence>;

/// "transfer", "submit_update", ...
std::string_view kindName(const TransactionBody& body);

/// A signed transaction, decoded. Immutable; made only from received bytes or by sign(), so that
/// id and fields always belong together.
class SignedTx
{
public:
    /// Checks structure and bounds, not the signature.
    static Outcome<SignedTx> decode(base::ByteView bytes);
    /// Signs with `key`, who is the sender. Malformed when a field is out of bounds.
    static Outcome<SignedTx> sign(const crypto::KeyPair& key, const base::NetworkId& network,
        std::uint64_t sequence, base::Amount fee, const TransactionBody& body);

    /// True when the sender signed these bytes for this network. About 0.1 ms.
    bool hasValidSignature(const base::NetworkId& network) const;

    const base::Hash256& id() const { return m_id; } ///< SHA-256 of bytes()
    const base::Bytes& bytes() const { return m_bytes; } ///< the envelope as received
    const base::PublicKey& sender() const { return m_sender; }
    std::uint64_t sequence() const { return m_sequence; }
    base::Amount fee() const { return m_fee; }
    const TransactionBody& body() const { return m_body; }

private:
    SignedTx() = default;
    base::Bytes m_bytes;
    base::Hash256 m_id;
    codec::Envelope m_envelope;
    base::PublicKey m_sender;
    std::uint64_t m_sequence{ 0 };
    base::Amount m_fee;
    TransactionBody m_body;
};

/// CBOR of a body as it stands in the payload [kind, sequence, fee, body].
base::Bytes encodeBody(const TransactionBody& body);

} // namespace loam::ledger
