// SPDX-License-Identifier: GPL-3.0-or-later
#include "consent/grant.h"

#include "crypto/hash.h"

#include <algorithm>

namespace loam::consent {

using base::Errc;
using base::fail;
using base::Result;

namespace {

    constexpr std::int64_t kLastYear = 4102444800000; // 2100-01-01 in milliseconds
    constexpr std::uint64_t kMaxEpsilonMilli = 1'000'000;
    constexpr std::uint64_t kMaxDelta = 100'000'000; // a tenth
    constexpr codec::Limits kLimits{ .bytes = 64 * 1024, .items = 1024, .depth = 4 };

    std::uint64_t milliseconds(base::UnixTime time)
    {
        return static_cast<std::uint64_t>(time.time_since_epoch().count());
    }

    Result<base::UnixTime> readTime(codec::Reader& reader)
    {
        TRY_ASSIGN(const std::uint64_t value, reader.unsignedInt());
        if (value > static_cast<std::uint64_t>(kLastYear)) {
            return fail(Errc::Invalid, "a time is beyond the year 2100");
        }
        return base::UnixTime{ std::chrono::milliseconds{ static_cast<std::int64_t>(value) } };
    }

    bool isTime(base::UnixTime time)
    {
        const std::int64_t value = time.time_since_epoch().count();
        return value >= 0 && value <= kLastYear;
    }

    codec::Envelope seal(std::string_view type, base::Bytes payload, const crypto::KeyPair& key)
    {
        codec::Envelope out{ .type = std::string{ type },
            .payload = std::move(payload),
            .signer = key.publicKey(),
            .signature = {} };
        out.signature = key.sign(out.signedBytes({}));
        return out;
    }

    Result<base::Bytes> unseal(
        std::string_view type, base::ByteView bytes, const base::PublicKey& owner)
    {
        TRY_ASSIGN(codec::Envelope envelope, codec::Envelope::decode(bytes, kLimits));
        if (envelope.type != type) {
            return fail(
                Errc::Invalid, "this is a signed " + envelope.type + ", not a consent object");
        }
        if (envelope.signer != owner
            || !crypto::verify(envelope.signer, envelope.signedBytes({}), envelope.signature)) {
            return fail(Errc::Denied, "the consent is not signed by this computer's owner");
        }
        return std::move(envelope.payload);
    }

} // namespace

std::string_view purposeName(Purpose purpose)
{
    return purpose == Purpose::Adapter ? "adapter" : "private";
}

std::optional<Purpose> purposeFrom(std::string_view name)
{
    for (const Purpose purpose : { Purpose::Adapter, Purpose::PrivateLane }) {
        if (name == purposeName(purpose)) {
            return purpose;
        }
    }
    return std::nullopt;
}

Result<> Grant::validate() const
{
    if (version == 0) {
        return fail(Errc::Invalid, "a grant's version counts from 1");
    }
    if (purpose != Purpose::Adapter && purpose != Purpose::PrivateLane) {
        return fail(Errc::Invalid, "a grant's purpose is unknown");
    }
    if (sources.empty() || sources.size() > kMaxSources
        || std::ranges::adjacent_find(sources, std::greater_equal{}) != sources.end()
        || sources.front().value() <= 0) {
        return fail(Errc::Invalid, "a grant names 1 to 256 different sources in ascending order");
    }
    if (!isTime(issued) || !isTime(until) || until <= issued) {
        return fail(Errc::Invalid, "a grant's end must lie after its beginning");
    }
    const bool isPrivate = purpose == Purpose::PrivateLane;
    if (isPrivate ? epsilonMilli == 0 || epsilonMilli > kMaxEpsilonMilli || deltaPerBillion == 0
                || deltaPerBillion > kMaxDelta || run == RunId{}
                  : epsilonMilli != 0 || deltaPerBillion != 0 || run != RunId{}) {
        return fail(Errc::Invalid,
            "a grant for the private lane names a run, a privacy cost above 0 and at most 1000, "
            "and a delta; one for an adapter names none of them");
    }
    return {};
}

base::Bytes Grant::encode() const
{
    codec::Writer writer;
    writer.map(12);
    writer.key(1).unsignedInt(kFormat);
    writer.key(2).bytes(id.view());
    writer.key(3).unsignedInt(version);
    writer.key(4).bytes(run.view());
    writer.key(5).unsignedInt(static_cast<std::uint64_t>(purpose));
    writer.key(6).array(sources.size());
    for (const SourceId source : sources) {
        writer.unsignedInt(static_cast<std::uint64_t>(source.value()));
    }
    writer.key(7).unsignedInt(milliseconds(issued));
    writer.key(8).unsignedInt(milliseconds(until));
    writer.key(9).unsignedInt(epsilonMilli);
    writer.key(10).unsignedInt(deltaPerBillion);
    writer.key(11).unsignedInt(files);
    writer.key(12).bytes(seen.view());
    return writer.take();
}

Result<Grant> Grant::decode(base::ByteView bytes)
{
    codec::Reader reader{ bytes, kLimits };
    Grant out;
    TRY(reader.map(12));
    TRY(reader.key(1));
    TRY(reader.key(kFormat));
    TRY(reader.key(2));
    TRY_ASSIGN(out.id, reader.fixed<GrantId>());
    TRY(reader.key(3));
    TRY_ASSIGN(out.version, reader.unsignedInt());
    TRY(reader.key(4));
    TRY_ASSIGN(out.run, reader.fixed<RunId>());
    TRY(reader.key(5));
    TRY_ASSIGN(const std::uint64_t purpose, reader.unsignedInt());
    if (purpose != 1 && purpose != 2) {
        return fail(Errc::Invalid, "a grant's purpose is unknown");
    }
    out.purpose = static_cast<Purpose>(purpose);
    TRY(reader.key(6));
    TRY_ASSIGN(const std::size_t count, reader.array());
    for (std::size_t i = 0; i < count && i <= kMaxSources; ++i) {
        TRY_ASSIGN(const std::uint64_t source, reader.unsignedInt());
        if (source > static_cast<std::uint64_t>(INT64_MAX)) {
            return fail(Errc::Invalid, "a grant names a source that cannot be");
        }
        out.sources.emplace_back(static_cast<std::int64_t>(source));
    }
    TRY(reader.key(7));
    TRY_ASSIGN(out.issued, readTime(reader));
    TRY(reader.key(8));
    TRY_ASSIGN(out.until, readTime(reader));
    TRY(reader.key(9));
    TRY_ASSIGN(out.epsilonMilli, reader.unsignedInt());
    TRY(reader.key(10));
    TRY_ASSIGN(out.deltaPerBillion, reader.unsignedInt());
    TRY(reader.key(11));
    TRY_ASSIGN(out.files, reader.unsignedInt());
    TRY(reader.key(12));
    TRY_ASSIGN(out.seen, reader.fixed<base::Hash256>());
    TRY(reader.finish());
    TRY(out.validate());
    return out;
}

base::Bytes Revocation::encode() const
{
    codec::Writer writer;
    writer.map(3);
    writer.key(1).unsignedInt(Grant::kFormat);
    writer.key(2).bytes(grant.view());
    writer.key(3).unsignedInt(milliseconds(time));
    return writer.take();
}

Result<Revocation> Revocation::decode(base::ByteView bytes)
{
    codec::Reader reader{ bytes, kLimits };
    Revocation out;
    TRY(reader.map(3));
    TRY(reader.key(1));
    TRY(reader.key(Grant::kFormat));
    TRY(reader.key(2));
    TRY_ASSIGN(out.grant, reader.fixed<GrantId>());
    TRY(reader.key(3));
    TRY_ASSIGN(out.time, readTime(reader));
    TRY(reader.finish());
    return out;
}

base::Hash256 FileSeen::leaf() const
{
    codec::Writer writer;
    writer.array(4);
    writer.unsignedInt(static_cast<std::uint64_t>(source.value()));
    writer.bytes(base::asBytes(path)); // a path need not be UTF-8
    writer.bytes(contents.view());
    writer.bytes(used.view());
    return crypto::sha256(writer.view());
}

codec::Envelope sign(const Grant& grant, const crypto::KeyPair& key)
{
    return seal(Grant::kType, grant.encode(), key);
}

codec::Envelope sign(const Revocation& revocation, const crypto::KeyPair& key)
{
    return seal(Revocation::kType, revocation.encode(), key);
}

Result<Grant> openGrant(base::ByteView envelope, const base::PublicKey& owner)
{
    TRY_ASSIGN(const base::Bytes payload, unseal(Grant::kType, envelope, owner));
    return Grant::decode(payload);
}

Result<Revocation> openRevocation(base::ByteView envelope, const base::PublicKey& owner)
{
    TRY_ASSIGN(const base::Bytes payload, unseal(Revocation::kType, envelope, owner));
    return Revocation::decode(payload);
}

} // namespace loam::consent
