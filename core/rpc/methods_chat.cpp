// SPDX-License-Identifier: GPL-3.0-or-later
#include "rpc/methods.h"
#include "rpc/params.h"

namespace loam::rpc {

using base::Errc;
using Result = base::Result<QJsonObject>;

namespace {

    constexpr std::int64_t kMaxId = std::int64_t{ 1 } << 53U;

    base::Result<std::int64_t> conversationParam(const QJsonObject& params)
    {
        TRY_ASSIGN(const auto id, integerParam(params, "conversation", 0, 0, kMaxId));
        if (id == 0) {
            return base::fail(Errc::Invalid, "the parameter \"conversation\" is missing");
        }
        return id;
    }

    base::Result<node::ChatMessage> messageParams(const QJsonObject& params)
    {
        node::ChatMessage message;
        TRY_ASSIGN(message.conversation, integerParam(params, "conversation", 0, 0, kMaxId));
        message.model = textParam(params, "model");
        message.device = textParam(params, "device");
        message.text = textParam(params, "text");
        return message;
    }

} // namespace

void registerChatMethods(Server& server, node::Node& node)
{
    // Each method answers with what its body returns.
    const auto offer = [&server](const char* name, auto body) {
        server.registerMethod(QLatin1String{ name },
            [body](const QJsonObject& params, const Reply& reply) { reply.finish(body(params)); });
    };
    offer("chat.list", [&node](const QJsonObject& params) -> Result {
        TRY_ASSIGN(const QJsonArray list, node.chats().list(textParam(params, "search")));
        return QJsonObject{ { QStringLiteral("conversations"), list } };
    });
    offer("chat.show", [&node](const QJsonObject& params) -> Result {
        TRY_ASSIGN(const auto id, conversationParam(params));
        return node.chats().show(id);
    });
    offer("chat.send", [&node](const QJsonObject& params) -> Result {
        TRY_ASSIGN(const auto message, messageParams(params));
        return node.chats().send(message);
    });
    offer("chat.regenerate", [&node](const QJsonObject& params) -> Result {
        TRY_ASSIGN(const auto message, messageParams(params));
        return node.chats().regenerate(message);
    });
    offer("chat.stop", [&node](const QJsonObject& params) -> Result {
        TRY_ASSIGN(const auto id, conversationParam(params));
        node.chats().stop(id);
        return QJsonObject{};
    });
    offer("chat.rename", [&node](const QJsonObject& params) -> Result {
        TRY_ASSIGN(const auto id, conversationParam(params));
        TRY(node.chats().rename(id, textParam(params, "title")));
        return QJsonObject{};
    });
    offer("chat.delete", [&node](const QJsonObject& params) -> Result {
        TRY_ASSIGN(const auto id, conversationParam(params));
        TRY(node.chats().remove(id));
        return QJsonObject{};
    });
    offer("chat.clear", [&node](const QJsonObject&) -> Result {
        TRY(node.chats().removeAll());
        return QJsonObject{};
    });
    QObject::connect(
        &node.chats(), &node::Chats::delta, &server, [&server](const QJsonObject& piece) {
            server.notify(QStringLiteral("chat.delta"), piece, Delivery::Every);
        });
    QObject::connect(
        &node.chats(), &node::Chats::finished, &server, [&server](const QJsonObject& outcome) {
            server.notify(QStringLiteral("chat.finished"), outcome, Delivery::Every);
        });
    QObject::connect(&node.chats(), &node::Chats::changed, &server,
        [&server] { server.notify(QStringLiteral("chat.changed"), {}, Delivery::Latest); });
}

} // namespace loam::rpc
