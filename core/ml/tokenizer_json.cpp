// SPDX-License-Identifier: GPL-3.0-or-later
#include "ml/tokenizer_json.h"

#include "base/utf8.h"
#include "ml/text_segments.h"
#include "ml/word_splitter.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <numeric>
#include <unordered_map>
#include <unordered_set>

namespace loam::ml {

using base::Errc;
using base::fail;
using base::Result;
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
            if (!piece.text.empty() && (isControl || piece.kind == PieceKind::UserDefined)) {
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

    /// null for a token that there is not.
    Json textOf(const Vocabulary& vocabulary, Token token)
    {
        return token < 0 ? Json{} : Json(vocabulary.pieces[static_cast<std::size_t>(token)].text);
    }

    /// What all merging models say alike.
    Json mergingModel(const Vocabulary& vocabulary)
    {
        return { { "type", "BPE" }, { "dropout", nullptr },
            { "unk_token", textOf(vocabulary, vocabulary.unknown) },
            { "continuing_subword_prefix", nullptr }, { "end_of_word_suffix", nullptr } };
    }

    Json frame(const Vocabulary& vocabulary)
    {
        Json out;
        out["version"] = "1.0";
        out["truncation"] = nullptr;
        out["padding"] = nullptr;
        out["added_tokens"] = addedTokens(vocabulary);
        return out;
    }

    std::string written(const Json& json, int indent)
    {
        return json.dump(indent, ' ', false, Json::error_handler_t::replace);
    }

    /// The first and last token around one text or a pair; null when there are none.
    Json postProcessor(const Vocabulary& vocabulary)
    {
        Json special = Json::object();
        const auto token = [&](Json& out, bool isAdded, Token id, int text) {
            if (isAdded) {
                const Json name = textOf(vocabulary, id);
                out.push_back({ { "SpecialToken", { { "id", name }, { "type_id", text } } } });
                special[name.get<std::string>()] = { { "id", name }, { "ids", Json::array({ id }) },
                    { "tokens", Json::array({ name }) } };
            }
        };
        const auto sequence = [&](Json& out, const char* name, int text) {
            token(out, vocabulary.addBos, vocabulary.bos, text);
            out.push_back({ { "Sequence", { { "id", name }, { "type_id", text } } } });
            token(out, vocabulary.addEos, vocabulary.eos, text);
        };
        Json single = Json::array();
        sequence(single, "A", 0);
        Json pair = single;
        sequence(pair, "B", 1);
        return special.empty()
            ? Json{}
            : Json{ { "type", "TemplateProcessing" }, { "single", std::move(single) },
                  { "pair", std::move(pair) }, { "special_tokens", std::move(special) } };
    }

    std::string sentencePieceJson(const Vocabulary& vocabulary)
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
        Json out = frame(vocabulary);
        out["normalizer"] = { { "type", "Sequence" }, { "normalizers", std::move(normalizers) } };
        out["pre_tokenizer"] = nullptr;
        out["post_processor"] = postProcessor(vocabulary);
        out["decoder"] = { { "type", "Sequence" }, { "decoders", std::move(decoders) } };
        Json& model = out["model"] = mergingModel(vocabulary);
        model["fuse_unk"] = true;
        model["byte_fallback"] = true;
        model["vocab"] = pieces;
        model["merges"] = mergesOf(vocabulary);
        return written(out, -1);
    }

    using Ids = std::unordered_map<std::string_view, std::size_t>;

    tl::unexpected<base::Error> inexpressible(std::string_view what)
    {
        return fail(Errc::Invalid,
            fmt::format("{}, which tokenizer.json cannot hold: export to GGUF", what));
    }

    /// All tokens by their texts, but those that only fill up the embedding.
    Result<Ids> idsOf(const Vocabulary& vocabulary)
    {
        Ids out;
        for (std::size_t i = 0; i < vocabulary.pieces.size(); ++i) {
            const Vocabulary::Piece& piece = vocabulary.pieces[i];
            if (piece.text.empty()
                || (piece.kind == PieceKind::Unused && piece.text == fillerText(i))) {
                continue;
            }
            if (!base::isUtf8(piece.text)) {
                return inexpressible(fmt::format("the token {} is not well-formed UTF-8", i));
            }
            if (const auto [place, isNew] = out.emplace(piece.text, i); !isNew) {
                return inexpressible(
                    fmt::format("the tokens {} and {} have the same text", place->second, i));
            }
        }
        return out;
    }

    Result<Json> rankedMerges(const Vocabulary& vocabulary, const Ids& ids)
    {
        Json out = Json::array();
        std::unordered_set<std::string_view> seen;
        for (std::size_t rank = 0; rank < vocabulary.merges.size(); ++rank) {
            const std::string& merge = vocabulary.merges[rank];
            // Of equal merges the first counts; there the last would.
            if (!seen.insert(merge).second) {
                continue;
            }
            const std::size_t space = merge.find(' ', 1);
            const std::string left = merge.substr(0, space);
            const std::string right = merge.substr(space + 1);
            if (!ids.contains(left) || !ids.contains(right) || !ids.contains(left + right)) {
                return inexpressible(
                    fmt::format("merge number {} has to do with a text that is no token", rank));
            }
            out.push_back({ left, right });
        }
        return out;
    }

    /// Cuts words as `splitter` does, then shows their bytes as letters.
    Json preTokenizer(const WordSplitter& splitter)
    {
        Json steps = Json::array();
        for (const std::string_view pattern : splitter.patterns()) {
            steps.push_back({ { "type", "Split" }, { "pattern", { { "Regex", pattern } } },
                { "behavior", "Isolated" }, { "invert", false } });
        }
        steps.push_back({ { "type", "ByteLevel" }, { "add_prefix_space", false },
            { "trim_offsets", true }, { "use_regex", false } });
        return { { "type", "Sequence" }, { "pretokenizers", std::move(steps) } };
    }

    Result<std::string> bytePairJson(const Vocabulary& vocabulary)
    {
        TRY_ASSIGN(const WordSplitter splitter, WordSplitter::create(vocabulary.splitter));
        TRY_ASSIGN(const Ids ids, idsOf(vocabulary));
        TRY_ASSIGN(Json merges, rankedMerges(vocabulary, ids));
        nlohmann::json pieces = nlohmann::json::object();
        for (const auto& [text, id] : ids) {
            pieces[std::string{ text }] = id;
        }
        Json out = frame(vocabulary);
        out["normalizer"] = nullptr;
        out["pre_tokenizer"] = preTokenizer(splitter);
        out["post_processor"] = postProcessor(vocabulary);
        out["decoder"] = { { "type", "ByteLevel" }, { "add_prefix_space", true },
            { "trim_offsets", true }, { "use_regex", true } };
        Json& model = out["model"] = mergingModel(vocabulary);
        model["fuse_unk"] = false;
        model["byte_fallback"] = false;
        model["ignore_merges"] = splitter.wholeWordsFirst();
        model["vocab"] = pieces;
        model["merges"] = std::move(merges);
        return written(out, -1);
    }

} // namespace

Result<std::string> tokenizerJson(const Vocabulary& vocabulary)
{
    switch (vocabulary.algorithm) {
    case Vocabulary::Algorithm::SentencePiece:
        return sentencePieceJson(vocabulary);
    case Vocabulary::Algorithm::Bpe:
        return bytePairJson(vocabulary);
    }
    return fail(Errc::Invalid, "an unknown kind of vocabulary");
}

std::string tokenizerConfigJson(const Vocabulary& vocabulary, std::uint32_t context)
{
    Json out;
    // The class that takes tokenizer.json as it is; those of the families change parts of it.
    out["tokenizer_class"] = "PreTrainedTokenizerFast";
    // It would also make token types, which no model here takes.
    out["model_input_names"] = { "input_ids", "attention_mask" };
    out["model_max_length"] = context;
    out["add_bos_token"] = vocabulary.addBos;
    out["add_eos_token"] = vocabulary.addEos;
    out["clean_up_tokenization_spaces"] = false;
    const auto token = [&](const char* key, Token id) {
        if (id >= 0) {
            out[key] = textOf(vocabulary, id);
        }
    };
    token("bos_token", vocabulary.bos);
    token("eos_token", vocabulary.eos);
    token("unk_token", vocabulary.unknown);
    token("pad_token", vocabulary.padding);
    if (!vocabulary.chatTemplate.empty()) {
        out["chat_template"] = vocabulary.chatTemplate;
    }
    return written(out, 2) + "\n";
}

std::string fillerText(std::size_t id)
{
    return fmt::format("[PAD{}]", id);
}

} // namespace loam::ml
