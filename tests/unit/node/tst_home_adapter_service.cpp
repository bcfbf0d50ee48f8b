// SPDX-License-Identifier: GPL-3.0-or-later
// The service over a real loam-worker, a real loam-extractor and a real, tiny model.
#include "fakes/tiny_model.h"
#include "node/home_adapter_service.h"
#include "unit/support.h"

#include <QDir>
#include <QFile>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QtTest>

using namespace loam;
using node::AdapterState;

class TestHomeAdapterService final : public QObject
{
    Q_OBJECT

private:
    QTemporaryDir m_folder;
    std::unique_ptr<node::Identity> m_identity;
    std::unique_ptr<node::DataService> m_data;
    std::unique_ptr<node::HomeAdapterService> m_service;
    QStringList m_unloaded;
    std::vector<consent::SourceId> m_sources;

    node::Home home() const { return { m_folder.filePath(QStringLiteral("home")).toStdString() }; }
    void openService()
    {
        m_service.reset();
        auto opened = node::HomeAdapterService::open({ .home = home(),
            .identity = *m_identity,
            .data = *m_data,
            .program = QStringLiteral(LOAM_WORKER),
            .means = [] { return node::WorkMeans{}; },
            .trainedOn = [](const std::string&, const base::Result<QJsonObject>&) {},
            .findModel = [this](std::string_view name) -> base::Result<node::ServedModel> {
                if (name == "other") {
                    return node::ServedModel{ "other-1", "Other", {}, 1000, "gemma3" };
                }
                if (name != "tiny") {
                    return base::fail(base::Errc::NotFound, "there is no model of that name");
                }
                return node::ServedModel{ "tiny-1", "Tiny garden",
                    { { QStringLiteral("path"), m_folder.filePath(QStringLiteral("tiny.gguf")) } },
                    1000 };
            },
            .unload
            = [this](const std::string& id) { m_unloaded.append(QString::fromStdString(id)); } });
        LOAM_OK(opened);
        m_service = std::move(*opened);
    }
    node::HomeAdapter train(const std::string& name, std::uint32_t steps)
    {
        node::HomeAdapterService::TrainRequest request;
        request.name = name;
        request.model = "tiny";
        request.sources = m_sources;
        request.steps = steps;
        request.learningRate = 0.01;
        std::optional<base::Result<node::HomeAdapter>> begun;
        m_service->train(request, [&begun](auto result) { begun = std::move(result); });
        const bool came = QTest::qWaitFor([&begun] { return begun.has_value(); }, 30'000);
        if (!came || !*begun) {
            qWarning("%s", came ? begun->error().message.c_str() : "no answer");
            return {};
        }
        return **begun;
    }
    node::HomeAdapter now(const std::string& name) const
    {
        const auto found = m_service->find(name);
        return found ? *found : node::HomeAdapter{};
    }

private Q_SLOTS:
    void initTestCase()
    {
        test::writeTinyModel(m_folder.filePath(QStringLiteral("tiny.gguf")), 64, 2);
        QVERIFY(QDir{ m_folder.path() }.mkpath(QStringLiteral("papers")));
        QFile letters{ m_folder.filePath(QStringLiteral("papers/letters.txt")) };
        QVERIFY(letters.open(QIODevice::WriteOnly));
        letters.write(test::tinyText(7, 40'000));
        letters.close();
        LOAM_OK(home().create());
        auto identity = node::Identity::open(home());
        LOAM_OK(identity);
        m_identity = std::make_unique<node::Identity>(std::move(*identity));
        auto data = node::DataService::open(home(), m_identity->publicKey(), LOAM_EXTRACTOR);
        LOAM_OK(data);
        m_data = std::move(*data);
        m_data->setKey(m_identity->key());
        consent::OwnerTerms terms = m_data->records().terms();
        terms.adapters = true;
        LOAM_OK(m_data->records().setTerms(terms));
        const auto source
            = m_data->add(m_folder.filePath(QStringLiteral("papers")).toStdString(), {}, {});
        LOAM_OK(source);
        m_sources = { *source };
        bool isRead = false;
        const auto look = [this, &isRead] {
            m_data->overview([&isRead](base::Result<node::DataService::Overview> overview) {
                const auto& summary = overview->sources.front().second;
                isRead = summary.isScanned && summary.files == 1 && summary.waiting == 0;
            });
            return isRead;
        };
        QTRY_VERIFY_WITH_TIMEOUT(look(), 30'000);
        openService();
    }

    void cleanupTestCase()
    {
        m_service.reset();
        m_data.reset();
    }

    void wishesThatCannotBe()
    {
        node::HomeAdapterService::TrainRequest request;
        request.model = "nobody";
        request.sources = m_sources;
        std::optional<base::Error> error;
        const auto take = [&error](const base::Result<node::HomeAdapter>& result) {
            error = result ? base::Error{} : result.error();
        };
        m_service->train(request, take);
        QVERIFY(error && error->code == base::Errc::NotFound);
        request.model = "other";
        m_service->train(request, take);
        QVERIFY(error->message.find("Other is a gemma3 model") != std::string::npos);
        request.model = "tiny";
        request.sources = { consent::SourceId{ 99 } };
        m_service->train(request, take);
        QVERIFY(error->message.find("source 99") != std::string::npos);
        request.sources = {};
        m_service->train(request, take);
        QVERIFY(error->message.find("data add") != std::string::npos);
        QVERIFY(m_service->adapters().empty());
    }

    void waitsForTheScheduleAndPauses()
    {
        const std::string name = "Mill";
        m_service->setMayWork(false, "On battery; resumes on mains power");
        QVERIFY(!train(name, 20'000).id.empty());
        QTest::qWait(300);
        QCOMPARE(now(name).state, AdapterState::Waiting);
        QCOMPARE(m_service->waitsFor(), std::string{ "On battery; resumes on mains power" });
        m_service->setMayWork(true, {});
        QTRY_VERIFY_WITH_TIMEOUT(now(name).step > 3, 60'000);
        m_service->setMayWork(false, "You are using the computer");
        QTest::qWait(500);
        const std::uint32_t rests = now(name).step;
        QTest::qWait(500);
        QCOMPARE(now(name).step, rests);
        // The owner's "now" is above the schedule.
        LOAM_OK(m_service->start(name, true));
        QTRY_VERIFY_WITH_TIMEOUT(now(name).step > rests, 30'000);
        LOAM_OK(m_service->stop(name));
        QCOMPARE(now(name).state, AdapterState::Stopped);
        LOAM_OK(m_service->remove(name));
        QVERIFY(m_service->adapters().empty());
        m_service->setMayWork(true, {});
    }

    void trainsAndServes()
    {
        const std::string name = "Miller";
        const node::HomeAdapter begun = train(name, 40);
        QVERIFY(!begun.id.empty());
        LOAM_FAILS(m_service->served(name), base::Errc::Unavailable);
        QTRY_VERIFY_WITH_TIMEOUT(
            now(name).state == AdapterState::Ready || now(name).state == AdapterState::Failed,
            60'000);
        const node::HomeAdapter done = now(name);
        QVERIFY2(done.state == AdapterState::Ready, done.reason.c_str());
        QVERIFY(done.lossAfter < done.lossBefore);
        QVERIFY(done.extraMemory > 0 && done.parameters > 0);
        QVERIFY(m_unloaded.contains(QString::fromStdString(done.id)));
        const auto served = m_service->served("mill");
        LOAM_OK(served);
        QCOMPARE(served->id, done.id);
        QCOMPARE(served->memory, 1000 + done.extraMemory);
        QVERIFY(served->source.contains(QLatin1String{ "key" }));
        // What is known of it survives.
        openService();
        QCOMPARE(now(name).lossAfter, done.lossAfter);
        QCOMPARE(now(name).state, AdapterState::Ready);
    }

    void aLockedIdentityOpensNothing()
    {
        m_service->setMayWork(true, {});
        QVERIFY(!train("Locked", 20'000).id.empty());
        QTRY_VERIFY_WITH_TIMEOUT(now("Locked").step > 0, 60'000);
        m_identity->lock();
        m_data->setKey(nullptr);
        m_unloaded.clear();
        m_service->identityChanged();
        QCOMPARE(now("Locked").state, AdapterState::Waiting);
        LOAM_FAILS(m_service->served("Miller"), base::Errc::Denied);
        QVERIFY(m_unloaded.contains(QString::fromStdString(now("Miller").id)));
        LOAM_OK(m_identity->unlock({}));
        m_data->setKey(m_identity->key());
        m_service->identityChanged();
        QTRY_COMPARE_WITH_TIMEOUT(now("Locked").state, AdapterState::Training, 30'000);
    }

    void revocationEndsIt()
    {
        QTRY_VERIFY_WITH_TIMEOUT(now("Locked").step > 0, 60'000);
        const auto grant = base::fixedFromHex<consent::GrantId>(now("Locked").grant);
        LOAM_OK(grant);
        LOAM_OK(m_data->revoke(*grant));
        QTRY_COMPARE_WITH_TIMEOUT(now("Locked").state, AdapterState::Stopped, 1000);
        QCOMPARE(now("Locked").reason, std::string{ "the grant was revoked" });
    }

    void damagedRecordsArePassedOver()
    {
        const QString folder = m_folder.filePath(QStringLiteral("home/adapters/bad-1"));
        QVERIFY(QDir{}.mkpath(folder));
        QFile file{ folder + QStringLiteral("/adapter.json") };
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(R"({"format":"loam-adapter/1","id":"../bad-1","state":"ready"})");
        file.close();
        const std::size_t before = m_service->adapters().size();
        openService();
        QCOMPARE(m_service->adapters().size(), before);
    }
};

QTEST_GUILESS_MAIN(TestHomeAdapterService)
#include "tst_home_adapter_service.moc"
