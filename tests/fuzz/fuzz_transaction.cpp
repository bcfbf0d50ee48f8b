// SPDX-License-Identifier: GPL-3.0-or-later
#include "fuzz/fuzz.h"
#include "ledger/transaction.h"

#include <algorithm>

using namespace loam;

/// What was decoded has one encoding: the bytes it came in.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const base::ByteView input = fuzz::bytes(data, size);
    if (const auto tx = ledger::SignedTx::decode(input)) {
        const auto envelope = codec::Envelope::decode(input);
        ASSERT(envelope.has_value());
        codec::Writer payload;
        payload.array(4).unsignedInt(tx->body().index() + 1).unsignedInt(tx->sequence());
        payload.signedInt(tx->fee().micro()).raw(ledger::encodeBody(tx->body()));
        ASSERT(std::ranges::equal(payload.view(), envelope->payload));
        ASSERT(std::ranges::equal(tx->bytes(), input));
    }
    return 0;
}
