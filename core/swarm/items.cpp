// SPDX-License-Identifier: GPL-3.0-or-later
#include "swarm/items.h"

#include "codec/cbor.h"
#include "crypto/hash.h"

namespace loam::swarm {

using base::Errc;
using base::fail;

namespace {

    enum class Kind : std::uint64_t { Request = 0, Response = 1, Failure = 2, Cancel = 3 };

    constexpr codec::Limits kHeaderLimits{ .bytes = 1024, .items = 8, .depth = 2 };
    constexpr std::size_t kMaxErrorText = 512;
    constexpr std::uint64_t kMaxPatience = 24ULL * 3600 * 1000;

    /// What follows the header.
    base::Bytes bodyOf(base::Bytes bytes, std::size_t headerSize)
    {
        bytes.erase(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(headerSize));
        return bytes;
    }

    codec::Writer bulkHeader(std::size_t fields, Kind kind, std::uint64_t number)
    {
        codec::Writer out;
        out.array(fields).unsignedInt(static_cast<std::uint64_t>(kind)).unsignedInt(number);
        return out;
    }

    /// Cut at a character boundary, so that the text stays UTF-8.
    std::string_view shortened(std::string_view text)
    {
        if (text.size() <= kMaxErrorText) {
            return text;
        }
        std::size_t size = kMaxErrorText;
        while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xc0U) == 0x80U) {
            --size;
        }
        return text.substr(0, size);
    }

    struct BulkEncoder
    {
        OutItem operator()(RequestItem&& item) const
        {
            codec::Writer out = bulkHeader(4, Kind::Request, item.number);
            out.text(item.method).unsignedInt(static_cast<std::uint64_t>(item.patience.count()));
            return { out.take(), std::move(item.body) };
        }
        OutItem operator()(ResponseItem&& item) const
        {
            if (item.answer) {
                return { bulkHeader(2, Kind::Response, item.number).take(),
                    std::move(*item.answer) };
            }
            codec::Writer out = bulkHeader(4, Kind::Failure, item.number);
            out.unsignedInt(static_cast<std::uint64_t>(item.answer.error().code));
            out.text(shortened(item.answer.error().message));
            return { out.take(), {} };
        }
        OutItem operator()(CancelItem&& item) const
        {
            return { bulkHeader(2, Kind::Cancel, item.number).take(), {} };
        }
    };

    base::Result<RequestItem> decodeRequest(codec::Reader& in, std::uint64_t number)
    {
        TRY_ASSIGN(const std::string_view method, in.text());
        TRY_ASSIGN(const std::uint64_t patience, in.unsignedInt());
        if (method.empty() || method.size() > kMaxName || patience > kMaxPatience) {
            return fail(Errc::Invalid, "a request with a wrong method or deadline");
        }
        return RequestItem{ number, std::string{ method },
            std::chrono::milliseconds{ static_cast<std::int64_t>(patience) }, {} };
    }

    base::Result<ResponseItem> decodeFailure(codec::Reader& in, std::uint64_t number)
    {
        TRY_ASSIGN(const std::uint64_t code, in.unsignedInt());
        TRY_ASSIGN(const std::string_view text, in.text());
        if (code > static_cast<std::uint64_t>(Errc::Timeout)) {
            return fail(Errc::Invalid, "a failure with an unknown code");
        }
        return ResponseItem{ number, fail(static_cast<Errc>(code), std::string{ text }) };
    }

} // namespace

base::Hash256 GossipItem::id() const
{
    codec::Writer prefix;
    prefix.text(topic);
    return crypto::Sha256{}.update(prefix.view()).update(body).finish();
}

OutItem encodeGossip(const GossipItem& item)
{
    codec::Writer out;
    out.array(2).unsignedInt(item.hops).text(item.topic);
    return { out.take(), item.body };
}

base::Result<GossipItem> decodeGossip(base::Bytes bytes)
{
    codec::Reader in{ bytes, kHeaderLimits };
    GossipItem out;
    TRY(in.array(2));
    TRY_ASSIGN(const std::uint64_t hops, in.unsignedInt());
    TRY_ASSIGN(const std::string_view topic, in.text());
    if (hops == 0 || hops > kGossipHops || topic.empty() || topic.size() > kMaxName) {
        return fail(Errc::Invalid, "a gossip message with a wrong topic or hop count");
    }
    out.hops = static_cast<std::uint8_t>(hops);
    out.topic = topic;
    const std::size_t headerSize = in.offset();
    out.body = bodyOf(std::move(bytes), headerSize);
    return out;
}

OutItem encodeBulk(BulkItem item)
{
    return std::visit(BulkEncoder{}, std::move(item));
}

base::Result<BulkItem> decodeBulk(base::Bytes bytes)
{
    codec::Reader in{ bytes, kHeaderLimits };
    TRY_ASSIGN(const std::size_t fields, in.array());
    TRY_ASSIGN(const std::uint64_t kind, in.unsignedInt());
    TRY_ASSIGN(const std::uint64_t number, in.unsignedInt());
    if (kind == static_cast<std::uint64_t>(Kind::Request) && fields == 4) {
        TRY_ASSIGN(RequestItem out, decodeRequest(in, number));
        const std::size_t headerSize = in.offset();
        out.body = bodyOf(std::move(bytes), headerSize);
        return out;
    }
    if (kind == static_cast<std::uint64_t>(Kind::Response) && fields == 2) {
        const std::size_t headerSize = in.offset();
        return ResponseItem{ number, bodyOf(std::move(bytes), headerSize) };
    }
    if (kind == static_cast<std::uint64_t>(Kind::Failure) && fields == 4) {
        TRY_ASSIGN(ResponseItem out, decodeFailure(in, number));
        TRY(in.finish());
        return out;
    }
    if (kind == static_cast<std::uint64_t>(Kind::Cancel) && fields == 2) {
        TRY(in.finish());
        return CancelItem{ number };
    }
    return fail(Errc::Invalid, "an item of an unknown kind");
}

} // namespace loam::swarm
