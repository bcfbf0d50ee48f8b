// SPDX-License-Identifier: GPL-3.0-or-later
// The manifest decoder: what it accepts is valid and encodes to the very bytes that came in.
#include "fuzz/fuzz.h"
#include "training/manifest.h"

#include <algorithm>

using namespace loam;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const base::ByteView bytes = fuzz::bytes(data, size);
    const auto manifest = training::RunManifest::decode(bytes);
    if (manifest) {
        ASSERT(manifest->validate().has_value());
        ASSERT(std::ranges::equal(manifest->encode(), bytes));
    }
    return 0;
}
