// SPDX-License-Identifier: GPL-3.0-or-later
#include "codec/envelope.h"
#include "fuzz/fuzz.h"

#include <algorithm>

using namespace loam;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const base::ByteView input = fuzz::bytes(data, size);
    if (const auto envelope = codec::Envelope::decode(input)) {
        ASSERT(std::ranges::equal(envelope->encode(), input));
        ASSERT(envelope->signedBytes({}).size() >= envelope->payload.size() + 32);
    }
    return 0;
}
