// SPDX-License-Identifier: GPL-3.0-or-later
// Base64, hexadecimal, UTF-8 and amounts: what is accepted has one spelling.
#include "base/amount.h"
#include "base/utf8.h"
#include "fuzz/fuzz.h"

using namespace loam;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string_view text = fuzz::text(data, size);
    if (const auto decoded = base::fromBase64(text)) {
        ASSERT(base::toBase64(*decoded) == text);
    }
    if (const auto decoded = base::fromHex(text)) {
        ASSERT(base::fromHex(base::toHex(*decoded)).value() == *decoded);
    }
    if (const auto amount = base::Amount::parse(text)) {
        ASSERT(base::Amount::parse(amount->toString()).value() == *amount);
    }
    const base::ByteView bytes = fuzz::bytes(data, size);
    ASSERT(base::fromBase64(base::toBase64(bytes)).value() == base::toBytes(bytes));
    // Whatever precedes it, a lone continuation byte is never UTF-8.
    ASSERT(!base::isUtf8(std::string{ text } + "a\x80"));
    ASSERT(!base::isUtf8(text) || base::isUtf8(std::string{ text } + "\xc3\xa4"));
    return 0;
}
