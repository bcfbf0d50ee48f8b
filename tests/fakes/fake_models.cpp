// SPDX-License-Identifier: GPL-3.0-or-later
// What the fake node says about models, conversations and the local interface.
#include "fake_node.h"

#include <QTimer>

namespace loam::tests {
namespace {

    constexpr double kGiB = 1024.0 * 1024 * 1024;
    const QString kWords
        = QStringLiteral("Moss grows where water stays. Find the spot that dries last after rain, "
                         "press small pieces onto bare soil, and keep it damp for three weeks.");

    QJsonObject model(const char* id, const char* name, const char* architecture, double parameters,
        const char* quantisation, double bytes, double memory, bool fits)
    {
        return { { "id", id }, { "name", name }, { "architecture", architecture },
            { "trainable", true }, { "parameters", parameters }, { "quantisation", quantisation },
            { "bytes", bytes }, { "memory", memory }, { "fits", fits }, { "licence", "apache-2.0" },
            { "kind", "imported" }, { "complete", true }, { "context", 32768 },
            { "imported", static_cast<double>(FakeNode::kNow - 86'400 * 3) }, { "linked", false },
            { "source", QStringLiteral("/home/ada/Downloads/%1.gguf").arg(QLatin1String(id)) },
            { "sha256", QString(64, QLatin1Char('a')) } };
    }

    QJsonObject message(int id, const char* role, const QString& content, double rate = 0)
    {
        return { { "id", id }, { "role", role }, { "content", content }, { "model", "qwen" },
            { "tokens", rate > 0 ? 48 : 0 }, { "tokens_per_second", rate },
            { "end", rate > 0 ? "stop" : "" }, { "error", "" } };
    }

} // namespace

QJsonArray FakeNode::models() const
{
    QJsonArray all;
    if (!m_hasModels) {
        return all;
    }
    QJsonObject loaded = model("qwen2.5-1.5b-3f9a01c2", "Qwen2.5 1.5B Instruct", "qwen2", 1.54e9,
        "Q4_K", 1.04 * kGiB, 1.4 * kGiB, true);
    loaded.insert("device", "cpu");
    const QJsonObject run{ { "id", QString(64, QLatin1Char('c')) }, { "name", "riverside-2m" },
        { "architecture", "llama" }, { "trainable", true }, { "kind", "run" }, { "fits", true },
        { "complete", false }, { "bytes", 8.1e6 } };
    for (const QJsonObject& each : { loaded,
             model("smollm2-135m-77ab12cd", "SmolLM2 135M", "llama", 1.35e8, "Q8_0", 0.14 * kGiB,
                 0.22 * kGiB, true),
             model("llama-3.1-70b-0badf00d", "Llama 3.1 70B", "llama", 7.06e10, "Q4_K", 39.6 * kGiB,
                 43.1 * kGiB, false),
             run }) {
        if (!m_removed.contains(each.value("id").toString())) {
            all.append(each);
        }
    }
    return all;
}

QJsonArray FakeNode::conversations(const QString& search) const
{
    struct Entry
    {
        int id;
        const char* title;
        int age;
    };
    QJsonArray all;
    for (const Entry& entry : { Entry{ 7, "How do I grow moss on a wall?", 240 },
             Entry{ 6, "A birthday rhyme for Ada", 9000 },
             Entry{ 5, "Explain Merkle trees to a gardener", 90'000 },
             Entry{ 4, "Which knot holds a hammock?", 400'000 } }) {
        const QString title = QLatin1String(entry.title);
        if (m_hasModels && !m_deleted.contains(entry.id)
            && title.contains(search, Qt::CaseInsensitive)) {
            all.append(QJsonObject{ { "id", entry.id }, { "title", title },
                { "model", "qwen2.5-1.5b-3f9a01c2" },
                { "changed", static_cast<double>(kNow - entry.age) } });
        }
    }
    return all;
}

QJsonObject FakeNode::conversation(qint64 id) const
{
    QJsonArray messages;
    if (id != 99) {
        messages = { message(1, "user", QStringLiteral("How do I grow moss on a wall?")),
            message(2, "assistant",
                QStringLiteral("Moss wants shade, moisture and a rough surface.\n\n"
                               "1. Brush the wall and soak it.\n2. Blend moss with buttermilk and "
                               "paint it on.\n3. Mist it daily for two weeks."),
                23.4) };
    }
    if (!m_asked.isEmpty()) {
        messages.append(message(3, "user", m_asked));
    }
    QJsonObject shown{ { "id", id }, { "title", "How do I grow moss on a wall?" },
        { "model", "qwen2.5-1.5b-3f9a01c2" }, { "changed", static_cast<double>(kNow) },
        { "messages", messages } };
    if (m_answering == id) {
        shown.insert(
            "answering", QJsonObject{ { "text", "" }, { "model", "qwen2.5-1.5b-3f9a01c2" } });
    }
    return shown;
}

QJsonObject FakeNode::apiStatus() const
{
    return { { "on", m_isApiOn }, { "port", 4077 }, { "url", "http://127.0.0.1:4077/v1" },
        { "has_key", m_hasApiKey } };
}

std::optional<desktop::NodeReply> FakeNode::answerAboutModels(
    const QString& method, const QJsonObject& params)
{
    using Reply = desktop::NodeReply;
    const auto is = [&method](const char* name) { return method == QLatin1String(name); };
    const qint64 conversationId = params.value("conversation").toInteger();
    if (is("model.list")) {
        return Reply{ { { "models", models() } }, {} };
    }
    if (is("model.devices")) {
        return Reply{ { { "devices",
                          QJsonArray{ QJsonObject{ { "name", "Ryzen 7 5700U" }, { "uuid", "cpu" },
                                          { "kind", "cpu" }, { "memory", 15.3 * kGiB } },
                              QJsonObject{ { "name", "Radeon RX 6600" }, { "uuid", "6600" },
                                  { "kind", "discrete" }, { "memory", 8 * kGiB } } } } },
            {} };
    }
    if (is("model.import")) {
        return Reply{ { { "import", 1 } }, {} };
    }
    if (is("model.remove")) {
        m_removed.append(params.value("model").toString());
        QTimer::singleShot(0, this, [this] {
            notify(QStringLiteral("model.changed"), { { "models", models() } });
        });
        return Reply{};
    }
    if (is("chat.list")) {
        return Reply{ { { "conversations", conversations(params.value("search").toString()) } },
            {} };
    }
    if (is("chat.show")) {
        return Reply{ conversation(conversationId), {} };
    }
    if (is("chat.send") || is("chat.regenerate")) {
        m_answering = conversationId == 0 ? 99 : conversationId;
        m_asked = is("chat.send") ? params.value("text").toString() : m_asked;
        return Reply{ conversation(m_answering), {} };
    }
    if (is("chat.stop")) {
        QTimer::singleShot(0, this, [this] { playAnswer(true); });
        return Reply{};
    }
    if (is("chat.delete")) {
        m_deleted.append(conversationId);
        QTimer::singleShot(0, this, [this] { notify(QStringLiteral("chat.changed"), {}); });
        return Reply{};
    }
    if (method.startsWith(QLatin1String("api."))) {
        m_isApiOn = is("api.on") || (m_isApiOn && !is("api.off"));
        QJsonObject status = apiStatus();
        if ((is("api.on") && !m_hasApiKey) || is("api.key")) {
            m_hasApiKey = true;
            status.insert("key", "loam-4hQx0b3V6nq2hK8yZr1cWm7tEoPa9sDf5gJuLiNvRbk");
        }
        return Reply{ status, {} };
    }
    return std::nullopt;
}

void FakeNode::playImport(bool toTheEnd)
{
    const QJsonObject progress{ { "import", 1 }, { "phase", "copying" }, { "bytes", 0.61 * kGiB },
        { "total", 1.04 * kGiB } };
    if (!toTheEnd) {
        notify(QStringLiteral("model.importing"), progress);
        return;
    }
    m_hasModels = true;
    notify(QStringLiteral("model.changed"), { { "models", models() } });
    notify(
        QStringLiteral("model.imported"), { { "import", 1 }, { "id", "qwen2.5-1.5b-3f9a01c2" } });
}

void FakeNode::playAnswer(bool toTheEnd)
{
    const qint64 id = m_answering;
    notify(QStringLiteral("chat.delta"),
        { { "conversation", id }, { "text", kWords.left(96) }, { "tokens", 21 },
            { "tokens_per_second", 24.6 } });
    if (toTheEnd) {
        m_answering = 0;
        notify(QStringLiteral("chat.finished"),
            { { "conversation", id }, { "message", message(4, "assistant", kWords, 24.1) } });
    }
}

} // namespace loam::tests
