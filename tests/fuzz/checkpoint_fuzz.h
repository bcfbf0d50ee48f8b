// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "crypto/hash.h"
#include "fuzz/fuzz.h"

namespace loam::fuzz {

/// Whatever lies in the place of a checkpoint is refused or comes back bit by bit. The first byte
/// says whether the closing hash is made right, so that what is behind it is reached.
template <class Checkpoint> int tryCheckpoint(const std::uint8_t* data, std::size_t size)
{
    if (size == 0) {
        return 0;
    }
    const base::ByteView input = fuzz::bytes(data, size).subspan(1);
    base::Bytes bytes{ input.begin(), input.end() };
    if (data[0] % 2 == 1) {
        const base::Hash256 hash = crypto::sha256(bytes);
        bytes.insert(bytes.end(), hash.view().begin(), hash.view().end());
    }
    const auto checkpoint = Checkpoint::decode(bytes);
    if (checkpoint) {
        ASSERT(checkpoint->encode() == bytes);
    } else {
        ASSERT(checkpoint.error().code == base::Errc::Corrupt);
    }
    return 0;
}

} // namespace loam::fuzz
