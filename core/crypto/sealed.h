// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "crypto/secret.h"

#include <string_view>

namespace loam::crypto {

/// Contents of a file that only the holder of `key` reads: magic, 32 random bytes, then
/// ChaCha20-Poly1305 under HKDF(key, those bytes, purpose), so that a key may seal any number of
/// files. `purpose` keeps one kind of file from being taken for another.
base::Bytes sealContents(const SymmetricKey& key, std::string_view purpose, base::ByteView plain);
/// Corrupt when damaged, cut off, or sealed under another key or for another purpose.
base::Result<base::Bytes> openContents(
    const SymmetricKey& key, std::string_view purpose, base::ByteView sealed);

} // namespace loam::crypto
