// SPDX-License-Identifier: GPL-3.0-or-later
#include "swarm/handshake.h"

#include "base/require.h"
#include "codec/envelope.h"
#include "crypto/hash.h"
#include "crypto/kdf.h"
#include "crypto/random.h"

#include <limits>

namespace loam::swarm {

using base::Errc;
using base::fail;

namespace {

    constexpr std::size_t kMaxAgent = 64;

    crypto::SymmetricKey directionKey(const crypto::SymmetricKey& shared, const base::Hash256& salt,
        const base::PublicKey& sender)
    {
        base::Bytes info = base::toBytes(base::asBytes("loam/swarm/v1 frames of "));
        info.insert(info.end(), sender.data.begin(), sender.data.end());
        return crypto::hkdfKey(shared.view(), salt.view(), info);
    }

} // namespace

base::Bytes Hello::encode() const
{
    codec::Writer out;
    out.map(7);
    out.key(1).unsignedInt(version);
    out.key(2).bytes(id.view());
    out.key(3).bytes(nonce.view());
    out.key(4).bytes(ephemeral.view());
    out.key(5).bytes(instance.view());
    out.key(6).text(agent);
    out.key(7).unsignedInt(port);
    return out.take();
}

base::Result<Hello> Hello::decode(base::ByteView bytes)
{
    codec::Reader in{ bytes, { .bytes = kMaxAgent, .items = 16, .depth = 2 } };
    Hello out;
    TRY(in.map(7));
    TRY(in.key(1));
    TRY_ASSIGN(out.version, in.unsignedInt());
    if (out.version != kProtocolVersion) {
        return fail(Errc::Invalid,
            "the peer speaks protocol version " + std::to_string(out.version) + ", not "
                + std::to_string(kProtocolVersion));
    }
    TRY(in.key(2));
    TRY_ASSIGN(out.id, in.fixed<base::PublicKey>());
    TRY(in.key(3));
    TRY_ASSIGN(out.nonce, in.fixed<HandshakeNonce>());
    TRY(in.key(4));
    TRY_ASSIGN(out.ephemeral, in.fixed<crypto::X25519Public>());
    TRY(in.key(5));
    TRY_ASSIGN(out.instance, in.fixed<Instance>());
    TRY(in.key(6));
    TRY_ASSIGN(const std::string_view agent, in.text());
    out.agent = agent;
    TRY(in.key(7));
    TRY_ASSIGN(const std::uint64_t port, in.unsignedInt());
    if (port > std::numeric_limits<std::uint16_t>::max()) {
        return fail(Errc::Invalid, "the peer's port is out of range");
    }
    out.port = static_cast<std::uint16_t>(port);
    TRY(in.finish());
    return out;
}

Handshake::Handshake(const crypto::KeyPair& identity, const base::NetworkId& network,
    const Instance& instance, std::string agent, std::uint16_t port)
    : m_identity{ identity }
    , m_network{ network }
    , m_ephemeral{ crypto::AgreementKey::generate() }
{
    Hello hello;
    hello.id = identity.publicKey();
    crypto::randomBytes(hello.nonce.mutableView());
    hello.ephemeral = m_ephemeral.publicKey();
    hello.instance = instance;
    hello.agent = std::move(agent);
    hello.port = port;
    m_hello = hello.encode();
}

base::Bytes Handshake::transcript() const
{
    const bool weAreFirst = m_identity.publicKey() < m_peer->id;
    codec::Writer out;
    out.array(2);
    out.bytes(weAreFirst ? m_hello : m_peerHello);
    out.bytes(weAreFirst ? m_peerHello : m_hello);
    return out.take();
}

base::Result<base::Bytes> Handshake::receiveHello(base::ByteView bytes)
{
    if (m_peer) {
        return fail(Errc::Invalid, "a second greeting on one connection");
    }
    TRY_ASSIGN(Hello peer, Hello::decode(bytes));
    if (peer.id == m_identity.publicKey()) {
        return fail(Errc::Denied, "connected to ourselves");
    }
    TRY_ASSIGN(const crypto::SymmetricKey shared, m_ephemeral.agree(peer.ephemeral));
    m_peer = std::move(peer);
    m_peerHello = base::toBytes(bytes);

    const base::Bytes both = transcript();
    const base::Hash256 salt = crypto::sha256(both);
    m_cipher.emplace(
        directionKey(shared, salt, m_identity.publicKey()), directionKey(shared, salt, m_peer->id));
    const base::Signature proof
        = m_identity.sign(codec::signingInput("handshake", m_network, both));
    return m_cipher->seal(proof.view());
}

base::Result<> Handshake::receiveProof(base::ByteView sealed)
{
    if (!m_peer || m_complete) {
        return fail(Errc::Invalid, "a proof of identity out of turn");
    }
    auto opened = m_cipher->open(sealed);
    if (!opened) {
        return fail(Errc::Denied, "the proof of identity is not sealed with the agreed key");
    }
    TRY_ASSIGN(const base::Signature proof, base::Signature::from(*opened));
    if (!crypto::verify(
            m_peer->id, codec::signingInput("handshake", m_network, transcript()), proof)) {
        return fail(Errc::Denied,
            "the proof of identity does not hold: wrong key, other network or altered greeting");
    }
    m_complete = true;
    return {};
}

FrameCipher Handshake::takeCipher()
{
    ASSERT(m_complete && m_cipher);
    FrameCipher out = std::move(*m_cipher);
    m_cipher.reset();
    return out;
}

} // namespace loam::swarm
