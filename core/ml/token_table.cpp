// SPDX-License-Identifier: GPL-3.0-or-later
#include "ml/token_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <list>
#include <set>

namespace loam::ml {

using base::Errc;
using base::fail;
using base::Result;

namespace {

    constexpr std::size_t kMostPieces = std::size_t{ 1 } << 21U;

    /// Names by which families call the end of a turn or of a text. A file may forget to mark them
    /// as control tokens.
    constexpr std::array<std::string_view, 14> kEnds{ "<|eot_id|>", "<|im_end|>", "<|end|>",
        "<end_of_turn>", "<|endoftext|>", "<|end_of_text|>", "<|eom_id|>", "<EOT>", "_<EOT>",
        "[EOT]", "[EOS]", "</s>", "<\uFF5Cend\u2581of\u2581sentence\uFF5C>", "<end_of_utterance>" };

    bool isSpecial(PieceKind kind)
    {
        return kind == PieceKind::Control || kind == PieceKind::UserDefined
            || kind == PieceKind::Unknown;
    }

    Result<> checkToken(const Vocabulary& vocabulary, std::string_view role, Token token)
    {
        if (token < -1 || token >= static_cast<Token>(vocabulary.pieces.size())) {
            return fail(Errc::Invalid,
                fmt::format("the vocabulary's {} token {} is not in it", role, token));
        }
        return {};
    }

    bool overlaps(std::span<const TextRange> ranges, std::size_t begin, std::size_t end)
    {
        const auto next = std::ranges::upper_bound(ranges, begin, {}, &TextRange::end);
        return next != ranges.end() && next->begin < end;
    }

} // namespace

Result<TokenTable> TokenTable::create(Vocabulary vocabulary)
{
    if (vocabulary.pieces.empty() || vocabulary.pieces.size() > kMostPieces) {
        return fail(Errc::Invalid,
            fmt::format(
                "a vocabulary of {} tokens is empty or too large", vocabulary.pieces.size()));
    }
    TRY(checkToken(vocabulary, "first", vocabulary.bos));
    TRY(checkToken(vocabulary, "last", vocabulary.eos));
    TRY(checkToken(vocabulary, "end of turn", vocabulary.eot));
    TRY(checkToken(vocabulary, "unknown", vocabulary.unknown));
    TRY(checkToken(vocabulary, "padding", vocabulary.padding));
    TokenTable out;
    out.m_vocabulary = std::move(vocabulary);
    std::vector<Vocabulary::Piece>& pieces = out.m_vocabulary.pieces;
    out.m_ends.resize(pieces.size());
    out.m_byText.reserve(pieces.size());
    std::set<std::size_t, std::greater<>> lengths;
    for (std::size_t i = 0; i < pieces.size(); ++i) {
        const auto token = static_cast<Token>(i);
        Vocabulary::Piece& piece = pieces[i];
        if (std::ranges::find(kEnds, piece.text) != kEnds.end()) {
            out.m_ends[i] = true;
            piece.kind = PieceKind::Control;
        }
        // Of equal texts the last one counts.
        out.m_byText[piece.text] = token;
        if (isSpecial(piece.kind) && !piece.text.empty()) {
            out.m_special[piece.text] = token;
            lengths.insert(piece.text.size());
        }
    }
    for (const Token end : { out.m_vocabulary.eos, out.m_vocabulary.eot }) {
        if (end >= 0) {
            out.m_ends[static_cast<std::size_t>(end)] = true;
        }
    }
    out.m_specialLengths.assign(lengths.begin(), lengths.end());
    return out;
}

const Vocabulary::Piece* TokenTable::at(Token token) const
{
    return token >= 0 && static_cast<std::size_t>(token) < m_vocabulary.pieces.size()
        ? &m_vocabulary.pieces[static_cast<std::size_t>(token)]
        : nullptr;
}

std::optional<Token> TokenTable::find(std::string_view text) const
{
    const auto found = m_byText.find(text);
    return found == m_byText.end() ? std::nullopt : std::optional{ found->second };
}

bool TokenTable::endsAnswer(Token token) const
{
    return at(token) != nullptr && m_ends[static_cast<std::size_t>(token)];
}

std::vector<Token> TokenTable::namedIn(std::string_view text, TextCodec::Special special) const
{
    std::set<Token> found;
    for (std::size_t i = 0; i < text.size(); ++i) {
        for (const std::size_t length : m_specialLengths) {
            const auto hit = length > text.size() - i ? m_special.end()
                                                      : m_special.find(text.substr(i, length));
            if (hit != m_special.end()
                && (special == TextCodec::Special::Parse
                    || at(hit->second)->kind == PieceKind::UserDefined)) {
                found.insert(hit->second);
            }
        }
    }
    std::vector<Token> out{ found.begin(), found.end() };
    std::ranges::stable_sort(
        out, std::ranges::greater{}, [this](Token token) { return at(token)->text.size(); });
    return out;
}

std::vector<Fragment> TokenTable::cut(
    std::string_view text, TextCodec::Special special, std::span<const TextRange> plain) const
{
    std::list<Fragment> fragments;
    if (!text.empty()) {
        fragments.push_back({ text });
    }
    for (const Token token : namedIn(text, special)) {
        const Vocabulary::Piece& piece = *at(token);
        const bool everywhere = piece.kind == PieceKind::UserDefined;
        for (auto at = fragments.begin(); at != fragments.end(); ++at) {
            // What follows a hit becomes the next fragment, which the loop then visits.
            for (std::size_t from = 0; at->token < 0;) {
                const std::size_t hit = at->text.find(piece.text, from);
                if (hit == std::string_view::npos) {
                    break;
                }
                const auto place = static_cast<std::size_t>(at->text.data() - text.data()) + hit;
                if (!everywhere && overlaps(plain, place, place + piece.text.size())) {
                    from = hit + 1;
                    continue;
                }
                const std::string_view before = at->text.substr(0, hit);
                const std::string_view after = at->text.substr(hit + piece.text.size());
                if (!after.empty()) {
                    fragments.insert(std::next(at), Fragment{ after });
                }
                if (!before.empty()) {
                    fragments.insert(at, Fragment{ before });
                }
                *at = Fragment{ piece.text, token };
            }
        }
    }
    return { fragments.begin(), fragments.end() };
}

std::vector<Token> TableCodec::encodeFragments(std::span<const Fragment> fragments) const
{
    std::vector<Token> tokens;
    bool afterToken = true;
    for (const Fragment& fragment : fragments) {
        if (fragment.token >= 0) {
            tokens.push_back(fragment.token);
        } else {
            encodePlain(tokens, fragment.text, afterToken);
        }
        afterToken = fragment.token >= 0;
    }
    return tokens;
}

std::vector<Token> TableCodec::encode(std::string_view text, Special special) const
{
    return encodeFragments(m_table.cut(text, special));
}

} // namespace loam::ml
