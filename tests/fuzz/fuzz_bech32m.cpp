// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/bech32m.h"
#include "fuzz/fuzz.h"

#include <algorithm>

using namespace loam;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string_view text = fuzz::text(data, size);
    if (const auto payload = base::fromBech32m("loam", text)) {
        std::string lower{ text };
        std::ranges::transform(lower, lower.begin(),
            [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
        ASSERT(base::toBech32m("loam", *payload) == lower);
    }
    if (const auto key = base::fromAddress(text)) {
        ASSERT(base::fromAddress(base::toAddress(*key)).value() == *key);
    }
    const base::Bytes payload = base::toBytes(fuzz::bytes(data, size));
    ASSERT(base::fromBech32m("loam", base::toBech32m("loam", payload)).value() == payload);
    return 0;
}
