// SPDX-License-Identifier: GPL-3.0-or-later
#include "node/api_key.h"
#include "node/node.h"
#include "rpc/http_endpoint.h"
#include "unit/node/model_fixture.h"
#include "unit/support.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QTcpSocket>
#include <QTemporaryDir>
#include <QtTest>

#include <future>
#include <httplib.h>

using namespace loam;
using namespace std::chrono_literals;

/// The HTTP endpoint over a real node, real sockets of 127.0.0.1 and a worker that pretends.
class TestHttp : public QObject
{
    Q_OBJECT

private:
    struct Answer
    {
        int status{ 0 };
        std::string body;
        std::string type;
        QJsonObject json() const
        {
            return QJsonDocument::fromJson(QByteArray::fromStdString(body)).object();
        }
        QString code() const
        {
            return json()
                .value(QLatin1String{ "error" })
                .toObject()
                .value(QLatin1String{ "code" })
                .toString();
        }
    };

    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<node::Node> m_node;
    std::unique_ptr<rpc::HttpEndpoint> m_endpoint;
    std::string m_key;
    std::string m_model;

    /// Runs a request on a thread of its own, as another program would, while this one serves.
    template <class Callable> auto elsewhere(Callable callable)
    {
        auto future = std::async(std::launch::async, std::move(callable));
        while (future.wait_for(0ms) != std::future_status::ready) {
            QCoreApplication::processEvents(QEventLoop::AllEvents, 10);
        }
        return future.get();
    }

    static Answer answerOf(const httplib::Result& result)
    {
        return result
            ? Answer{ result->status, result->body, result->get_header_value("Content-Type") }
            : Answer{};
    }

    static Answer postNow(std::uint16_t port, const std::string& key, const std::string& path,
        const std::string& body)
    {
        httplib::Client client{ "127.0.0.1", port };
        client.set_read_timeout(30s);
        return answerOf(
            client.Post(path, { { "Authorization", "Bearer " + key } }, body, "application/json"));
    }

    Answer post(const std::string& path, const std::string& body)
    {
        return elsewhere([port = m_endpoint->port(), key = m_key, path, body] {
            return postNow(port, key, path, body);
        });
    }

    Answer get(const std::string& path, const httplib::Headers& headers)
    {
        return elsewhere([port = m_endpoint->port(), path, headers] {
            httplib::Client client{ "127.0.0.1", port };
            return answerOf(client.Get(path, headers));
        });
    }

    httplib::Headers withKey() const { return { { "Authorization", "Bearer " + m_key } }; }

    std::string chat(const std::string& text, const std::string& more = "") const
    {
        return "{\"model\":\"" + m_model + "\",\"messages\":[{\"role\":\"user\",\"content\":\""
            + text + "\"}]" + more + '}';
    }

    static QJsonObject choice(const Answer& answer)
    {
        return answer.json().value(QLatin1String{ "choices" }).toArray().first().toObject();
    }

private Q_SLOTS:
    void initTestCase()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        auto opened = node::Node::open({ .home = { m_folder->path().toStdString() + "/home" },
            .workerProgram = QStringLiteral(FAKE_MODEL_WORKER) });
        LOAM_OK(opened);
        m_node = std::move(*opened);
        std::optional<base::Result<node::ModelManifest>> imported;
        m_node->models().import(
            { test::writeFakeModel(
                  m_folder->path() + QStringLiteral("/tiny.gguf"), QStringLiteral("Tiny"))
                    .toStdString(),
                {}, node::Placement::Copy, false },
            [&imported](auto done) { imported = std::move(done); });
        QTRY_VERIFY_WITH_TIMEOUT(imported.has_value(), 15'000);
        LOAM_OK(*imported);
        m_model = (*imported)->id;
        m_key = node::ApiKey::make();
        m_endpoint = std::make_unique<rpc::HttpEndpoint>(*m_node,
            rpc::HttpLimits{ .bodyBytes = 1 << 20, .clients = 16, .answers = 6, .patience = 5s });
        LOAM_OK(m_endpoint->start(0, node::ApiKey::hashOf(m_key)));
        QVERIFY(m_endpoint->port() != 0);
    }

    void cleanupTestCase()
    {
        m_endpoint.reset();
        m_node.reset();
    }

    void keysAreLongAndNew()
    {
        QCOMPARE(m_key.size(), 48U);
        QVERIFY(m_key != node::ApiKey::make());
    }

    void refusesWithoutTheKey()
    {
        QCOMPARE(get("/v1/models", {}).status, 401);
        QCOMPARE(get("/v1/models", { { "Authorization", "Bearer wrong" } }).code(),
            QStringLiteral("invalid_api_key"));
        QCOMPARE(get("/v1/models", { { "Authorization", "Basic " + m_key } }).status, 401);
        QCOMPARE(get("/metrics", {}).status, 401);
        // A web page whose name was made to point here.
        QCOMPARE(get("/v1/models",
                     { { "Authorization", "Bearer " + m_key }, { "Host", "evil.example" } })
                     .status,
            403);
    }

    void aNewKeyReplacesTheOldOne()
    {
        const std::string fresh = node::ApiKey::make();
        m_endpoint->setKeyHash(node::ApiKey::hashOf(fresh));
        QCOMPARE(get("/v1/models", withKey()).status, 401);
        m_key = fresh;
        QCOMPARE(get("/v1/models", withKey()).status, 200);
    }

    void listsModels()
    {
        const Answer answer = get("/v1/models", withKey());
        QCOMPARE(answer.status, 200);
        const QJsonArray data = answer.json().value(QLatin1String{ "data" }).toArray();
        QCOMPARE(data.size(), 1);
        QCOMPARE(
            data.first().toObject().value(QLatin1String{ "id" }).toString().toStdString(), m_model);
    }

    void answersAChatAndACompletion()
    {
        const Answer answer
            = post("/v1/chat/completions", chat("say hello there", ",\"logprobs\":true"));
        QCOMPARE(answer.status, 200);
        QCOMPARE(choice(answer)
                     .value(QLatin1String{ "message" })
                     .toObject()
                     .value(QLatin1String{ "content" })
                     .toString(),
            QStringLiteral("hello there"));
        const QJsonObject usage = answer.json().value(QLatin1String{ "usage" }).toObject();
        QCOMPARE(usage.value(QLatin1String{ "completion_tokens" }).toInt(), 2);
        const Answer cut = post("/v1/completions",
            "{\"model\":\"" + m_model + "\",\"prompt\":\"count 100\",\"max_tokens\":3}");
        QCOMPARE(choice(cut).value(QLatin1String{ "text" }).toString(), QStringLiteral("1 2 3"));
        QCOMPARE(choice(cut).value(QLatin1String{ "finish_reason" }).toString(),
            QStringLiteral("length"));
    }

    void streamsToFourClientsAtOnce()
    {
        std::vector<std::future<Answer>> clients;
        for (int i = 0; i < 4; ++i) {
            clients.push_back(std::async(std::launch::async,
                [port = m_endpoint->port(), key = m_key,
                    body = chat("count 40", ",\"stream\":true")] {
                    return postNow(port, key, "/v1/chat/completions", body);
                }));
        }
        for (std::future<Answer>& client : clients) {
            while (client.wait_for(0ms) != std::future_status::ready) {
                QCoreApplication::processEvents(QEventLoop::AllEvents, 10);
            }
            const Answer answer = client.get();
            QCOMPARE(answer.status, 200);
            QCOMPARE(answer.type, std::string{ "text/event-stream" });
            QVERIFY(answer.body.ends_with("data: [DONE]\n\n"));
            QCOMPARE(QByteArray::fromStdString(answer.body).count("\"content\":\" "), 39);
        }
    }

    void embeds()
    {
        const Answer answer = post(
            "/v1/embeddings", "{\"model\":\"" + m_model + "\",\"input\":[\"four\",\"sixsix\"]}");
        QCOMPARE(answer.status, 200);
        const QJsonArray data = answer.json().value(QLatin1String{ "data" }).toArray();
        QCOMPARE(data.size(), 2);
        QCOMPARE(data.at(1).toObject().value(QLatin1String{ "embedding" }).toArray(),
            (QJsonArray{ 0.5, 6, -0.25 }));
    }

    void saysWhatIsWrong()
    {
        QCOMPARE(post("/v1/chat/completions", "{").status, 400);
        QCOMPARE(post("/v1/chat/completions", chat("x", ",\"n\":3")).status, 400);
        const Answer missing = post("/v1/completions", "{\"model\":\"no-such\",\"prompt\":\"x\"}");
        QCOMPARE(missing.status, 404);
        QCOMPARE(missing.code(), QStringLiteral("model_not_found"));
        QCOMPARE(post("/v1/chat/completions", chat("refuse")).status, 400);
        QCOMPARE(post("/v1/nothing", "{}").code(), QStringLiteral("unknown_url"));
        QCOMPARE(get("/v1/nothing", withKey()).status, 404);
        QCOMPARE(post("/v1/completions", std::string(2 << 20, ' ')).status, 413);
    }

    void aDeadWorkerIsAnErrorAndTheNextQuestionWorks()
    {
        const Answer dead = post("/v1/chat/completions", chat("die"));
        QCOMPARE(dead.status, 503);
        const Answer stream = post("/v1/chat/completions", chat("die", ",\"stream\":true"));
        QVERIFY(stream.body.find("\"error\"") != std::string::npos);
        QVERIFY(stream.body.find("[DONE]") == std::string::npos);
        QCOMPARE(post("/v1/chat/completions", chat("say still here")).status, 200);
    }

    void aClientThatLeavesEndsItsAnswer()
    {
        for (const char* stream : { "true", "false" }) {
            QTcpSocket socket;
            socket.connectToHost(QStringLiteral("127.0.0.1"), m_endpoint->port());
            QVERIFY(socket.waitForConnected());
            const std::string body = chat("endless", std::string{ ",\"stream\":" } + stream);
            socket.write(QByteArray::fromStdString(
                "POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                "Authorization: Bearer "
                + m_key + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n"
                + body));
            const auto isRunning = [this] {
                const auto loaded = m_node->answers().loaded();
                return !loaded.empty() && loaded.front().running > 0;
            };
            QTRY_VERIFY_WITH_TIMEOUT(isRunning(), 15'000);
            socket.abort();
            QTRY_VERIFY_WITH_TIMEOUT(!isRunning(), 15'000);
        }
    }

    void tooManyAnswersAreRefused()
    {
        std::vector<std::unique_ptr<QTcpSocket>> sockets;
        for (int i = 0; i < 6; ++i) {
            sockets.push_back(std::make_unique<QTcpSocket>());
            sockets.back()->connectToHost(QStringLiteral("127.0.0.1"), m_endpoint->port());
            QVERIFY(sockets.back()->waitForConnected());
            const std::string body = chat("endless", ",\"stream\":true");
            sockets.back()->write(QByteArray::fromStdString(
                "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "
                + m_key + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n"
                + body));
        }
        const auto running = [this] {
            const auto loaded = m_node->answers().loaded();
            return loaded.empty() ? 0U : loaded.front().running;
        };
        QTRY_COMPARE_WITH_TIMEOUT(running(), 6U, 15'000);
        QCOMPARE(post("/v1/chat/completions", chat("say no")).status, 429);
        sockets.clear();
        QTRY_COMPARE_WITH_TIMEOUT(running(), 0U, 15'000);
    }

    void tellsItsFigures()
    {
        const Answer answer = get("/metrics", withKey());
        QCOMPARE(answer.status, 200);
        QVERIFY(answer.type.starts_with("text/plain"));
        QVERIFY(answer.body.find("# TYPE loam_answers_total counter\nloam_answers_total ")
            != std::string::npos);
        QVERIFY(answer.body.find("loam_models_loaded 1\n") != std::string::npos);
    }

    void aTakenPortIsNamed()
    {
        rpc::HttpEndpoint second{ *m_node };
        const auto started = second.start(m_endpoint->port(), node::ApiKey::hashOf(m_key));
        LOAM_FAILS(started, base::Errc::Unavailable);
        QVERIFY(
            started.error().message.find(std::to_string(m_endpoint->port())) != std::string::npos);
    }

    void switchingOffEndsAnswersUnderWay()
    {
        rpc::HttpEndpoint other{ *m_node };
        LOAM_OK(other.start(0, node::ApiKey::hashOf(m_key)));
        auto client = std::async(
            std::launch::async, [port = other.port(), key = m_key, body = chat("endless")] {
                return postNow(port, key, "/v1/chat/completions", body);
            });
        QTRY_VERIFY_WITH_TIMEOUT(
            !m_node->answers().loaded().empty() && m_node->answers().loaded().front().running > 0,
            15'000);
        other.stop();
        QVERIFY(!other.isRunning());
        const Answer answer = client.get();
        QVERIFY(answer.status == 503 || answer.status == 0);
    }
};

QTEST_GUILESS_MAIN(TestHttp)
#include "tst_http.moc"
