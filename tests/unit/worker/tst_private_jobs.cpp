// SPDX-License-Identifier: GPL-3.0-or-later
// Private texts and the jobs that take them, with the real loam-worker over its pipes.
#include "base/file.h"
#include "training/manifest.h"
#include "unit/worker/worker_session.h"

#include <QDir>
#include <QFileInfo>
#include <QTemporaryDir>
#include <QtTest>

using namespace loam;
using test::Json;
using test::proseOf;
using test::Worker;

class TestPrivateJobs final : public QObject
{
    Q_OBJECT

private:
    std::string at(const char* name) const
    {
        return m_folder.filePath(QString::fromLatin1(name)).toStdString();
    }
    static Json piece(int id, const char* name, int part, const std::string& text, bool ends)
    {
        return { { "id", id }, { "job", "private_text" }, { "texts", name }, { "part", part },
            { "text", text }, { "ends", ends } };
    }
    Json job(int id, const char* kind, const char* name, int parts) const
    {
        return { { "id", id }, { "job", kind }, { "texts", name }, { "parts", parts },
            { "manifest", at("manifest") }, { "params", at("params") },
            { "tokenizer", at("tokenizer") }, { "beacon", std::string(64, 'b') },
            { "node", std::string(64, 'c') }, { "run", std::string(64, 'e') }, { "round", 0 },
            { "clip", 20'000 }, { "group_members", 16 }, { "output", at("vector") },
            { "members", 1 } };
    }

    QTemporaryDir m_folder;

private Q_SLOTS:
    void initTestCase()
    {
        Worker worker;
        const std::string text = proseOf(1, 40'000);
        QVERIFY(base::writeFileAtomically(at("public.txt"), base::asBytes(text)).has_value());
        const Json learnt = worker.ask({ { "id", 1 }, { "job", "tokenizer" },
            { "inputs", { at("public.txt") } }, { "vocab", 400 }, { "output", at("tokenizer") } });
        QVERIFY(learnt["ok"].get<bool>());
        training::RunManifest manifest;
        manifest.name = "private";
        manifest.lane = training::Lane::Private;
        manifest.privacy = training::PrivateTerms{};
        manifest.model.dim = 32;
        manifest.model.layers = 2;
        manifest.model.heads = 4;
        manifest.model.kvHeads = 4;
        manifest.model.ffn = 64;
        manifest.model.vocab = learnt["vocab"].get<std::uint32_t>();
        manifest.model.context = 32;
        manifest.innerSteps = 8;
        manifest.batch = 2;
        manifest.tokenizerHash
            = *base::fixedFromHex<base::Hash256>(learnt["sha256"].get<std::string>());
        manifest.tokenizerBytes = learnt["bytes"].get<std::uint64_t>();
        manifest.probeBytes = 1;
        QVERIFY(manifest.validate().has_value());
        QVERIFY(base::writeFileAtomically(at("manifest"), manifest.encode()).has_value());
        QVERIFY(worker
                    .ask({ { "id", 2 }, { "job", "init" }, { "manifest", at("manifest") },
                        { "output", at("params") } })["ok"]
                    .get<bool>());
    }

    void textsComeInPiecesAndAreTakenOnce()
    {
        Worker worker;
        const std::string text = proseOf(2, 8000);
        QVERIFY(worker.ask(piece(1, "a", 0, text.substr(0, 3001), false))["ok"].get<bool>());
        QVERIFY(worker.ask(piece(2, "a", 1, text.substr(3001), true))["ok"].get<bool>());
        const Json trained = worker.ask(job(3, "private_train", "a", 2));
        QVERIFY2(trained["ok"].get<bool>(), trained.dump().c_str());
        const QFileInfo vector{ QString::fromStdString(at("vector")) };
        // The rotated values, and one that counts who was within the clip.
        QCOMPARE(vector.size(), 4 * trained["values"].get<qint64>());
        QCOMPARE(trained["values"].get<std::uint64_t>() % 2, 1U);
        QVERIFY(!(vector.permissions() & (QFile::ReadGroup | QFile::ReadOther)));
        const Json again = worker.ask(job(4, "private_train", "a", 2));
        QCOMPARE(again["code"].get<std::string>(), std::string{ "unavailable" });
    }

    void whatIsMissingIsNoticed()
    {
        Worker worker;
        const std::string text = proseOf(3, 4000);
        worker.ask(piece(1, "a", 0, text, true));
        QVERIFY(!worker.ask(job(2, "private_train", "b", 1))["ok"].get<bool>());
        worker.ask(piece(3, "a", 0, text, true));
        QVERIFY(!worker.ask(job(4, "private_train", "a", 2))["ok"].get<bool>());
        worker.ask(piece(5, "a", 0, text, false)); // goes on, but nothing comes
        QVERIFY(!worker.ask(job(6, "private_train", "a", 1))["ok"].get<bool>());
        QVERIFY(!worker.ask(piece(7, "a", 1, text, true))["ok"].get<bool>());
        worker.ask(piece(8, "a", 0, "hardly a word", true));
        const Json little = worker.ask(job(9, "private_train", "a", 1));
        QCOMPARE(little["code"].get<std::string>(), std::string{ "invalid" });
        QVERIFY(little["message"].get<std::string>().find("grant more") != std::string::npos);
    }

    void theMeterAnswersWithFigures()
    {
        Worker worker;
        worker.ask(piece(1, "m", 0, proseOf(4, 12'000), true));
        worker.ask(piece(2, "m", 1, proseOf(5, 12'000), true));
        const Json report = worker.ask(job(3, "meter", "m", 2));
        QVERIFY2(report["ok"].get<bool>(), report.dump().c_str());
        // The parameters are those the run began with: nothing can show.
        QCOMPARE(report["light"].get<std::string>(), std::string{ "green" });
        QCOMPARE(report["auc"].get<double>(), 0.5);
        QVERIFY(report["members"].get<int>() >= 20 && report["others"].get<int>() >= 20);
        QVERIFY(!report.contains("exposure_bits"));
    }

    void nothingOfTheTextsIsOnDisk()
    {
        const std::string words = proseOf(2, 8000).substr(100, 40);
        for (const QFileInfo& info : QDir{ m_folder.path() }.entryInfoList(QDir::Files)) {
            const auto bytes
                = base::readFile(info.filePath().toStdString(), std::size_t{ 64 } << 20U);
            QVERIFY(bytes.has_value());
            QVERIFY(base::asText(*bytes).find(words) == std::string_view::npos);
        }
    }
};

QTEST_GUILESS_MAIN(TestPrivateJobs)
#include "tst_private_jobs.moc"
