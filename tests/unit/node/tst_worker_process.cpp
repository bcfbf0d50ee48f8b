// SPDX-License-Identifier: GPL-3.0-or-later
#include "node/worker_process.h"

#include <QSignalSpy>
#include <QtTest>

using namespace loam;

class TestWorkerProcess : public QObject
{
    Q_OBJECT

private:
    static constexpr auto kUrgency = node::WorkerProcess::Urgency::WhenIdle;
    static QJsonObject job(const char* name)
    {
        return { { QStringLiteral("job"), QLatin1String{ name } } };
    }

private Q_SLOTS:
    void runsJobsInOrder()
    {
        node::WorkerProcess worker{ QStringLiteral(FAKE_WORKER), kUrgency };
        QStringList events;
        for (int i = 0; i < 3; ++i) {
            worker.submit(
                job("report"),
                [&events, i](const QJsonObject&) { events << QStringLiteral("p%1").arg(i); },
                [&events, i](const base::Result<QJsonObject>& done) {
                    QVERIFY(done);
                    events << QStringLiteral("d%1").arg(i);
                });
        }
        QTRY_COMPARE(events,
            (QStringList{ QStringLiteral("p0"), QStringLiteral("d0"), QStringLiteral("p1"),
                QStringLiteral("d1"), QStringLiteral("p2"), QStringLiteral("d2") }));
    }

    void passesRefusalsOn()
    {
        node::WorkerProcess worker{ QStringLiteral(FAKE_WORKER), kUrgency };
        std::optional<base::Error> error;
        worker.submit(job("refuse"), {}, [&error](const base::Result<QJsonObject>& done) {
            QVERIFY(!done);
            error = done.error();
        });
        QTRY_VERIFY(error);
        QCOMPARE(error->code, base::Errc::Corrupt);
        QCOMPARE(error->message, std::string{ "the file is torn" });
    }

    void startsAgainAfterACrash()
    {
        node::WorkerProcess worker{ QStringLiteral(FAKE_WORKER), kUrgency };
        bool failed = false;
        bool recovered = false;
        worker.submit(job("crash"), {}, [&failed](const base::Result<QJsonObject>& done) {
            failed = !done && done.error().code == base::Errc::Unavailable;
        });
        worker.submit(job("report"), {},
            [&recovered](const base::Result<QJsonObject>& done) { recovered = done.has_value(); });
        QTRY_VERIFY_WITH_TIMEOUT(failed && recovered, 10'000);
        QVERIFY(!worker.isDown());
    }

    void givesUpAfterThreeCrashes()
    {
        node::WorkerProcess worker{ QStringLiteral(FAKE_WORKER), kUrgency };
        QSignalSpy gaveUp{ &worker, &node::WorkerProcess::gaveUp };
        int failures = 0;
        for (int i = 0; i < 3; ++i) {
            worker.submit(job("crash"), {},
                [&failures](const base::Result<QJsonObject>& done) { failures += done ? 0 : 1; });
        }
        QTRY_COMPARE_WITH_TIMEOUT(gaveUp.size(), 1, 15'000);
        QCOMPARE(failures, 3);
        QVERIFY(worker.isDown());
    }

    void cancelsWhatWaits()
    {
        node::WorkerProcess worker{ QStringLiteral(FAKE_WORKER), kUrgency };
        int cancelled = 0;
        for (int i = 0; i < 2; ++i) {
            // A job the fake never answers.
            worker.submit(job("silence"), {}, [&cancelled](const base::Result<QJsonObject>& done) {
                cancelled += !done && done.error().code == base::Errc::Cancelled ? 1 : 0;
            });
        }
        QTRY_VERIFY(worker.isBusy());
        worker.cancelAll();
        QCOMPARE(cancelled, 2);
        QVERIFY(!worker.isBusy());
    }

    void aPausedWorkerStartsNothing()
    {
        node::WorkerProcess worker{ QStringLiteral(FAKE_WORKER), kUrgency };
        bool done = false;
        worker.pause();
        worker.submit(
            job("report"), {}, [&done](const base::Result<QJsonObject>&) { done = true; });
        QCoreApplication::processEvents();
        QVERIFY(!worker.isBusy());
        worker.resume();
        QTRY_VERIFY(done);
    }

    void namesAMissingProgram()
    {
        node::WorkerProcess worker{ QStringLiteral("/nonexistent/loam-worker"), kUrgency };
        std::string message;
        worker.submit(job("report"), {}, [&message](const base::Result<QJsonObject>& done) {
            QVERIFY(!done);
            message = done.error().message;
        });
        QTRY_VERIFY(message.find("/nonexistent/loam-worker") != std::string::npos);
    }
};

QTEST_GUILESS_MAIN(TestWorkerProcess)
#include "tst_worker_process.moc"
