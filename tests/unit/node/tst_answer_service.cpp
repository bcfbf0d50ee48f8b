// SPDX-License-Identifier: GPL-3.0-or-later
#include "node/answer_service.h"
#include "unit/node/model_fixture.h"
#include "unit/support.h"

#include <QSignalSpy>
#include <QTemporaryDir>
#include <QtTest>

using namespace loam;
using namespace std::chrono_literals;
using base::Errc;
using base::Result;

/// The service with real processes that only pretend to have a model.
class TestAnswerService : public QObject
{
    Q_OBJECT

private:
    struct Outcome
    {
        QString text;
        std::optional<Result<QJsonObject>> done;
    };

    struct Bench
    {
        QTemporaryDir folder;
        node::WorkerProcess librarian{ QStringLiteral(FAKE_MODEL_WORKER),
            node::WorkerProcess::Urgency::Awaited };
        node::AnswerService service{ QStringLiteral(FAKE_MODEL_WORKER), librarian,
            [this](std::string_view name) { return find(name); } };

        Bench()
        {
            for (const char* name : { "one", "two" }) {
                test::writeFakeModel(path(name), QLatin1String{ name });
            }
        }
        QString path(const char* name) const
        {
            return folder.path() + QLatin1Char('/') + QLatin1String{ name };
        }
        Result<node::ServedModel> find(std::string_view name) const
        {
            const std::string id{ name };
            if (id == "huge") {
                return node::ServedModel{ id, id, { { QStringLiteral("path"), path("one") } },
                    std::uint64_t{ 1 } << 60U };
            }
            if (id != "one" && id != "two" && id != "broken") {
                return base::fail(Errc::NotFound, "there is no model " + id);
            }
            return node::ServedModel{ id, id, { { QStringLiteral("path"), path(id.c_str()) } },
                1000 };
        }
        std::uint64_t ask(Outcome& outcome, const QString& prompt, const char* model = "one",
            const char* device = "")
        {
            return service.ask(
                { model, device,
                    { { QStringLiteral("job"), QStringLiteral("answer") },
                        { QStringLiteral("prompt"), prompt } } },
                [&outcome](const QJsonObject& piece) {
                    outcome.text += piece.value(QLatin1String{ "text" }).toString();
                },
                [&outcome](Result<QJsonObject> done) { outcome.done = std::move(done); });
        }
    };

private Q_SLOTS:
    void answersSeveralAtOnce()
    {
        Bench bench;
        std::vector<Outcome> outcomes(5);
        for (Outcome& outcome : outcomes) {
            bench.ask(outcome, QStringLiteral("count 20"));
        }
        const auto areDone = [&outcomes] {
            return std::ranges::all_of(
                outcomes, [](const Outcome& one) { return one.done.has_value(); });
        };
        QTRY_VERIFY_WITH_TIMEOUT(areDone(), 15'000);
        for (const Outcome& outcome : outcomes) {
            LOAM_OK(*outcome.done);
            QVERIFY(outcome.text.endsWith(QStringLiteral("18 19 20")));
            QCOMPARE((*outcome.done)->value(QLatin1String{ "tokens" }).toInt(), 20);
            QCOMPARE(
                (*outcome.done)->value(QLatin1String{ "end" }).toString(), QStringLiteral("stop"));
            QCOMPARE((*outcome.done)->value(QLatin1String{ "device" }).toString(),
                QStringLiteral("Test CPU"));
        }
        QCOMPARE(bench.service.counters().answered, 5U);
        QCOMPARE(bench.service.counters().answerTokens, 100U);
        QCOMPARE(bench.service.loaded().size(), 1U);
    }

    void cancelsOneAnswer()
    {
        Bench bench;
        Outcome outcome;
        const std::uint64_t number = bench.ask(outcome, QStringLiteral("endless"));
        QTRY_VERIFY_WITH_TIMEOUT(outcome.text.size() > 20, 15'000);
        bench.service.cancel(number);
        QTRY_VERIFY(outcome.done.has_value());
        LOAM_OK(*outcome.done);
        QCOMPARE(
            (*outcome.done)->value(QLatin1String{ "end" }).toString(), QStringLiteral("cancelled"));
    }

    void aDeadWorkerFailsItsAnswerAndTheNextOneWorks()
    {
        Bench bench;
        Outcome victim;
        Outcome neighbour;
        bench.ask(neighbour, QStringLiteral("endless"));
        QTRY_VERIFY_WITH_TIMEOUT(neighbour.text.size() > 5, 15'000);
        bench.ask(victim, QStringLiteral("die"));
        QTRY_VERIFY_WITH_TIMEOUT(victim.done && neighbour.done, 15'000);
        LOAM_FAILS(*victim.done, Errc::Unavailable);
        LOAM_FAILS(*neighbour.done, Errc::Unavailable);
        QVERIFY(victim.done->error().message.find("ask once more") != std::string::npos);
        QCOMPARE(bench.service.counters().crashes, 1U);
        Outcome next;
        bench.ask(next, QStringLiteral("say it works"));
        QTRY_VERIFY_WITH_TIMEOUT(next.done.has_value(), 15'000);
        LOAM_OK(*next.done);
        QCOMPARE(next.text, QStringLiteral("it works"));
    }

    void aDeviceIsOffAfterThreeCrashes()
    {
        Bench bench;
        QSignalSpy gaveUp{ &bench.service, &node::AnswerService::deviceGaveUp };
        for (int i = 0; i < 3; ++i) {
            Outcome victim;
            bench.ask(victim, QStringLiteral("die"));
            QTRY_VERIFY_WITH_TIMEOUT(victim.done.has_value(), 15'000);
            LOAM_FAILS(*victim.done, Errc::Unavailable);
        }
        QTRY_COMPARE(gaveUp.size(), 1);
        Outcome refused;
        bench.ask(refused, QStringLiteral("say no"));
        QTRY_VERIFY(refused.done.has_value());
        LOAM_FAILS(*refused.done, Errc::Unavailable);
        QVERIFY(refused.done->error().message.find("stays off") != std::string::npos);
        // Another device is not affected.
        Outcome elsewhere;
        bench.ask(elsewhere, QStringLiteral("say yes"), "one", "abcd");
        QTRY_VERIFY_WITH_TIMEOUT(elsewhere.done.has_value(), 15'000);
        LOAM_OK(*elsewhere.done);
    }

    void anUnknownDeviceIsRefusedWithTheKnownOnes()
    {
        Bench bench;
        Outcome outcome;
        bench.ask(outcome, QStringLiteral("say x"), "one", "gpu-7");
        QTRY_VERIFY_WITH_TIMEOUT(outcome.done.has_value(), 15'000);
        LOAM_FAILS(*outcome.done, Errc::NotFound);
        const std::string message = outcome.done->error().message;
        QVERIFY(message.find("gpu-7") != std::string::npos);
        QVERIFY(message.find("cpu (Test CPU), abcd (Other device)") != std::string::npos);
    }

    void anotherModelTakesItsTurn()
    {
        Bench bench;
        Outcome first;
        Outcome second;
        Outcome third;
        bench.ask(first, QStringLiteral("count 60"), "one");
        bench.ask(second, QStringLiteral("say second"), "two");
        bench.ask(third, QStringLiteral("say third"), "one");
        QTRY_VERIFY_WITH_TIMEOUT(first.done && second.done && third.done, 15'000);
        LOAM_OK(*first.done);
        LOAM_OK(*second.done);
        LOAM_OK(*third.done);
        QCOMPARE((*second.done)->value(QLatin1String{ "model" }).toString(), QStringLiteral("two"));
        QCOMPARE(bench.service.loaded().front().model, std::string{ "one" });
    }

    void anUnusedModelGivesItsMemoryBack()
    {
        Bench bench;
        bench.service.setIdleLimit(50ms);
        Outcome outcome;
        bench.ask(outcome, QStringLiteral("say hello"));
        QTRY_VERIFY_WITH_TIMEOUT(outcome.done.has_value(), 15'000);
        QTRY_VERIFY(bench.service.loaded().empty());
        Outcome again;
        bench.ask(again, QStringLiteral("say hello again"));
        QTRY_VERIFY_WITH_TIMEOUT(again.done.has_value(), 15'000);
        LOAM_OK(*again.done);
    }

    void whatCannotBeLoadedSaysWhy()
    {
        Bench bench;
        Outcome broken;
        bench.ask(broken, QStringLiteral("say x"), "broken");
        Outcome huge;
        bench.ask(huge, QStringLiteral("say x"), "huge");
        Outcome missing;
        bench.ask(missing, QStringLiteral("say x"), "missing");
        Outcome tooLong;
        bench.ask(tooLong, QString(2 << 20, QLatin1Char('x')));
        QTRY_VERIFY_WITH_TIMEOUT(broken.done && huge.done && missing.done && tooLong.done, 15'000);
        LOAM_FAILS(*broken.done, Errc::Corrupt);
        LOAM_FAILS(*huge.done, Errc::Unavailable);
        QVERIFY(huge.done->error().message.find("1048576.0 TiB") != std::string::npos);
        LOAM_FAILS(*missing.done, Errc::NotFound);
        LOAM_FAILS(*tooLong.done, Errc::Invalid);
        QVERIFY(!bench.service.loaded().empty());
    }

    void unloadingEndsItsAnswers()
    {
        Bench bench;
        Outcome outcome;
        bench.ask(outcome, QStringLiteral("endless"));
        QTRY_VERIFY_WITH_TIMEOUT(outcome.text.size() > 5, 15'000);
        bench.service.rest();
        QVERIFY(!outcome.done.has_value());
        bench.service.unload("one");
        QTRY_VERIFY(outcome.done.has_value());
        LOAM_FAILS(*outcome.done, Errc::Cancelled);
        QVERIFY(bench.service.loaded().empty());
    }
};

QTEST_GUILESS_MAIN(TestAnswerService)
#include "tst_answer_service.moc"
