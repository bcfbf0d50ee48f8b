// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "crypto/secret.h"

namespace loam::crypto {

using X25519Public = base::FixedBytes<struct X25519PublicTag, 32>;

/// An X25519 key for one key agreement (RFC 7748).
class AgreementKey
{
public:
    static AgreementKey generate();
    static AgreementKey fromPrivate(SymmetricKey privateKey);

    const X25519Public& publicKey() const { return m_public; }
    /// The shared secret; fails with Invalid for a low-order peer key (all-zero result).
    base::Result<SymmetricKey> agree(const X25519Public& peer) const;

private:
    AgreementKey(SymmetricKey privateKey, const X25519Public& publicKey);
    SymmetricKey m_private;
    X25519Public m_public;
};

} // namespace loam::crypto
