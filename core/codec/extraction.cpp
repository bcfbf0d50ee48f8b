// SPDX-License-Identifier: GPL-3.0-or-later
#include "codec/extraction.h"

#include "base/utf8.h"
#include "codec/cbor.h"

namespace loam::codec {

namespace {

    constexpr std::size_t kMaxMessage = 300;

} // namespace

base::Bytes ExtractionRequest::encode() const
{
    Writer writer;
    writer.array(4).unsignedInt(kind).unsignedInt(textBytes).unsignedInt(memoryBytes);
    writer.unsignedInt(seconds);
    return writer.take();
}

base::Result<ExtractionRequest> ExtractionRequest::decode(base::ByteView bytes)
{
    Reader reader{ bytes };
    ExtractionRequest out;
    TRY(reader.array(4));
    TRY_ASSIGN(const std::uint64_t kind, reader.unsignedInt());
    if (kind > UINT8_MAX) {
        return base::fail(base::Errc::Invalid, "the kind of a document is unknown");
    }
    out.kind = static_cast<std::uint8_t>(kind);
    TRY_ASSIGN(out.textBytes, reader.unsignedInt());
    TRY_ASSIGN(out.memoryBytes, reader.unsignedInt());
    TRY_ASSIGN(out.seconds, reader.unsignedInt());
    TRY(reader.finish());
    return out;
}

base::Bytes ExtractionReply::encode() const
{
    Writer writer;
    writer.array(2).unsignedInt(static_cast<std::uint64_t>(status));
    writer.text(base::repairUtf8(std::string_view{ message }.substr(0, kMaxMessage)));
    return writer.take();
}

base::Result<ExtractionReply> ExtractionReply::decode(base::ByteView bytes)
{
    Reader reader{ bytes };
    ExtractionReply out;
    TRY(reader.array(2));
    TRY_ASSIGN(const std::uint64_t status, reader.unsignedInt());
    if (status > static_cast<std::uint64_t>(Status::Cut)) {
        return base::fail(base::Errc::Invalid, "the extractor's answer is unknown");
    }
    out.status = static_cast<Status>(status);
    TRY_ASSIGN(const std::string_view message, reader.text());
    out.message = message;
    TRY(reader.finish());
    return out;
}

} // namespace loam::codec
