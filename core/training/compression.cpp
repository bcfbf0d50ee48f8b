// SPDX-License-Identifier: GPL-3.0-or-later
#include "training/compression.h"

#include "base/require.h"
#include "ml/half.h"
#include "training/bit_reader.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <string_view>

namespace loam::training {
namespace {

    using base::Errc;
    using base::fail;
    using base::Result;

    // The last byte is the version of the format.
    constexpr std::string_view kMagic{ "LOAMUPD\x01", 8 };

    void putBigEndian(base::Bytes& out, std::uint64_t value, unsigned bytes)
    {
        for (unsigned i = bytes; i > 0; --i) {
            out.push_back(static_cast<std::byte>((value >> (8U * (i - 1U))) & 0xFFU));
        }
    }

    std::uint64_t bigEndian(base::ByteView view)
    {
        std::uint64_t value = 0;
        for (const std::byte byte : view) {
            value = (value << 8U) | std::to_integer<std::uint64_t>(byte);
        }
        return value;
    }

    std::uint32_t keptOf(const ChunkLayout::Chunk& chunk, std::uint16_t keepPerChunk)
    {
        return std::min<std::uint32_t>(chunk.values, keepPerChunk);
    }

    Result<> decodeChunk(BitReader& in, std::span<float> values, std::uint32_t kept)
    {
        TRY_ASSIGN(const std::uint32_t small, in.bits(16));
        TRY_ASSIGN(const std::uint32_t large, in.bits(16));
        if (!ml::isFiniteHalf(static_cast<std::uint16_t>(small))
            || !ml::isFiniteHalf(static_cast<std::uint16_t>(large))) {
            return fail(Errc::Invalid, "a magnitude is not finite");
        }
        // Positive patterns order like the values they stand for; negative ones lie above them.
        if (small > large || large >= 0x8000U || (kept < 2 && small != large)) {
            return fail(Errc::Invalid, "magnitudes of a chunk are out of order");
        }
        const std::array<float, 2> magnitude{ ml::halfToFloat(static_cast<std::uint16_t>(small)),
            ml::halfToFloat(static_cast<std::uint16_t>(large)) };
        const auto length = static_cast<std::uint32_t>(values.size());
        const unsigned shift = ml::riceShift(length, kept);
        std::uint32_t next = 0;
        std::uint32_t largeCount = 0;
        for (std::uint32_t i = 0; i < kept; ++i) {
            if (kept < length) {
                // Behind this one, kept - 1 - i more must still find room.
                TRY_ASSIGN(const std::uint32_t gap, in.rice(shift, length - next - (kept - i)));
                next += gap;
            }
            TRY_ASSIGN(const std::uint32_t code, in.bits(2));
            const std::uint32_t isLarge = code & 1U;
            const float value = magnitude[isLarge];
            if (value == 0 && (code & 2U) != 0) {
                return fail(Errc::Invalid, "negative zero");
            }
            largeCount += isLarge;
            values[next++] = (code & 2U) != 0 ? -value : value;
        }
        if (largeCount != (small == large ? 0U : kept / 2)) {
            return fail(Errc::Invalid, "magnitude classes of a chunk are not halves");
        }
        return {};
    }

    Result<> decodeDense(BitReader& in, std::span<float> values)
    {
        for (float& value : values) {
            TRY_ASSIGN(const std::uint32_t bits, in.bits(16));
            const auto half = static_cast<std::uint16_t>(bits);
            if (!ml::isFiniteHalf(half)) {
                return fail(Errc::Invalid, "a value is not finite");
            }
            if (half == 0x8000U) {
                return fail(Errc::Invalid, "negative zero");
            }
            value = ml::halfToFloat(half);
        }
        return {};
    }

    struct RawHeader
    {
        UpdateHeader header;
        std::uint64_t parameters{ 0 };
        std::uint16_t keepPerChunk{ 0 };
    };

    Result<RawHeader> readHeader(base::ByteView body)
    {
        if (body.size() < kUpdateHeaderBytes) {
            return fail(Errc::Invalid, "shorter than its header");
        }
        if (base::asText(body.first(kMagic.size())) != kMagic) {
            return fail(Errc::Invalid, "not an update of a known version");
        }
        RawHeader raw;
        TRY_ASSIGN(raw.header.run, base::Hash256::from(body.subspan(8, 32)));
        TRY_ASSIGN(raw.header.node, base::PublicKey::from(body.subspan(40, 32)));
        TRY_ASSIGN(raw.header.baseParams, base::Hash256::from(body.subspan(72, 32)));
        raw.header.round = bigEndian(body.subspan(104, 8));
        raw.header.tokens = bigEndian(body.subspan(112, 8));
        raw.parameters = bigEndian(body.subspan(120, 8));
        raw.keepPerChunk = static_cast<std::uint16_t>(bigEndian(body.subspan(128, 2)));
        return raw;
    }

    /// Chunks that are packed at once: 16 MiB of values.
    constexpr std::size_t kPieceChunks = 1024;

    /// Behind the chunks from `begin` that can be packed at once: all but the last are full.
    std::size_t endOfPiece(std::span<const ChunkLayout::Chunk> chunks, std::size_t begin)
    {
        std::size_t end = begin + 1;
        while (end < chunks.size() && end - begin < kPieceChunks
            && chunks[end - 1].values == kChunkValues) {
            ++end;
        }
        return end;
    }

    Result<> check(
        const ChunkLayout& layout, std::uint16_t keepPerChunk, std::span<const float> values)
    {
        if (values.size() != layout.parameters() || keepPerChunk > kChunkValues) {
            return fail(Errc::Invalid, "update does not match the model's layout");
        }
        return {};
    }

    tl::unexpected<base::Error> diverged()
    {
        return fail(Errc::Invalid, "training diverged: a value of the update is not finite");
    }

    /// What Backend::packLargest wrote.
    Result<> appendPacked(ml::BitWriter& out, std::span<const float> packed, std::size_t stride)
    {
        std::vector<std::uint32_t> words(stride);
        for (std::size_t begin = 0; begin < packed.size(); begin += stride) {
            std::memcpy(words.data(), packed.data() + begin, stride * sizeof(float));
            if (words[0] == 0 || words[0] > (stride - 1) * 32) {
                return diverged();
            }
            out.append(std::span{ words }.subspan(1), words[0]);
        }
        return {};
    }

    base::Bytes bodyOf(const UpdateHeader& header, const ChunkLayout& layout,
        std::uint16_t keepPerChunk, const ml::BitWriter& bits)
    {
        base::Bytes out;
        out.reserve(kUpdateHeaderBytes + bits.size() / 8 + 1);
        const base::ByteView magic = base::asBytes(kMagic);
        out.insert(out.end(), magic.begin(), magic.end());
        for (const base::ByteView part :
            { header.run.view(), header.node.view(), header.baseParams.view() }) {
            out.insert(out.end(), part.begin(), part.end());
        }
        putBigEndian(out, header.round, 8);
        putBigEndian(out, header.tokens, 8);
        putBigEndian(out, layout.parameters(), 8);
        putBigEndian(out, keepPerChunk, 2);
        ASSERT(out.size() == kUpdateHeaderBytes);
        bits.appendTo(out);
        return out;
    }

} // namespace

ChunkLayout::ChunkLayout(std::span<const std::size_t> tensorSizes)
{
    for (const std::size_t size : tensorSizes) {
        for (std::size_t done = 0; done < size; done += kChunkValues) {
            const std::size_t values = std::min(kChunkValues, size - done);
            m_chunks.push_back({ m_parameters + done, static_cast<std::uint32_t>(values) });
        }
        m_parameters += size;
    }
}

double Update::norm() const
{
    double sum = 0;
    for (const float value : values) {
        sum += static_cast<double>(value) * static_cast<double>(value);
    }
    return std::sqrt(sum);
}

Result<base::Bytes> encodeUpdate(const UpdateHeader& header, const ChunkLayout& layout,
    std::uint16_t keepPerChunk, std::span<const float> accumulated)
{
    TRY(check(layout, keepPerChunk, accumulated));
    if (!std::ranges::all_of(accumulated, [](float value) { return std::isfinite(value); })) {
        return diverged();
    }
    ml::BitWriter bits;
    ml::ChunkPacker packer;
    for (const ChunkLayout::Chunk& chunk : layout.chunks()) {
        const auto values = accumulated.subspan(chunk.offset, chunk.values);
        if (keepPerChunk == kDense) {
            for (const float value : values) {
                bits.bits(ml::floatToFiniteHalf(value), 16);
            }
        } else {
            packer.pack(bits, values, keptOf(chunk, keepPerChunk));
        }
    }
    return bodyOf(header, layout, keepPerChunk, bits);
}

Result<base::Bytes> encodeUpdate(const UpdateHeader& header, const ChunkLayout& layout,
    std::uint16_t keepPerChunk, std::span<const float> accumulated, ml::Backend& backend)
{
    if (keepPerChunk == kDense) {
        return encodeUpdate(header, layout, keepPerChunk, accumulated);
    }
    TRY(check(layout, keepPerChunk, accumulated));
    const std::span chunks{ layout.chunks() };
    const std::size_t stride = ml::packedChunkWords(keepPerChunk);
    const std::size_t room = std::min(kPieceChunks, chunks.size());
    TRY_ASSIGN(const auto valuesMemory, backend.allocate(room * kChunkValues));
    TRY_ASSIGN(const auto packedMemory, backend.allocate(room * stride));
    ml::BitWriter bits;
    std::vector<float> packed;
    for (std::size_t begin = 0; begin < chunks.size();) {
        const auto piece = chunks.subspan(begin, endOfPiece(chunks, begin) - begin);
        begin += piece.size();
        const std::size_t offset = piece.front().offset;
        const std::size_t count = piece.back().offset + piece.back().values - offset;
        const ml::View values = ml::View{ *valuesMemory }.slice(0, count);
        const ml::View target = ml::View{ *packedMemory }.slice(0, piece.size() * stride);
        backend.upload(values, accumulated.subspan(offset, count));
        backend.packLargest(target, values, keepPerChunk);
        TRY(backend.finish());
        packed.resize(target.count);
        TRY(backend.download(packed, target));
        TRY(appendPacked(bits, packed, stride));
    }
    return bodyOf(header, layout, keepPerChunk, bits);
}

Result<Update> decodeUpdate(
    base::ByteView body, const ChunkLayout& layout, std::uint16_t keepPerChunk)
{
    TRY_ASSIGN(const RawHeader raw, readHeader(body));
    if (raw.parameters != layout.parameters()) {
        return fail(Errc::Invalid,
            "is for a model of " + std::to_string(raw.parameters) + " parameters instead of "
                + std::to_string(layout.parameters()));
    }
    if (raw.keepPerChunk != keepPerChunk) {
        return fail(Errc::Invalid,
            "keeps " + std::to_string(raw.keepPerChunk) + " of each 4096 instead of "
                + std::to_string(keepPerChunk));
    }
    if (body.size() > maximumUpdateBytes(layout, keepPerChunk)) {
        return fail(Errc::Invalid, "longer than any update of this model");
    }
    Update update{ raw.header, std::vector<float>(layout.parameters(), 0.0F) };
    BitReader bits{ body.subspan(kUpdateHeaderBytes) };
    for (const ChunkLayout::Chunk& chunk : layout.chunks()) {
        const auto values = std::span{ update.values }.subspan(chunk.offset, chunk.values);
        if (keepPerChunk == kDense) {
            TRY(decodeDense(bits, values));
        } else {
            TRY(decodeChunk(bits, values, keptOf(chunk, keepPerChunk)));
        }
    }
    TRY(bits.finish());
    return update;
}

Result<UpdateHeader> decodeUpdateHeader(base::ByteView body)
{
    TRY_ASSIGN(const RawHeader raw, readHeader(body));
    return raw.header;
}

Result<std::uint16_t> keepPerChunkOf(base::ByteView body)
{
    TRY_ASSIGN(const RawHeader raw, readHeader(body));
    return raw.keepPerChunk;
}

std::size_t maximumUpdateBytes(const ChunkLayout& layout, std::uint16_t keepPerChunk)
{
    std::size_t bits = 0;
    for (const ChunkLayout::Chunk& chunk : layout.chunks()) {
        if (keepPerChunk == kDense) {
            bits += std::size_t{ chunk.values } * 16;
            continue;
        }
        const std::uint32_t kept = keptOf(chunk, keepPerChunk);
        bits += 32 + std::size_t{ kept } * 2;
        if (kept < chunk.values) {
            // The gaps of a chunk add up to values - kept at most: so do their quotients, shifted.
            const unsigned shift = ml::riceShift(chunk.values, kept);
            bits += std::size_t{ kept } * (1 + shift) + ((chunk.values - kept) >> shift);
        }
    }
    return kUpdateHeaderBytes + (bits + 7) / 8;
}

void accumulate(std::span<float> error, std::span<const float> delta, float decay)
{
    ASSERT(error.size() == delta.size());
    for (std::size_t i = 0; i < error.size(); ++i) {
        error[i] = decay * error[i] + delta[i];
    }
}

void subtractSent(std::span<float> error, std::span<const float> sent)
{
    ASSERT(error.size() == sent.size());
    for (std::size_t i = 0; i < error.size(); ++i) {
        error[i] -= sent[i];
    }
}

} // namespace loam::training
