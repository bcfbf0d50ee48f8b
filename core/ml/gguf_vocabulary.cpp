// SPDX-License-Identifier: GPL-3.0-or-later
#include "ml/model_parts.h"

#include <fmt/format.h>

#include <array>
#include <cstring>

namespace loam::ml {

using base::Errc;
using base::Result;

namespace {

    constexpr std::string_view kTokens = "tokenizer.ggml.tokens";

    Result<PieceKind> kindOf(const Gguf& file, float number)
    {
        constexpr std::array kKinds{ PieceKind::Normal, PieceKind::Normal, PieceKind::Unknown,
            PieceKind::Control, PieceKind::UserDefined, PieceKind::Unused, PieceKind::Byte };
        if (!(number >= 0.0F && number < static_cast<float>(kKinds.size()))) {
            return file.error(Errc::Corrupt, fmt::format("a token of the unknown kind {}", number));
        }
        return kKinds[static_cast<std::size_t>(number)];
    }

    Result<Token> tokenAt(const Gguf& file, std::string_view name, std::size_t pieces)
    {
        const std::string key = fmt::format("tokenizer.ggml.{}", name);
        constexpr std::uint32_t kNone = 0xFFFFFFFFU;
        // -1 (as a signed or an unsigned number) says that there is none.
        if (const GgufValue* value = file.value(key); value != nullptr && !value->isArray
            && value->bytes.size() == sizeof kNone
            && std::memcmp(value->bytes.data(), &kNone, sizeof kNone) == 0) {
            return Token{ -1 };
        }
        TRY_ASSIGN(const std::optional<std::uint64_t> id, file.integer(key));
        if (id && *id >= pieces) {
            return file.error(
                Errc::Corrupt, fmt::format("{} is {}, outside the vocabulary", key, *id));
        }
        return id ? static_cast<Token>(*id) : Token{ -1 };
    }

    Result<> readPieces(Vocabulary& out, const Gguf& file)
    {
        TRY_ASSIGN(const auto texts, file.texts(kTokens));
        TRY_ASSIGN(const auto scores, file.numbers("tokenizer.ggml.scores"));
        TRY_ASSIGN(const auto kinds, file.numbers("tokenizer.ggml.token_type"));
        if (!texts || texts->empty()) {
            return file.error(Errc::Invalid, "it has no vocabulary (tokenizer.ggml.tokens)");
        }
        if ((scores && scores->size() != texts->size())
            || (kinds && kinds->size() != texts->size())) {
            return file.error(
                Errc::Corrupt, "the vocabulary's scores or kinds are not one a token");
        }
        out.pieces.reserve(texts->size());
        for (std::size_t i = 0; i < texts->size(); ++i) {
            TRY_ASSIGN(const PieceKind kind, kindOf(file, kinds ? (*kinds)[i] : 1.0F));
            out.pieces.push_back(
                { std::string{ (*texts)[i] }, scores ? (*scores)[i] : 0.0F, kind });
        }
        return {};
    }

} // namespace

Result<Vocabulary> vocabularyFromGguf(const Gguf& file)
{
    Vocabulary out;
    TRY_ASSIGN(const auto model, file.text("tokenizer.ggml.model"));
    if (!model || (*model != "llama" && *model != "gpt2")) {
        return file.error(Errc::Invalid,
            fmt::format("the tokenizer {} is not supported, only llama and gpt2",
                model.value_or("(none)")));
    }
    const bool isBpe = *model == "gpt2";
    out.algorithm = isBpe ? Vocabulary::Algorithm::Bpe : Vocabulary::Algorithm::SentencePiece;
    TRY_ASSIGN(const auto splitter, file.text("tokenizer.ggml.pre"));
    out.splitter = splitter.value_or("default");
    TRY(readPieces(out, file));
    if (isBpe) {
        TRY_ASSIGN(const auto merges, file.texts("tokenizer.ggml.merges"));
        if (!merges) {
            return file.error(Errc::Invalid, "its vocabulary has no merges");
        }
        out.merges.assign(merges->begin(), merges->end());
    }
    const std::size_t pieces = out.pieces.size();
    TRY_ASSIGN(out.bos, tokenAt(file, "bos_token_id", pieces));
    TRY_ASSIGN(out.eos, tokenAt(file, "eos_token_id", pieces));
    TRY_ASSIGN(out.eot, tokenAt(file, "eot_token_id", pieces));
    TRY_ASSIGN(out.unknown, tokenAt(file, "unknown_token_id", pieces));
    // No text depends on it: one outside the vocabulary is none.
    out.padding = tokenAt(file, "padding_token_id", pieces).value_or(Token{ -1 });
    TRY_ASSIGN(const auto addBos, file.flag("tokenizer.ggml.add_bos_token"));
    TRY_ASSIGN(const auto addEos, file.flag("tokenizer.ggml.add_eos_token"));
    TRY_ASSIGN(const auto addSpace, file.flag("tokenizer.ggml.add_space_prefix"));
    // Files that say nothing mean what was usual: texts begin with a mark, except in most BPE
    // vocabularies other than Llama 3's.
    out.addBos = out.bos >= 0 && addBos.value_or(!isBpe || out.splitter == "llama-bpe");
    out.addEos = out.eos >= 0 && addEos.value_or(false);
    out.addSpacePrefix = !isBpe && addSpace.value_or(true);
    TRY_ASSIGN(const auto chat, file.text("tokenizer.chat_template"));
    out.chatTemplate = chat.value_or("");
    return out;
}

} // namespace loam::ml
