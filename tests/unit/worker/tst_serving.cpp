// SPDX-License-Identifier: GPL-3.0-or-later
// Speaks with a real loam-worker that serves a real, tiny model.
#include "fakes/tiny_model.h"

#include <nlohmann/json.hpp>

#include <QElapsedTimer>
#include <QProcess>
#include <QTemporaryDir>
#include <QtTest>

using Json = nlohmann::json;

namespace {

constexpr int kPatienceMs = 60'000;

class Worker
{
public:
    explicit Worker(const QStringList& arguments)
    {
        m_process.start(QStringLiteral(LOAM_WORKER), arguments);
    }
    ~Worker()
    {
        m_process.closeWriteChannel();
        m_process.waitForFinished(kPatienceMs);
    }

    void send(const Json& request)
    {
        m_process.write(QByteArray::fromStdString(request.dump()) + '\n');
    }

    /// The next line that `wanted` takes; null when none comes.
    template <class Wanted> Json waitFor(Wanted wanted)
    {
        QElapsedTimer timer;
        timer.start();
        while (timer.elapsed() < kPatienceMs) {
            while (m_process.canReadLine()) {
                const QByteArray line = m_process.readLine();
                Json object = Json::parse(line.begin(), line.end(), nullptr, false);
                if (wanted(object)) {
                    return object;
                }
            }
            if (!m_process.waitForReadyRead(kPatienceMs)) {
                break;
            }
        }
        return {};
    }

    /// The final line of request `id`; its pieces of text are put together.
    Json answer(const Json& id, std::string& text)
    {
        return waitFor([&id, &text](const Json& line) {
            if (line.value("id", Json{}) != id) {
                return false;
            }
            if (line.contains("progress")) {
                text += line["progress"].value("text", "");
            }
            return line.contains("ok");
        });
    }
    Json ask(const Json& request)
    {
        send(request);
        std::string ignored;
        return answer(request["id"], ignored);
    }

private:
    QProcess m_process;
};

} // namespace

class TestServing final : public QObject
{
    Q_OBJECT

private:
    QTemporaryDir m_folder;
    std::string m_model;

    Json load(int context = 512) const
    {
        return { { "id", 1 }, { "job", "load" }, { "path", m_model }, { "context", context },
            { "slots", 3 }, { "threads", 2 } };
    }
    static Json question(int id, const char* prompt, int tokens)
    {
        return { { "id", id }, { "job", "answer" }, { "prompt", prompt }, { "max_tokens", tokens },
            { "temperature", 0 } };
    }

private Q_SLOTS:
    void initTestCase()
    {
        const QString path = m_folder.path() + QStringLiteral("/tiny.gguf");
        loam::test::writeTinyModel(path);
        m_model = path.toStdString();
    }

    void inspectsAndListsDevices()
    {
        Worker worker{ {} };
        const Json facts = worker.ask({ { "id", 1 }, { "job", "inspect" }, { "path", m_model } });
        QVERIFY(facts.value("ok", false));
        QCOMPARE(facts.value("architecture", ""), std::string{ "llama" });
        QCOMPARE(facts.value("context", 0), 4096);
        QVERIFY(facts.value("memory", 0U) > facts.value("bytes", 0U));
        const Json devices = worker.ask({ { "id", 2 }, { "job", "devices" } });
        QCOMPARE(devices["devices"][0].value("uuid", ""), std::string{ "cpu" });
        const Json missing
            = worker.ask({ { "id", 3 }, { "job", "inspect" }, { "path", "/nonexistent" } });
        QVERIFY(!missing.value("ok", true));
    }

    void answersEquallyAloneAndTogether()
    {
        Worker worker{ { QStringLiteral("--serve") } };
        QVERIFY(worker.ask(load()).value("ok", false));
        std::string alone;
        worker.send(question(2, "In year 1901 the gardener", 32));
        const Json end = worker.answer(2, alone);
        QVERIFY(end.value("ok", false));
        QCOMPARE(end.value("tokens", 0), 32);
        QCOMPARE(end.value("end", ""), std::string{ "length" });
        QVERIFY(end.value("prompt_tokens", 0) > 2);
        QVERIFY(!alone.empty());
        // More questions than slots, in one burst.
        std::map<int, std::string> texts;
        for (int id = 10; id < 15; ++id) {
            worker.send(question(id, id % 2 == 0 ? "In year 1901 the gardener" : "The river", 32));
        }
        int ended = 0;
        worker.waitFor([&texts, &ended](const Json& line) {
            const int id = line.value("id", 0);
            if (line.contains("progress")) {
                texts[id] += line["progress"].value("text", "");
            }
            ended += line.contains("ok") ? 1 : 0;
            return ended == 5;
        });
        QCOMPARE(ended, 5);
        QCOMPARE(texts[10], alone);
        QCOMPARE(texts[14], alone);
        QCOMPARE(texts[11], texts[13]);
    }

    void cancelsAndGoesOn()
    {
        Worker worker{ { QStringLiteral("--serve") } };
        QVERIFY(worker.ask(load(4096)).value("ok", false));
        worker.send(question(2, "The river", 4000));
        worker.waitFor([](const Json& line) { return line.contains("progress"); });
        worker.send({ { "job", "cancel_answer" }, { "answer", 2 } });
        std::string text;
        const Json end = worker.answer(2, text);
        QCOMPARE(end.value("end", ""), std::string{ "cancelled" });
        QVERIFY(worker.ask(question(3, "The river", 4)).value("ok", false));
    }

    void stopsAtAText()
    {
        Worker worker{ { QStringLiteral("--serve") } };
        QVERIFY(worker.ask(load()).value("ok", false));
        std::string whole;
        worker.send(question(2, "In year 1901 the gardener", 32));
        worker.answer(2, whole);
        const std::string stop = whole.substr(whole.size() / 2, 4);
        Json request = question(3, "In year 1901 the gardener", 32);
        request["stop"] = { stop };
        std::string cut;
        worker.send(request);
        const Json end = worker.answer(3, cut);
        QCOMPARE(end.value("end", ""), std::string{ "stop" });
        QCOMPARE(cut, whole.substr(0, whole.find(stop)));
    }

    void aLongConversationIsMadeToFit()
    {
        Worker worker{ { QStringLiteral("--serve") } };
        QVERIFY(worker.ask(load(128)).value("ok", false));
        Json messages = Json::array({ { { "role", "system" }, { "content", "Be brief." } } });
        for (int i = 0; i < 40; ++i) {
            messages.push_back({ { "role", i % 2 == 0 ? "user" : "assistant" },
                { "content", "The gardener planted moss by the river." } });
        }
        messages.push_back({ { "role", "user" }, { "content", "And then?" } });
        Json request{ { "id", 2 }, { "job", "answer" }, { "messages", messages },
            { "max_tokens", 64 }, { "temperature", 0 }, { "fit", true } };
        const Json fitted = worker.ask(request);
        QVERIFY2(fitted.value("ok", false), fitted.dump().c_str());
        QVERIFY(fitted.value("prompt_tokens", 0) <= 96);
        request["id"] = 3;
        request["fit"] = false;
        const Json refused = worker.ask(request);
        QCOMPARE(refused.value("code", ""), std::string{ "invalid" });
        QVERIFY(refused.value("message", "").find("128") != std::string::npos);
    }

    void embedsWithLengthOne()
    {
        Worker worker{ { QStringLiteral("--serve") } };
        QVERIFY(worker.ask(load()).value("ok", false));
        worker.send({ { "id", 2 }, { "job", "embed" },
            { "inputs", { "moss by the river", "a walnut tree", "moss by the river" } } });
        std::vector<Json> vectors;
        const Json end = worker.waitFor([&vectors](const Json& line) {
            if (line.contains("progress")) {
                vectors.push_back(line["progress"]["embedding"]);
            }
            return line.contains("ok");
        });
        QVERIFY(end.value("ok", false));
        QCOMPARE(vectors.size(), 3U);
        double squared = 0;
        for (const Json& value : vectors[0]) {
            squared += value.get<double>() * value.get<double>();
        }
        QVERIFY(std::abs(squared - 1) < 1e-3);
        QVERIFY(vectors[0] == vectors[2]);
        QVERIFY(vectors[0] != vectors[1]);
    }

    void refusesWhatCannotBe()
    {
        Worker worker{ { QStringLiteral("--serve") } };
        QCOMPARE(worker.ask(question(1, "x", 1)).value("code", ""), std::string{ "unavailable" });
        Json elsewhere = load();
        elsewhere["device"] = "no-such";
        QVERIFY(!worker.ask(elsewhere).value("ok", true));
        QVERIFY(worker.ask(load()).value("ok", false));
        Json odd = question(2, "x", 1);
        odd["temperature"] = -1;
        QCOMPARE(worker.ask(odd).value("code", ""), std::string{ "invalid" });
        QCOMPARE(worker.ask({ { "id", 3 }, { "job", "dance" } }).value("code", ""),
            std::string{ "invalid" });
        QVERIFY(worker.ask({ { "id", 4 }, { "job", "unload" } }).value("ok", false));
        QCOMPARE(worker.ask(question(5, "x", 1)).value("code", ""), std::string{ "unavailable" });
    }
};

QTEST_GUILESS_MAIN(TestServing)
#include "tst_serving.moc"
