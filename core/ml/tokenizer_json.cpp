// SPDX-License-Identifier: GPL-3.0-or-later
#include "ml/tokenizer_json.h"

#include "ml/text_segments.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <numeric>
#include <unordered_map>

namespace loam::ml {

using Json = nlohmann::ordered_json;

namespace {

    /// Every way to make a piece out of two others, the pieces with the best scores first.
    Json mergesOf(const Vocabulary& vocabulary)
    {
        std::unordered_map<std::string_view, std::size_t> ids;
        for (std::size_t i = 0; i < vocabulary.pieces.size(); ++i) {
            ids[vocabulary.pieces[i].text] = i;
        }
        std::vector<std::size_t> order(vocabulary.pieces.size());
        std::iota(order.begin(), order.end(), std::size_t{ 0 });
        std::ranges::stable_sort(order, std::ranges::greater{},
            [&](std::size_t id) { return vocabulary.pieces[id].score; });
        Json out = Json::array();
        for (const std::size_t id : order) {
            const Vocabulary::Piece& piece = vocabulary.pieces[id];
            if (piece.kind != PieceKind::Normal) {
                continue;
            }
            const std::string_view text = piece.text;
            for (std::size_t cut = utf8CharacterLength(text); cut > 0 && cut < text.size();
                 cut += utf8CharacterLength(text.substr(cut))) {
                if (ids.contains(text.substr(0, cut)) && ids.contains(text.substr(cut))) {
                    out.push_back({ text.substr(0, cut), text.substr(cut) });
                }
                if (utf8CharacterLength(text.substr(cut)) == 0) {
                    break;
                }
            }
        }
        return out;
    }

    Json addedTokens(const Vocabulary& vocabulary)
    {
        Json out = Json::array();
        for (std::size_t i = 0; i < vocabulary.pieces.size(); ++i) {
            const Vocabulary::Piece& piece = vocabulary.pieces[i];
            const bool isControl
                = piece.kind == PieceKind::Control || piece.kind == PieceKind::Unknown;
            if (isControl || piece.kind == PieceKind::UserDefined) {
                out.push_back({ { "id", i }, { "content", piece.text }, { "single_word", false },
                    { "lstrip", false }, { "rstrip", false }, { "normalized", false },
                    { "special", isControl } });
            }
        }
        return out;
    }

    Json replacing(std::string_view from, std::string_view to)
    {
        return { { "type", "Replace" }, { "pattern", { { "String", from } } }, { "content", to } };
    }

} // namespace

std::string tokenizerJson(const Vocabulary& vocabulary)
{
    // The plain kind finds its keys fast; the ordered one compares them all.
    nlohmann::json pieces = nlohmann::json::object();
    for (std::size_t i = 0; i < vocabulary.pieces.size(); ++i) {
        pieces[vocabulary.pieces[i].text] = i;
    }
    Json normalizers = Json::array();
    Json decoders = Json::array();
    if (vocabulary.addSpacePrefix) {
        normalizers.push_back({ { "type", "Prepend" }, { "prepend", kSpaceMark } });
    }
    normalizers.push_back(replacing(" ", kSpaceMark));
    decoders.push_back(replacing(kSpaceMark, " "));
    decoders.push_back({ { "type", "ByteFallback" } });
    decoders.push_back({ { "type", "Fuse" } });
    if (vocabulary.addSpacePrefix) {
        decoders.push_back(
            { { "type", "Strip" }, { "content", " " }, { "start", 1 }, { "stop", 0 } });
    }
    Json unknown;
    if (vocabulary.unknown >= 0) {
        unknown = vocabulary.pieces[static_cast<std::size_t>(vocabulary.unknown)].text;
    }
    Json out;
    out["version"] = "1.0";
    out["truncation"] = nullptr;
    out["padding"] = nullptr;
    out["added_tokens"] = addedTokens(vocabulary);
    out["normalizer"] = { { "type", "Sequence" }, { "normalizers", std::move(normalizers) } };
    out["pre_tokenizer"] = nullptr;
    out["post_processor"] = nullptr;
    out["decoder"] = { { "type", "Sequence" }, { "decoders", std::move(decoders) } };
    out["model"] = { { "type", "BPE" }, { "dropout", nullptr }, { "unk_token", std::move(unknown) },
        { "continuing_subword_prefix", nullptr }, { "end_of_word_suffix", nullptr },
        { "fuse_unk", true }, { "byte_fallback", true }, { "vocab", std::move(pieces) },
        { "merges", mergesOf(vocabulary) } };
    return out.dump(-1, ' ', false, Json::error_handler_t::replace);
}

} // namespace loam::ml
