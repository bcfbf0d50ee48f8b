// SPDX-License-Identifier: GPL-3.0-or-later
// Consent objects: what decodes is valid and encodes to the very bytes that came in.
#include "consent/use_log.h"
#include "fuzz/fuzz.h"

#include <algorithm>

using namespace loam;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const base::ByteView bytes = fuzz::bytes(data, size);
    if (const auto grant = consent::Grant::decode(bytes)) {
        ASSERT(grant->validate().has_value());
        ASSERT(std::ranges::equal(grant->encode(), bytes));
    }
    if (const auto revocation = consent::Revocation::decode(bytes)) {
        ASSERT(std::ranges::equal(revocation->encode(), bytes));
    }
    if (const auto entry = consent::UseEntry::decode(bytes)) {
        ASSERT(entry->note.size() > 1000 || std::ranges::equal(entry->encode(), bytes));
    }
    return 0;
}
