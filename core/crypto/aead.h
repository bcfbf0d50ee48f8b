// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "crypto/secret.h"

namespace loam::crypto {

/// 96-bit nonce; must never repeat under one key.
using Nonce = std::array<std::byte, 12>;
inline constexpr std::size_t kTagSize = 16;

enum class Aead { ChaCha20Poly1305 /* RFC 8439 */, Aes256Gcm /* SP 800-38D */ };

/// Nonce of a counter: four zero bytes, then the counter in big endian.
Nonce counterNonce(std::uint64_t counter);

/// Ciphertext followed by the 16-byte tag.
base::Bytes seal(Aead cipher, const SymmetricKey& key, const Nonce& nonce,
    base::ByteView associated, base::ByteView plaintext);
/// Fails with Corrupt when the tag does not match.
base::Result<base::Bytes> open(Aead cipher, const SymmetricKey& key, const Nonce& nonce,
    base::ByteView associated, base::ByteView sealed);

} // namespace loam::crypto
