// SPDX-License-Identifier: GPL-3.0-or-later
// The strict reader: no read beyond the input, and one encoding for each value.
#include "codec/cbor.h"
#include "fuzz/fuzz.h"

#include <algorithm>

using namespace loam;

namespace {

/// Reads one item that raw() has accepted and writes it again; false for numbers beyond 64 bits.
bool copyItem(codec::Reader& reader, codec::Writer& writer, base::ByteView input)
{
    const auto copyItems = [&](std::size_t count) {
        for (std::size_t i = 0; i < count; ++i) {
            if (!copyItem(reader, writer, input)) {
                return false;
            }
        }
        return true;
    };
    switch (std::to_integer<unsigned>(input[reader.offset()]) >> 5) {
    case 0:
        writer.unsignedInt(reader.unsignedInt().value());
        return true;
    case 1: {
        const auto value = reader.signedInt();
        writer.signedInt(value.value_or(0));
        return value.has_value();
    }
    case 2:
        writer.bytes(reader.bytes().value());
        return true;
    case 3:
        writer.text(reader.text().value());
        return true;
    case 4: {
        const std::size_t count = reader.array().value();
        writer.array(count);
        return copyItems(count);
    }
    case 5: {
        const std::size_t count = reader.map().value();
        writer.map(count);
        return copyItems(2 * count);
    }
    default:
        writer.boolean(reader.boolean().value());
        return true;
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const base::ByteView input = fuzz::bytes(data, size);
    codec::Reader walker{ input };
    while (const auto item = walker.raw()) {
        codec::Reader reader{ *item };
        codec::Writer writer;
        if (copyItem(reader, writer, *item)) {
            ASSERT(reader.finish().has_value());
            ASSERT(std::ranges::equal(writer.view(), *item));
        }
    }
    // Every typed question must survive every input.
    (void)codec::Reader{ input }.unsignedInt();
    (void)codec::Reader{ input }.signedInt();
    (void)codec::Reader{ input }.boolean();
    (void)codec::Reader{ input }.bytes();
    (void)codec::Reader{ input }.text();
    (void)codec::Reader{ input }.array(3);
    (void)codec::Reader{ input }.map(3);
    (void)codec::Reader{ input }.fixed<base::Hash256>();
    const codec::Limits tight{ 4, 2, 2 };
    (void)codec::Reader{ input, tight }.raw();
    return 0;
}
