// SPDX-License-Identifier: GPL-3.0-or-later
// Vocabularies whose scores decide the merges (SentencePiece's BPE as llama.cpp reads it): text
// begins as single characters; of all neighbours that make a piece together, those with the highest
// score are joined first, the leftmost of equals.
#include "ml/text_segments.h"
#include "ml/token_table.h"

#include <fmt/format.h>

#include <queue>

#include <algorithm>
#include <array>

namespace loam::ml {

using base::Errc;
using base::fail;
using base::Result;

namespace {

    constexpr std::size_t kByteValues = 256;

    /// Bytes that the lead byte promises, without a look at the others.
    std::size_t promisedLength(char lead)
    {
        constexpr std::array<std::size_t, 16> kLengths{ 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 3,
            4 };
        return kLengths[static_cast<unsigned char>(lead) >> 4U];
    }

    class SentencePieceCodec final : public TableCodec
    {
    public:
        SentencePieceCodec(TokenTable table, const std::array<Token, kByteValues>& bytes)
            : TableCodec{ std::move(table) }
            , m_bytes{ bytes }
        {
            for (std::size_t i = 0; i < kByteValues; ++i) {
                if (m_bytes[i] >= 0) {
                    m_byteOf.emplace(m_bytes[i], static_cast<char>(i));
                }
            }
        }

        std::string piece(Token token) const override
        {
            const Vocabulary::Piece* found = table().at(token);
            if (found == nullptr) {
                return {};
            }
            switch (found->kind) {
            case PieceKind::Normal:
                return withPlainSpaces(found->text);
            case PieceKind::UserDefined:
                return found->text;
            case PieceKind::Byte: {
                const auto byte = m_byteOf.find(token);
                return byte == m_byteOf.end() ? std::string{} : std::string(1, byte->second);
            }
            case PieceKind::Unknown:
            case PieceKind::Control:
            case PieceKind::Unused:
                break;
            }
            return {};
        }

    private:
        struct Symbol
        {
            std::size_t begin;
            std::size_t length; ///< 0 once joined to the one before
            std::size_t previous;
            std::size_t next;
        };
        struct Join
        {
            float score;
            std::size_t left;
            std::size_t right;
            std::size_t length;
        };
        struct Later
        {
            bool operator()(const Join& a, const Join& b) const
            {
                return a.score < b.score || (a.score == b.score && a.left > b.left);
            }
        };
        using Joins = std::priority_queue<Join, std::vector<Join>, Later>;
        static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

        void propose(Joins& joins, std::span<const Symbol> symbols, std::string_view text,
            std::size_t left, std::size_t right) const
        {
            if (left == kNone || right == kNone) {
                return;
            }
            const std::size_t length = symbols[left].length + symbols[right].length;
            if (const auto token = table().find(text.substr(symbols[left].begin, length))) {
                joins.push({ table().at(*token)->score, left, right, length });
            }
        }

        void encodePlain(
            std::vector<Token>& tokens, std::string_view plain, bool afterToken) const override
        {
            std::string text = afterToken && vocabulary().addSpacePrefix ? std::string{ kSpaceMark }
                                                                         : std::string{};
            for (const char c : plain) {
                if (c == ' ') {
                    text += kSpaceMark;
                } else {
                    text += c;
                }
            }
            std::vector<Symbol> symbols;
            for (std::size_t at = 0; at < text.size();) {
                const std::size_t length = std::min(promisedLength(text[at]), text.size() - at);
                symbols.push_back({ at, length, symbols.empty() ? kNone : symbols.size() - 1,
                    at + length < text.size() ? symbols.size() + 1 : kNone });
                at += length;
            }
            join(symbols, text);
            for (const Symbol& symbol : symbols) {
                if (symbol.length > 0) {
                    put(tokens, std::string_view{ text }.substr(symbol.begin, symbol.length));
                }
            }
        }

        void join(std::vector<Symbol>& symbols, std::string_view text) const
        {
            Joins joins;
            for (std::size_t i = 1; i < symbols.size(); ++i) {
                propose(joins, symbols, text, i - 1, i);
            }
            while (!joins.empty()) {
                const Join best = joins.top();
                joins.pop();
                Symbol& left = symbols[best.left];
                Symbol& right = symbols[best.right];
                // A proposal is stale when either side has been joined since.
                if (left.length == 0 || right.length == 0
                    || left.length + right.length != best.length) {
                    continue;
                }
                left.length += right.length;
                right.length = 0;
                left.next = right.next;
                if (right.next != kNone) {
                    symbols[right.next].previous = best.left;
                }
                propose(joins, symbols, text, left.previous, best.left);
                propose(joins, symbols, text, best.left, left.next);
            }
        }

        void put(std::vector<Token>& tokens, std::string_view symbol) const
        {
            if (const auto token = table().find(symbol)) {
                tokens.push_back(*token);
                return;
            }
            for (const char byte : symbol) {
                const Token token = m_bytes[static_cast<unsigned char>(byte)];
                if (token >= 0) {
                    tokens.push_back(token);
                } else if (vocabulary().unknown >= 0) {
                    tokens.push_back(vocabulary().unknown);
                }
            }
        }

        std::array<Token, kByteValues> m_bytes;
        std::unordered_map<Token, char> m_byteOf;
    };

} // namespace

Result<std::unique_ptr<TextCodec>> makeSentencePieceCodec(TokenTable table)
{
    std::array<Token, kByteValues> bytes{};
    for (std::size_t i = 0; i < kByteValues; ++i) {
        const std::string single(1, static_cast<char>(i));
        bytes[i]
            = table.find(fmt::format("<0x{:02X}>", i)).value_or(table.find(single).value_or(-1));
        if (bytes[i] < 0 && table.vocabulary().unknown < 0) {
            return fail(Errc::Invalid,
                fmt::format("the vocabulary has neither a piece for the byte {} nor one for what "
                            "is unknown",
                    i));
        }
    }
    return std::make_unique<SentencePieceCodec>(std::move(table), bytes);
}

} // namespace loam::ml
