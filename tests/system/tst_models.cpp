// SPDX-License-Identifier: GPL-3.0-or-later
#include "fakes/tiny_model.h"
#include "network.h"

#include <QDir>
#include <QTcpSocket>
#include <QtTest>

#include <csignal>

using namespace loam;

/// A node with a real model and its real worker: import, answers on the command line and over
/// HTTP, and a worker killed in the middle.
class TestModels : public QObject
{
    Q_OBJECT

private:
    using Words = QStringList;

    QTemporaryDir m_folder;
    std::unique_ptr<test::NodeProcess> m_node;
    QString m_model;
    QString m_key;
    quint16 m_port{ 0 };

    static QString field(const QJsonObject& object, const char* name)
    {
        return object.value(QLatin1String{ name }).toString();
    }

    QString file(const char* name) const
    {
        return m_folder.path() + QLatin1Char('/') + QLatin1String{ name };
    }

    QJsonObject generate(int tokens, const Words& more = {}) const
    {
        return m_node->call(
            Words{ QStringLiteral("generate"), m_model, QStringLiteral("--prompt"),
                QStringLiteral("In year 1901 the gardener"), QStringLiteral("--max-tokens"),
                QString::number(tokens), QStringLiteral("--temperature"), QStringLiteral("0") }
                + more,
            120'000);
    }

    /// A streaming request on a socket of its own.
    std::unique_ptr<QTcpSocket> ask(int tokens) const
    {
        auto socket = std::make_unique<QTcpSocket>();
        socket->connectToHost(QStringLiteral("127.0.0.1"), m_port);
        if (!socket->waitForConnected()) {
            return socket;
        }
        const QByteArray body
            = QStringLiteral("{\"model\":\"%1\",\"prompt\":\"The river\",\"max_tokens\":%2,"
                             "\"temperature\":0,\"stream\":true}")
                  .arg(m_model)
                  .arg(tokens)
                  .toUtf8();
        socket->write("POST /v1/completions HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
                      "Authorization: Bearer "
            + m_key.toUtf8() + "\r\nContent-Length: " + QByteArray::number(body.size()) + "\r\n\r\n"
            + body);
        return socket;
    }

    /// Process ids of the node's workers that hold a model.
    std::vector<qint64> servingWorkers() const
    {
        std::vector<qint64> found;
        const QStringList processes = QDir{ QStringLiteral("/proc") }.entryList(QDir::Dirs);
        for (const QString& name : processes) {
            QFile status{ QStringLiteral("/proc/%1/stat").arg(name) };
            QFile command{ QStringLiteral("/proc/%1/cmdline").arg(name) };
            if (!status.open(QIODevice::ReadOnly) || !command.open(QIODevice::ReadOnly)) {
                continue;
            }
            const QList<QByteArray> fields
                = status.readAll().split(')').last().simplified().split(' ');
            if (fields.value(1).toLongLong() == m_node->processId()
                && command.readAll().contains("--serve")) {
                found.push_back(name.toLongLong());
            }
        }
        return found;
    }

private Q_SLOTS:
    void initTestCase()
    {
        test::writeTinyModel(file("tiny.gguf"));
        m_node = std::make_unique<test::NodeProcess>(m_folder.path(), 0);
        m_node->start();
    }

    void cleanupTestCase() { m_node.reset(); }

    void importsAndLists()
    {
        const QJsonObject imported = m_node->call(
            Words{ QStringLiteral("model"), QStringLiteral("import"), file("tiny.gguf") });
        m_model = field(imported, "id");
        QVERIFY(m_model.startsWith(QLatin1String{ "tiny-garden-" }));
        QCOMPARE(field(imported, "architecture"), QStringLiteral("llama"));
        QVERIFY(imported.value(QLatin1String{ "parameters" }).toInteger() > 1'000'000);
        QVERIFY(imported.value(QLatin1String{ "memory" }).toInteger() > 1'000'000);
        const QJsonArray models
            = m_node->call(Words{ QStringLiteral("model"), QStringLiteral("list") })
                  .value(QLatin1String{ "models" })
                  .toArray();
        QCOMPARE(models.size(), 1);
        QCOMPARE(field(models.first().toObject(), "id"), m_model);
    }

    void refusesATornFile()
    {
        QFile whole{ file("tiny.gguf") };
        QVERIFY(whole.open(QIODevice::ReadOnly));
        QFile torn{ file("torn.gguf") };
        QVERIFY(torn.open(QIODevice::WriteOnly));
        torn.write(whole.read(whole.size() / 2));
        torn.close();
        const test::Finished finished = test::ctl({ QStringLiteral("--home"), m_node->home(),
            QStringLiteral("model"), QStringLiteral("import"), torn.fileName() });
        QCOMPARE(finished.code, 1);
        QVERIFY(finished.err.contains("torn.gguf"));
    }

    void generates()
    {
        const QJsonObject first = generate(24);
        QCOMPARE(first.value(QLatin1String{ "tokens" }).toInt(), 24);
        QVERIFY(first.value(QLatin1String{ "prompt_tokens" }).toInt() > 3);
        QVERIFY(first.value(QLatin1String{ "tokens_per_second" }).toDouble() > 0);
        QVERIFY(!field(first, "text").isEmpty());
        QVERIFY(!field(first, "device").isEmpty());
        // The same again, from what the slot still holds.
        QCOMPARE(field(generate(24), "text"), field(first, "text"));
        const QJsonObject logged = generate(5, { QStringLiteral("--logprobs") });
        const QJsonArray logprobs = logged.value(QLatin1String{ "logprobs" }).toArray();
        QCOMPARE(logprobs.size(), 5);
        QVERIFY(logprobs.first().toObject().value(QLatin1String{ "logprob" }).toDouble() <= 0);
        const test::Finished unknown = test::ctl({ QStringLiteral("--home"), m_node->home(),
            QStringLiteral("generate"), m_model, QStringLiteral("--prompt"), QStringLiteral("x"),
            QStringLiteral("--device"), QStringLiteral("no-such") });
        QCOMPARE(unknown.code, 1);
        QVERIFY(unknown.err.contains("no-such") && unknown.err.contains("cpu"));
    }

    void streamsToTheTerminal()
    {
        const test::Finished finished
            = test::ctl({ QStringLiteral("--home"), m_node->home(), QStringLiteral("generate"),
                m_model, QStringLiteral("--prompt"), QStringLiteral("In year 1901 the gardener"),
                QStringLiteral("--max-tokens"), QStringLiteral("24"), QStringLiteral("--stream") });
        QCOMPARE(finished.code, 0);
        QVERIFY(finished.out.contains("Tokens/s"));
    }

    void servesFourHttpClientsAtOnce()
    {
        // Port 0 takes any free one.
        const QJsonObject on = m_node->call(Words{ QStringLiteral("api"), QStringLiteral("on"),
            QStringLiteral("--port"), QStringLiteral("0") });
        m_key = field(on, "key");
        m_port = static_cast<quint16>(on.value(QLatin1String{ "port" }).toInt());
        QVERIFY(m_key.startsWith(QLatin1String{ "loam-" }) && m_port != 0);
        std::vector<std::unique_ptr<QTcpSocket>> sockets;
        for (int i = 0; i < 4; ++i) {
            sockets.push_back(ask(40));
        }
        std::vector<QByteArray> answers(sockets.size());
        for (std::size_t i = 0; i < sockets.size(); ++i) {
            const auto isDone = [&] {
                answers[i] += sockets[i]->readAll();
                return answers[i].contains("[DONE]");
            };
            QTRY_VERIFY_WITH_TIMEOUT(isDone(), 60'000);
            QVERIFY(answers[i].startsWith("HTTP/1.1 200"));
            QVERIFY(answers[i].contains("text/event-stream"));
        }
    }

    void aKilledWorkerEndsItsAnswerAndTheNextOneWorks()
    {
        const auto socket = ask(4000);
        QByteArray answer;
        const auto has = [&answer, &socket](const char* text) {
            answer += socket->readAll();
            return answer.contains(text);
        };
        QTRY_VERIFY_WITH_TIMEOUT(has("\"text\":"), 60'000);
        const std::vector<qint64> workers = servingWorkers();
        QCOMPARE(workers.size(), 1U);
        QCOMPARE(::kill(static_cast<pid_t>(workers.front()), SIGKILL), 0);
        QTRY_VERIFY_WITH_TIMEOUT(has("\"error\""), 20'000);
        QVERIFY(!answer.contains("[DONE]"));
        // The first questions may come while the worker waits to be started again.
        const QJsonObject next = generate(12);
        QCOMPARE(next.value(QLatin1String{ "tokens" }).toInt(), 12);
        QVERIFY(servingWorkers().size() == 1 && servingWorkers() != workers);
    }

    void exportsAndRemoves()
    {
        const QJsonObject exported
            = m_node->call(Words{ QStringLiteral("model"), QStringLiteral("export"), m_model,
                               QStringLiteral("--out"), file("again.gguf"),
                               QStringLiteral("--type"), QStringLiteral("F16") },
                120'000);
        QCOMPARE(exported.value(QLatin1String{ "bytes" }).toInteger(),
            QFileInfo{ file("again.gguf") }.size());
        const QJsonObject again = m_node->call(Words{ QStringLiteral("model"),
            QStringLiteral("import"), file("again.gguf"), QStringLiteral("--link") });
        QVERIFY(field(again, "id") != m_model);
        QVERIFY(!m_node->call(Words{ QStringLiteral("model"), QStringLiteral("remove"), m_model })
                     .isEmpty());
        QCOMPARE(m_node->call(Words{ QStringLiteral("model"), QStringLiteral("list") })
                     .value(QLatin1String{ "models" })
                     .toArray()
                     .size(),
            1);
        const test::Finished gone = test::ctl({ QStringLiteral("--home"), m_node->home(),
            QStringLiteral("generate"), m_model, QStringLiteral("--prompt"), QStringLiteral("x") });
        QCOMPARE(gone.code, 1);
        QVERIFY(gone.err.contains("there is no model"));
    }
};

QTEST_GUILESS_MAIN(TestModels)
#include "tst_models.moc"
