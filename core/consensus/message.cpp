// SPDX-License-Identifier: GPL-3.0-or-later
#include "consensus/message.h"

#include "codec/cbor.h"
#include "crypto/hash.h"

#include <type_traits>

namespace loam::consensus {

using base::Errc;
using base::fail;

namespace {

    enum class Tag : std::uint64_t {
        Vote = 1,
        Certificate = 2,
        Proposal = 3,
        Fetch = 4,
        Answer = 5,
        Status = 6,
        WakeHint = 7,
    };

    codec::Writer begin(Tag tag, std::size_t fields)
    {
        codec::Writer writer;
        writer.array(fields + 1).unsignedInt(static_cast<std::uint64_t>(tag));
        return writer;
    }

    void writeCertificates(codec::Writer& writer, const std::vector<Certificate>& certificates)
    {
        writer.array(certificates.size());
        for (const Certificate& certificate : certificates) {
            writer.raw(certificate.encode());
        }
    }

    base::Result<std::size_t> readCount(codec::Reader& reader, std::size_t limit)
    {
        TRY_ASSIGN(const std::size_t count, reader.array());
        if (count > limit) {
            return fail(Errc::Invalid, "list of " + std::to_string(count) + " items is too long");
        }
        return count;
    }

    base::Result<std::vector<Certificate>> readCertificates(codec::Reader& reader)
    {
        TRY_ASSIGN(const std::size_t count, readCount(reader, kMaxCertificates));
        std::vector<Certificate> out;
        for (std::size_t i = 0; i < count; ++i) {
            TRY_ASSIGN(const base::ByteView item, reader.raw());
            TRY_ASSIGN(Certificate certificate, Certificate::decode(item));
            out.push_back(std::move(certificate));
        }
        return out;
    }

    base::Result<HashedBlock> readBlock(codec::Reader& reader)
    {
        TRY_ASSIGN(const base::ByteView item, reader.raw());
        TRY_ASSIGN(Block block, Block::decode(item));
        return HashedBlock{ std::make_shared<const Block>(std::move(block)), crypto::sha256(item) };
    }

    base::Result<Message> readProposal(codec::Reader& reader)
    {
        Proposal out;
        TRY_ASSIGN(out.block, readBlock(reader));
        TRY_ASSIGN(const base::ByteView vote, reader.raw());
        TRY_ASSIGN(out.vote, Vote::decode(vote));
        TRY_ASSIGN(out.justification, readCertificates(reader));
        const Vote& signedBy = out.vote;
        if (signedBy.kind != VoteKind::Notarize || signedBy.height != out.block.block->height
            || signedBy.epoch != out.block.block->epoch || signedBy.block != out.block.hash) {
            return fail(Errc::Invalid, "a proposal's vote is for something else");
        }
        return out;
    }

    base::Result<Message> readFetch(codec::Reader& reader)
    {
        Fetch out;
        TRY_ASSIGN(out.epoch, reader.unsignedInt());
        TRY_ASSIGN(out.finalized, reader.unsignedInt());
        TRY_ASSIGN(out.from, reader.unsignedInt());
        TRY_ASSIGN(const std::size_t count, readCount(reader, kMaxWanted));
        for (std::size_t i = 0; i < count; ++i) {
            TRY_ASSIGN(const base::Hash256 hash, reader.fixed<base::Hash256>());
            out.wanted.push_back(hash);
        }
        return out;
    }

    base::Result<Message> readAnswer(codec::Reader& reader)
    {
        Answer out;
        TRY_ASSIGN(out.epoch, reader.unsignedInt());
        TRY_ASSIGN(out.isLast, reader.boolean());
        TRY_ASSIGN(const std::size_t count, readCount(reader, kMaxAnswerBlocks));
        for (std::size_t i = 0; i < count; ++i) {
            TRY_ASSIGN(HashedBlock block, readBlock(reader));
            out.blocks.push_back(std::move(block));
        }
        TRY_ASSIGN(out.certificates, readCertificates(reader));
        return out;
    }

    base::Result<Message> readStatus(codec::Reader& reader)
    {
        Status out;
        TRY_ASSIGN(out.epoch, reader.unsignedInt());
        TRY_ASSIGN(out.finalized, reader.unsignedInt());
        TRY_ASSIGN(out.height, reader.unsignedInt());
        TRY_ASSIGN(out.attempt, reader.unsignedInt());
        return out;
    }

    base::Result<Message> readWakeHint(codec::Reader& reader)
    {
        WakeHint out;
        TRY_ASSIGN(out.epoch, reader.unsignedInt());
        TRY_ASSIGN(out.height, reader.unsignedInt());
        return out;
    }

    base::Result<Message> readVote(codec::Reader& reader)
    {
        TRY_ASSIGN(const base::ByteView item, reader.raw());
        TRY_ASSIGN(Vote vote, Vote::decode(item));
        return vote;
    }

    base::Result<Message> readCertificate(codec::Reader& reader)
    {
        TRY_ASSIGN(const base::ByteView item, reader.raw());
        TRY_ASSIGN(Certificate certificate, Certificate::decode(item));
        return certificate;
    }

    struct Format
    {
        std::size_t fields;
        base::Result<Message> (*read)(codec::Reader&);
    };

    /// By tag, from 1: how many fields follow the tag and who reads them.
    constexpr Format kFormats[] = {
        { 1, readVote },
        { 1, readCertificate },
        { 3, readProposal },
        { 4, readFetch },
        { 4, readAnswer },
        { 4, readStatus },
        { 2, readWakeHint },
    };
    static_assert(std::size(kFormats) == std::variant_size_v<Message>);

} // namespace

HashedBlock HashedBlock::of(Block block)
{
    const base::Hash256 hash = block.hash();
    return { std::make_shared<const Block>(std::move(block)), hash };
}

base::Bytes encodeMessage(const Message& message)
{
    const Overloaded encode{
        [](const Vote& vote) { return begin(Tag::Vote, 1).raw(vote.encode()).take(); },
        [](const Certificate& certificate) {
            return begin(Tag::Certificate, 1).raw(certificate.encode()).take();
        },
        [](const Proposal& proposal) {
            codec::Writer writer = begin(Tag::Proposal, 3);
            writer.raw(proposal.block.block->encode()).raw(proposal.vote.encode());
            writeCertificates(writer, proposal.justification);
            return writer.take();
        },
        [](const Fetch& fetch) {
            codec::Writer writer = begin(Tag::Fetch, 4);
            writer.unsignedInt(fetch.epoch)
                .unsignedInt(fetch.finalized)
                .unsignedInt(fetch.from)
                .array(fetch.wanted.size());
            for (const base::Hash256& hash : fetch.wanted) {
                writer.bytes(hash.view());
            }
            return writer.take();
        },
        [](const Answer& answer) {
            codec::Writer writer = begin(Tag::Answer, 4);
            writer.unsignedInt(answer.epoch).boolean(answer.isLast).array(answer.blocks.size());
            for (const HashedBlock& block : answer.blocks) {
                writer.raw(block.block->encode());
            }
            writeCertificates(writer, answer.certificates);
            return writer.take();
        },
        [](const Status& status) {
            return begin(Tag::Status, 4)
                .unsignedInt(status.epoch)
                .unsignedInt(status.finalized)
                .unsignedInt(status.height)
                .unsignedInt(status.attempt)
                .take();
        },
        [](const WakeHint& hint) {
            return begin(Tag::WakeHint, 2).unsignedInt(hint.epoch).unsignedInt(hint.height).take();
        },
    };
    return std::visit(encode, message);
}

base::Result<Message> decodeMessage(base::ByteView bytes)
{
    codec::Reader reader{ bytes, codec::Limits{ .bytes = kMaxPayload } };
    TRY_ASSIGN(const std::size_t items, reader.array());
    TRY_ASSIGN(const std::uint64_t tag, reader.unsignedInt());
    if (tag == 0 || tag > std::size(kFormats)) {
        return fail(Errc::Invalid, "unknown message " + std::to_string(tag));
    }
    const Format& format = kFormats[tag - 1];
    if (items != format.fields + 1) {
        return fail(Errc::Invalid, "message " + std::to_string(tag) + " has a wrong length");
    }
    TRY_ASSIGN(Message message, format.read(reader));
    TRY(reader.finish());
    return message;
}

} // namespace loam::consensus
