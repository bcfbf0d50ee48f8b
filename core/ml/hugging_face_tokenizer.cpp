// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/file.h"
#include "ml/hugging_face.h"
#include "ml/sentencepiece_model.h"
#include "ml/tokenizer.h"
#include "ml/tokenizer_json.h"
#include "ml/word_splitter.h"

#include <fmt/format.h>

#include <array>
#include <unordered_map>

namespace loam::ml {

using base::Errc;
using base::Result;
using nlohmann::json;

namespace {

    constexpr std::size_t kMostPieces = std::size_t{ 1 } << 21U;
    constexpr std::size_t kMostMerges = std::size_t{ 1 } << 21U;
    constexpr std::size_t kMostTokenizerBytes = std::size_t{ 128 } << 20U;
    constexpr std::size_t kMostConfigBytes = std::size_t{ 16 } << 20U;

    /// Numbers left free between tokens; more would be memory for nothing.
    constexpr std::size_t kMostHoles = 65'536;

    void setPiece(Vocabulary& out, std::size_t id, std::string text, PieceKind kind)
    {
        if (id >= out.pieces.size()) {
            out.pieces.resize(id + 1);
        }
        out.pieces[id].text = std::move(text);
        out.pieces[id].kind = kind;
    }

    Result<> readPieces(Vocabulary& out, const JsonFields& file, const JsonFields& model)
    {
        const json* vocabulary = model.find("vocab");
        if (vocabulary == nullptr || !vocabulary->is_object() || vocabulary->empty()
            || vocabulary->size() > kMostPieces) {
            return file.error(Errc::Invalid, "model.vocab is missing or too large");
        }
        out.pieces.resize(vocabulary->size());
        for (const auto& [text, id] : vocabulary->items()) {
            if (!id.is_number_unsigned()
                || id.get<std::uint64_t>() >= vocabulary->size() + kMostHoles) {
                return file.error(Errc::Invalid, "model.vocab has a token without a number");
            }
            setPiece(out, id.get<std::size_t>(), text, PieceKind::Normal);
        }
        return {};
    }

    Result<> readMerges(Vocabulary& out, const JsonFields& file, const JsonFields& model)
    {
        const json* merges = model.find("merges");
        if (merges == nullptr || !merges->is_array() || merges->size() > kMostMerges) {
            return file.error(Errc::Invalid, "model.merges is missing or too large");
        }
        for (const json& merge : *merges) {
            if (merge.is_string()) {
                out.merges.push_back(merge.get<std::string>());
            } else if (merge.is_array() && merge.size() == 2 && merge[0].is_string()
                && merge[1].is_string()) {
                out.merges.push_back(
                    merge[0].get<std::string>() + ' ' + merge[1].get<std::string>());
            } else {
                return file.error(Errc::Invalid, "model.merges has something that joins no texts");
            }
        }
        return {};
    }

    /// Tokens beside the model's vocabulary: [{id, content, special}].
    Result<> readAdded(Vocabulary& out, const JsonFields& file)
    {
        const json* added = file.find("added_tokens");
        if (added == nullptr) {
            return {};
        }
        const std::size_t most = out.pieces.size() + kMostHoles;
        for (const json& one : *added) {
            const bool isWhole = one.is_object() && one.contains("id") && one.contains("content")
                && one["id"].is_number_unsigned() && one["id"].get<std::uint64_t>() < most
                && one["content"].is_string();
            if (!isWhole) {
                return file.error(Errc::Invalid, "an added token without number or text");
            }
            const bool isSpecial = one.contains("special") && one["special"] == true;
            const auto id = one["id"].get<std::size_t>();
            const bool isUnknown
                = id < out.pieces.size() && out.pieces[id].kind == PieceKind::Unknown;
            setPiece(out, id, one["content"].get<std::string>(),
                isUnknown       ? PieceKind::Unknown
                    : isSpecial ? PieceKind::Control
                                : PieceKind::UserDefined);
        }
        return {};
    }

    /// All objects with a type inside one that may be a Sequence.
    std::vector<const json*> stepsOf(const json* step, const char* list)
    {
        std::vector<const json*> out;
        if (step == nullptr || !step->is_object()) {
            return out;
        }
        if (step->contains(list) && (*step)[list].is_array()) {
            for (const json& one : (*step)[list]) {
                if (one.is_object()) {
                    out.push_back(&one);
                }
            }
            return out;
        }
        out.push_back(step);
        return out;
    }

    std::string textIn(const json& step, const char* key)
    {
        return step.contains(key) && step[key].is_string() ? step[key].get<std::string>()
                                                           : std::string{};
    }

    /// What cuts words, as regular expressions.
    Result<std::vector<std::string>> patternsOf(const JsonFields& file)
    {
        std::vector<std::string> out;
        for (const json* step : stepsOf(file.find("pre_tokenizer"), "pretokenizers")) {
            const std::string type = textIn(*step, "type");
            if (type == "Split" && step->contains("pattern") && (*step)["pattern"].is_object()) {
                out.push_back(textIn((*step)["pattern"], "Regex"));
            } else if (type == "Digits" && step->value("individual_digits", json{}) == true) {
                out.emplace_back(WordSplitter::kOneNumberPattern);
            } else if (type != "ByteLevel") {
                return file.error(
                    Errc::Invalid, fmt::format("the pre-tokenizer {} is not supported", type));
            } else if (!step->contains("use_regex") || (*step)["use_regex"] == true) {
                out.emplace_back(WordSplitter::kGpt2Pattern);
            }
        }
        return out;
    }

    Result<WordSplitter> splitterOf(const JsonFields& file)
    {
        TRY_ASSIGN(const std::vector<std::string> patterns, patternsOf(file));
        if (patterns.empty()) {
            return file.error(Errc::Invalid, "it does not say how words are cut");
        }
        if (const auto splitter = WordSplitter::ofPatterns(patterns)) {
            return *splitter;
        }
        return file.error(Errc::Invalid,
            fmt::format("words are cut by a pattern that is not known: {}",
                fmt::join(patterns, ", then ")));
    }

    bool prependsSpace(const JsonFields& file)
    {
        for (const json* step : stepsOf(file.find("normalizer"), "normalizers")) {
            if (textIn(*step, "type") == "Prepend") {
                return true;
            }
        }
        for (const json* step : stepsOf(file.find("pre_tokenizer"), "pretokenizers")) {
            if (textIn(*step, "type") == "Metaspace") {
                const std::string scheme = textIn(*step, "prepend_scheme");
                return scheme.empty() ? step->value("add_prefix_space", json{ true }) == true
                                      : scheme != "never";
            }
        }
        return false;
    }

    /// Earlier merges make better pieces: with minus its place as a piece's score, scores decide
    /// as the merges would.
    void scoresFromMerges(Vocabulary& out)
    {
        std::unordered_map<std::string_view, std::size_t> ids;
        for (std::size_t i = 0; i < out.pieces.size(); ++i) {
            ids.emplace(out.pieces[i].text, i);
        }
        std::vector<bool> seen(out.pieces.size());
        for (std::size_t rank = 0; rank < out.merges.size(); ++rank) {
            std::string joined = out.merges[rank];
            const std::size_t space = joined.find(' ', 1);
            if (space == std::string::npos) {
                continue;
            }
            joined.erase(space, 1);
            const auto found = ids.find(joined);
            if (found != ids.end() && !seen[found->second]) {
                seen[found->second] = true;
                out.pieces[found->second].score = -static_cast<float>(rank);
            }
        }
        // Pieces that no merge makes are never the result of one.
        for (std::size_t i = 0; i < out.pieces.size(); ++i) {
            if (!seen[i]) {
                out.pieces[i].score = -1e9F;
            }
        }
        out.merges.clear();
    }

    void markBytes(Vocabulary& out)
    {
        for (Vocabulary::Piece& piece : out.pieces) {
            if (piece.text.size() == 6 && piece.text.starts_with("<0x")
                && piece.text.ends_with('>')) {
                piece.kind = PieceKind::Byte;
            }
        }
    }

    /// A token's text in tokenizer_config.json: a string, or an object with its content.
    std::string tokenText(const json* value)
    {
        if (value != nullptr && value->is_object()) {
            return textIn(*value, "content");
        }
        return value != nullptr && value->is_string() ? value->get<std::string>() : std::string{};
    }

    Token find(const Vocabulary& vocabulary, const std::string& text)
    {
        for (std::size_t i = 0; i < vocabulary.pieces.size() && !text.empty(); ++i) {
            if (vocabulary.pieces[i].text == text) {
                return static_cast<Token>(i);
            }
        }
        return -1;
    }

    Result<> readSettings(Vocabulary& out, const std::filesystem::path& folder)
    {
        const std::filesystem::path path = folder / "tokenizer_config.json";
        std::error_code ignored;
        if (!std::filesystem::exists(path, ignored)) {
            return {};
        }
        TRY_ASSIGN(const JsonFields settings, JsonFields::read(path, kMostConfigBytes));
        const Token bos = find(out, tokenText(settings.find("bos_token")));
        const Token eos = find(out, tokenText(settings.find("eos_token")));
        out.bos = bos >= 0 ? bos : out.bos;
        out.eos = eos >= 0 ? eos : out.eos;
        out.padding = find(out, tokenText(settings.find("pad_token")));
        TRY_ASSIGN(out.addBos, settings.flag("add_bos_token", out.addBos));
        TRY_ASSIGN(out.addEos, settings.flag("add_eos_token", out.addEos));
        out.addBos = out.addBos && out.bos >= 0;
        out.addEos = out.addEos && out.eos >= 0;
        const json* chat = settings.find("chat_template");
        out.chatTemplate
            = chat != nullptr && chat->is_string() ? chat->get<std::string>() : std::string{};
        return {};
    }

} // namespace

Result<Vocabulary> parseTokenizerJson(const JsonFields& file)
{
    TRY_ASSIGN(const auto model, file.object("model"));
    if (!model) {
        return file.error(Errc::Invalid, "model is missing");
    }
    TRY_ASSIGN(const std::string type, model->text("type", "BPE"));
    if (type != "BPE") {
        return file.error(Errc::Invalid, fmt::format("a {} vocabulary is not supported", type));
    }
    Vocabulary out;
    TRY(readPieces(out, file, *model));
    TRY(readMerges(out, file, *model));
    TRY_ASSIGN(const std::string unknown, model->text("unk_token", ""));
    out.unknown = find(out, unknown);
    if (out.unknown >= 0) {
        out.pieces[static_cast<std::size_t>(out.unknown)].kind = PieceKind::Unknown;
    }
    TRY(readAdded(out, file));
    TRY_ASSIGN(const bool hasBytes, model->flag("byte_fallback", false));
    if (hasBytes) {
        out.algorithm = Vocabulary::Algorithm::SentencePiece;
        out.splitter = "default";
        out.addSpacePrefix = prependsSpace(file);
        out.addBos = true;
        scoresFromMerges(out);
        markBytes(out);
        return out;
    }
    out.algorithm = Vocabulary::Algorithm::Bpe;
    out.addSpacePrefix = false;
    TRY_ASSIGN(const WordSplitter splitter, splitterOf(file));
    out.splitter = splitter.name();
    out.addBos = out.splitter == "llama-bpe";
    return out;
}

Result<Vocabulary> vocabularyFromFolder(
    const std::filesystem::path& folder, const HuggingFaceConfig& config)
{
    std::error_code ignored;
    Vocabulary out;
    const std::filesystem::path pieces = folder / "tokenizer.model";
    if (std::filesystem::exists(pieces, ignored)) {
        TRY_ASSIGN(const base::Bytes model, base::readFile(pieces, Tokenizer::kMaxModelBytes));
        TRY_ASSIGN(out, parseSentencePieceModel(model));
        out.addBos = true;
    } else {
        TRY_ASSIGN(const JsonFields file,
            JsonFields::read(folder / "tokenizer.json", kMostTokenizerBytes));
        TRY_ASSIGN(out, parseTokenizerJson(file));
        out.bos = config.bos;
        out.eos = config.eos;
    }
    TRY(readSettings(out, folder));
    // Embeddings are often padded to a round number of rows.
    for (std::size_t i = 0; i < out.pieces.size(); ++i) {
        if (out.pieces[i].text.empty()) {
            out.pieces[i] = { fillerText(i), -1e9F, PieceKind::Unused };
        }
    }
    while (out.pieces.size() < config.shape.vocab) {
        out.pieces.push_back({ fillerText(out.pieces.size()), -1e9F, PieceKind::Unused });
    }
    return out;
}

} // namespace loam::ml
