// SPDX-License-Identifier: GPL-3.0-or-later
#include "chat_vm.h"

#include <algorithm>
#include <chrono>

namespace loam::desktop {
namespace {

    using namespace std::chrono_literals;

    constexpr auto kRefresh = 80ms; ///< letters that come smoothly, drawn no oftener than this
    constexpr auto kSearchDelay = 200ms;
    const QString kAnswer = QStringLiteral("answer"); ///< id of the message that is being made

    QString idOf(const QJsonValue& value)
    {
        return QString::number(value.toInteger());
    }

} // namespace

ChatVm::ChatVm(NodeApi& node, QObject* parent)
    : QObject{ parent }
    , m_node{ node }
    , m_conversations{ QStringLiteral("id"),
        { { "conversation", QStringLiteral("id") }, { "title", QStringLiteral("title") },
            { "changedAt", QStringLiteral("changed") } } }
    // By place: a message that is finished takes the row over in which it was made.
    , m_messages{ QStringLiteral("place"),
        { { "message", QStringLiteral("id") }, { "role", QStringLiteral("role") },
            { "content", QStringLiteral("content") }, { "model", QStringLiteral("model") },
            { "tokens", QStringLiteral("tokens") }, { "rate", QStringLiteral("tokens_per_second") },
            { "end", QStringLiteral("end") }, { "error", QStringLiteral("error") } } }
{
    m_refresh.setSingleShot(true);
    m_refresh.setInterval(kRefresh);
    connect(&m_refresh, &QTimer::timeout, this, &ChatVm::showStreamed);
    m_searchDelay.setSingleShot(true);
    m_searchDelay.setInterval(kSearchDelay);
    connect(&m_searchDelay, &QTimer::timeout, this, &ChatVm::loadList);
    m_node.subscribe({ QStringLiteral("chat") });
    connect(&m_node, &NodeApi::notified, this, &ChatVm::takeNotification);
    connect(&m_node, &NodeApi::connectedChanged, this, [this](bool connected) {
        if (connected) {
            loadList();
            loadConversation();
        } else if (m_isAnswering) {
            m_isAnswering = false;
            setError(tr("Loam's node has gone; what you wrote is kept."));
        }
    });
    if (m_node.isConnected()) {
        loadList();
    }
}

void ChatVm::setSearch(const QString& search)
{
    if (m_search != search) {
        m_search = search;
        m_searchDelay.start();
        Q_EMIT searchChanged();
    }
}

void ChatVm::setModel(const QString& model)
{
    if (m_model != model) {
        m_model = model;
        Q_EMIT changed();
    }
}

void ChatVm::setDevice(const QString& device)
{
    if (m_device != device) {
        m_device = device;
        Q_EMIT changed();
    }
}

void ChatVm::loadList()
{
    m_node.call(QStringLiteral("chat.list"), { { QStringLiteral("search"), m_search } }, this,
        [this](const NodeReply& reply) {
            if (reply.isOk()) {
                m_conversations.setRecords(
                    reply.result.value(QStringLiteral("conversations")).toArray());
            }
        });
}

void ChatVm::open(const QString& conversation)
{
    if (conversation == m_conversation) {
        return;
    }
    m_conversation = conversation;
    m_messages.clear();
    m_streamed.clear();
    m_isAnswering = false;
    m_tokensPerSecond = 0;
    setError({});
    loadConversation();
}

void ChatVm::startNew()
{
    open({});
    m_title.clear();
    Q_EMIT changed();
}

void ChatVm::loadConversation()
{
    if (m_conversation.isEmpty()) {
        return;
    }
    m_node.call(QStringLiteral("chat.show"),
        { { QStringLiteral("conversation"), m_conversation.toLongLong() } }, this,
        [this, asked = m_conversation](const NodeReply& reply) {
            if (asked != m_conversation) {
                return;
            }
            if (reply.isOk()) {
                takeConversation(reply.result);
            } else {
                setError(reply.error);
            }
        });
}

void ChatVm::takeConversation(const QJsonObject& shown)
{
    m_conversation = idOf(shown.value(QStringLiteral("id")));
    m_title = shown.value(QStringLiteral("title")).toString();
    const QString model = shown.value(QStringLiteral("model")).toString();
    m_model = model.isEmpty() ? m_model : model;
    const QJsonValue answering = shown.value(QStringLiteral("answering"));
    m_isAnswering = answering.isObject();
    QJsonArray messages;
    for (const QJsonValue& value : shown.value(QStringLiteral("messages")).toArray()) {
        QJsonObject message = value.toObject();
        message.insert(QStringLiteral("place"), messages.size());
        messages.append(message);
    }
    if (m_isAnswering) {
        m_streamed = answering.toObject().value(QStringLiteral("text")).toString();
        messages.append(QJsonObject{ { QStringLiteral("place"), messages.size() },
            { QStringLiteral("id"), kAnswer },
            { QStringLiteral("role"), QStringLiteral("assistant") },
            { QStringLiteral("content"), m_streamed },
            { QStringLiteral("model"), answering.toObject().value(QStringLiteral("model")) } });
    }
    m_messages.setRecords(messages);
    Q_EMIT changed();
}

void ChatVm::takeNotification(const QString& method, const QJsonObject& payload)
{
    if (method == QLatin1String("chat.changed")) {
        loadList();
        return;
    }
    if (method == QLatin1String("rpc.dropped")
        && payload.value(QStringLiteral("topic")).toString() == QLatin1String("chat")) {
        loadConversation();
        return;
    }
    if (idOf(payload.value(QStringLiteral("conversation"))) != m_conversation) {
        return;
    }
    if (method == QLatin1String("chat.delta")) {
        m_streamed += payload.value(QStringLiteral("text")).toString();
        m_tokensPerSecond = payload.value(QStringLiteral("tokens_per_second")).toDouble();
        if (!m_refresh.isActive()) {
            m_refresh.start();
        }
    } else if (method == QLatin1String("chat.finished")) {
        takeEnd(payload);
    }
}

void ChatVm::showStreamed()
{
    if (m_isAnswering) {
        m_messages.upsert({ { QStringLiteral("place"), m_messages.count() - 1 },
            { QStringLiteral("content"), m_streamed } });
        Q_EMIT progressed();
    }
}

void ChatVm::takeEnd(const QJsonObject& payload)
{
    m_refresh.stop();
    m_isAnswering = false;
    m_streamed.clear();
    m_tokensPerSecond = 0;
    QJsonObject message = payload.value(QStringLiteral("message")).toObject();
    message.insert(QStringLiteral("place"), std::max(0, m_messages.count() - 1));
    m_messages.upsert(message);
    Q_EMIT changed();
}

void ChatVm::ask(const QString& method, QJsonObject params)
{
    m_isAsking = true;
    setError({});
    params.insert(QStringLiteral("conversation"), m_conversation.toLongLong());
    params.insert(QStringLiteral("model"), m_model);
    params.insert(QStringLiteral("device"), m_device);
    m_node.call(method, params, this, [this, asked = m_conversation](const NodeReply& reply) {
        m_isAsking = false;
        if (asked != m_conversation) {
            return; // another conversation was opened meanwhile
        }
        if (!reply.isOk()) {
            setError(reply.error);
            return;
        }
        takeConversation(reply.result);
        Q_EMIT sent();
    });
}

void ChatVm::send(const QString& text)
{
    if (!m_isAnswering && !m_isAsking && !text.trimmed().isEmpty()) {
        ask(QStringLiteral("chat.send"), { { QStringLiteral("text"), text.trimmed() } });
    }
}

void ChatVm::regenerate()
{
    if (!m_isAnswering && !m_isAsking && !m_conversation.isEmpty()) {
        ask(QStringLiteral("chat.regenerate"), {});
    }
}

void ChatVm::stop()
{
    m_node.call(QStringLiteral("chat.stop"),
        { { QStringLiteral("conversation"), m_conversation.toLongLong() } }, this,
        [this](const NodeReply& reply) { setError(reply.error); });
}

void ChatVm::remove(const QString& conversation)
{
    m_node.call(QStringLiteral("chat.delete"),
        { { QStringLiteral("conversation"), conversation.toLongLong() } }, this,
        [this, conversation](const NodeReply& reply) {
            setError(reply.error);
            if (reply.isOk() && conversation == m_conversation) {
                startNew();
            }
        });
}

void ChatVm::dismissError()
{
    setError({});
}

void ChatVm::setError(const QString& error)
{
    m_errorText = error;
    Q_EMIT changed();
}

} // namespace loam::desktop
