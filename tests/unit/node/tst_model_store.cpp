// SPDX-License-Identifier: GPL-3.0-or-later
#include "node/model_store.h"
#include "platform/memory.h"
#include "unit/node/model_fixture.h"
#include "unit/support.h"

#include <QCryptographicHash>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QtTest>

using namespace loam;
using base::Errc;
using base::Result;

/// The store with a worker that reads fake models.
class TestModelStore : public QObject
{
    Q_OBJECT

private:
    struct Bench
    {
        QTemporaryDir folder;
        node::Home home{ (folder.path() + QStringLiteral("/home")).toStdString() };
        node::WorkerProcess worker{ QStringLiteral(FAKE_MODEL_WORKER),
            node::WorkerProcess::Urgency::Awaited };
        std::unique_ptr<node::ModelStore> store;

        Bench()
        {
            auto opened = node::ModelStore::open(home, worker);
            store = opened ? std::move(*opened) : nullptr;
        }
        QString file(const char* name) const
        {
            return folder.path() + QLatin1Char('/') + QLatin1String{ name };
        }
        Result<node::ModelManifest> import(node::ImportRequest request)
        {
            std::optional<Result<node::ModelManifest>> outcome;
            store->import(std::move(request), [&outcome](auto done) { outcome = std::move(done); });
            if (!QTest::qWaitFor([&outcome] { return outcome.has_value(); }, 15'000)) {
                return base::fail(Errc::Timeout, "the import did not end");
            }
            return std::move(*outcome);
        }
        Result<node::ModelManifest> import(
            const QString& path, node::Placement placement = node::Placement::Copy)
        {
            return import({ path.toStdString(), {}, placement, false });
        }
    };

private Q_SLOTS:
    void copiesHashesAndRemembers()
    {
        Bench bench;
        const QString path
            = test::writeFakeModel(bench.file("tiny.gguf"), QStringLiteral("Tiny Llama 1B"));
        QSignalSpy finished{ bench.store.get(), &node::ModelStore::importFinished };
        const auto model = bench.import(path);
        LOAM_OK(model);
        QFile file{ path };
        QVERIFY(file.open(QIODevice::ReadOnly));
        const QByteArray bytes = file.readAll();
        const QByteArray hash = QCryptographicHash::hash(bytes, QCryptographicHash::Sha256).toHex();
        QCOMPARE(QByteArray::fromStdString(model->sha256), hash);
        QCOMPARE(model->bytes, static_cast<std::uint64_t>(bytes.size()));
        QCOMPARE(model->id, "tiny-llama-1b-" + hash.left(8).toStdString());
        QCOMPARE(model->name, std::string{ "Tiny Llama 1B" });
        QCOMPARE(model->architecture, std::string{ "llama" });
        QCOMPARE(model->licence, std::string{ "apache-2.0" });
        QCOMPARE(model->parameters, 42U);
        QCOMPARE(finished.size(), 1);
        const auto where = bench.store->pathOf(*model);
        LOAM_OK(where);
        QCOMPARE(where->filename().string(), std::string{ "tiny.gguf" });
        QVERIFY(!std::filesystem::is_symlink(*where));

        // The same contents again are the same model.
        const auto again = bench.import(path);
        LOAM_OK(again);
        QCOMPARE(again->id, model->id);
        QCOMPARE(bench.store->models().size(), 1U);

        const auto reopened = node::ModelStore::open(bench.home, bench.worker);
        LOAM_OK(reopened);
        QCOMPARE((*reopened)->models().size(), 1U);
        QVERIFY((*reopened)->models().front() == *model);
    }

    void linksWithoutACopy()
    {
        Bench bench;
        const QString path = test::writeFakeModel(bench.file("big.gguf"), QStringLiteral("Big"));
        const auto model = bench.import(path, node::Placement::Link);
        LOAM_OK(model);
        QVERIFY(model->isLinked);
        const auto where = bench.store->pathOf(*model);
        LOAM_OK(where);
        QVERIFY(std::filesystem::is_symlink(*where));
        // Whoever changes or deletes the original is told what happened, not shown nonsense.
        QFile file{ path };
        QVERIFY(file.open(QIODevice::Append));
        file.write("more");
        file.close();
        LOAM_FAILS(bench.store->pathOf(*model), Errc::Corrupt);
        QVERIFY(QFile::remove(path));
        const auto gone = bench.store->pathOf(*model);
        LOAM_FAILS(gone, Errc::Corrupt);
        QVERIFY(gone.error().message.find("big.gguf") != std::string::npos);
    }

    void refusesWhatIsNoModel()
    {
        Bench bench;
        LOAM_FAILS(bench.import(bench.file("missing.gguf")), Errc::NotFound);
        QFile text{ bench.file("notes.txt") };
        QVERIFY(text.open(QIODevice::WriteOnly));
        text.close();
        LOAM_FAILS(bench.import(text.fileName()), Errc::Invalid);
        QFile broken{ bench.file("broken.gguf") };
        QVERIFY(broken.open(QIODevice::WriteOnly));
        broken.write("GGUF but not really");
        broken.close();
        LOAM_FAILS(bench.import(broken.fileName()), Errc::Corrupt);
        QVERIFY(QDir{}.mkpath(bench.file("folder")));
        LOAM_FAILS(bench.import(bench.file("folder")), Errc::Invalid);
        QCOMPARE(bench.store->models().size(), 0U);
        // Nothing is left behind.
        QVERIFY(QDir{ QString::fromStdString(bench.home.models().string()) }
                    .entryList(QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot)
                    .isEmpty());
    }

    void refusesMoreThanTheMemoryWithTheNumbers()
    {
        Bench bench;
        const std::uint64_t total = platform::readMemory().total;
        QVERIFY(total > 0);
        const QString path = test::writeFakeModel(
            bench.file("huge.gguf"), QStringLiteral("Huge"), static_cast<qint64>(total) * 3);
        const auto refused = bench.import(path);
        LOAM_FAILS(refused, Errc::Unavailable);
        QVERIFY(refused.error().message.find(node::readableBytes(total * 3)) != std::string::npos);
        QVERIFY(refused.error().message.find(node::readableBytes(total)) != std::string::npos);
        LOAM_OK(bench.import({ path.toStdString(), "kept", node::Placement::Copy, true }));
        QCOMPARE(bench.store->models().front().name, std::string{ "kept" });
    }

    void findsByNameAndBeginning()
    {
        Bench bench;
        LOAM_OK(
            bench.import(test::writeFakeModel(bench.file("a.gguf"), QStringLiteral("Alpha One"))));
        LOAM_OK(
            bench.import(test::writeFakeModel(bench.file("b.gguf"), QStringLiteral("Alpha Two"))));
        LOAM_OK(bench.store->find("alpha one"));
        LOAM_OK(bench.store->find("alpha-t"));
        LOAM_FAILS(bench.store->find("alpha"), Errc::Invalid);
        LOAM_FAILS(bench.store->find("beta"), Errc::NotFound);
        LOAM_FAILS(bench.store->find(""), Errc::NotFound);
    }

    void removesAndSweepsUpAfterACrash()
    {
        Bench bench;
        LOAM_OK(bench.import(test::writeFakeModel(bench.file("a.gguf"), QStringLiteral("Alpha"))));
        QSignalSpy changed{ bench.store.get(), &node::ModelStore::changed };
        LOAM_OK(bench.store->remove("Alpha"));
        QCOMPARE(changed.size(), 1);
        QCOMPARE(bench.store->models().size(), 0U);
        LOAM_FAILS(bench.store->remove("Alpha"), Errc::NotFound);
        const auto rest = bench.home.models() / ".import-7";
        std::filesystem::create_directories(rest);
        LOAM_OK(node::ModelStore::open(bench.home, bench.worker));
        QVERIFY(!std::filesystem::exists(rest));
    }

    void takesAFolderWithItsCompanions()
    {
        Bench bench;
        test::writeFakeModel(bench.file("hf/model.safetensors"), QStringLiteral("unread"));
        test::writeFakeModel(bench.file("hf/config.json"), QStringLiteral("unread"));
        test::writeFakeModel(bench.file("hf/notes.txt"), QStringLiteral("not taken"));
        const auto source = node::findModelSource(bench.file("hf").toStdString());
        LOAM_OK(source);
        QCOMPARE(source->files.size(), 2U);
        QCOMPARE(source->name, std::string{ "hf" });
        QVERIFY(source->entry.empty());
        const auto single = node::findModelSource(bench.file("hf/model.safetensors").toStdString());
        LOAM_OK(single);
        QCOMPARE(single->entry, std::string{ "model.safetensors" });
        QCOMPARE(single->files.size(), 2U);
    }

    void aManifestNamesNothingOutside()
    {
        node::ModelManifest manifest;
        manifest.id = "a-12345678";
        manifest.name = "A";
        manifest.sha256 = std::string(64, 'a');
        manifest.parts = { { "a.gguf", 3, std::string(64, 'b') } };
        const auto same = node::ModelManifest::fromJson(manifest.toJson());
        LOAM_OK(same);
        QVERIFY(*same == manifest);
        for (const char* name : { "../a", "/etc/passwd", "..", "" }) {
            manifest.parts.front().name = name;
            LOAM_FAILS(node::ModelManifest::fromJson(manifest.toJson()), Errc::Corrupt);
        }
        LOAM_FAILS(node::ModelManifest::fromJson({}), Errc::Corrupt);
    }

    void idsAreReadable()
    {
        const std::string hash(64, 'f');
        QCOMPARE(node::modelId("Tiny Llama 1.1B.Q4_K", hash),
            std::string{ "tiny-llama-1.1b.q4_k-ffffffff" });
        QCOMPARE(node::modelId("../..", hash), std::string{ "model-ffffffff" });
        QCOMPARE(node::modelId("  ", hash), std::string{ "model-ffffffff" });
        QVERIFY(node::modelId(std::string(500, 'a'), hash).size() < 64);
    }

    void cancelsInTheMiddle()
    {
        Bench bench;
        QFile big{ bench.file("big.gguf") };
        test::writeFakeModel(big.fileName(), QStringLiteral("Big"));
        std::optional<Result<node::ModelManifest>> outcome;
        const int first = bench.store->import(
            { big.fileName().toStdString(), {}, node::Placement::Copy, false },
            [&outcome](auto done) { outcome = std::move(done); });
        bench.store->cancelImport(first);
        QTRY_VERIFY(outcome.has_value());
        LOAM_FAILS(*outcome, Errc::Cancelled);
        QCOMPARE(bench.store->models().size(), 0U);
    }
};

QTEST_GUILESS_MAIN(TestModelStore)
#include "tst_model_store.moc"
