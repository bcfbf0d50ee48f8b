// SPDX-License-Identifier: GPL-3.0-or-later
#include "node/training_device.h"
#include "unit/support.h"

#include <QSignalSpy>
#include <QtTest>

using namespace loam;
using base::Errc;

/// Over a worker that only pretends to have a card.
class TestTrainingDevice : public QObject
{
    Q_OBJECT

private:
    struct Bench
    {
        node::Settings settings;
        node::WorkerProcess librarian{ QStringLiteral(FAKE_MODEL_WORKER),
            node::WorkerProcess::Urgency::Awaited };
        node::AnswerService answers{ QStringLiteral(FAKE_MODEL_WORKER), librarian,
            [](std::string_view) -> base::Result<node::ServedModel> {
                return base::fail(Errc::NotFound, "no models here");
            } };
        node::TrainingDevice device{ settings, answers };

        Bench()
        {
            bool isKnown = false;
            answers.refreshDevices([&isKnown] { isKnown = true; });
            [&isKnown] { QTRY_VERIFY_WITH_TIMEOUT(isKnown, 15'000); }();
        }
        void fails(Errc code = Errc::Unavailable)
        {
            device.note(device.means().device, base::fail(code, "the device was lost"));
        }
    };

private Q_SLOTS:
    void initTestCase() { qputenv("LOAM_FAKE_CARD", "1"); }

    void aCardIsTakenByItself()
    {
        const Bench bench;
        QCOMPARE(bench.device.means().device, std::string{ "card" });
        QCOMPARE(bench.device.means().memory, std::uint64_t{ 1 } << 30U);
    }

    void aCardThatFailsTwiceIsLeftAlone()
    {
        Bench bench;
        QSignalSpy gaveUp{ &bench.device, &node::TrainingDevice::gaveUp };
        bench.fails();
        QCOMPARE(bench.device.means().device, std::string{ "card" });
        bench.fails();
        QCOMPARE(gaveUp.size(), 1);
        QCOMPARE(gaveUp[0][0].toString(), QStringLiteral("A card"));
        QCOMPARE(gaveUp[0][1].toString(), QStringLiteral("the device was lost"));
        QCOMPARE(bench.device.means().device, std::string{ "cpu" });
    }

    void aSuccessBetweenTwoFailuresForgives()
    {
        Bench bench;
        bench.fails();
        bench.device.note("card", QJsonObject{});
        bench.fails();
        QCOMPARE(bench.device.means().device, std::string{ "card" });
    }

    void whatSaysNothingOfTheCardDoesNotCount()
    {
        Bench bench;
        for (const Errc code : { Errc::Cancelled, Errc::Denied, Errc::Invalid }) {
            bench.fails(code);
            bench.fails(code);
        }
        QCOMPARE(bench.device.means().device, std::string{ "card" });
    }

    void aCardTheOwnerChoseIsKept()
    {
        Bench bench;
        bench.settings.contribution.device = "card";
        QSignalSpy gaveUp{ &bench.device, &node::TrainingDevice::gaveUp };
        bench.fails();
        bench.fails();
        QCOMPARE(gaveUp.size(), 1);
        QCOMPARE(bench.device.means().device, std::string{ "card" });
    }
};

QTEST_GUILESS_MAIN(TestTrainingDevice)
#include "tst_training_device.moc"
