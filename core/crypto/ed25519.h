// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "crypto/secret.h"

#include <memory>

namespace loam::crypto {

/// An Ed25519 signing key (RFC 8032, pure Ed25519). Movable, wiped on destruction.
class KeyPair
{
public:
    explicit KeyPair(Seed seed);
    ~KeyPair();
    KeyPair(KeyPair&&) noexcept;
    KeyPair& operator=(KeyPair&&) noexcept;
    static KeyPair generate();

    const base::PublicKey& publicKey() const { return m_public; }
    const Seed& seed() const { return m_seed; }
    base::Signature sign(base::ByteView message) const;

private:
    Seed m_seed;
    base::PublicKey m_public;
    struct Native;
    std::unique_ptr<Native> m_native;
};

/// True when the signature is valid for the message under the key.
bool verify(const base::PublicKey& key, base::ByteView message, const base::Signature& signature);

} // namespace loam::crypto
