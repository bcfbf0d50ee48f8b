// SPDX-License-Identifier: GPL-3.0-or-later
// Field numbers are those of sentencepiece_model.proto: ModelProto {1 pieces, 2 trainer,
// 3 normalizer}, SentencePiece {1 text, 2 score, 3 kind}, TrainerSpec {3 algorithm, 35 byte
// fallback, 40 unknown, 41 begin, 42 end, 43 padding}, NormalizerSpec {1 name, 3 add a space in
// front, 4 remove surplus spaces}.
#include "ml/sentencepiece_model.h"

#include <fmt/format.h>

#include <array>
#include <cstring>
#include <optional>

namespace loam::ml {

using base::Errc;
using base::fail;
using base::Result;

namespace {

    constexpr std::size_t kMostPieces = std::size_t{ 1 } << 21U;
    constexpr std::uint64_t kBpe = 2;

    enum class Wire : std::uint32_t { Varint = 0, Fixed64 = 1, Bytes = 2, Fixed32 = 5 };

    struct Field
    {
        std::uint32_t number{ 0 };
        Wire wire{ Wire::Varint };
        std::uint64_t value{ 0 }; ///< of a varint or fixed number
        std::string_view bytes;
    };

    tl::unexpected<base::Error> corrupt()
    {
        return fail(Errc::Corrupt, "these bytes are not a SentencePiece model");
    }

    /// The fields of one message, one after another.
    class Message
    {
    public:
        explicit Message(std::string_view bytes)
            : m_rest{ bytes }
        {
        }

        bool atEnd() const { return m_rest.empty(); }

        Result<Field> next()
        {
            TRY_ASSIGN(const std::uint64_t tag, varint());
            Field field;
            field.number = static_cast<std::uint32_t>(tag >> 3U);
            field.wire = static_cast<Wire>(tag & 7U);
            switch (field.wire) {
            case Wire::Varint: {
                TRY_ASSIGN(field.value, varint());
                return field;
            }
            case Wire::Fixed64:
                return fixed(field, 8);
            case Wire::Fixed32:
                return fixed(field, 4);
            case Wire::Bytes: {
                TRY_ASSIGN(const std::uint64_t length, varint());
                if (length > m_rest.size()) {
                    return corrupt();
                }
                field.bytes = m_rest.substr(0, length);
                m_rest.remove_prefix(length);
                return field;
            }
            }
            return corrupt();
        }

    private:
        Result<Field> fixed(Field field, std::size_t size)
        {
            if (size > m_rest.size()) {
                return corrupt();
            }
            std::memcpy(&field.value, m_rest.data(), size);
            m_rest.remove_prefix(size);
            return field;
        }

        Result<std::uint64_t> varint()
        {
            std::uint64_t value = 0;
            for (unsigned shift = 0; shift < 64 && !m_rest.empty(); shift += 7) {
                const auto byte = static_cast<unsigned char>(m_rest.front());
                m_rest.remove_prefix(1);
                value |= static_cast<std::uint64_t>(byte & 0x7FU) << shift;
                if (byte < 0x80) {
                    return value;
                }
            }
            return corrupt();
        }

        std::string_view m_rest;
    };

    constexpr std::array kKinds{ PieceKind::Normal, PieceKind::Unknown, PieceKind::Control,
        PieceKind::UserDefined, PieceKind::Unused, PieceKind::Byte };

    Result<Vocabulary::Piece> readPiece(std::string_view bytes)
    {
        Vocabulary::Piece piece;
        Message message{ bytes };
        while (!message.atEnd()) {
            TRY_ASSIGN(const Field field, message.next());
            if (field.number == 1 && field.wire == Wire::Bytes) {
                piece.text = field.bytes;
            } else if (field.number == 2 && field.wire == Wire::Fixed32) {
                std::memcpy(&piece.score, &field.value, sizeof piece.score);
            } else if (field.number == 3 && field.wire == Wire::Varint) {
                if (field.value == 0 || field.value > kKinds.size()) {
                    return corrupt();
                }
                piece.kind = kKinds[field.value - 1];
            }
        }
        return piece;
    }

    Result<> readTrainer(Vocabulary& out, std::string_view bytes)
    {
        std::uint64_t algorithm = 1; // unigram, unless it says otherwise
        Message message{ bytes };
        while (!message.atEnd()) {
            TRY_ASSIGN(const Field field, message.next());
            // Negative numbers (no such token) fill all 64 bits.
            const auto token = static_cast<Token>(static_cast<std::int64_t>(field.value));
            switch (field.wire == Wire::Varint ? field.number : 0) {
            case 3:
                algorithm = field.value;
                break;
            case 40:
                out.unknown = token;
                break;
            case 41:
                out.bos = token;
                break;
            case 42:
                out.eos = token;
                break;
            default:
                break;
            }
        }
        if (algorithm != kBpe) {
            return fail(Errc::Invalid, "only SentencePiece models that merge pairs (BPE) are read");
        }
        return {};
    }

    Result<> readNormalizer(Vocabulary& out, std::string_view bytes)
    {
        Message message{ bytes };
        while (!message.atEnd()) {
            TRY_ASSIGN(const Field field, message.next());
            if (field.number == 3 && field.wire == Wire::Varint) {
                out.addSpacePrefix = field.value != 0;
            }
        }
        return {};
    }

    class MessageWriter
    {
    public:
        void number(std::uint32_t field, std::uint64_t value)
        {
            tag(field, Wire::Varint);
            varint(value);
        }
        void real(std::uint32_t field, float value)
        {
            tag(field, Wire::Fixed32);
            std::array<char, sizeof value> raw{};
            std::memcpy(raw.data(), &value, sizeof value);
            m_out.append(raw.data(), raw.size());
        }
        void bytes(std::uint32_t field, std::string_view value)
        {
            tag(field, Wire::Bytes);
            varint(value.size());
            m_out += value;
        }
        const std::string& text() const { return m_out; }

    private:
        void tag(std::uint32_t field, Wire wire)
        {
            varint(std::uint64_t{ field } << 3U | static_cast<std::uint32_t>(wire));
        }
        void varint(std::uint64_t value)
        {
            for (; value >= 0x80; value >>= 7U) {
                m_out += static_cast<char>(value | 0x80U);
            }
            m_out += static_cast<char>(value);
        }
        std::string m_out;
    };

    std::uint64_t signedNumber(Token token)
    {
        return static_cast<std::uint64_t>(static_cast<std::int64_t>(token));
    }

} // namespace

Result<Vocabulary> parseSentencePieceModel(base::ByteView model)
{
    Vocabulary out;
    out.algorithm = Vocabulary::Algorithm::SentencePiece;
    out.splitter = "default";
    // What the format means by silence.
    out.unknown = 0;
    out.bos = 1;
    out.eos = 2;
    bool sawTrainer = false;
    Message message{ base::asText(model) };
    while (!message.atEnd()) {
        TRY_ASSIGN(const Field field, message.next());
        if (field.wire != Wire::Bytes) {
            continue;
        }
        if (field.number == 1) {
            TRY_ASSIGN(Vocabulary::Piece piece, readPiece(field.bytes));
            out.pieces.push_back(std::move(piece));
            if (out.pieces.size() > kMostPieces) {
                return fail(Errc::Corrupt, "a SentencePiece model with too many pieces");
            }
        } else if (field.number == 2) {
            sawTrainer = true;
            TRY(readTrainer(out, field.bytes));
        } else if (field.number == 3) {
            TRY(readNormalizer(out, field.bytes));
        }
    }
    if (out.pieces.empty() || !sawTrainer) {
        return corrupt();
    }
    return out;
}

Result<base::Bytes> writeSentencePieceModel(const Vocabulary& vocabulary)
{
    if (vocabulary.algorithm != Vocabulary::Algorithm::SentencePiece) {
        return fail(Errc::Invalid,
            "a byte-pair vocabulary cannot be written as a SentencePiece model: export to GGUF");
    }
    MessageWriter model;
    for (const Vocabulary::Piece& piece : vocabulary.pieces) {
        MessageWriter one;
        one.bytes(1, piece.text);
        one.real(2, piece.score);
        std::uint64_t kind = 1;
        while (kKinds[kind - 1] != piece.kind) {
            ++kind;
        }
        one.number(3, kind);
        model.bytes(1, one.text());
    }
    MessageWriter trainer;
    trainer.number(3, kBpe);
    trainer.number(4, vocabulary.pieces.size());
    trainer.number(35, 1);
    trainer.number(40, signedNumber(vocabulary.unknown));
    trainer.number(41, signedNumber(vocabulary.bos));
    trainer.number(42, signedNumber(vocabulary.eos));
    trainer.number(43, signedNumber(-1));
    model.bytes(2, trainer.text());
    MessageWriter normalizer;
    normalizer.bytes(1, "identity");
    normalizer.number(3, vocabulary.addSpacePrefix ? 1 : 0);
    normalizer.number(4, 0);
    model.bytes(3, normalizer.text());
    return base::toBytes(base::asBytes(model.text()));
}

} // namespace loam::ml
