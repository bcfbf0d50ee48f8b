// SPDX-License-Identifier: GPL-3.0-or-later
// Speaks the protocol of loam-worker about models without any: what happens is chosen by the words
// of the prompt. "say WORDS" repeats the words one by one, "count N" counts, "endless" counts until
// it is cancelled, "die" ends the process after two words, "hang" stops in the middle.
#include <QCoreApplication>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QSocketNotifier>
#include <QTimer>

#include <cstdio>
#include <cstdlib>
#include <deque>
#include <map>
#include <unistd.h>

namespace {

using namespace Qt::Literals::StringLiterals;

struct Answer
{
    QStringList words;
    int next{ 0 };
    int limit{ 1 << 30 };
    bool isEndless{ false };
    bool dies{ false };
    bool wantsLogprobs{ false };
    int promptTokens{ 0 };
};

void write(const QJsonObject& line)
{
    const QByteArray text = QJsonDocument{ line }.toJson(QJsonDocument::Compact) + '\n';
    [[maybe_unused]] const ssize_t put
        = ::write(STDOUT_FILENO, text.constData(), static_cast<std::size_t>(text.size()));
}

class FakeWorker : public QObject
{
public:
    FakeWorker()
    {
        m_tick.setInterval(4);
        connect(&m_tick, &QTimer::timeout, this, [this] { advance(); });
        connect(&m_input, &QSocketNotifier::activated, this, [this] { read(); });
    }

private:
    void read()
    {
        char bytes[65536];
        const ssize_t got = ::read(STDIN_FILENO, bytes, sizeof bytes);
        if (got <= 0) {
            std::_Exit(0);
        }
        m_buffer.append(bytes, got);
        qsizetype end = 0;
        while ((end = m_buffer.indexOf('\n')) >= 0) {
            handle(QJsonDocument::fromJson(m_buffer.left(end)).object());
            m_buffer.remove(0, end + 1);
        }
    }

    void succeed(const QJsonValue& id, QJsonObject fields)
    {
        fields.insert(u"id"_s, id);
        fields.insert(u"ok"_s, true);
        write(fields);
    }

    void refuse(const QJsonValue& id, const char* code, const QString& message)
    {
        write({ { u"id"_s, id }, { u"ok"_s, false }, { u"code"_s, QLatin1String{ code } },
            { u"message"_s, message } });
    }

    /// The fields of a fake model: its file holds them as JSON.
    static QJsonObject model(const QString& path)
    {
        QFile file{ path };
        return file.open(QIODevice::ReadOnly) ? QJsonDocument::fromJson(file.readAll()).object()
                                              : QJsonObject{};
    }

    void handle(const QJsonObject& job)
    {
        const QJsonValue id = job.value(u"id"_s);
        const QString name = job.value(u"job"_s).toString();
        if (name == u"devices"_s) {
            const auto device = [](const QString& title, const QString& uuid, const QString& kind) {
                return QJsonObject{ { u"name"_s, title }, { u"uuid"_s, uuid }, { u"kind"_s, kind },
                    { u"memory"_s, 1 << 30 } };
            };
            QJsonArray devices{ device(u"Test CPU"_s, u"cpu"_s, u"cpu"_s),
                device(u"Other device"_s, u"abcd"_s, u"virtual"_s) };
            if (qEnvironmentVariableIsSet("LOAM_FAKE_CARD")) {
                devices.append(device(u"A card"_s, u"card"_s, u"discrete"_s));
            }
            succeed(id, { { u"devices"_s, devices } });
        } else if (name == u"inspect"_s || name == u"load"_s) {
            const QJsonObject fields = model(job.value(u"path"_s).toString());
            if (fields.isEmpty()) {
                refuse(id, "corrupt", u"the file is no model"_s);
                return;
            }
            m_isLoaded = m_isLoaded || name == u"load"_s;
            succeed(id, fields);
        } else if (name == u"export"_s) {
            QFile::copy(job.value(u"path"_s).toString(), job.value(u"output"_s).toString());
            succeed(id, { { u"bytes"_s, QFile{ job.value(u"output"_s).toString() }.size() } });
        } else if (name == u"answer"_s) {
            begin(id, job);
        } else if (name == u"embed"_s) {
            int tokens = 0;
            for (const QJsonValue& input : job.value(u"inputs"_s).toArray()) {
                const auto length = static_cast<int>(input.toString().size());
                write({ { u"id"_s, id },
                    { u"progress"_s,
                        QJsonObject{ { u"embedding"_s, QJsonArray{ 0.5, length, -0.25 } } } } });
                tokens += length;
            }
            succeed(id, { { u"prompt_tokens"_s, tokens }, { u"tokens"_s, 0 } });
        } else if (name == u"cancel_answer"_s) {
            const qint64 answer = job.value(u"answer"_s).toInteger();
            if (m_answers.contains(answer)) {
                finish(answer, "cancelled");
            }
        }
    }

    void begin(const QJsonValue& id, const QJsonObject& job)
    {
        if (!m_isLoaded) {
            refuse(id, "unavailable", u"no model is loaded"_s);
            return;
        }
        QString prompt = job.value(u"prompt"_s).toString();
        if (const QJsonArray messages = job.value(u"messages"_s).toArray(); !messages.isEmpty()) {
            prompt = messages.last().toObject().value(u"content"_s).toString();
        }
        if (prompt == u"refuse"_s) {
            refuse(id, "invalid", u"the prompt has 9 tokens, and the model reads 4"_s);
            return;
        }
        if (prompt == u"hang"_s) {
            ::pause();
        }
        Answer answer;
        answer.words = prompt.split(u' ');
        const QString verb = answer.words.takeFirst();
        answer.promptTokens = static_cast<int>(prompt.size());
        answer.isEndless = verb == u"endless"_s;
        answer.dies = verb == u"die"_s;
        answer.limit = job.value(u"max_tokens"_s).toInt(1 << 30);
        answer.wantsLogprobs = job.value(u"logprobs"_s).toBool();
        if (verb == u"count"_s) {
            const int most = answer.words.value(0).toInt();
            answer.words.clear();
            for (int i = 1; i <= most; ++i) {
                answer.words.append(QString::number(i));
            }
        }
        m_answers.insert_or_assign(id.toInteger(), answer);
        m_tick.start();
    }

    void advance()
    {
        std::map<qint64, const char*> ended;
        for (auto& [id, answer] : m_answers) {
            if (answer.dies && answer.next == 2) {
                std::abort();
            }
            const bool isOver = !answer.isEndless && !answer.dies
                && answer.next >= static_cast<int>(answer.words.size());
            if (isOver || answer.next >= answer.limit) {
                ended.insert({ id, isOver ? "stop" : "length" });
                continue;
            }
            const QString word = answer.isEndless || answer.dies ? QString::number(answer.next)
                                                                 : answer.words.at(answer.next);
            const QString text = (answer.next == 0 ? u""_s : u" "_s) + word;
            ++answer.next;
            QJsonObject progress{ { u"text"_s, text }, { u"answer_tokens"_s, answer.next } };
            if (answer.wantsLogprobs) {
                progress.insert(u"tokens"_s,
                    QJsonArray{ QJsonObject{ { u"token"_s, text }, { u"logprob"_s, -0.5 },
                        { u"best"_s,
                            QJsonArray{ QJsonObject{
                                { u"token"_s, text }, { u"logprob"_s, -0.5 } } } } } });
            }
            write({ { u"id"_s, id }, { u"progress"_s, progress } });
        }
        for (const auto& [id, reason] : ended) {
            finish(id, reason);
        }
    }

    void finish(qint64 id, const char* reason)
    {
        const Answer answer = m_answers.at(id);
        m_answers.erase(id);
        succeed(id,
            { { u"end"_s, QLatin1String{ reason } }, { u"tokens"_s, answer.next },
                { u"prompt_tokens"_s, answer.promptTokens },
                { u"computed_tokens"_s, answer.promptTokens }, { u"prompt_seconds"_s, 0.5 },
                { u"answer_seconds"_s, 0.25 * answer.next } });
        if (m_answers.empty()) {
            m_tick.stop();
        }
    }

    QSocketNotifier m_input{ STDIN_FILENO, QSocketNotifier::Read };
    QTimer m_tick;
    QByteArray m_buffer;
    std::map<qint64, Answer> m_answers;
    bool m_isLoaded{ false };
};

} // namespace

int main(int argc, char** argv)
{
    QCoreApplication app{ argc, argv };
    const FakeWorker worker;
    return QCoreApplication::exec();
}
