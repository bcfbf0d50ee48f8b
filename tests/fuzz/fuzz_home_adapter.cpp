// SPDX-License-Identifier: GPL-3.0-or-later
// Checkpoints of adapters: whatever lies in the place of one is refused or comes back bit by bit.
// The first byte says whether the closing hash is made right, so that what is behind it is reached.
#include "crypto/hash.h"
#include "fuzz/fuzz.h"
#include "training/home_checkpoint.h"

using namespace loam;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size == 0) {
        return 0;
    }
    const base::ByteView input = std::as_bytes(std::span{ data, size }).subspan(1);
    base::Bytes bytes{ input.begin(), input.end() };
    if (data[0] % 2 == 1) {
        const base::Hash256 hash = crypto::sha256(bytes);
        bytes.insert(bytes.end(), hash.view().begin(), hash.view().end());
    }
    const auto checkpoint = training::HomeCheckpoint::decode(bytes);
    if (!checkpoint) {
        ASSERT(checkpoint.error().code == base::Errc::Corrupt);
        return 0;
    }
    ASSERT(checkpoint->values.size() == checkpoint->best.size());
    ASSERT(checkpoint->encode() == bytes);
    return 0;
}
