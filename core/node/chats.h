// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "node/answer_service.h"
#include "node/chat_store.h"

#include <QJsonObject>
#include <QObject>

#include <map>
#include <string>

namespace loam::node {

/// What the owner says in a conversation.
struct ChatMessage
{
    std::int64_t conversation{ 0 }; ///< 0: a new one
    std::string model; ///< empty: the conversation's
    std::string device;
    std::string text;
};

/// Conversations with the owner's models: keeps what was said and asks for answers, one at a time
/// in each conversation. Lives on the event-loop thread.
class Chats final : public QObject
{
    Q_OBJECT
public:
    /// Both outlive it.
    Chats(ChatStore& store, AnswerService& answers);
    ~Chats() override;

    base::Result<QJsonArray> list(const std::string& search);
    /// The conversation with its messages and, while one is made, the answer so far.
    base::Result<QJsonObject> show(std::int64_t conversation);
    /// Keeps the message and begins to answer it; delta() and finished() tell the rest.
    base::Result<QJsonObject> send(const ChatMessage& message);
    /// Makes the last answer anew.
    base::Result<QJsonObject> regenerate(const ChatMessage& message);
    /// Ends the answer under way; what there is of it is kept.
    void stop(std::int64_t conversation);
    base::Result<> rename(std::int64_t conversation, const std::string& title);
    base::Result<> remove(std::int64_t conversation);
    base::Result<> removeAll();

Q_SIGNALS:
    /// conversation, text (new), tokens, tokens_per_second
    void delta(const QJsonObject& piece);
    /// conversation, message: {id, role, content, ...}
    void finished(const QJsonObject& outcome);
    /// The list of conversations is another one.
    void changed();

private:
    struct Answer
    {
        std::uint64_t number{ 0 };
        std::string text;
        std::string model;
        std::int64_t tokens{ 0 };
        std::chrono::steady_clock::time_point firstToken{};
    };

    base::Result<QJsonObject> answer(const Conversation& conversation, const ChatMessage& message);
    void takePiece(std::int64_t conversation, const QJsonObject& piece);
    void takeEnd(std::int64_t conversation, const base::Result<QJsonObject>& outcome);

    ChatStore& m_store;
    AnswerService& m_answers;
    std::map<std::int64_t, Answer> m_running;
};

} // namespace loam::node
