// SPDX-License-Identifier: GPL-3.0-or-later
#include "node/chats.h"

#include "node/log.h"

#include <QDateTime>

#include <algorithm>

namespace loam::node {

using base::Errc;
using base::Result;

namespace {

    constexpr std::size_t kMaxListed = 1000;
    constexpr qsizetype kTitleLength = 60;
    constexpr std::size_t kMaxMessageBytes = std::size_t{ 256 } << 10U;
    constexpr int kMaxAnswerTokens = 2048;

    base::UnixTime now()
    {
        return base::UnixTime{ std::chrono::milliseconds{ QDateTime::currentMSecsSinceEpoch() } };
    }

    QString text(const std::string& utf8)
    {
        return QString::fromStdString(utf8);
    }

    double seconds(base::UnixTime time)
    {
        return static_cast<double>(time.time_since_epoch().count()) / 1000.0;
    }

    double rate(std::int64_t tokens, double spentSeconds)
    {
        return spentSeconds > 0 ? static_cast<double>(tokens) / spentSeconds : 0;
    }

    QJsonObject describe(const Conversation& conversation)
    {
        return { { QStringLiteral("id"), static_cast<qint64>(conversation.id) },
            { QStringLiteral("title"), text(conversation.title) },
            { QStringLiteral("model"), text(conversation.model) },
            { QStringLiteral("changed"), seconds(conversation.changed) } };
    }

    QJsonObject describe(const ChatEntry& entry)
    {
        return { { QStringLiteral("id"), static_cast<qint64>(entry.id) },
            { QStringLiteral("role"), text(entry.role) },
            { QStringLiteral("content"), text(entry.content) },
            { QStringLiteral("model"), text(entry.model) },
            { QStringLiteral("time"), seconds(entry.time) },
            { QStringLiteral("tokens"), static_cast<qint64>(entry.tokens) },
            { QStringLiteral("tokens_per_second"),
                rate(entry.tokens, static_cast<double>(entry.milliseconds) / 1000.0) },
            { QStringLiteral("end"), text(entry.end) },
            { QStringLiteral("error"), text(entry.error) } };
    }

    /// The first line, cut at a word.
    std::string titleOf(const std::string& message)
    {
        QString line = text(message).trimmed().section(QLatin1Char('\n'), 0, 0).simplified();
        if (line.size() > kTitleLength) {
            const qsizetype space = line.lastIndexOf(QLatin1Char(' '), kTitleLength);
            line = line.left(space > kTitleLength / 2 ? space : kTitleLength) + QChar(0x2026);
        }
        return line.toStdString();
    }

} // namespace

Chats::Chats(ChatStore& store, AnswerService& answers)
    : m_store{ store }
    , m_answers{ answers }
{
}

Chats::~Chats() = default;

Result<QJsonArray> Chats::list(const std::string& search)
{
    TRY_ASSIGN(const auto conversations, m_store.list(search, kMaxListed));
    QJsonArray out;
    for (const Conversation& conversation : conversations) {
        out.append(describe(conversation));
    }
    return out;
}

Result<QJsonObject> Chats::show(std::int64_t id)
{
    TRY_ASSIGN(const Conversation conversation, m_store.conversation(id));
    TRY_ASSIGN(const auto entries, m_store.entries(id));
    QJsonObject out = describe(conversation);
    QJsonArray messages;
    for (const ChatEntry& entry : entries) {
        messages.append(describe(entry));
    }
    out[QLatin1String{ "messages" }] = messages;
    if (const auto found = m_running.find(id); found != m_running.end()) {
        out[QLatin1String{ "answering" }]
            = QJsonObject{ { QStringLiteral("text"), text(found->second.text) },
                  { QStringLiteral("model"), text(found->second.model) } };
    }
    return out;
}

Result<QJsonObject> Chats::send(const ChatMessage& message)
{
    if (text(message.text).trimmed().isEmpty()) {
        return base::fail(Errc::Invalid, "the message is empty");
    }
    if (message.text.size() > kMaxMessageBytes) {
        return base::fail(Errc::Invalid, "the message is longer than 256 KiB; send it in parts");
    }
    if (m_running.contains(message.conversation)) {
        return base::fail(Errc::Unavailable, "the last answer is not finished; stop it first");
    }
    Conversation conversation;
    if (message.conversation == 0) {
        if (message.model.empty()) {
            return base::fail(Errc::Invalid, "choose the model that shall answer");
        }
        TRY_ASSIGN(conversation, m_store.create(titleOf(message.text), message.model, now()));
    } else {
        TRY_ASSIGN(conversation, m_store.conversation(message.conversation));
    }
    ChatEntry entry;
    entry.role = "user";
    entry.content = message.text;
    entry.time = now();
    TRY(m_store.append(conversation.id, entry));
    return answer(conversation, message);
}

Result<QJsonObject> Chats::regenerate(const ChatMessage& message)
{
    if (m_running.contains(message.conversation)) {
        return base::fail(Errc::Unavailable, "the last answer is not finished; stop it first");
    }
    TRY_ASSIGN(const Conversation conversation, m_store.conversation(message.conversation));
    TRY_ASSIGN(const auto entries, m_store.entries(conversation.id));
    if (entries.empty()) {
        return base::fail(Errc::Invalid, "there is nothing to answer in this conversation yet");
    }
    if (entries.back().role == "assistant") {
        TRY(m_store.removeEntry(entries.back().id));
    }
    return answer(conversation, message);
}

Result<QJsonObject> Chats::answer(const Conversation& conversation, const ChatMessage& message)
{
    const std::int64_t id = conversation.id;
    const std::string model = message.model.empty() ? conversation.model : message.model;
    TRY(m_store.touch(id, model, now()));
    TRY_ASSIGN(const auto entries, m_store.entries(id));
    QJsonArray messages;
    for (const ChatEntry& entry : entries) {
        if (!entry.content.empty()) {
            messages.append(QJsonObject{ { QStringLiteral("role"), text(entry.role) },
                { QStringLiteral("content"), text(entry.content) } });
        }
    }
    Question question{ model, message.device,
        { { QStringLiteral("job"), QStringLiteral("answer") },
            { QStringLiteral("messages"), messages },
            // Of a long conversation the newest part is read.
            { QStringLiteral("fit"), true }, { QStringLiteral("max_tokens"), kMaxAnswerTokens } } };
    Answer& running = m_running[id];
    running.model = model;
    running.number = m_answers.ask(
        std::move(question), [this, id](const QJsonObject& piece) { takePiece(id, piece); },
        [this, id](const Result<QJsonObject>& outcome) { takeEnd(id, outcome); });
    Q_EMIT changed();
    return show(id);
}

void Chats::takePiece(std::int64_t id, const QJsonObject& piece)
{
    const auto found = m_running.find(id);
    if (found == m_running.end()) {
        return;
    }
    Answer& answer = found->second;
    const QString fresh = piece.value(QLatin1String{ "text" }).toString();
    const auto time = std::chrono::steady_clock::now();
    if (answer.tokens == 0) {
        answer.firstToken = time;
    }
    answer.text += fresh.toStdString();
    answer.tokens = piece.value(QLatin1String{ "answer_tokens" }).toInteger(answer.tokens + 1);
    const std::chrono::duration<double> spent = time - answer.firstToken;
    if (!fresh.isEmpty()) {
        Q_EMIT delta({ { QStringLiteral("conversation"), static_cast<qint64>(id) },
            { QStringLiteral("text"), fresh },
            { QStringLiteral("tokens"), static_cast<qint64>(answer.tokens) },
            { QStringLiteral("tokens_per_second"), rate(answer.tokens - 1, spent.count()) } });
    }
}

void Chats::takeEnd(std::int64_t id, const Result<QJsonObject>& outcome)
{
    const auto found = m_running.find(id);
    if (found == m_running.end()) {
        return;
    }
    const Answer answer = std::move(found->second);
    m_running.erase(found);
    ChatEntry entry;
    entry.role = "assistant";
    entry.content = answer.text;
    entry.model = answer.model;
    entry.time = now();
    entry.tokens = answer.tokens;
    if (outcome) {
        entry.end = outcome->value(QLatin1String{ "end" }).toString().toStdString();
        entry.tokens = outcome->value(QLatin1String{ "tokens" }).toInteger();
        entry.milliseconds = static_cast<std::int64_t>(
            outcome->value(QLatin1String{ "answer_seconds" }).toDouble() * 1000);
    } else {
        entry.end = outcome.error().code == Errc::Cancelled ? "cancelled" : "error";
        entry.error = entry.end == "error" ? outcome.error().message : std::string{};
    }
    // A conversation removed meanwhile takes its answer along.
    if (const auto kept = m_store.append(id, entry)) {
        entry.id = *kept;
    } else {
        qCWarning(lcNode).noquote() << "an answer was not kept:" << text(kept.error().message);
    }
    QJsonObject result{ { QStringLiteral("conversation"), static_cast<qint64>(id) },
        { QStringLiteral("message"), describe(entry) } };
    if (outcome) {
        result[QLatin1String{ "device" }] = outcome->value(QLatin1String{ "device" });
    }
    Q_EMIT finished(result);
}

void Chats::stop(std::int64_t conversation)
{
    if (const auto found = m_running.find(conversation); found != m_running.end()) {
        m_answers.cancel(found->second.number);
    }
}

Result<> Chats::rename(std::int64_t conversation, const std::string& title)
{
    if (text(title).trimmed().isEmpty()) {
        return base::fail(Errc::Invalid, "a conversation needs a title");
    }
    TRY(m_store.rename(conversation, titleOf(title)));
    Q_EMIT changed();
    return {};
}

Result<> Chats::remove(std::int64_t conversation)
{
    if (const auto found = m_running.find(conversation); found != m_running.end()) {
        const std::uint64_t number = found->second.number;
        m_running.erase(found);
        m_answers.cancel(number);
    }
    TRY(m_store.remove(conversation));
    Q_EMIT changed();
    return {};
}

Result<> Chats::removeAll()
{
    for (const auto& [id, answer] : std::exchange(m_running, {})) {
        m_answers.cancel(answer.number);
    }
    TRY(m_store.removeAll());
    Q_EMIT changed();
    return {};
}

} // namespace loam::node
