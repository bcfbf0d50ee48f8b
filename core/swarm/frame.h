// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "crypto/aead.h"

#include <optional>
#include <string>
#include <variant>

namespace loam::swarm {

/// Body of a fragment at most, bytes. Small enough that an urgent message waits for no more than
/// 50 ms of a 10 Mbit/s line, and far below libtorrent's limit of 1,048,574 bytes a message.
inline constexpr std::size_t kFragmentBytes = std::size_t{ 64 } << 10U;
/// Largest sealed frame that is accepted at all, bytes.
inline constexpr std::size_t kMaxSealedFrame = kFragmentBytes + 64;
/// Independent sequences of items on one connection: 1 to 15 keep their order for good
/// (channels, gossip), 16 to 31 carry requests and responses side by side.
inline constexpr std::uint8_t kLanes = 32;
inline constexpr std::uint8_t kGossipLane = 8;
inline constexpr std::uint8_t kFirstBulkLane = 16;

/// Seals and opens the frames of one connection with ChaCha20-Poly1305 (RFC 8439), one key and
/// one counter per direction. The counter is not sent: a frame that is replayed, reordered,
/// dropped or altered fails its tag, and so does everything after it.
class FrameCipher
{
public:
    FrameCipher(crypto::SymmetricKey sending, crypto::SymmetricKey receiving);

    base::Bytes seal(base::ByteView plaintext);
    /// Fails with Corrupt; the connection must then be closed.
    base::Result<base::Bytes> open(base::ByteView sealed);

private:
    crypto::SymmetricKey m_sending;
    crypto::SymmetricKey m_receiving;
    std::uint64_t m_sent{ 0 };
    std::uint64_t m_received{ 0 };
};

/// Asks for a Pong with the same token; measures the round trip and keeps the connection alive.
struct Ping
{
    std::uint64_t token{ 0 };
};
struct Pong
{
    std::uint64_t token{ 0 };
};
/// Credit: so many bytes of fragment bodies have been taken in since the connection began.
struct Ack
{
    std::uint64_t total{ 0 };
};
/// A piece of an item. The first piece announces the item's size; pieces of one lane come in
/// order and are never interleaved with another item's.
struct Fragment
{
    std::uint8_t lane{ 0 };
    std::optional<std::uint64_t> itemSize;
    base::ByteView body;
};
/// The sender is closing, for this reason.
struct Close
{
    std::string reason;
};

using Frame = std::variant<Ping, Pong, Ack, Fragment, Close>;

base::Bytes encodeFrame(const Frame& frame);
/// Views point into `bytes`. Fails with Invalid.
base::Result<Frame> decodeFrame(base::ByteView bytes);

} // namespace loam::swarm
