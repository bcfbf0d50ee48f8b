// SPDX-License-Identifier: GPL-3.0-or-later
// Byte-level byte-pair encoding (GPT-2): bytes are shown as letters, words are cut out by the
// family's splitter, and inside a word the neighbours whose merge was learnt first are joined
// first.
#include "ml/byte_letters.h"
#include "ml/token_table.h"
#include "ml/word_splitter.h"

#include <fmt/format.h>

#include <queue>

#include <array>

namespace loam::ml {

using base::Errc;
using base::fail;
using base::Result;

namespace {

    constexpr std::size_t kMostMerges = std::size_t{ 1 } << 21U;
    constexpr std::size_t kNone = static_cast<std::size_t>(-1);

    /// Texts of pieces, and of what merges pass through, by number; a piece's number is its token.
    class Merges
    {
    public:
        static Result<Merges> create(const TokenTable& table)
        {
            const Vocabulary& vocabulary = table.vocabulary();
            if (vocabulary.merges.size() > kMostMerges) {
                return fail(Errc::Invalid,
                    fmt::format(
                        "a vocabulary of {} merges is too large", vocabulary.merges.size()));
            }
            Merges out;
            out.m_next = static_cast<std::uint32_t>(vocabulary.pieces.size());
            out.m_merges.reserve(vocabulary.merges.size());
            for (std::size_t rank = 0; rank < vocabulary.merges.size(); ++rank) {
                const std::string& merge = vocabulary.merges[rank];
                const std::size_t space = merge.find(' ', 1);
                if (space == std::string::npos || space + 1 == merge.size()) {
                    return fail(Errc::Invalid,
                        fmt::format("merge number {} does not join two texts", rank));
                }
                const std::string left = merge.substr(0, space);
                const std::string right = merge.substr(space + 1);
                // The first of equal merges counts.
                out.m_merges.try_emplace(key(out.intern(table, left), out.intern(table, right)),
                    Merge{ static_cast<std::uint32_t>(rank), out.intern(table, left + right) });
            }
            return out;
        }

        struct Merge
        {
            std::uint32_t rank;
            std::uint32_t joined;
        };
        const Merge* find(std::uint32_t left, std::uint32_t right) const
        {
            const auto found = m_merges.find(key(left, right));
            return found == m_merges.end() ? nullptr : &found->second;
        }

        std::optional<std::uint32_t> number(const TokenTable& table, std::string_view text) const
        {
            if (const auto token = table.find(text)) {
                return static_cast<std::uint32_t>(*token);
            }
            const auto found = m_others.find(std::string{ text });
            return found == m_others.end() ? std::nullopt : std::optional{ found->second };
        }

    private:
        static std::uint64_t key(std::uint32_t left, std::uint32_t right)
        {
            return std::uint64_t{ left } << 32U | right;
        }

        std::uint32_t intern(const TokenTable& table, const std::string& text)
        {
            if (const auto token = table.find(text)) {
                return static_cast<std::uint32_t>(*token);
            }
            const auto [place, isNew] = m_others.try_emplace(text, m_next);
            m_next += isNew ? 1 : 0;
            return place->second;
        }

        std::unordered_map<std::uint64_t, Merge> m_merges;
        std::unordered_map<std::string, std::uint32_t> m_others;
        std::uint32_t m_next{ 0 };
    };

    class BpeCodec final : public TableCodec
    {
    public:
        BpeCodec(TokenTable table, WordSplitter splitter, Merges merges)
            : TableCodec{ std::move(table) }
            , m_splitter{ splitter }
            , m_merges{ std::move(merges) }
        {
            for (std::size_t i = 0; i < m_letters.size(); ++i) {
                m_letters[i]
                    = m_merges.number(this->table(), letterOfByte(static_cast<std::uint8_t>(i)))
                          .value_or(kUnknown);
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
            case PieceKind::Byte:
                return bytesOfLetters(found->text);
            case PieceKind::UserDefined:
                return found->text;
            case PieceKind::Unknown:
            case PieceKind::Control:
            case PieceKind::Unused:
                break;
            }
            return {};
        }

    private:
        static constexpr std::uint32_t kUnknown = 0xFFFFFFFFU;

        struct Symbol
        {
            std::uint32_t number;
            std::size_t begin; ///< byte in the word
            std::size_t previous;
            std::size_t next;
            bool isJoined{ false }; ///< into the one before
        };
        struct Join
        {
            std::uint32_t rank;
            std::size_t left;
            std::size_t right;
            std::uint32_t leftNumber;
            std::uint32_t rightNumber;
            std::uint32_t joined;
        };
        struct Later
        {
            bool operator()(const Join& a, const Join& b) const
            {
                return a.rank > b.rank || (a.rank == b.rank && a.left > b.left);
            }
        };
        using Joins = std::priority_queue<Join, std::vector<Join>, Later>;

        void encodePlain(
            std::vector<Token>& tokens, std::string_view text, bool /*afterToken*/) const override
        {
            for (const std::string_view word : m_splitter.split(text)) {
                if (m_splitter.wholeWordsFirst()) {
                    if (const auto token = table().find(lettersOfBytes(word))) {
                        tokens.push_back(*token);
                        continue;
                    }
                }
                encodeWord(tokens, word);
            }
        }

        void propose(Joins& joins, std::span<const Symbol> symbols, std::size_t left,
            std::size_t right) const
        {
            if (left == kNone || right == kNone) {
                return;
            }
            const std::uint32_t a = symbols[left].number;
            const std::uint32_t b = symbols[right].number;
            if (const Merges::Merge* merge = m_merges.find(a, b)) {
                joins.push({ merge->rank, left, right, a, b, merge->joined });
            }
        }

        void encodeWord(std::vector<Token>& tokens, std::string_view word) const
        {
            std::vector<Symbol> symbols;
            symbols.reserve(word.size());
            for (std::size_t i = 0; i < word.size(); ++i) {
                symbols.push_back({ m_letters[static_cast<unsigned char>(word[i])], i,
                    i > 0 ? i - 1 : kNone, i + 1 < word.size() ? i + 1 : kNone });
            }
            Joins joins;
            for (std::size_t i = 1; i < symbols.size(); ++i) {
                propose(joins, symbols, i - 1, i);
            }
            while (!joins.empty()) {
                const Join best = joins.top();
                joins.pop();
                Symbol& left = symbols[best.left];
                Symbol& right = symbols[best.right];
                // A proposal is stale when either side has changed since.
                if (left.isJoined || right.isJoined || left.next != best.right
                    || left.number != best.leftNumber || right.number != best.rightNumber) {
                    continue;
                }
                left.number = best.joined;
                left.next = right.next;
                right.isJoined = true;
                if (right.next != kNone) {
                    symbols[right.next].previous = best.left;
                }
                propose(joins, symbols, left.previous, best.left);
                propose(joins, symbols, best.left, left.next);
            }
            for (const Symbol& symbol : symbols) {
                if (!symbol.isJoined) {
                    const std::size_t end
                        = symbol.next == kNone ? word.size() : symbols[symbol.next].begin;
                    put(tokens, symbol, word.substr(symbol.begin, end - symbol.begin));
                }
            }
        }

        void put(std::vector<Token>& tokens, const Symbol& symbol, std::string_view bytes) const
        {
            if (table().at(static_cast<Token>(symbol.number)) != nullptr) {
                tokens.push_back(static_cast<Token>(symbol.number));
                return;
            }
            // A merge that is no piece: its letters are.
            for (const char byte : bytes) {
                const std::uint32_t letter = m_letters[static_cast<unsigned char>(byte)];
                if (table().at(static_cast<Token>(letter)) != nullptr) {
                    tokens.push_back(static_cast<Token>(letter));
                } else if (vocabulary().unknown >= 0) {
                    tokens.push_back(vocabulary().unknown);
                }
            }
        }

        WordSplitter m_splitter;
        Merges m_merges;
        std::array<std::uint32_t, 256> m_letters{};
    };

} // namespace

Result<std::unique_ptr<TextCodec>> makeBpeCodec(TokenTable table)
{
    TRY_ASSIGN(const WordSplitter splitter, WordSplitter::create(table.vocabulary().splitter));
    TRY_ASSIGN(Merges merges, Merges::create(table));
    return std::make_unique<BpeCodec>(std::move(table), splitter, std::move(merges));
}

} // namespace loam::ml
