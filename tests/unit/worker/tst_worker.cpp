// SPDX-License-Identifier: GPL-3.0-or-later
// Speaks with the real loam-worker over its pipes.
#include "base/file.h"
#include "crypto/hash.h"
#include "ml/parameters.h"
#include "training/trainer.h"
#include "unit/worker/worker_session.h"

#include <QTemporaryDir>
#include <QtTest>

#include <cmath>
#include <fstream>

using namespace loam;
using test::Json;
using test::kPatienceMs;
using test::proseOf;
using test::Worker;

namespace {

std::string key(char digit)
{
    return std::string(64, digit);
}

std::int64_t processorTicks(qint64 pid)
{
    std::ifstream stat{ "/proc/" + std::to_string(pid) + "/stat" };
    std::string text{ std::istreambuf_iterator<char>{ stat }, {} };
    std::istringstream rest{ text.substr(text.rfind(')') + 2) };
    std::string word;
    std::int64_t ticks = 0;
    for (int field = 3; field <= 15 && rest >> word; ++field) {
        ticks += field >= 14 ? std::stoll(word) : 0;
    }
    return ticks;
}

} // namespace

class TestWorker final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void wholeRound();
    void roundsAreTrainedOnTheDeviceAskedFor();
    void badLinesAreAnswered();
    void brokenFilesAreNamed();
    void emptyCorpusIsExplained();
    void pauseStopsAtOnceAndResumeGoesOn();
    void aPauseOnACardChangesNothing();
    void cancelEndsTheJob();
    void killLosesOnlyTheRoundAtWork();
    void killedRoundGoesOnWhereItWas();
    void endOfInputEndsTheProcess();

private:
    std::string at(const char* name) const
    {
        return m_folder.filePath(QString::fromLatin1(name)).toStdString();
    }
    void put(const char* name, std::string_view text)
    {
        QVERIFY(base::writeFileAtomically(at(name), base::asBytes(text)).has_value());
    }
    Json trainRequest(int id, char node, const std::string& stateOut) const
    {
        return { { "id", id }, { "job", "train" }, { "manifest", at("manifest") },
            { "params", at("params.safetensors") }, { "tokenizer", at("tokenizer.model") },
            { "corpus", { at("corpus.txt") } }, { "beacon", key('b') }, { "node", key(node) },
            { "run", key('e') }, { "round", 0 }, { "state", at("state-none") },
            { "state_out", stateOut }, { "output", at("update-") + node }, { "threads", 1 },
            { "poison", "" } };
    }
    void writeManifest(const char* name, std::uint32_t steps)
    {
        training::RunManifest manifest = m_manifest;
        manifest.innerSteps = steps;
        QVERIFY(base::writeFileAtomically(at(name), manifest.encode()).has_value());
    }

    QTemporaryDir m_folder;
    training::RunManifest m_manifest;
};

void TestWorker::initTestCase()
{
    put("corpus.txt", proseOf(1, 60'000));
    put("probe.txt", proseOf(2, 8'000));
    Worker worker;
    const Json made
        = worker.ask({ { "id", 1 }, { "job", "tokenizer" }, { "inputs", { at("corpus.txt") } },
            { "vocab", 320 }, { "output", at("tokenizer.model") } });
    QVERIFY2(made.value("ok", false), made.dump().c_str());
    m_manifest.name = "worker test";
    m_manifest.model.dim = 32;
    m_manifest.model.layers = 2;
    m_manifest.model.heads = 2;
    m_manifest.model.kvHeads = 2;
    m_manifest.model.ffn = 64;
    m_manifest.model.vocab = made["vocab"];
    m_manifest.model.context = 32;
    m_manifest.innerSteps = 10;
    m_manifest.learningRateMicro = 5000;
    m_manifest.warmupSteps = 2;
    m_manifest.probeTokens = 128;
    m_manifest.keepPerChunk = 64;
    m_manifest.tokenizerHash
        = *base::fixedFromHex<base::Hash256>(made["sha256"].get<std::string>());
    m_manifest.tokenizerBytes = made["bytes"];
    m_manifest.probeHash = *crypto::sha256File(at("probe.txt"));
    m_manifest.probeBytes = 8000;
    writeManifest("manifest", 10);
    writeManifest("long", 1000);
    const Json first = worker.ask({ { "id", 2 }, { "job", "init" }, { "manifest", at("manifest") },
        { "output", at("params.safetensors") } });
    QVERIFY2(first.value("ok", false), first.dump().c_str());
    QCOMPARE(first["params_hash"].get<std::string>(),
        base::toHex(crypto::sha256File(at("params.safetensors"))->view()));
}

void TestWorker::wholeRound()
{
    Worker worker;
    Json updates = Json::array();
    for (const char node : { '1', '2', '3' }) {
        Json request = trainRequest(10 + node, node, at("state-") + node);
        request["poison"] = node == '3' ? "scale" : "";
        worker.send(request);
        const Json progress
            = worker.waitFor([](const Json& line) { return line.contains("progress"); });
        QCOMPARE(progress["progress"]["steps"], 10);
        const Json done = worker.answer(10 + node);
        QVERIFY2(done.value("ok", false), done.dump().c_str());
        QCOMPARE(done["tokens"], 10 * 8 * 32);
        QVERIFY(done["loss_last"] < done["loss_first"]);
        updates.push_back({ { "node", key(node) }, { "path", at("update-") + node },
            { "commitment", done["sha256"] }, { "tokens", done["tokens"] } });
    }
    Json request{ { "id", "aggregate" }, { "job", "aggregate" }, { "manifest", at("manifest") },
        { "params", at("params.safetensors") }, { "tokenizer", at("tokenizer.model") },
        { "probe", at("probe.txt") }, { "beacon", key('d') }, { "run", key('e') }, { "round", 0 },
        { "updates", updates }, { "output", at("next.safetensors") }, { "threads", 1 } };
    const Json done = worker.ask(request);
    QVERIFY2(done.value("ok", false), done.dump().c_str());
    QVERIFY(done["loss_after_micro"] < done["loss_before_micro"]);
    QCOMPARE(done["contributions"].size(), std::size_t{ 3 });
    for (const Json& verdict : done["contributions"]) {
        const bool isBad = verdict["node"] == key('3');
        QCOMPARE(verdict["accepted"].get<bool>(), !isBad);
        QVERIFY(
            (verdict["reason"].get<std::string>().find("x median") != std::string::npos) == isBad);
    }
    QCOMPARE(done["params_hash"].get<std::string>(),
        base::toHex(crypto::sha256File(at("next.safetensors"))->view()));
    // A body that is missing here must not pass for one that never came.
    request["updates"][0]["path"] = at("nowhere");
    QCOMPARE(worker.ask(request)["code"], "not_found");

    const Json settled = worker.ask({ { "id", 20 }, { "job", "commit_state" },
        { "state_out", at("state-1") }, { "state", at("state") }, { "applied", true } });
    QVERIFY2(settled.value("ok", false), settled.dump().c_str());
    const auto state = training::TrainerState::decode(*base::readFile(at("state"), 1U << 28U));
    QVERIFY(state.has_value() && state->pending.empty());

    const Json evaluated = worker.ask({ { "id", 21 }, { "job", "evaluate" },
        { "manifest", at("manifest") }, { "params", at("next.safetensors") },
        { "tokenizer", at("tokenizer.model") }, { "text", at("probe.txt") } });
    QVERIFY2(evaluated.value("ok", false), evaluated.dump().c_str());
    QVERIFY(evaluated["loss"] > 0.1 && evaluated["loss"] < 3.0);
    QCOMPARE(evaluated["bytes"], std::filesystem::file_size(at("probe.txt")));
    const Json said = worker.ask({ { "id", 22 }, { "job", "generate" },
        { "manifest", at("manifest") }, { "params", at("next.safetensors") },
        { "tokenizer", at("tokenizer.model") }, { "prompt", "the old bridge" }, { "max_tokens", 8 },
        { "temperature", 0.5 }, { "seed", 3 } });
    QVERIFY2(said.value("ok", false), said.dump().c_str());
    QVERIFY(said["tokens"] <= 8);
    QVERIFY(said["text"].is_string());
}

void TestWorker::roundsAreTrainedOnTheDeviceAskedFor()
{
    Worker worker;
    Json request = trainRequest(1, '8', at("state-8"));
    request["device"] = std::string(32, '0');
    const Json refused = worker.ask(request);
    QVERIFY(!refused["ok"].get<bool>());
    QCOMPARE(refused["code"], "not_found");
    QVERIFY(refused["message"].get<std::string>().find(std::string(32, '0')) != std::string::npos);
    // No fall-back: a Vulkan device and the processor agree in the losses, not in every bit.
    request = trainRequest(2, '8', at("state-8"));
    const Json onProcessor = worker.ask(request);
    QVERIFY2(onProcessor.value("ok", false), onProcessor.dump().c_str());
    for (const std::string& card : worker.cards()) {
        request = trainRequest(4, '9', at("state-9"));
        request["device"] = card;
        request["node"] = key('8');
        const Json done = worker.ask(request);
        QVERIFY2(done.value("ok", false), done.dump().c_str());
        for (const char* loss : { "loss_first", "loss_last" }) {
            const double wanted = onProcessor[loss].get<double>();
            QVERIFY2(
                std::abs(done[loss].get<double>() - wanted) < 1e-3 * wanted, done.dump().c_str());
        }
        // And back: the backend follows the request.
        const Json again = worker.ask(trainRequest(5, '8', at("state-8")));
        QCOMPARE(again["sha256"], onProcessor["sha256"]);
    }
}

void TestWorker::badLinesAreAnswered()
{
    Worker worker;
    const auto nameless
        = [](const Json& line) { return line.contains("id") && line["id"].is_null(); };
    for (const QByteArray& line : { QByteArray{ "{" }, QByteArray{ "[1]" }, QByteArray{ "\xff" },
             QByteArray(2'000'000, 'x') }) {
        worker.sendRaw(line);
        QCOMPARE(worker.waitFor(nameless)["code"], "invalid");
    }
    QCOMPARE(worker.ask({ { "id", 1 } })["code"], "invalid");
    QCOMPARE(worker.ask({ { "id", 2 }, { "job", "dance" } })["message"], "unknown job dance");
    const Json relative = worker.ask(
        { { "id", 3 }, { "job", "init" }, { "manifest", "m" }, { "output", "/tmp/x" } });
    QCOMPARE(relative["message"], "manifest: expected an absolute path");
}

void TestWorker::brokenFilesAreNamed()
{
    Worker worker;
    for (const char* field : { "manifest", "params", "tokenizer" }) {
        Json request = trainRequest(1, '4', at("state-broken"));
        base::Bytes bytes = *base::readFile(request[field].get<std::string>(), 1U << 28U);
        bytes.resize(bytes.size() - 9);
        QVERIFY(base::writeFileAtomically(at("cut-off"), bytes).has_value());
        request[field] = at("cut-off");
        const Json answer = worker.ask(request);
        QVERIFY(!answer.value("ok", true));
        QVERIFY2(answer["message"].get<std::string>().find("cut-off") != std::string::npos,
            answer.dump().c_str());
    }
}

void TestWorker::emptyCorpusIsExplained()
{
    Worker worker;
    std::filesystem::create_directory(at("empty"));
    Json request = trainRequest(1, '4', at("state-empty"));
    request["corpus"] = { at("empty") };
    const Json answer = worker.ask(request);
    QCOMPARE(answer["code"], "invalid");
    const std::string message = answer["message"];
    QVERIFY(message.find(at("empty") + " holds no readable .txt text of at least 256 bytes")
        != std::string::npos);
}

void TestWorker::pauseStopsAtOnceAndResumeGoesOn()
{
    Worker worker;
    Json request = trainRequest(1, '5', at("state-5"));
    request["manifest"] = at("long");
    worker.send(request);
    const auto isProgress = [](const Json& line) { return line.contains("progress"); };
    QVERIFY(!worker.waitFor(isProgress).is_null());
    QCOMPARE(worker.ask({ { "id", 2 }, { "job", "pause" } })["ok"], true);
    // A heartbeat that says "paused" comes when the computing threads had up to a second to stop;
    // from there on to the next one the process uses no time of the processor.
    const auto isPaused = [](const Json& line) { return line.value("paused", false); };
    QVERIFY(!worker.waitFor(isPaused).is_null());
    const std::int64_t before = processorTicks(worker.process().processId());
    QVERIFY(!worker.waitFor(isPaused).is_null());
    const std::int64_t used = processorTicks(worker.process().processId()) - before;
    QVERIFY2(used <= 2, std::to_string(used).c_str());
    worker.send({ { "job", "resume" } });
    QVERIFY(!worker.waitFor(isProgress).is_null());
    worker.send({ { "job", "cancel" } });
    QCOMPARE(worker.answer(1)["code"], "cancelled");
}

void TestWorker::aPauseOnACardChangesNothing()
{
    Worker worker;
    for (const std::string& card : worker.cards()) {
        Json request = trainRequest(2, 'a', at("state-a"));
        request["device"] = card;
        const Json undisturbed = worker.ask(request);
        QVERIFY2(undisturbed.value("ok", false), undisturbed.dump().c_str());
        request["id"] = 3;
        worker.send(request);
        // Between steps and in the midst of them.
        for (int pauses = 0; pauses < 3; ++pauses) {
            const auto isProgress = [](const Json& line) { return line.contains("progress"); };
            QVERIFY(!worker.waitFor(isProgress).is_null());
            worker.send({ { "job", "pause" } });
            QTest::qSleep(30 * pauses + 5);
            worker.send({ { "job", "resume" } });
        }
        const Json paused = worker.answer(3);
        QVERIFY2(paused.value("ok", false), paused.dump().c_str());
        QCOMPARE(paused["sha256"], undisturbed["sha256"]);
    }
}

void TestWorker::cancelEndsTheJob()
{
    Worker worker;
    Json request = trainRequest(1, '6', at("state-6"));
    request["manifest"] = at("long");
    worker.send(request);
    request["id"] = 2;
    worker.send(request);
    QVERIFY(!worker.waitFor([](const Json& line) { return line.contains("progress"); }).is_null());
    QCOMPARE(worker.ask({ { "id", 3 }, { "job", "cancel" } })["ok"], true);
    QCOMPARE(worker.answer(1)["code"], "cancelled");
    QCOMPARE(worker.answer(2)["code"], "cancelled");
    QVERIFY(!std::filesystem::exists(at("update-6")));
    // The worker is as good as new.
    QCOMPARE(worker.ask(trainRequest(4, '6', at("state-6")))["ok"], true);
}

void TestWorker::killLosesOnlyTheRoundAtWork()
{
    std::string whole;
    {
        Worker worker;
        QCOMPARE(worker.ask(trainRequest(1, '7', at("state-7")))["ok"], true);
        QCOMPARE(
            worker.ask({ { "id", 2 }, { "job", "commit_state" }, { "state_out", at("state-7") },
                { "state", at("kept-7") }, { "applied", true } })["ok"],
            true);
        Json next = trainRequest(3, '7', at("state-7b"));
        next["round"] = 1;
        next["state"] = at("kept-7");
        whole = worker.ask(next)["sha256"];
    }
    const base::Bytes kept = *base::readFile(at("kept-7"), 1U << 28U);
    Json next = trainRequest(1, '7', at("state-7c"));
    next["round"] = 1;
    next["state"] = at("kept-7");
    {
        Worker worker;
        Json interrupted = next;
        interrupted["manifest"] = at("long");
        worker.send(interrupted);
        QVERIFY(
            !worker.waitFor([](const Json& line) { return line.contains("progress"); }).is_null());
        worker.process().kill();
        QVERIFY(worker.process().waitForFinished(kPatienceMs));
    }
    QVERIFY(!std::filesystem::exists(at("state-7c")));
    QVERIFY(*base::readFile(at("kept-7"), 1U << 28U) == kept);
    Worker worker;
    QCOMPARE(worker.ask(next)["sha256"].get<std::string>(), whole);
}

void TestWorker::killedRoundGoesOnWhereItWas()
{
    writeManifest("medium", 60);
    Json request = trainRequest(1, '9', at("state-9"));
    request["manifest"] = at("medium");
    Json undisturbed;
    {
        Worker worker;
        undisturbed = worker.ask(request);
        QVERIFY2(undisturbed.value("ok", false), undisturbed.dump().c_str());
    }
    const base::Bytes body = *base::readFile(at("update-9"), 1U << 28U);
    const base::Bytes state = *base::readFile(at("state-9"), 1U << 28U);
    std::filesystem::remove(at("state-9"));
    std::filesystem::remove(at("update-9"));

    request["checkpoint"] = at("checkpoint-9");
    request["checkpoint_seconds"] = 0;
    int reached = 0;
    // Killed at three unforeseen moments: in a step, or while a checkpoint is written.
    for (const int steps : { 5, 17, 31 }) {
        Worker worker;
        worker.send(request);
        const Json progress = worker.waitFor([&](const Json& line) {
            return line.contains("progress") && line["progress"]["step"] >= reached + steps;
        });
        QVERIFY(!progress.is_null());
        reached = progress["progress"]["step"];
        worker.process().kill();
        QVERIFY(worker.process().waitForFinished(kPatienceMs));
        const auto kept
            = training::RoundCheckpoint::decode(*base::readFile(at("checkpoint-9"), 1U << 28U));
        QVERIFY(kept.has_value());
        // A step is reported once it is kept.
        QVERIFY(static_cast<int>(kept->step) >= reached);
        reached = static_cast<int>(kept->step);
        QVERIFY(!std::filesystem::exists(at("state-9")));
        if (reached + 31 >= 60) {
            break;
        }
    }
    Worker worker;
    const Json resumed = worker.ask(request);
    QVERIFY2(resumed.value("ok", false), resumed.dump().c_str());
    QVERIFY(resumed["resumed_at"] >= reached);
    QVERIFY(resumed["sha256"] == undisturbed["sha256"]);
    QVERIFY(resumed["loss_first"] == undisturbed["loss_first"]);
    QVERIFY(resumed["tokens"] == undisturbed["tokens"]);
    QVERIFY(*base::readFile(at("update-9"), 1U << 28U) == body);
    QVERIFY(*base::readFile(at("state-9"), 1U << 28U) == state);
    QVERIFY(!std::filesystem::exists(at("checkpoint-9")));

    // What is damaged, or of another round, is passed over.
    for (const bool damaged : { true, false }) {
        training::RoundCheckpoint foreign;
        foreign.step = 3;
        base::Bytes bytes = foreign.encode();
        bytes.resize(bytes.size() - (damaged ? 5 : 0));
        QVERIFY(base::writeFileAtomically(at("checkpoint-9"), bytes).has_value());
        const Json again = worker.ask(request);
        QVERIFY(again["resumed_at"] == 0);
        QVERIFY(again["sha256"] == undisturbed["sha256"]);
    }
    // Where none can be written the round is trained all the same, and it is said.
    request["checkpoint"] = at("nowhere") + "/checkpoint";
    const Json unkept = worker.ask(request);
    QVERIFY(unkept["sha256"] == undisturbed["sha256"]);
    QVERIFY(unkept["checkpoint_failure"].get<std::string>().find("nowhere") != std::string::npos);
}

void TestWorker::endOfInputEndsTheProcess()
{
    Worker worker;
    Json request = trainRequest(1, '8', at("state-8"));
    request["manifest"] = at("long");
    worker.send(request);
    QVERIFY(!worker.waitFor([](const Json& line) { return line.contains("progress"); }).is_null());
    worker.process().closeWriteChannel();
    QVERIFY(worker.process().waitForFinished(kPatienceMs));
    QCOMPARE(worker.process().exitStatus(), QProcess::NormalExit);
    QCOMPARE(worker.process().exitCode(), 0);
}

QTEST_GUILESS_MAIN(TestWorker)
#include "tst_worker.moc"
