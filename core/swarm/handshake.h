// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "crypto/ed25519.h"
#include "crypto/x25519.h"
#include "swarm/frame.h"

#include <optional>

namespace loam::swarm {

inline constexpr std::uint64_t kProtocolVersion = 1;

using HandshakeNonce = base::FixedBytes<struct HandshakeNonceTag, 32>;
/// Random for each process: tells a restarted peer from a second connection of the same one.
using Instance = base::FixedBytes<struct InstanceTag, 16>;

/// The first message on a connection, sent by both sides at once.
struct Hello
{
    std::uint64_t version{ kProtocolVersion };
    base::PublicKey id;
    HandshakeNonce nonce;
    crypto::X25519Public ephemeral;
    Instance instance;
    /// Program and version, at most 64 bytes.
    std::string agent;
    /// Where the sender listens, on the address it is seen from.
    std::uint16_t port{ 0 };

    base::Bytes encode() const;
    /// Fails with Invalid, also for another protocol version.
    static base::Result<Hello> decode(base::ByteView bytes);
};

/// Mutual authentication of one connection, in the manner of SIGMA: both sides send a Hello, then
/// the first sealed frame of each direction carries an Ed25519 signature over both Hellos (in the
/// order of the node ids, so that neither side has a role) and the network id. Keys come from
/// X25519 by HKDF, one for each direction. Nothing a peer says counts before its proof.
class Handshake
{
public:
    /// `identity` must outlive the handshake.
    Handshake(const crypto::KeyPair& identity, const base::NetworkId& network,
        const Instance& instance, std::string agent, std::uint16_t port);

    /// Our Hello as it goes on the wire.
    const base::Bytes& hello() const { return m_hello; }
    /// Takes the peer's Hello and returns our proof, sealed. Fails with Invalid when it is
    /// malformed or comes twice, Denied when the peer is ourselves.
    base::Result<base::Bytes> receiveHello(base::ByteView bytes);
    /// Checks the peer's proof. Fails with Denied when the peer does not own the key it claims or
    /// belongs to another network, Invalid when it comes out of turn.
    base::Result<> receiveProof(base::ByteView sealed);

    /// What the peer claims; nothing before its Hello.
    const std::optional<Hello>& peer() const { return m_peer; }
    bool isComplete() const { return m_complete; }
    /// The cipher for everything after the proofs; only after completion, once.
    FrameCipher takeCipher();

private:
    base::Bytes transcript() const;

    const crypto::KeyPair& m_identity;
    base::NetworkId m_network;
    crypto::AgreementKey m_ephemeral;
    base::Bytes m_hello;
    base::Bytes m_peerHello;
    std::optional<Hello> m_peer;
    std::optional<FrameCipher> m_cipher;
    bool m_complete{ false };
};

} // namespace loam::swarm
