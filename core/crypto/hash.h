// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/bytes.h"

#include <memory>

namespace loam::crypto {

/// SHA-256 (FIPS 180-4) of one piece of bytes.
base::Hash256 sha256(base::ByteView bytes);
/// HMAC-SHA-512 (RFC 4231), for key derivation.
std::array<std::byte, 64> hmacSha512(base::ByteView key, base::ByteView bytes);

/// SHA-256 over several pieces.
class Sha256
{
public:
    Sha256();
    ~Sha256();
    Sha256(Sha256&&) noexcept;
    Sha256& operator=(Sha256&&) noexcept;
    Sha256& update(base::ByteView bytes);
    /// The digest; the object starts anew afterwards.
    base::Hash256 finish();

private:
    struct State;
    std::unique_ptr<State> m_state;
};

/// SHA-256 of a file's contents, read in pieces.
base::Result<base::Hash256> sha256File(const std::string& path);

} // namespace loam::crypto
