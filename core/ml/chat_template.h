// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ml/token_table.h"

namespace loam::ml {

/// How families of models write a conversation down.
enum class ChatFamily { Plain, ChatMl, Llama2, Llama3, Gemma, Zephyr };

/// Recognised by the marks in a Jinja template; Plain without any.
ChatFamily chatFamily(std::string_view chatTemplate);

/// A conversation as text, ending where the assistant speaks. In `contents` (what people and
/// models said) nothing may be read as a control token.
struct ChatText
{
    std::string text;
    std::vector<TextRange> contents;
};

/// `bos` and `eos` are the texts of these tokens, for families that repeat them between turns.
ChatText chatText(ChatFamily family, std::span<const ChatMessage> messages, std::string_view bos,
    std::string_view eos);

} // namespace loam::ml
