// SPDX-License-Identifier: GPL-3.0-or-later
#include "node/policy.h"

#include <QtTest>

using namespace loam::node;
using namespace std::chrono_literals;

class TestPolicy : public QObject
{
    Q_OBJECT

private:
    static PolicyInputs ready()
    {
        PolicyInputs inputs;
        inputs.now = std::chrono::sys_seconds{ 1'000'000s };
        inputs.inNetwork = true;
        inputs.hasRun = true;
        return inputs;
    }
    static Settings::Contribution on()
    {
        Settings::Contribution settings;
        settings.on = true;
        return settings;
    }

private Q_SLOTS:
    void isOffByDefault() { QCOMPARE(decideWork({}, ready()).state, WorkState::Off); }

    void anAdapterAtHomeKeepsToTheMachineAlone()
    {
        PolicyInputs inputs = ready();
        inputs.inNetwork = false;
        inputs.hasRun = false;
        inputs.networkMetered = true;
        QCOMPARE(decideHomeWork({}, inputs).state, WorkState::Working);
        inputs.onBattery = true;
        QCOMPARE(decideHomeWork({}, inputs).state, WorkState::Waiting);
        inputs.onBattery = false;
        inputs.identityUnlocked = false;
        QCOMPARE(decideHomeWork({}, inputs).state, WorkState::Waiting);
        Settings::Contribution settings;
        settings.snoozedUntil = inputs.now + 60s;
        QCOMPARE(decideHomeWork(settings, inputs).state, WorkState::Paused);
    }

    void worksWhenNothingIsInTheWay()
    {
        QCOMPARE(decideWork(on(), ready()).state, WorkState::Working);
    }

    void aSnoozeEndsByItself()
    {
        Settings::Contribution settings = on();
        PolicyInputs inputs = ready();
        settings.snoozedUntil = inputs.now + 60s;
        const PolicyDecision paused = decideWork(settings, inputs);
        QCOMPARE(paused.state, WorkState::Paused);
        QVERIFY(paused.until == settings.snoozedUntil);
        inputs.now += 60s;
        QCOMPARE(decideWork(settings, inputs).state, WorkState::Working);
    }

    void waitsForTheOwnerOnlyWhenAsked()
    {
        Settings::Contribution settings = on();
        PolicyInputs inputs = ready();
        inputs.ownerIdleFor = 10s;
        QCOMPARE(decideWork(settings, inputs).state, WorkState::Working);
        settings.onlyWhenIdle = true;
        const PolicyDecision waiting = decideWork(settings, inputs);
        QCOMPARE(waiting.state, WorkState::Waiting);
        QVERIFY(waiting.until == inputs.now + 170s);
        inputs.ownerIdleFor = 180s;
        QCOMPARE(decideWork(settings, inputs).state, WorkState::Working);
        // A machine that cannot tell counts as idle.
        inputs.ownerIdleFor.reset();
        QCOMPARE(decideWork(settings, inputs).state, WorkState::Working);
    }

    void circumstances_data()
    {
        QTest::addColumn<int>("which");
        for (int i = 0; i < 6; ++i) {
            QTest::newRow(qPrintable(QString::number(i))) << i;
        }
    }

    void circumstances()
    {
        QFETCH(int, which);
        PolicyInputs inputs = ready();
        switch (which) {
        case 0:
            inputs.identityUnlocked = false;
            break;
        case 1:
            inputs.inNetwork = false;
            break;
        case 2:
            inputs.hasRun = false;
            break;
        case 3:
            inputs.onBattery = true;
            break;
        case 4:
            inputs.networkMetered = true;
            break;
        default:
            inputs.temperatureCelsius = 95;
            break;
        }
        const PolicyDecision decision = decideWork(on(), inputs);
        QCOMPARE(decision.state, WorkState::Waiting);
        QVERIFY(!decision.reason.empty());
    }

    void theOwnerMayAllowBatteryAndMeteredNetworks()
    {
        Settings::Contribution settings = on();
        settings.onBattery = true;
        settings.onMeteredNetwork = true;
        PolicyInputs inputs = ready();
        inputs.onBattery = true;
        inputs.networkMetered = true;
        QCOMPARE(decideWork(settings, inputs).state, WorkState::Working);
    }
};

QTEST_GUILESS_MAIN(TestPolicy)
#include "tst_policy.moc"
