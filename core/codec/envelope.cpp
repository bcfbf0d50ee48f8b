// SPDX-License-Identifier: GPL-3.0-or-later
#include "codec/envelope.h"

namespace loam::codec {

base::Bytes signingInput(
    std::string_view type, const base::NetworkId& network, base::ByteView payload)
{
    constexpr std::string_view kPrefix = "loam/";
    constexpr std::string_view kSuffix{ "/v1\0", 4 };
    base::Bytes out;
    out.reserve(
        kPrefix.size() + type.size() + kSuffix.size() + base::NetworkId::kSize + payload.size());
    for (const base::ByteView part : { base::asBytes(kPrefix), base::asBytes(type),
             base::asBytes(kSuffix), network.view(), payload }) {
        out.insert(out.end(), part.begin(), part.end());
    }
    return out;
}

base::Bytes Envelope::encode() const
{
    Writer writer;
    writer.map(4);
    writer.key(1).text(type);
    writer.key(2).bytes(payload);
    writer.key(3).bytes(signer.view());
    writer.key(4).bytes(signature.view());
    return writer.take();
}

base::Result<Envelope> Envelope::decode(base::ByteView bytes, const Limits& limits)
{
    Reader reader{ bytes, limits };
    Envelope out;
    TRY(reader.map(4));
    TRY(reader.key(1));
    TRY_ASSIGN(out.type, reader.text());
    // A zero byte would let one type's signing input imitate another's.
    if (out.type.empty() || out.type.size() > 64 || out.type.find('\0') != std::string::npos) {
        return base::fail(base::Errc::Invalid, "the type of a signed object is malformed");
    }
    TRY(reader.key(2));
    TRY_ASSIGN(const base::ByteView payload, reader.bytes());
    out.payload = base::toBytes(payload);
    TRY(reader.key(3));
    TRY_ASSIGN(out.signer, reader.fixed<base::PublicKey>());
    TRY(reader.key(4));
    TRY_ASSIGN(out.signature, reader.fixed<base::Signature>());
    TRY(reader.finish());
    return out;
}

base::Bytes Envelope::signedBytes(const base::NetworkId& network) const
{
    return signingInput(type, network, payload);
}

} // namespace loam::codec
