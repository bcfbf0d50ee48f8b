// SPDX-License-Identifier: GPL-3.0-or-later
// A round's training under consent that may end at any step, over a worker that pretends to train.
#include "node/private_training.h"

#include <QFile>
#include <QTemporaryDir>
#include <QtTest>

#include <optional>

using namespace loam;
using base::Errc;
using node::PrivateTraining;

class TestPrivateTraining final : public QObject
{
    Q_OBJECT

private:
    static constexpr int kEndless = 1'000'000;

    QString vectorFile() const { return m_folder.filePath(QStringLiteral("vector")); }

    PrivateTraining::Config config(int steps)
    {
        m_result.reset();
        m_steps = 0;
        return { .worker = m_worker,
            .job = { { QStringLiteral("job"), QStringLiteral("private_train") },
                { QStringLiteral("output"), vectorFile() }, { QStringLiteral("steps"), steps } },
            .texts = { std::string(300'000, 'a') + "\xC3\xA4", "second" },
            .mayGoOn = [this]() -> base::Result<> {
                if (m_isRevoked) {
                    return base::fail(Errc::Denied, "the grant was revoked");
                }
                return {};
            },
            .progress = [this](const QJsonObject&) { ++m_steps; },
            .done =
                [this](base::Result<PrivateTraining::Trained> trained) {
                    QVERIFY(!m_result);
                    m_result = std::move(trained);
                } };
    }

    QTemporaryDir m_folder;
    node::WorkerProcess m_worker{ QStringLiteral(FAKE_WORKER),
        node::WorkerProcess::Urgency::Awaited };
    std::optional<base::Result<PrivateTraining::Trained>> m_result;
    bool m_isRevoked{ false };
    int m_steps{ 0 };

private Q_SLOTS:
    void init() { m_isRevoked = false; }

    void textsGoByThePipeAndTheVectorComesBack()
    {
        PrivateTraining training{ config(3) };
        training.start();
        QTRY_VERIFY(m_result);
        QVERIFY(*m_result);
        QCOMPARE((**m_result).vector, (std::vector<std::uint32_t>{ 1, 2 }));
        QCOMPARE((**m_result).facts.value(QLatin1String{ "characters" }).toInt(), 300'007);
        QCOMPARE(m_steps, 3);
        QVERIFY(!QFile::exists(vectorFile()));
    }

    void aRevocationCutsTheStepOff()
    {
        PrivateTraining training{ config(kEndless) };
        training.start();
        QTRY_VERIFY(m_steps >= 3);
        training.cancel({ Errc::Denied, "the grant was revoked" });
        // Already: the worker is dead, its file is gone, the answer is there.
        QVERIFY(m_result && !*m_result);
        QCOMPARE(m_result->error().message, std::string{ "the grant was revoked" });
        QVERIFY(!m_worker.isBusy());
        QVERIFY(!QFile::exists(vectorFile()));
        const int steps = m_steps;
        QTest::qWait(50);
        QCOMPARE(m_steps, steps);
    }

    void consentIsAskedBetweenSteps()
    {
        PrivateTraining training{ config(kEndless) };
        training.start();
        QTRY_VERIFY(m_steps >= 2);
        m_isRevoked = true;
        const int steps = m_steps;
        QTRY_VERIFY(m_result);
        QVERIFY(!*m_result && m_result->error().code == Errc::Denied);
        QCOMPARE(m_steps, steps);
        QVERIFY(!m_worker.isBusy() && !QFile::exists(vectorFile()));
    }

    void revokedAfterTheLastStepNothingIsTaken()
    {
        auto wanted = config(2);
        wanted.progress = [this](const QJsonObject&) { m_isRevoked = ++m_steps == 2; };
        PrivateTraining training{ std::move(wanted) };
        training.start();
        QTRY_VERIFY(m_result);
        QVERIFY(!*m_result && m_result->error().code == Errc::Denied);
        QVERIFY(!QFile::exists(vectorFile()));
    }

    void otherWorkGoesOn()
    {
        auto training = std::make_unique<PrivateTraining>(config(kEndless));
        training->start();
        bool isDone = false;
        m_worker.submit({ { QStringLiteral("job"), QStringLiteral("report") } }, {},
            [&isDone](const base::Result<QJsonObject>& done) { isDone = done.has_value(); });
        QTRY_VERIFY(m_steps >= 1);
        training.reset(); // without a word
        QVERIFY(!m_result);
        QTRY_VERIFY(isDone);
    }
};

QTEST_GUILESS_MAIN(TestPrivateTraining)
#include "tst_private_training.moc"
