// SPDX-License-Identifier: GPL-3.0-or-later
#include "rpc/openai_reply.h"
#include "rpc/openai_request.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QtTest>

using namespace loam::rpc;

Q_DECLARE_METATYPE(loam::rpc::ApiCall)

/// What clients of the OpenAI-style endpoint send and get, without a socket.
class TestOpenAi : public QObject
{
    Q_OBJECT

private:
    static QJsonObject json(const std::string& text)
    {
        return QJsonDocument::fromJson(QByteArray::fromStdString(text)).object();
    }
    /// The JSON of each event of a stream.
    static std::vector<QJsonObject> events(const std::string& stream)
    {
        std::vector<QJsonObject> out;
        for (const QByteArray& event : QByteArray::fromStdString(stream).split('\n')) {
            if (event.startsWith("data: ") && event != "data: [DONE]") {
                out.push_back(QJsonDocument::fromJson(event.mid(6)).object());
            }
        }
        return out;
    }
    static QJsonObject choice(const QJsonObject& event)
    {
        return event.value(QLatin1String{ "choices" }).toArray().first().toObject();
    }

private Q_SLOTS:
    void readsAChat()
    {
        const auto request = readApiRequest(ApiCall::Chat, R"({"model":"m","messages":[
            {"role":"developer","content":"Be short."},
            {"role":"user","content":[{"type":"text","text":"Hel"},{"type":"text","text":"lo"}]},
            {"role":"assistant","content":null}],
            "stream":true,"stream_options":{"include_usage":true},"max_completion_tokens":7,
            "temperature":0.5,"top_p":0.9,"presence_penalty":-1,"frequency_penalty":1.5,"seed":3,
            "stop":["a","b",""],"logprobs":true,"top_logprobs":2,"n":1,"user":"me","tools":[],
            "response_format":{"type":"text"},"unknown":{"a":[1]}})");
        QVERIFY2(request, request ? "" : request.error().message.c_str());
        QCOMPARE(request->messages.size(), 3U);
        QVERIFY((request->messages[0] == ApiMessage{ "system", "Be short." }));
        QVERIFY((request->messages[1] == ApiMessage{ "user", "Hello" }));
        QCOMPARE(request->maxTokens, 7U);
        QCOMPARE(request->seed, std::optional<std::uint64_t>{ 3 });
        QCOMPARE(request->stop.size(), 2U);
        QVERIFY(request->streams && request->includesUsage && request->wantsLogprobs);
        QCOMPARE(request->alternatives, 2U);
        QCOMPARE(request->frequencyPenalty, 1.5);
    }

    void readsOthers()
    {
        const auto completion = readApiRequest(
            ApiCall::Completion, R"({"model":"m","prompt":["Once"],"logprobs":0,"stop":"x"})");
        QVERIFY(completion);
        QCOMPARE(completion->prompt, std::string{ "Once" });
        QCOMPARE(completion->maxTokens, 16U);
        QVERIFY(completion->wantsLogprobs);
        QVERIFY(!completion->seed);
        const auto embedding = readApiRequest(
            ApiCall::Embedding, R"({"model":"m","input":["a","b"],"encoding_format":"base64"})");
        QVERIFY(embedding);
        QCOMPARE(embedding->inputs.size(), 2U);
        QVERIFY(embedding->asBase64);
    }

    void refusesByName_data()
    {
        QTest::addColumn<ApiCall>("call");
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<QString>("param");
        const auto row = [](const char* name, ApiCall call, const char* body, const char* param) {
            QTest::newRow(name) << call << QByteArray{ body } << QString::fromLatin1(param);
        };
        const auto chat = [&row](const char* name, const char* more, const char* param) {
            const QByteArray body
                = QByteArray{ R"({"model":"m","messages":[{"role":"user","content":"x"}],)" } + more
                + '}';
            row(name, ApiCall::Chat, body.constData(), param);
        };
        row("no json", ApiCall::Chat, "hello", "");
        row("a list", ApiCall::Chat, "[1]", "");
        row("not utf-8", ApiCall::Completion, "{\"model\":\"m\",\"prompt\":\"\xff\"}", "");
        row("no model", ApiCall::Chat, R"({"messages":[]})", "model");
        row("no messages", ApiCall::Chat, R"({"model":"m","messages":[]})", "messages");
        row("odd role", ApiCall::Chat,
            R"({"model":"m","messages":[{"role":"tool","content":"x"}]})", "messages");
        row("picture", ApiCall::Chat,
            R"({"model":"m","messages":[{"role":"user","content":[{"type":"image_url"}]}]})",
            "messages");
        chat("two answers", R"("n":2)", "n");
        chat("tools", R"("tools":[{"type":"function"}])", "tools");
        chat("json mode", R"("response_format":{"type":"json_object"})", "response_format");
        chat("bias", R"("logit_bias":{"50256":-100})", "logit_bias");
        chat("too hot", R"("temperature":2.1)", "temperature");
        chat("hot text", R"("temperature":"1")", "temperature");
        chat("no tokens", R"("max_tokens":0)", "max_tokens");
        chat("negative seed", R"("seed":-1)", "seed");
        chat("many stops", R"("stop":["1","2","3","4","5"])", "stop");
        chat("half of logprobs", R"("top_logprobs":3)", "top_logprobs");
        chat("stream text", R"("stream":"yes")", "stream");
        row("token prompt", ApiCall::Completion, R"({"model":"m","prompt":[1,2,3]})", "prompt");
        row("two prompts", ApiCall::Completion, R"({"model":"m","prompt":["a","b"]})", "prompt");
        row("no prompt", ApiCall::Completion, R"({"model":"m"})", "prompt");
        row("many logprobs", ApiCall::Completion, R"({"model":"m","prompt":"a","logprobs":6})",
            "logprobs");
        row("empty input", ApiCall::Embedding, R"({"model":"m","input":[""]})", "input");
        row("tokens", ApiCall::Embedding, R"({"model":"m","input":[[1,2]]})", "input");
        row("odd format", ApiCall::Embedding,
            R"({"model":"m","input":"a","encoding_format":"hex"})", "encoding_format");
        const QByteArray deep = R"({"model":"m","input":)" + QByteArray(100'000, '[');
        row("deep", ApiCall::Embedding, deep.constData(), "");
    }

    void refusesByName()
    {
        QFETCH(ApiCall, call);
        QFETCH(QByteArray, body);
        QFETCH(QString, param);
        const auto request = readApiRequest(call, body.toStdString());
        QVERIFY(!request);
        QCOMPARE(request.error().status, 400);
        QCOMPARE(QString::fromStdString(request.error().param), param);
        const QJsonObject error
            = json(errorBody(request.error())).value(QLatin1String{ "error" }).toObject();
        QCOMPARE(error.value(QLatin1String{ "type" }).toString(),
            QStringLiteral("invalid_request_error"));
        QVERIFY(!error.value(QLatin1String{ "message" }).toString().isEmpty());
    }

    void writesAChat()
    {
        ApiRequest request;
        request.model = "m";
        request.wantsLogprobs = true;
        ApiReply reply{ ApiCall::Chat, request, "chatcmpl-1", 5 };
        reply.add({ "Hel", { { "Hel", -0.25, { { "Hel", -0.25 }, { "Hi", -2 } } } }, {} });
        reply.add({ "lo", { { "lo", -0.5, {} } }, {} });
        const QJsonObject whole = json(reply.whole({ "length", 3, 2 }));
        QCOMPARE(
            whole.value(QLatin1String{ "object" }).toString(), QStringLiteral("chat.completion"));
        const QJsonObject message = choice(whole).value(QLatin1String{ "message" }).toObject();
        QCOMPARE(message.value(QLatin1String{ "content" }).toString(), QStringLiteral("Hello"));
        QCOMPARE(choice(whole).value(QLatin1String{ "finish_reason" }).toString(),
            QStringLiteral("length"));
        const QJsonArray content = choice(whole)
                                       .value(QLatin1String{ "logprobs" })
                                       .toObject()
                                       .value(QLatin1String{ "content" })
                                       .toArray();
        QCOMPARE(content.size(), 2);
        QCOMPARE(
            content.first().toObject().value(QLatin1String{ "top_logprobs" }).toArray().size(), 2);
        QCOMPARE(whole.value(QLatin1String{ "usage" })
                     .toObject()
                     .value(QLatin1String{ "total_tokens" })
                     .toInt(),
            5);
    }

    void streamsAChat()
    {
        ApiRequest request;
        request.model = "m";
        request.includesUsage = true;
        ApiReply reply{ ApiCall::Chat, request, "chatcmpl-1", 5 };
        std::string stream = reply.opening();
        stream += reply.event({ "Hello\n", {}, {} });
        stream += reply.event({ "", {}, {} });
        stream += reply.closing({ "stop", 3, 2 });
        QVERIFY(stream.ends_with("data: [DONE]\n\n"));
        const auto parts = events(stream);
        QCOMPARE(parts.size(), 4U);
        QCOMPARE(choice(parts[0])
                     .value(QLatin1String{ "delta" })
                     .toObject()
                     .value(QLatin1String{ "role" })
                     .toString(),
            QStringLiteral("assistant"));
        QCOMPARE(choice(parts[1])
                     .value(QLatin1String{ "delta" })
                     .toObject()
                     .value(QLatin1String{ "content" })
                     .toString(),
            QStringLiteral("Hello\n"));
        QVERIFY(choice(parts[1]).value(QLatin1String{ "finish_reason" }).isNull());
        QCOMPARE(choice(parts[2]).value(QLatin1String{ "finish_reason" }).toString(),
            QStringLiteral("stop"));
        QVERIFY(parts[3].value(QLatin1String{ "choices" }).toArray().isEmpty());
        QCOMPARE(parts[3]
                     .value(QLatin1String{ "usage" })
                     .toObject()
                     .value(QLatin1String{ "prompt_tokens" })
                     .toInt(),
            3);
    }

    void streamsACompletionWithOffsets()
    {
        ApiRequest request;
        request.model = "m";
        request.wantsLogprobs = true;
        ApiReply reply{ ApiCall::Completion, request, "cmpl-1", 5 };
        QVERIFY(reply.opening().empty());
        reply.event({ "abc", { { "abc", -1, {} } }, {} });
        const auto second = events(reply.event({ "de", { { "d", -1, {} }, { "e", -1, {} } }, {} }));
        const QJsonArray offsets = choice(second.front())
                                       .value(QLatin1String{ "logprobs" })
                                       .toObject()
                                       .value(QLatin1String{ "text_offset" })
                                       .toArray();
        QCOMPARE(offsets, (QJsonArray{ 3, 4 }));
    }

    void writesEmbeddings()
    {
        ApiRequest request;
        request.model = "m";
        request.asBase64 = true;
        ApiReply reply{ ApiCall::Embedding, request, "x", 5 };
        reply.add({ {}, {}, { 1.0F, -2.0F } });
        const QJsonObject whole = json(reply.whole({ {}, 4, 0 }));
        const QJsonObject first = whole.value(QLatin1String{ "data" }).toArray().first().toObject();
        const QByteArray bytes = QByteArray::fromBase64(
            first.value(QLatin1String{ "embedding" }).toString().toLatin1());
        QCOMPARE(bytes.toHex(), QByteArray{ "0000803f000000c0" });
        QCOMPARE(first.value(QLatin1String{ "index" }).toInt(), 0);
    }

    void halfACharacterDoesNotThrow()
    {
        ApiRequest request;
        request.model = "m";
        request.wantsLogprobs = true;
        ApiReply reply{ ApiCall::Chat, request, "x", 5 };
        const auto parts = events(reply.event({ "", { { "\xe2\x82", -1, {} } }, {} }));
        QCOMPARE(parts.size(), 1U);
    }
};

QTEST_GUILESS_MAIN(TestOpenAi)
#include "tst_openai.moc"
