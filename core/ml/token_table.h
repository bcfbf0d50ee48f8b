// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ml/text_codec.h"

#include <optional>
#include <unordered_map>

namespace loam::ml {

/// Where text stands that must not name control tokens.
struct TextRange
{
    std::size_t begin{ 0 };
    std::size_t end{ 0 };
};

/// A stretch of plain text, or a token that the text names.
struct Fragment
{
    std::string_view text;
    Token token{ -1 }; ///< -1: plain text
};

/// A vocabulary with what finds its pieces.
class TokenTable
{
public:
    /// Invalid when the vocabulary is empty, too large or refers to tokens that it does not have.
    static base::Result<TokenTable> create(Vocabulary vocabulary);
    TokenTable(TokenTable&&) = default;
    TokenTable& operator=(TokenTable&&) = default;
    TokenTable(const TokenTable&) = delete;
    TokenTable& operator=(const TokenTable&) = delete;

    const Vocabulary& vocabulary() const { return m_vocabulary; }
    /// nullptr for a token outside the vocabulary.
    const Vocabulary::Piece* at(Token token) const;
    std::optional<Token> find(std::string_view text) const;
    bool endsAnswer(Token token) const;

    /// Cuts out the tokens that may not be cut further: those that users defined always, control
    /// tokens when asked and outside of `plain` (in order, apart). Longer names win over shorter
    /// ones, whatever their place.
    std::vector<Fragment> cut(std::string_view text, TextCodec::Special special,
        std::span<const TextRange> plain = {}) const;

private:
    TokenTable() = default;
    std::vector<Token> namedIn(std::string_view text, TextCodec::Special special) const;

    Vocabulary m_vocabulary;
    std::unordered_map<std::string_view, Token> m_byText;
    std::unordered_map<std::string_view, Token> m_special;
    std::vector<std::size_t> m_specialLengths; ///< longest first
    std::vector<bool> m_ends;
};

/// What all codecs share.
class TableCodec : public TextCodec
{
public:
    const Vocabulary& vocabulary() const override { return m_table.vocabulary(); }
    bool endsAnswer(Token token) const override { return m_table.endsAnswer(token); }
    std::vector<Token> encode(std::string_view text, Special special) const override;
    std::vector<Token> encodeChat(std::span<const ChatMessage> messages) const override;
    std::vector<std::string> chatStops() const override;

protected:
    explicit TableCodec(TokenTable table)
        : m_table{ std::move(table) }
    {
    }
    const TokenTable& table() const { return m_table; }
    /// Tokens of plain text; `afterToken`: it stands at the beginning or after a token that was
    /// cut out.
    virtual void encodePlain(
        std::vector<Token>& tokens, std::string_view text, bool afterToken) const = 0;

private:
    std::vector<Token> encodeFragments(std::span<const Fragment> fragments) const;

    TokenTable m_table;
};

base::Result<std::unique_ptr<TextCodec>> makeSentencePieceCodec(TokenTable table);
base::Result<std::unique_ptr<TextCodec>> makeBpeCodec(TokenTable table);

} // namespace loam::ml
