// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/bytes.h"

namespace loam::crypto {

/// Overwrites the bytes in a way the compiler may not remove.
void wipe(base::MutableByteView bytes);

/// N secret bytes: movable, not copyable, wiped when destroyed or moved from, never printable.
template <class Tag, std::size_t N> class SecretBytes
{
public:
    static constexpr std::size_t kSize = N;
    SecretBytes() = default;
    explicit SecretBytes(const std::array<std::byte, N>& bytes)
        : m_bytes{ bytes }
    {
    }
    SecretBytes(const SecretBytes&) = delete;
    SecretBytes& operator=(const SecretBytes&) = delete;
    SecretBytes(SecretBytes&& other) noexcept
        : m_bytes{ other.m_bytes }
    {
        wipe(other.m_bytes);
    }
    SecretBytes& operator=(SecretBytes&& other) noexcept
    {
        if (this != &other) {
            m_bytes = other.m_bytes;
            wipe(other.m_bytes);
        }
        return *this;
    }
    ~SecretBytes() { wipe(m_bytes); }

    base::ByteView view() const { return m_bytes; }
    base::MutableByteView mutableView() { return m_bytes; }
    /// A deliberate second copy.
    SecretBytes clone() const { return SecretBytes{ m_bytes }; }

private:
    std::array<std::byte, N> m_bytes{};
};

/// Ed25519 private key seed (RFC 8032 5.1.5, the 32 bytes before hashing).
using Seed = SecretBytes<struct SeedTag, 32>;
/// A symmetric key for an AEAD or a key derivation.
using SymmetricKey = SecretBytes<struct SymmetricKeyTag, 32>;

} // namespace loam::crypto
