// SPDX-License-Identifier: GPL-3.0-or-later
// The mail parser: anything goes in, at most the limit of well-formed text comes out.
#include "base/require.h"
#include "base/utf8.h"
#include "fuzz/fuzz.h"
#include "worker/extract/documents.h"
#include "worker/extract/mime.h"

using namespace loam;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    constexpr std::uint64_t kLimit = 1U << 16U;
    const std::string_view input = base::asText(fuzz::bytes(data, size));
    worker::TextSink sink{ kLimit };
    static_cast<void>(worker::extractMail(input, sink));
    ASSERT(sink.text().size() <= kLimit);
    ASSERT(base::isUtf8(worker::mime::decodeWords(input)));
    return 0;
}
