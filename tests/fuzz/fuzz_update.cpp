// SPDX-License-Identifier: GPL-3.0-or-later
// The update decoder: bounded, and one body for each update it accepts.
#include "fuzz/fuzz.h"
#include "training/compression.h"

#include <algorithm>
#include <array>

using namespace loam;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    static constexpr std::array<std::size_t, 3> kSizes{ 5000, 40, 1 };
    static const training::ChunkLayout layout{ kSizes };
    const base::ByteView body = fuzz::bytes(data, size);
    for (const std::uint16_t keep : { std::uint16_t{ 0 }, std::uint16_t{ 16 } }) {
        const auto update = training::decodeUpdate(body, layout, keep);
        if (!update) {
            continue;
        }
        ASSERT(update->values.size() == layout.parameters());
        ASSERT(*training::decodeUpdateHeader(body) == update->header);
        ASSERT(size <= training::maximumUpdateBytes(layout, keep));
        // What is dense is written again to the very bytes. A sparse update may have magnitudes of
        // zero, whose positions the values do not show; all others keep their values.
        const auto again = training::encodeUpdate(update->header, layout, keep, update->values);
        ASSERT(again.has_value());
        if (keep == training::kDense) {
            ASSERT(std::ranges::equal(*again, body));
        }
        ASSERT(training::decodeUpdate(*again, layout, keep).has_value());
    }
    return 0;
}
