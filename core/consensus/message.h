// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "consensus/types.h"

#include <memory>
#include <variant>

namespace loam::consensus {

/// One function for each alternative of a variant.
template <class... Fs> struct Overloaded : Fs...
{
    using Fs::operator()...;
};
template <class... Fs> Overloaded(Fs...) -> Overloaded<Fs...>;

/// Certificates one message carries at most.
inline constexpr std::size_t kMaxCertificates = 64;
/// Blocks one Answer carries at most.
inline constexpr std::size_t kMaxAnswerBlocks = 256;
/// Hashes one Fetch names at most.
inline constexpr std::size_t kMaxWanted = 16;

/// A block together with the hash of the bytes it came in.
struct HashedBlock
{
    std::shared_ptr<const Block> block;
    base::Hash256 hash;

    static HashedBlock of(Block block);
};

/// The leader's block; its Notarize vote is the signature under the proposal. The justification
/// shows that the parent is notarised and every height between is a dummy.
struct Proposal
{
    HashedBlock block;
    Vote vote;
    std::vector<Certificate> justification;
};

/// Asks for blocks and certificates from height `from` on, and for blocks by hash.
struct Fetch
{
    std::uint64_t epoch{ 0 };
    Height finalized{ 0 }; ///< the asker's last final height
    Height from{ 0 };
    std::vector<base::Hash256> wanted;
};

/// Answer to Fetch, newest blocks first when it comes in several parts.
struct Answer
{
    std::uint64_t epoch{ 0 };
    bool isLast{ true }; ///< no further part follows
    std::vector<HashedBlock> blocks;
    std::vector<Certificate> certificates;
};

/// Where the sender stands; whoever is ahead answers with certificates.
struct Status
{
    std::uint64_t epoch{ 0 };
    Height finalized{ 0 };
    Height height{ 0 };
    std::uint64_t attempt{ 0 }; ///< counts up, so that other peers feel asked
};

/// To the leader of `height`: somebody has something to order.
struct WakeHint
{
    std::uint64_t epoch{ 0 };
    Height height{ 0 };
};

/// Every message is a CBOR array whose first item is the index of its type here, from 1.
using Message = std::variant<Vote, Certificate, Proposal, Fetch, Answer, Status, WakeHint>;

base::Bytes encodeMessage(const Message& message);
/// Fails with Invalid on malformed or oversized input. Signatures are not checked.
base::Result<Message> decodeMessage(base::ByteView bytes);

} // namespace loam::consensus
