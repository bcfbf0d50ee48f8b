// SPDX-License-Identifier: GPL-3.0-or-later
#include "training/sum_messages.h"

#include "base/require.h"

#include <algorithm>
#include <set>

namespace loam::training {
namespace {

    using base::Errc;
    using base::fail;
    using base::Result;

    constexpr std::uint64_t kVersion = 1;
    constexpr std::size_t kSealedBytes = 2 * SecretShare::kSize + crypto::kTagSize;

    codec::Limits limits()
    {
        return {
            .bytes = kMostTranscriptBytes, .items = std::size_t{ kMostGroupMembers } + 8, .depth = 4
        };
    }

    void writePlaces(codec::Writer& out, const Places& places)
    {
        out.array(places.size());
        for (const std::uint32_t place : places) {
            out.unsignedInt(place);
        }
    }

    Result<Places> readPlaces(codec::Reader& in)
    {
        TRY_ASSIGN(const std::size_t count, in.array());
        Places out;
        for (std::size_t i = 0; i < count; ++i) {
            TRY_ASSIGN(const std::uint64_t place, in.unsignedInt());
            if (place == 0 || place > kMostGroupMembers || (!out.empty() && place <= out.back())) {
                return fail(Errc::Invalid, "the places of members must ascend from 1");
            }
            out.push_back(static_cast<std::uint32_t>(place));
        }
        return out;
    }

    void writeStrings(codec::Writer& out, const std::vector<base::Bytes>& strings)
    {
        out.array(strings.size());
        for (const base::Bytes& string : strings) {
            out.bytes(string);
        }
    }

    Result<std::vector<base::Bytes>> readStrings(codec::Reader& in)
    {
        TRY_ASSIGN(const std::size_t count, in.array());
        std::vector<base::Bytes> out;
        for (std::size_t i = 0; i < count; ++i) {
            TRY_ASSIGN(const base::ByteView bytes, in.bytes());
            out.push_back(base::toBytes(bytes));
        }
        return out;
    }

    Result<> checkSealed(const std::vector<base::Bytes>& sealed)
    {
        const bool fits = std::all_of(sealed.begin(), sealed.end(),
            [](const base::Bytes& one) { return one.empty() || one.size() == kSealedBytes; });
        if (!fits) {
            return fail(Errc::Invalid, "a sealed share has a wrong size");
        }
        return {};
    }

    base::Bytes sign(const SumTerms& terms, const crypto::KeyPair& key, std::string_view type,
        std::size_t fields, base::Bytes body)
    {
        codec::Writer payload;
        payload.array(2 + fields);
        payload.bytes(terms.group.view());
        payload.unsignedInt(terms.round);
        payload.raw(body);
        codec::Envelope envelope{ std::string{ type }, payload.take(), key.publicKey(), {} };
        envelope.signature = key.sign(envelope.signedBytes(terms.network));
        return envelope.encode();
    }

    /// Opens an envelope of `type` and gives its fields behind group and round to `read`.
    template <class Body, class Read>
    Result<FromMember<Body>> openMessage(const SumTerms& terms, base::ByteView message,
        std::string_view type, std::size_t fields, const Read& read)
    {
        TRY_ASSIGN(const codec::Envelope envelope, codec::Envelope::decode(message, limits()));
        if (envelope.type != type) {
            return fail(
                Errc::Invalid, "expected " + std::string{ type } + ", got " + envelope.type);
        }
        FromMember<Body> out;
        out.place = terms.placeOf(envelope.signer);
        if (out.place == 0) {
            return fail(Errc::Denied, "the message is from a stranger to the group");
        }
        codec::Reader in{ envelope.payload, limits() };
        TRY(in.array(2 + fields));
        TRY_ASSIGN(const auto group, in.template fixed<base::Hash256>());
        TRY_ASSIGN(const std::uint64_t round, in.unsignedInt());
        if (group != terms.group || round != terms.round) {
            return fail(Errc::Invalid, "the message is of another group or round");
        }
        TRY_ASSIGN(out.body, read(in));
        TRY(in.finish());
        // Last: it costs most, and what is malformed needs no check.
        if (!crypto::verify(
                envelope.signer, envelope.signedBytes(terms.network), envelope.signature)) {
            return fail(Errc::Denied, "the signature of a group's message is wrong");
        }
        return out;
    }

} // namespace

Result<> SumTerms::validate() const
{
    if (members.size() < 2 || members.size() > kMostGroupMembers
        || std::set<base::PublicKey>(members.begin(), members.end()).size() != members.size()) {
        return fail(Errc::Invalid, "a group has 2 to 256 distinct members");
    }
    if (threshold < sumThreshold(members.size()) || threshold > members.size()) {
        return fail(Errc::Invalid,
            "a group of " + std::to_string(members.size()) + " needs a threshold of at least "
                + std::to_string(sumThreshold(members.size())));
    }
    if (bits < 8 || bits > 32 || values == 0 || values > kMostSumValues) {
        return fail(Errc::Invalid, "a sum has 1 to 1,048,576 values of 8 to 32 bits");
    }
    return {};
}

std::uint32_t SumTerms::placeOf(const base::PublicKey& node) const
{
    const auto found = std::find(members.begin(), members.end(), node);
    return found == members.end() ? 0 : static_cast<std::uint32_t>(found - members.begin()) + 1;
}

bool contains(const Places& places, std::uint32_t place)
{
    return std::binary_search(places.begin(), places.end(), place);
}

base::Bytes signMessage(
    const SumTerms& terms, const crypto::KeyPair& key, const Advertisement& body)
{
    codec::Writer out;
    out.bytes(body.cipherKey.view()).bytes(body.maskKey.view()).bytes(body.seedHash.view());
    return sign(terms, key, kAdvertise, 3, out.take());
}

base::Bytes signMessage(const SumTerms& terms, const crypto::KeyPair& key, const ShareBundle& body)
{
    codec::Writer out;
    out.bytes(body.list.view());
    writeStrings(out, body.sealed);
    return sign(terms, key, kShare, 2, out.take());
}

base::Bytes signMessage(const SumTerms& terms, const crypto::KeyPair& key, const MaskedVector& body)
{
    base::Bytes words;
    words.reserve(body.values.size() * 4);
    for (const std::uint32_t value : body.values) {
        for (unsigned shift = 0; shift < 32; shift += 8) {
            words.push_back(static_cast<std::byte>(value >> shift & 255U));
        }
    }
    codec::Writer out;
    out.bytes(body.list.view()).bytes(words);
    return sign(terms, key, kMask, 2, out.take());
}

base::Bytes signMessage(const SumTerms& terms, const crypto::KeyPair& key, const Confirmation& body)
{
    codec::Writer out;
    out.bytes(body.list.view());
    writePlaces(out, body.sharers);
    writePlaces(out, body.survivors);
    return sign(terms, key, kConfirm, 3, out.take());
}

base::Bytes signMessage(const SumTerms& terms, const crypto::KeyPair& key, const Unmasking& body)
{
    codec::Writer out;
    out.array(body.shares.size());
    for (const SecretShare& share : body.shares) {
        out.bytes(share.view());
    }
    return sign(terms, key, kUnmask, 1, out.take());
}

Result<FromMember<Advertisement>> readAdvertisement(const SumTerms& terms, base::ByteView message)
{
    return openMessage<Advertisement>(
        terms, message, kAdvertise, 3, [](codec::Reader& in) -> Result<Advertisement> {
            Advertisement body;
            TRY_ASSIGN(body.cipherKey, in.fixed<crypto::X25519Public>());
            TRY_ASSIGN(body.maskKey, in.fixed<crypto::X25519Public>());
            TRY_ASSIGN(body.seedHash, in.fixed<base::Hash256>());
            return body;
        });
}

Result<FromMember<ShareBundle>> readShareBundle(const SumTerms& terms, base::ByteView message)
{
    return openMessage<ShareBundle>(
        terms, message, kShare, 2, [](codec::Reader& in) -> Result<ShareBundle> {
            ShareBundle body;
            TRY_ASSIGN(body.list, in.fixed<base::Hash256>());
            TRY_ASSIGN(body.sealed, readStrings(in));
            TRY(checkSealed(body.sealed));
            return body;
        });
}

Result<FromMember<MaskedVector>> readMaskedVector(const SumTerms& terms, base::ByteView message)
{
    return openMessage<MaskedVector>(
        terms, message, kMask, 2, [&terms](codec::Reader& in) -> Result<MaskedVector> {
            MaskedVector body;
            TRY_ASSIGN(body.list, in.fixed<base::Hash256>());
            TRY_ASSIGN(const base::ByteView words, in.bytes());
            if (words.size() != std::size_t{ terms.values } * 4) {
                return fail(Errc::Invalid, "a masked vector has a wrong size");
            }
            body.values.resize(terms.values);
            for (std::size_t i = 0; i < words.size(); ++i) {
                body.values[i / 4] |= std::to_integer<std::uint32_t>(words[i]) << (8 * (i % 4));
            }
            const bool fits = std::all_of(body.values.begin(), body.values.end(),
                [&terms](std::uint32_t value) { return (value & ~terms.mask()) == 0; });
            if (!fits) {
                return fail(Errc::Invalid, "a masked value is out of the ring");
            }
            return body;
        });
}

Result<FromMember<Confirmation>> readConfirmation(const SumTerms& terms, base::ByteView message)
{
    return openMessage<Confirmation>(
        terms, message, kConfirm, 3, [](codec::Reader& in) -> Result<Confirmation> {
            Confirmation body;
            TRY_ASSIGN(body.list, in.fixed<base::Hash256>());
            TRY_ASSIGN(body.sharers, readPlaces(in));
            TRY_ASSIGN(body.survivors, readPlaces(in));
            return body;
        });
}

Result<FromMember<Unmasking>> readUnmasking(const SumTerms& terms, base::ByteView message)
{
    return openMessage<Unmasking>(
        terms, message, kUnmask, 1, [](codec::Reader& in) -> Result<Unmasking> {
            TRY_ASSIGN(const std::size_t count, in.array());
            Unmasking body;
            for (std::size_t i = 0; i < count; ++i) {
                TRY_ASSIGN(const base::ByteView bytes, in.bytes());
                if (bytes.size() != SecretShare::kSize) {
                    return fail(Errc::Invalid, "a share has a wrong size");
                }
                std::ranges::copy(bytes, body.shares.emplace_back().mutableView().begin());
            }
            return body;
        });
}

base::Bytes writeList(const std::vector<base::Bytes>& messages)
{
    codec::Writer out;
    writeStrings(out, messages);
    return out.take();
}

Result<std::vector<base::Bytes>> readList(base::ByteView bytes)
{
    codec::Reader in{ bytes, limits() };
    TRY_ASSIGN(std::vector<base::Bytes> out, readStrings(in));
    TRY(in.finish());
    return out;
}

base::Bytes writeInbox(const Inbox& inbox)
{
    codec::Writer out;
    out.array(2);
    writePlaces(out, inbox.sharers);
    writeStrings(out, inbox.sealed);
    return out.take();
}

Result<Inbox> readInbox(base::ByteView bytes)
{
    codec::Reader in{ bytes, limits() };
    Inbox inbox;
    TRY(in.array(2));
    TRY_ASSIGN(inbox.sharers, readPlaces(in));
    TRY_ASSIGN(inbox.sealed, readStrings(in));
    TRY(in.finish());
    TRY(checkSealed(inbox.sealed));
    if (inbox.sealed.size() != inbox.sharers.size()) {
        return fail(Errc::Invalid, "the inbox does not hold one sealed share of each sharer");
    }
    return inbox;
}

base::Bytes writePlaces(const Places& places)
{
    codec::Writer out;
    writePlaces(out, places);
    return out.take();
}

Result<Places> readPlaces(base::ByteView bytes)
{
    codec::Reader in{ bytes, limits() };
    TRY_ASSIGN(Places out, readPlaces(in));
    TRY(in.finish());
    return out;
}

base::Bytes SumTranscript::encode() const
{
    codec::Writer out;
    out.array(5);
    out.unsignedInt(kVersion);
    for (const auto* list : { &advertisements, &masked, &confirmations, &unmaskings }) {
        writeStrings(out, *list);
    }
    return out.take();
}

Result<SumTranscript> SumTranscript::decode(base::ByteView bytes)
{
    if (bytes.size() > kMostTranscriptBytes) {
        return fail(Errc::Invalid, "the transcript of a sum is larger than 48 MiB");
    }
    codec::Reader in{ bytes, limits() };
    TRY(in.array(5));
    TRY_ASSIGN(const std::uint64_t version, in.unsignedInt());
    if (version != kVersion) {
        return fail(Errc::Invalid, "the transcript has an unknown version");
    }
    SumTranscript out;
    for (auto* list : { &out.advertisements, &out.masked, &out.confirmations, &out.unmaskings }) {
        TRY_ASSIGN(*list, readStrings(in));
    }
    TRY(in.finish());
    return out;
}

} // namespace loam::training
