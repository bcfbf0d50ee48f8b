// SPDX-License-Identifier: GPL-3.0-or-later
// Benchmarks as the real loam-worker and loamctl answer them.
#include "base/file.h"
#include "ml/model_export.h"
#include "ml/parameters.h"
#include "unit/worker/worker_session.h"

#include <QTemporaryDir>
#include <QtTest>

#include <set>

using namespace loam;
using test::Json;
using test::kPatienceMs;
using test::proseOf;
using test::Worker;

class TestBenchJob final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void benchmarksTellTheirTerms();
    void cardsAreMeasuredToo();
    void answersAreMeasured();
    void benchmarksNeedNoNode();

private:
    std::string at(const char* name) const
    {
        return m_folder.filePath(QString::fromLatin1(name)).toStdString();
    }

    QTemporaryDir m_folder;
};

void TestBenchJob::benchmarksTellTheirTerms()
{
    Worker worker;
    int id = 0;
    for (const char* what : { "gemm", "ops", "messages" }) {
        const Json answer = worker.ask({ { "id", ++id }, { "job", "bench" }, { "what", what },
            { "threads", 2 }, { "repetitions", 2 } });
        QVERIFY2(answer.value("ok", false), answer.dump().c_str());
        QVERIFY(!answer["core"].get<std::string>().empty());
        QVERIFY(answer["load"].is_number() && answer["peak_gflops"].is_number());
        QVERIFY(answer["measurements"].size() >= 5);
        for (const Json& one : answer["measurements"]) {
            QVERIFY(one["name"].get<std::string>().starts_with(what));
            QVERIFY(one["minimum"] > 0.0 && one["minimum"] <= one["value"]
                && one["value"] <= one["maximum"]);
            QVERIFY(one["repetitions"] == 2 && one["threads"] >= 1 && one["threads"] <= 2);
            QVERIFY(!one["unit"].get<std::string>().empty());
            QVERIFY(one["device"].get<std::string>().starts_with("cpu"));
        }
    }
    const Json nowhere = worker.ask({ { "id", 7 }, { "job", "bench" }, { "what", "train" },
        { "device", std::string(32, '0') } });
    QCOMPARE(nowhere["code"], "not_found");
    QVERIFY(
        worker.ask({ { "id", 8 }, { "job", "bench" }, { "what", "luck" } })["code"] == "invalid");
    QVERIFY(worker.ask({ { "id", 9 }, { "job", "bench" }, { "what", "gemm" },
                { "repetitions", 0 } })["code"]
        == "invalid");
}

void TestBenchJob::cardsAreMeasuredToo()
{
    Worker worker;
    for (const std::string& card : worker.cards()) {
        const Json answer = worker.ask({ { "id", 2 }, { "job", "bench" }, { "what", "gemm" },
            { "device", card }, { "repetitions", 1 } });
        QVERIFY2(answer.value("ok", false), answer.dump().c_str());
        QVERIFY(answer["measurements"].size() >= 5);
        for (const Json& one : answer["measurements"]) {
            QVERIFY(one["device"].get<std::string>().starts_with("Vulkan"));
            QVERIFY(one["value"] > 0.0 && one["threads"] == 1);
        }
    }
}

void TestBenchJob::answersAreMeasured()
{
    Worker worker;
    QVERIFY(
        base::writeFileAtomically(at("text.txt"), base::asBytes(proseOf(1, 60'000))).has_value());
    const Json learnt = worker.ask({ { "id", 90 }, { "job", "tokenizer" },
        { "inputs", { at("text.txt") } }, { "vocab", 320 }, { "output", at("tokenizer.model") } });
    QVERIFY2(learnt.value("ok", false), learnt.dump().c_str());
    ml::ModelConfig config;
    config.dim = 32;
    config.layers = 2;
    config.heads = 2;
    config.kvHeads = 2;
    config.ffn = 64;
    config.vocab = learnt["vocab"];
    config.context = 600;
    const auto parameters
        = std::make_shared<const ml::Parameters>(ml::Parameters::initialise(config, 3).value());
    const base::Bytes pieces = base::readFile(at("tokenizer.model"), 1U << 20U).value();
    const auto model = ml::ModelFile::ofParameters(parameters, "Small One", pieces).value();
    QVERIFY(ml::exportGguf(*model, at("small.gguf"), { ml::WeightType::Q8_0, "" }).has_value());
    Json request{ { "id", 1 }, { "job", "bench" }, { "what", "infer" }, { "threads", 2 },
        { "repetitions", 2 }, { "model", at("small.gguf") } };
    const Json answer = worker.ask(request);
    QVERIFY2(answer.value("ok", false), answer.dump().c_str());
    std::set<std::string> names;
    for (const Json& one : answer["measurements"]) {
        names.insert(one["name"]);
        QVERIFY(one["minimum"] > 0.0 && one["maximum"] >= one["value"]);
        QVERIFY(one["device"].get<std::string>().starts_with("cpu"));
    }
    QVERIFY(names.contains("infer.small-one.Q8_0.prompt512"));
    QVERIFY(names.contains("infer.small-one.Q8_0.answer128"));
    QVERIFY(names.contains("infer.small-one.Q8_0.answer128.bandwidth_utilisation"));
    const auto refusal = [&](const char* field, const char* value) {
        Json changed = request;
        changed["id"] = 2;
        changed[field] = value;
        return worker.ask(changed).value("message", std::string{});
    };
    QVERIFY(refusal("type", "Q9").find("Q8_0") != std::string::npos);
    QVERIFY(refusal("model", "/nowhere.gguf").find("nowhere.gguf") != std::string::npos);
    QVERIFY(!refusal("device", "no such device").empty());
    // A context that is too short for the measurement.
    config.context = 100;
    const auto shorter
        = std::make_shared<const ml::Parameters>(ml::Parameters::initialise(config, 3).value());
    const auto brief = ml::ModelFile::ofParameters(shorter, "brief", pieces).value();
    QVERIFY(ml::exportGguf(*brief, at("brief.gguf"), { ml::WeightType::F32, "" }).has_value());
    QVERIFY(refusal("model", at("brief.gguf").c_str()).find("513") != std::string::npos);
}

void TestBenchJob::benchmarksNeedNoNode()
{
    QProcess program;
    program.start(QStringLiteral(LOAMCTL),
        { QStringLiteral("bench"), QStringLiteral("messages"), QStringLiteral("--repetitions"),
            QStringLiteral("1"), QStringLiteral("--json"), QStringLiteral("--home"),
            m_folder.filePath(QStringLiteral("no-home")) });
    QVERIFY(program.waitForFinished(kPatienceMs));
    QCOMPARE(program.exitCode(), 0);
    const QByteArray text = program.readAllStandardOutput();
    const Json list = Json::parse(text.begin(), text.end(), nullptr, false);
    QVERIFY(list.is_array() && list.size() >= 5);
    for (const Json& one : list) {
        for (const char* field : { "name", "value", "unit", "device", "threads", "repetitions",
                 "minimum", "maximum", "core", "peak_gflops", "load" }) {
            QVERIFY2(one.contains(field), field);
        }
    }
    QVERIFY(!std::filesystem::exists(at("no-home")));
}

QTEST_GUILESS_MAIN(TestBenchJob)
#include "tst_bench_job.moc"
