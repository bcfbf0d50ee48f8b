// SPDX-License-Identifier: GPL-3.0-or-later
#include "fuzz/fuzz.h"
#include "ledger/block_payload.h"
#include "ledger/transaction.h"

#include <algorithm>

using namespace loam;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const base::ByteView input = fuzz::bytes(data, size);
    if (const auto payload = ledger::BlockPayload::decode(input)) {
        ASSERT(std::ranges::equal(payload->encode(), input));
        for (const base::Bytes& transaction : payload->transactions) {
            if (const auto tx = ledger::SignedTx::decode(transaction)) {
                ASSERT(tx->bytes() == transaction);
            }
        }
    }
    return 0;
}
