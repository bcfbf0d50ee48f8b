// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "codec/cbor.h"

namespace loam::codec {

/// The bytes an Ed25519 signature covers: "loam/" type "/v1" 0x00 network-id payload.
base::Bytes signingInput(
    std::string_view type, const base::NetworkId& network, base::ByteView payload);

/// A signed object as it travels and is stored: map {1: type, 2: payload, 3: signer, 4: signature}.
/// What is signed and hashed is the payload's bytes as received, never a re-encoding.
struct Envelope
{
    std::string type;
    base::Bytes payload;
    base::PublicKey signer;
    base::Signature signature;

    base::Bytes encode() const;
    static base::Result<Envelope> decode(base::ByteView bytes, const Limits& limits = {});
    /// What `signature` must cover.
    base::Bytes signedBytes(const base::NetworkId& network) const;
};

} // namespace loam::codec
