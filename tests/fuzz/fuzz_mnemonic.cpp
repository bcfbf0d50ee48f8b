// SPDX-License-Identifier: GPL-3.0-or-later
#include "crypto/mnemonic.h"
#include "fuzz/fuzz.h"

using namespace loam;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string_view text = fuzz::text(data, size);
    if (const auto entropy = crypto::entropyFromMnemonic(text)) {
        const auto words = crypto::mnemonicFromEntropy(*entropy);
        ASSERT(words.has_value());
        ASSERT(crypto::entropyFromMnemonic(*words).value() == *entropy);
    }
    const base::ByteView input = fuzz::bytes(data, size);
    if (const auto words = crypto::mnemonicFromEntropy(input)) {
        ASSERT(crypto::entropyFromMnemonic(*words).value() == base::toBytes(input));
    }
    (void)crypto::deriveSlip10(base::Bytes(32), text);
    return 0;
}
