// SPDX-License-Identifier: GPL-3.0-or-later
#include "consensus/types.h"

#include "base/narrow.h"
#include "codec/cbor.h"
#include "codec/envelope.h"
#include "crypto/ed25519.h"
#include "crypto/hash.h"

#include <algorithm>

namespace loam::consensus {

using base::Errc;
using base::fail;

namespace {

    constexpr std::size_t kSignatureSize = base::Signature::kSize;

    base::Result<VoteKind> readKind(codec::Reader& reader)
    {
        TRY_ASSIGN(const std::uint64_t kind, reader.unsignedInt());
        switch (kind) {
        case 1:
            return VoteKind::Notarize;
        case 2:
            return VoteKind::Nullify;
        case 3:
            return VoteKind::Finalize;
        }
        return fail(Errc::Invalid, "unknown kind of vote " + std::to_string(kind));
    }

    /// What votes and certificates are about; the first four fields of both.
    struct Subject
    {
        VoteKind kind;
        std::uint64_t epoch;
        Height height;
        base::Hash256 block;
    };

    void writeSubject(codec::Writer& writer, VoteKind kind, std::uint64_t epoch, Height height,
        const base::Hash256& block)
    {
        writer.unsignedInt(static_cast<std::uint64_t>(kind));
        writer.unsignedInt(epoch);
        writer.unsignedInt(height);
        writer.bytes(block.view());
    }

    base::Result<Subject> readSubject(codec::Reader& reader)
    {
        TRY_ASSIGN(const VoteKind kind, readKind(reader));
        TRY_ASSIGN(const std::uint64_t epoch, reader.unsignedInt());
        TRY_ASSIGN(const Height height, reader.unsignedInt());
        TRY_ASSIGN(const base::Hash256 block, reader.fixed<base::Hash256>());
        if (height == 0) {
            return fail(Errc::Invalid, "nobody votes on the genesis");
        }
        if (kind == VoteKind::Nullify && block != base::Hash256{}) {
            return fail(Errc::Invalid, "a vote for the dummy block names a block");
        }
        return Subject{ kind, epoch, height, block };
    }

    base::Bytes bitmapOf(const std::vector<ValidatorIndex>& voters)
    {
        base::Bytes bitmap;
        for (const ValidatorIndex voter : voters) {
            const std::size_t byte = voter / 8U;
            if (bitmap.size() <= byte) {
                bitmap.resize(byte + 1);
            }
            bitmap[byte] |= std::byte{ 1 } << (voter % 8U);
        }
        return bitmap;
    }

    base::Result<std::vector<ValidatorIndex>> votersOf(base::ByteView bitmap)
    {
        if (bitmap.size() > kMaxValidators / 8) {
            return fail(Errc::Invalid, "bitmap of voters too long");
        }
        if (!bitmap.empty() && bitmap.back() == std::byte{ 0 }) {
            return fail(Errc::Invalid, "bitmap of voters ends with a zero byte");
        }
        std::vector<ValidatorIndex> voters;
        for (std::size_t i = 0; i < bitmap.size() * 8; ++i) {
            if ((bitmap[i / 8] >> (i % 8) & std::byte{ 1 }) != std::byte{ 0 }) {
                voters.push_back(base::narrow<ValidatorIndex>(i));
            }
        }
        return voters;
    }

} // namespace

// ---- Block

base::Bytes Block::encode() const
{
    codec::Writer writer;
    writer.array(4).unsignedInt(height).unsignedInt(epoch).bytes(parent.view()).bytes(payload);
    return writer.take();
}

base::Result<Block> Block::decode(base::ByteView bytes)
{
    codec::Reader reader{ bytes, codec::Limits{ .bytes = kMaxPayload } };
    TRY(reader.array(4));
    Block block;
    TRY_ASSIGN(block.height, reader.unsignedInt());
    TRY_ASSIGN(block.epoch, reader.unsignedInt());
    TRY_ASSIGN(block.parent, reader.fixed<base::Hash256>());
    TRY_ASSIGN(const base::ByteView payload, reader.bytes());
    TRY(reader.finish());
    if (block.height == 0) {
        return fail(Errc::Invalid, "a block of height 0 is not proposed");
    }
    block.payload = base::toBytes(payload);
    return block;
}

base::Hash256 Block::hash() const
{
    return crypto::sha256(encode());
}

// ---- Vote

base::Bytes Vote::signedPayload() const
{
    codec::Writer writer;
    writer.array(4);
    writeSubject(writer, kind, epoch, height, block);
    return writer.take();
}

base::Bytes Vote::signedBytes(const base::NetworkId& network) const
{
    return codec::signingInput("vote", network, signedPayload());
}

base::Bytes Vote::encode() const
{
    codec::Writer writer;
    writer.array(6);
    writeSubject(writer, kind, epoch, height, block);
    writer.unsignedInt(voter).bytes(signature.view());
    return writer.take();
}

base::Result<Vote> Vote::decode(base::ByteView bytes)
{
    codec::Reader reader{ bytes };
    TRY(reader.array(6));
    TRY_ASSIGN(const Subject subject, readSubject(reader));
    TRY_ASSIGN(const std::uint64_t voter, reader.unsignedInt());
    TRY_ASSIGN(const base::Signature signature, reader.fixed<base::Signature>());
    TRY(reader.finish());
    if (voter >= kMaxValidators) {
        return fail(Errc::Invalid, "voter " + std::to_string(voter) + " is out of range");
    }
    return Vote{ subject.kind, subject.epoch, subject.height, subject.block,
        base::narrow<ValidatorIndex>(voter), signature };
}

base::Result<> Vote::verify(const ValidatorSet& validators, const base::NetworkId& network) const
{
    if (epoch != validators.epoch) {
        return fail(Errc::Invalid, "vote of epoch " + std::to_string(epoch));
    }
    if (voter >= validators.members.size()) {
        return fail(Errc::Invalid, "vote by unknown validator " + std::to_string(voter));
    }
    if (!crypto::verify(validators.members[voter], signedBytes(network), signature)) {
        return fail(Errc::Invalid, "vote with a wrong signature");
    }
    return {};
}

// ---- Certificate

base::Bytes Certificate::encode() const
{
    base::Bytes joined;
    joined.reserve(signatures.size() * kSignatureSize);
    for (const base::Signature& signature : signatures) {
        joined.insert(joined.end(), signature.data.begin(), signature.data.end());
    }
    codec::Writer writer;
    writer.array(6);
    writeSubject(writer, kind, epoch, height, block);
    writer.bytes(bitmapOf(voters)).bytes(joined);
    return writer.take();
}

base::Result<Certificate> Certificate::decode(base::ByteView bytes)
{
    codec::Reader reader{ bytes };
    TRY(reader.array(6));
    TRY_ASSIGN(const Subject subject, readSubject(reader));
    TRY_ASSIGN(const base::ByteView bitmap, reader.bytes());
    TRY_ASSIGN(const base::ByteView joined, reader.bytes());
    TRY(reader.finish());
    Certificate out{ subject.kind, subject.epoch, subject.height, subject.block, {}, {} };
    TRY_ASSIGN(out.voters, votersOf(bitmap));
    if (joined.size() != out.voters.size() * kSignatureSize) {
        return fail(Errc::Invalid, "a certificate's signatures do not match its voters");
    }
    for (std::size_t i = 0; i < out.voters.size(); ++i) {
        TRY_ASSIGN(const base::Signature signature,
            base::Signature::from(joined.subspan(i * kSignatureSize, kSignatureSize)));
        out.signatures.push_back(signature);
    }
    return out;
}

base::Result<> Certificate::checkShape(const ValidatorSet& validators) const
{
    if (epoch != validators.epoch) {
        return fail(Errc::Invalid, "certificate of epoch " + std::to_string(epoch));
    }
    if (voters.size() != signatures.size()) {
        return fail(Errc::Invalid, "a certificate's signatures do not match its voters");
    }
    if (std::adjacent_find(voters.begin(), voters.end(), std::greater_equal<>{}) != voters.end()) {
        return fail(Errc::Invalid, "a certificate's voters are not strictly ascending");
    }
    if (!voters.empty() && voters.back() >= validators.members.size()) {
        return fail(Errc::Invalid, "a certificate names an unknown validator");
    }
    if (validators.members.empty() || voters.size() < validators.quorum()) {
        return fail(Errc::Invalid,
            "certificate with " + std::to_string(voters.size()) + " of "
                + std::to_string(validators.quorum()) + " votes needed");
    }
    if (kind == VoteKind::Nullify && block != base::Hash256{}) {
        return fail(Errc::Invalid, "a certificate of the dummy block names a block");
    }
    return {};
}

base::Result<> Certificate::verify(
    const ValidatorSet& validators, const base::NetworkId& network) const
{
    TRY(checkShape(validators));
    const base::Bytes message = voteOf(0).signedBytes(network); // the voter is not under it
    for (std::size_t i = 0; i < voters.size(); ++i) {
        if (!crypto::verify(validators.members[voters[i]], message, signatures[i])) {
            return fail(Errc::Invalid,
                "certificate with a wrong signature by validator " + std::to_string(voters[i]));
        }
    }
    return {};
}

Vote Certificate::voteOf(std::size_t position) const
{
    return { kind, epoch, height, block, voters[position], signatures[position] };
}

// ---- Evidence

std::optional<Evidence> Evidence::of(const Vote& a, const Vote& b)
{
    if (a.voter != b.voter || a.epoch != b.epoch || a.height != b.height) {
        return std::nullopt;
    }
    const auto before = [](const Vote& x, const Vote& y) {
        return x.kind != y.kind ? x.kind < y.kind : x.block < y.block;
    };
    const Vote& first = before(a, b) ? a : b;
    const Vote& second = before(a, b) ? b : a;
    const bool doubled = first.kind == second.kind && first.block != second.block;
    const bool finalizedDummy
        = first.kind == VoteKind::Nullify && second.kind == VoteKind::Finalize;
    if (!doubled && !finalizedDummy) {
        return std::nullopt;
    }
    return Evidence{ first, second };
}

base::Bytes Evidence::encode() const
{
    codec::Writer writer;
    writer.array(2).raw(first.encode()).raw(second.encode());
    return writer.take();
}

base::Result<Evidence> Evidence::decode(base::ByteView bytes)
{
    codec::Reader reader{ bytes };
    TRY(reader.array(2));
    TRY_ASSIGN(const base::ByteView first, reader.raw());
    TRY_ASSIGN(const base::ByteView second, reader.raw());
    TRY(reader.finish());
    Evidence out;
    TRY_ASSIGN(out.first, Vote::decode(first));
    TRY_ASSIGN(out.second, Vote::decode(second));
    return out;
}

base::Result<> Evidence::verify(
    const ValidatorSet& validators, const base::NetworkId& network) const
{
    const std::optional<Evidence> ordered = of(first, second);
    if (!ordered || ordered->first != first) {
        return fail(
            Errc::Invalid, "the votes do not contradict each other, or stand in wrong order");
    }
    TRY(first.verify(validators, network));
    TRY(second.verify(validators, network));
    return {};
}

} // namespace loam::consensus
