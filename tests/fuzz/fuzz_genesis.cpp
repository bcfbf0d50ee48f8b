// SPDX-License-Identifier: GPL-3.0-or-later
#include "fuzz/fuzz.h"
#include "ledger/genesis.h"

#include <algorithm>

using namespace loam;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const base::ByteView input = fuzz::bytes(data, size);
    if (const auto genesis = ledger::Genesis::decode(input)) {
        ASSERT(std::ranges::equal(genesis->encode(), input));
        ASSERT(genesis->validate().has_value());
        ASSERT(genesis->supply() >= base::Amount{});
    }
    return 0;
}
