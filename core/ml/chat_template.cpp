// SPDX-License-Identifier: GPL-3.0-or-later
#include "ml/chat_template.h"

#include <fmt/format.h>

namespace loam::ml {

namespace {

    std::string_view trimmed(std::string_view text)
    {
        constexpr std::string_view kSpace = " \t\r\n";
        const std::size_t begin = text.find_first_not_of(kSpace);
        return begin == std::string_view::npos
            ? std::string_view{}
            : text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
    }

    class Writer
    {
    public:
        void mark(std::string_view text) { m_out.text += text; }
        void content(std::string_view text)
        {
            const std::size_t begin = m_out.text.size();
            m_out.text += text;
            if (!text.empty()) {
                m_out.contents.push_back({ begin, m_out.text.size() });
            }
        }
        /// One of the three roles is part of the marks; what is none of them names nothing.
        void role(std::string_view name)
        {
            if (name == "system" || name == "user" || name == "assistant") {
                mark(name);
            } else {
                content(name);
            }
        }
        ChatText take() { return std::move(m_out); }

    private:
        ChatText m_out;
    };

    using Messages = std::span<const ChatMessage>;

    void chatMl(Writer& out, Messages messages)
    {
        for (const ChatMessage& message : messages) {
            out.mark("<|im_start|>");
            out.role(message.role);
            out.mark("\n");
            out.content(message.content);
            out.mark("<|im_end|>\n");
        }
        out.mark("<|im_start|>assistant\n");
    }

    void llama3(Writer& out, Messages messages)
    {
        for (const ChatMessage& message : messages) {
            out.mark("<|start_header_id|>");
            out.role(message.role);
            out.mark("<|end_header_id|>\n\n");
            out.content(trimmed(message.content));
            out.mark("<|eot_id|>");
        }
        out.mark("<|start_header_id|>assistant<|end_header_id|>\n\n");
    }

    void llama2(Writer& out, Messages messages, std::string_view bos, std::string_view eos)
    {
        bool inTurn = false;
        bool first = true;
        for (const ChatMessage& message : messages) {
            if (message.role == "assistant") {
                out.mark(" ");
                out.content(trimmed(message.content));
                out.mark(" ");
                out.mark(eos);
                inTurn = false;
                continue;
            }
            if (!inTurn) {
                out.mark(first ? "" : bos);
                out.mark("[INST] ");
                inTurn = true;
                first = false;
            }
            if (message.role == "system") {
                out.mark("<<SYS>>\n");
                out.content(message.content);
                out.mark("\n<</SYS>>\n\n");
            } else {
                out.content(trimmed(message.content));
                out.mark(" [/INST]");
            }
        }
    }

    void gemma(Writer& out, Messages messages)
    {
        // There is no turn for the system: its words stand before the user's first ones.
        std::string_view system;
        for (const ChatMessage& message : messages) {
            if (message.role == "system") {
                system = trimmed(message.content);
                continue;
            }
            out.mark("<start_of_turn>");
            out.mark(message.role == "assistant" ? "model" : "user");
            out.mark("\n");
            if (!system.empty() && message.role != "assistant") {
                out.content(system);
                out.mark("\n\n");
                system = {};
            }
            out.content(trimmed(message.content));
            out.mark("<end_of_turn>\n");
        }
        out.mark("<start_of_turn>model\n");
    }

    void zephyr(Writer& out, Messages messages, std::string_view eos)
    {
        for (const ChatMessage& message : messages) {
            out.mark("<|");
            out.role(message.role);
            out.mark("|>\n");
            out.content(message.content);
            out.mark(eos);
            out.mark("\n");
        }
        out.mark("<|assistant|>\n");
    }

    /// Models that were never taught to converse go on with a text: one that says what it is gets
    /// answers rather than repetitions.
    constexpr std::string_view kPlainOpening
        = "The following is a conversation between a user and a helpful assistant. The assistant "
          "gives short, correct answers.\n\n";
    constexpr std::string_view kPlainNextTurn = "\nUser:";

    void plain(Writer& out, Messages messages)
    {
        if (messages.empty() || messages.front().role != "system") {
            out.mark(kPlainOpening);
        }
        for (const ChatMessage& message : messages) {
            out.mark(message.role == "user"       ? "User: "
                    : message.role == "assistant" ? "Assistant: "
                                                  : "");
            out.content(trimmed(message.content));
            out.mark(message.role == "system" ? "\n\n" : "\n");
        }
        out.mark("Assistant:");
    }

} // namespace

ChatFamily chatFamily(std::string_view chatTemplate)
{
    const auto names = [chatTemplate](std::string_view mark) {
        return chatTemplate.find(mark) != std::string_view::npos;
    };
    if (names("<|im_start|>")) {
        return ChatFamily::ChatMl;
    }
    if (names("<|start_header_id|>")) {
        return ChatFamily::Llama3;
    }
    if (names("<start_of_turn>")) {
        return ChatFamily::Gemma;
    }
    if (names("[INST]")) {
        return ChatFamily::Llama2;
    }
    if (names("<|user|>") || names("<|assistant|>")) {
        return ChatFamily::Zephyr;
    }
    return ChatFamily::Plain;
}

ChatText chatText(ChatFamily family, Messages messages, std::string_view bos, std::string_view eos)
{
    Writer out;
    switch (family) {
    case ChatFamily::Plain:
        plain(out, messages);
        break;
    case ChatFamily::ChatMl:
        chatMl(out, messages);
        break;
    case ChatFamily::Llama2:
        llama2(out, messages, bos, eos);
        break;
    case ChatFamily::Llama3:
        llama3(out, messages);
        break;
    case ChatFamily::Gemma:
        gemma(out, messages);
        break;
    case ChatFamily::Zephyr:
        zephyr(out, messages, eos);
        break;
    }
    return out.take();
}

std::vector<std::string> TableCodec::chatStops() const
{
    const bool isPlain = chatFamily(vocabulary().chatTemplate) == ChatFamily::Plain;
    return isPlain ? std::vector{ std::string{ kPlainNextTurn } } : std::vector<std::string>{};
}

std::vector<Token> TableCodec::encodeChat(std::span<const ChatMessage> messages) const
{
    const auto textOf = [this](Token token) -> std::string_view {
        const Vocabulary::Piece* piece = m_table.at(token);
        return piece == nullptr ? std::string_view{} : piece->text;
    };
    const ChatText chat = chatText(chatFamily(vocabulary().chatTemplate), messages,
        textOf(vocabulary().bos), textOf(vocabulary().eos));
    std::vector<Token> tokens;
    if (vocabulary().addBos) {
        tokens.push_back(vocabulary().bos);
    }
    const std::vector<Token> rest
        = encodeFragments(m_table.cut(chat.text, Special::Parse, chat.contents));
    tokens.insert(tokens.end(), rest.begin(), rest.end());
    return tokens;
}

} // namespace loam::ml
