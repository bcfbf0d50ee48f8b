// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"
#include "ml/op_types.h"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace loam::ml {

enum class PieceKind : std::uint8_t { Normal, Unknown, Control, UserDefined, Unused, Byte };

/// The vocabulary that a model file carries: everything that text <-> tokens depends on.
struct Vocabulary
{
    enum class Algorithm {
        SentencePiece, ///< GGUF "llama": scores decide the merges, spaces are U+2581, bytes fall
                       ///< back
        Bpe ///< GGUF "gpt2": ranked merges over bytes shown as letters, words cut by `splitter`
    };
    struct Piece
    {
        std::string text;
        float score{ 0 };
        PieceKind kind{ PieceKind::Normal };
    };
    Algorithm algorithm{ Algorithm::SentencePiece };
    std::string
        splitter; ///< GGUF tokenizer.ggml.pre: "default", "gpt-2", "llama-bpe", "qwen2", ...
    std::vector<Piece> pieces;
    std::vector<std::string> merges; ///< "left right", best first
    Token bos{ -1 };
    Token eos{ -1 };
    Token eot{ -1 }; ///< end of a chat turn, -1 when there is none
    Token unknown{ -1 };
    Token padding{ -1 }; ///< what other programs fill a batch with
    bool addBos{ false };
    bool addEos{ false };
    bool addSpacePrefix{ true };
    std::string chatTemplate; ///< Jinja text, empty when the file has none
};

/// One message of a conversation; roles are "system", "user" and "assistant".
struct ChatMessage
{
    std::string role;
    std::string content;
};

/// Text <-> tokens of one vocabulary. Immutable; safe from any thread.
class TextCodec
{
public:
    enum class Special { Plain, Parse }; ///< whether the text may name control tokens

    /// Invalid when the vocabulary is inconsistent.
    static base::Result<std::unique_ptr<TextCodec>> create(Vocabulary vocabulary);
    virtual ~TextCodec() = default;

    virtual const Vocabulary& vocabulary() const = 0;
    /// Tokens of `text`, without beginning and end of text. Equal to llama.cpp's for every text.
    virtual std::vector<Token> encode(std::string_view text, Special special) const = 0;
    /// The bytes of one token; control tokens are empty. May end in the middle of a character.
    virtual std::string piece(Token token) const = 0;
    std::string decode(std::span<const Token> tokens) const;
    /// Whether a token ends an answer (end of text, end of turn).
    virtual bool endsAnswer(Token token) const = 0;
    /// A conversation as the model was taught to read it, ending where the assistant speaks. The
    /// family is recognised in the file's template (ChatML, Llama 2, Llama 3, Gemma, Zephyr, ...);
    /// without one a plain "User: ... Assistant:" form is used.
    virtual std::vector<Token> encodeChat(std::span<const ChatMessage> messages) const = 0;
    /// Texts that end the assistant's turn where no token does: in the plain form the next turn.
    virtual std::vector<std::string> chatStops() const = 0;
};

} // namespace loam::ml
