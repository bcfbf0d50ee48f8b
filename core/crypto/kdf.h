// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "crypto/secret.h"

#include <cstdint>

namespace loam::crypto {

/// HKDF-SHA-256 (RFC 5869) with `size` bytes of output, at most 8,160.
base::Bytes hkdf(base::ByteView secret, base::ByteView salt, base::ByteView info, std::size_t size);
/// HKDF-SHA-256 with 32 bytes of output as a key.
SymmetricKey hkdfKey(base::ByteView secret, base::ByteView salt, base::ByteView info);

/// Cost of scrypt (RFC 7914): n a power of two, memory is 128 * r * n bytes.
struct ScryptCost
{
    std::uint64_t n{ 1U << 17 };
    std::uint64_t r{ 8 };
    std::uint64_t p{ 1 };
};
/// Fails with Invalid when the cost is out of bounds (memory above 1 GiB).
base::Result<SymmetricKey> scrypt(
    base::ByteView passphrase, base::ByteView salt, const ScryptCost& cost);
/// PBKDF2-HMAC-SHA-512 with 64 bytes of output (BIP-39's seed).
std::array<std::byte, 64> pbkdf2Sha512(
    base::ByteView passphrase, base::ByteView salt, std::uint32_t iterations);

} // namespace loam::crypto
