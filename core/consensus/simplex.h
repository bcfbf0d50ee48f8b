// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "consensus/types.h"
#include "crypto/ed25519.h"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <variant>
#include <vector>

namespace loam::consensus {

using BlockPtr = std::shared_ptr<const Block>;
/// Names one running timer; never reused by one Simplex object.
using TimerToken = std::uint64_t;

/// What a host puts at most into one answer to ReadFinalized, unless one record alone is larger.
inline constexpr std::size_t kFetchBlocks = 64;
inline constexpr std::size_t kFetchBytes = 1U << 20;

/// Checks an Ed25519 signature: key, message, signature. Must be deterministic.
using Verifier
    = std::function<bool(const base::PublicKey&, base::ByteView, const base::Signature&)>;

/// What stays the same while an epoch lasts.
struct Config
{
    ValidatorSet validators;
    base::NetworkId network;
    /// Signs our votes; must outlive the object. Null, or a key outside the set: a follower, which
    /// never votes and learns finalised blocks through their certificates.
    const crypto::KeyPair* self{ nullptr };
    /// Assumed bound on one network delay plus the application's checks; timers are 3 of it.
    std::chrono::milliseconds delta{ 500 };
    /// Null: crypto::verify. A host may share one cache of checked signatures among its parts.
    Verifier verify;
};

/// What the host had stored when it stopped. At the first start of a network: height 0, the hash
/// of the genesis, everything else empty.
struct Recovered
{
    Height finalizedHeight{ 0 };
    base::Hash256 finalizedBlock;
    std::optional<Certificate> finalizedBy; ///< Finalize certificate of that block, if stored
    std::vector<Vote> votes; ///< PersistVote of heights above
    std::vector<Block> blocks; ///< PersistBlock of heights above
    std::vector<Certificate> certificates; ///< PersistCertificate of heights above
};

// ---- Actions. The host carries out a list in order. Everything persisted by a list must be on
// ---- disk before the first message that stands behind it in the list is sent; one transaction
// ---- for a whole list, committed before its first Broadcast or SendTo, is right.

/// Store our own vote: after a restart nothing that contradicts it may be signed.
struct PersistVote
{
    Vote vote;
};
/// Store a notarised, not yet final block. Kept until a block of its height or above is final.
struct PersistBlock
{
    BlockPtr block;
    base::Hash256 hash;
};
/// Store a Notarize or Nullify certificate. Kept as long as PersistBlock.
struct PersistCertificate
{
    Certificate certificate;
};
/// Send to every validator that can be reached.
struct Broadcast
{
    base::Bytes message;
};
/// Send to one peer: a validator, or whoever a received message came from.
struct SendTo
{
    base::PublicKey peer;
    base::Bytes message;
};
/// Call timerFired(token) after `duration`.
struct SetTimer
{
    Height height;
    std::chrono::milliseconds duration;
    TimerToken token;
};
/// The timer of this token is not wanted any more; firing it anyway does no harm.
struct CancelTimer
{
    TimerToken token;
};
/// We lead `height`: answer with proposalReady(height, parent, payload). A block may be needed to
/// make an earlier one final, so an empty payload is an answer when there is nothing to order.
struct RequestProposal
{
    Height height;
    base::Hash256 parent;
    std::vector<BlockPtr> ancestors; ///< not yet final, oldest first; the last is the parent
};
/// Check the block on top of its ancestors: answer with validated(hash, ok), whenever it is ready.
struct ValidateBlock
{
    BlockPtr block;
    base::Hash256 hash;
    std::vector<BlockPtr> ancestors; ///< as in RequestProposal
};
/// These blocks are final, oldest first, the first one's parent being the last final block.
/// Store blocks and certificate as one record, which ReadFinalized asks for; drop stored blocks,
/// certificates and votes of heights up to the last one's in the same transaction.
struct Finalized
{
    std::vector<BlockPtr> blocks;
    base::Hash256 hash; ///< of the last block
    Certificate certificate; ///< Finalize, of the last block
};
/// A peer needs final blocks from height `from` on: answer with finalizedRead(peer, ...).
struct ReadFinalized
{
    base::PublicKey peer;
    Height from;
};
/// A validator voted twice; the application submits the proof.
struct EvidenceFound
{
    Evidence evidence;
};
/// A peer sent what no honest one sends: malformed bytes, a bad signature.
struct PeerFault
{
    base::PublicKey peer;
    base::Error error;
};

using Action = std::variant<PersistVote, PersistBlock, PersistCertificate, Broadcast, SendTo,
    SetTimer, CancelTimer, RequestProposal, ValidateBlock, Finalized, ReadFinalized, EvidenceFound,
    PeerFault>;
using Actions = std::vector<Action>;

/// Simplex consensus (Chan and Pass, eprint 2023/463) as a pure state machine: inputs in, actions
/// out; no clock, thread, socket or disk. docs/protocol-consensus.md has the rules. With n >= 3f+1
/// validators of whom f may do anything, no two honest ones ever see different blocks final at one
/// height; once messages arrive within delta, blocks become final again. Silent while there is
/// nothing to order. Single-threaded: the owner serialises all calls.
class Simplex
{
public:
    /// Fails with Invalid on an empty, oversized (above kMaxValidators) or repeating validator set
    /// or a delta below 1 ms, with Corrupt when a recovered vote is not ours or a certificate is
    /// wrong.
    static base::Result<std::unique_ptr<Simplex>> create(Config config, Recovered recovered);
    ~Simplex();

    /// Once, before everything else: asks the others how far they are.
    Actions start();
    Actions timerFired(TimerToken token);
    /// A connection to this peer has come up: tells it how far we are.
    Actions connected(const base::PublicKey& peer);
    /// Bytes from the consensus channel of an authenticated peer. Never fails: PeerFault tells
    /// what was wrong.
    Actions received(const base::PublicKey& sender, base::ByteView message);
    /// Answer to RequestProposal; too late or too large an answer is dropped.
    Actions proposalReady(Height height, const base::Hash256& parent, base::Bytes payload);
    /// Answer to ValidateBlock.
    Actions validated(const base::Hash256& block, bool ok);
    /// Answer to ReadFinalized: whole records in order, the first the one that holds the first
    /// final block of height `from` or above, up to kFetchBlocks and kFetchBytes but at least one;
    /// the certificate is the last record's. No blocks: we cannot serve.
    Actions finalizedRead(const base::PublicKey& peer, std::span<const BlockPtr> blocks,
        const std::optional<Certificate>& certificate);
    /// The application has something to order: call it for each new transaction, and after each
    /// Finalized while something is left.
    Actions wake();

    Height finalizedHeight() const;
    base::Hash256 finalizedBlock() const;
    std::optional<Certificate> finalizedBy() const;
    /// The height we work on: one above the highest certificate seen.
    Height height() const;
    /// False while asleep: nothing to order, no timer towards a block running.
    bool isAwake() const;
    bool isValidator() const;
    /// Blocks, votes and certificates held now, for tests of the memory bound.
    std::size_t itemsHeld() const;

    /// A certificate as a message, for passing a Finalized one on to followers.
    static base::Bytes certificateMessage(const Certificate& certificate);

private:
    class Core;
    explicit Simplex(std::unique_ptr<Core> core);
    std::unique_ptr<Core> m_core;
};

} // namespace loam::consensus
