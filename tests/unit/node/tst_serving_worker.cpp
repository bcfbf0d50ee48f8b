// SPDX-License-Identifier: GPL-3.0-or-later
#include "node/serving_worker.h"
#include "unit/node/model_fixture.h"
#include "unit/support.h"

#include <QSignalSpy>
#include <QTemporaryDir>
#include <QtTest>

using namespace loam;
using namespace std::chrono_literals;
using base::Errc;
using base::Result;

/// One supervised process that answers several requests at once.
class TestServingWorker : public QObject
{
    Q_OBJECT

private:
    using Outcome = std::optional<Result<QJsonObject>>;

    QTemporaryDir m_folder;
    QString m_model;

    static node::ServingWorker::Done into(Outcome& outcome)
    {
        return [&outcome](Result<QJsonObject> done) { outcome = std::move(done); };
    }
    Result<std::int64_t> load(node::ServingWorker& worker, Outcome& outcome) const
    {
        return worker.request({ { QStringLiteral("job"), QStringLiteral("load") },
                                  { QStringLiteral("path"), m_model } },
            {}, into(outcome));
    }
    static Result<std::int64_t> ask(
        node::ServingWorker& worker, const QString& prompt, Outcome& outcome)
    {
        return worker.request({ { QStringLiteral("job"), QStringLiteral("answer") },
                                  { QStringLiteral("prompt"), prompt } },
            {}, into(outcome));
    }

private Q_SLOTS:
    void initTestCase()
    {
        m_model = test::writeFakeModel(
            m_folder.path() + QStringLiteral("/model"), QStringLiteral("Model"));
    }

    void answersOverlap()
    {
        node::ServingWorker worker{ QStringLiteral(FAKE_MODEL_WORKER) };
        Outcome loaded;
        Outcome slow;
        Outcome quick;
        LOAM_OK(load(worker, loaded));
        const auto slowId = ask(worker, QStringLiteral("endless"), slow);
        LOAM_OK(slowId);
        LOAM_OK(ask(worker, QStringLiteral("say one"), quick));
        QTRY_VERIFY_WITH_TIMEOUT(quick.has_value(), 10'000);
        LOAM_OK(*quick);
        QVERIFY(!slow.has_value() && worker.isBusy());
        worker.cancelAnswer(*slowId);
        QTRY_VERIFY(slow.has_value());
        QVERIFY(!worker.isBusy());
    }

    void silenceEndsTheProcess()
    {
        node::ServingWorker worker{ QStringLiteral(FAKE_MODEL_WORKER) };
        worker.setSilenceLimit(400ms);
        QSignalSpy ready{ &worker, &node::ServingWorker::ready };
        QSignalSpy ended{ &worker, &node::ServingWorker::ended };
        Outcome loaded;
        Outcome hung;
        LOAM_OK(load(worker, loaded));
        QTRY_VERIFY_WITH_TIMEOUT(loaded.has_value(), 10'000);
        LOAM_OK(ask(worker, QStringLiteral("hang"), hung));
        QTRY_VERIFY_WITH_TIMEOUT(hung.has_value(), 10'000);
        LOAM_FAILS(*hung, Errc::Unavailable);
        QCOMPARE(ended.size(), 1);
        // Not at once again, but after a delay.
        Outcome early;
        LOAM_FAILS(ask(worker, QStringLiteral("say x"), early), Errc::Unavailable);
        QTRY_COMPARE_WITH_TIMEOUT(ready.size(), 1, 10'000);
        Outcome again;
        Outcome answered;
        LOAM_OK(load(worker, again));
        LOAM_OK(ask(worker, QStringLiteral("say x"), answered));
        QTRY_VERIFY_WITH_TIMEOUT(answered.has_value(), 10'000);
        LOAM_OK(*answered);
    }

    void loadingAloneDoesNotForgiveCrashes()
    {
        node::ServingWorker worker{ QStringLiteral(FAKE_MODEL_WORKER) };
        QSignalSpy gaveUp{ &worker, &node::ServingWorker::gaveUp };
        for (int i = 0; i < 3; ++i) {
            QTRY_VERIFY_WITH_TIMEOUT(!worker.isWaiting(), 10'000);
            Outcome loaded;
            Outcome died;
            LOAM_OK(load(worker, loaded));
            LOAM_OK(ask(worker, QStringLiteral("die"), died));
            QTRY_VERIFY_WITH_TIMEOUT(died.has_value(), 10'000);
        }
        QCOMPARE(gaveUp.size(), 1);
        QVERIFY(worker.isDown());
        worker.forgive();
        Outcome loaded;
        LOAM_OK(load(worker, loaded));
        QTRY_VERIFY_WITH_TIMEOUT(loaded.has_value(), 10'000);
        LOAM_OK(*loaded);
    }

    void stoppingFailsWhatRuns()
    {
        node::ServingWorker worker{ QStringLiteral(FAKE_MODEL_WORKER) };
        QSignalSpy ended{ &worker, &node::ServingWorker::ended };
        Outcome loaded;
        Outcome running;
        LOAM_OK(load(worker, loaded));
        LOAM_OK(ask(worker, QStringLiteral("endless"), running));
        QTRY_VERIFY_WITH_TIMEOUT(loaded.has_value(), 10'000);
        worker.stop();
        LOAM_FAILS(*running, Errc::Cancelled);
        QVERIFY(!worker.isRunning());
        QCOMPARE(ended.size(), 0);
    }

    void namesAMissingProgram()
    {
        node::ServingWorker worker{ QStringLiteral("/nonexistent/loam-worker") };
        Outcome loaded;
        LOAM_OK(load(worker, loaded));
        QTRY_VERIFY_WITH_TIMEOUT(loaded.has_value(), 10'000);
        LOAM_FAILS(*loaded, Errc::Unavailable);
        QVERIFY(loaded->error().message.find("/nonexistent/loam-worker") != std::string::npos);
    }
};

QTEST_GUILESS_MAIN(TestServingWorker)
#include "tst_serving_worker.moc"
