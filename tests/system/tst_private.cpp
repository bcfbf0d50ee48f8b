// SPDX-License-Identifier: GPL-3.0-or-later
// The private lane with real processes: four nodes, groups summed in secret, one log.
#include "network.h"

#include <QSet>
#include <QTemporaryDir>
#include <QtTest>

using namespace loam;

class TestPrivate : public QObject
{
    Q_OBJECT

private:
    static constexpr int kPatience = 500'000;

private Q_SLOTS:
    void fourNodesSumInSecretAndAgree()
    {
        const QTemporaryDir folder;
        QStringList arguments{ QStringLiteral("practice"), QStringLiteral("--json"),
            QStringLiteral("--lane"), QStringLiteral("private"), QStringLiteral("--rounds"),
            QStringLiteral("2") };
        for (unsigned i = 0; i < 4; ++i) {
            const QString corpus = folder.filePath(QStringLiteral("text%1").arg(i));
            test::writeText(corpus + QStringLiteral("/a.txt"), i, 200'000);
            arguments << QStringLiteral("--corpus") << corpus;
        }
        const test::Finished finished = test::ctl(arguments, kPatience);
        const QJsonObject report = finished.json();
        QVERIFY2(finished.code == 0, finished.err.constData());
        const QJsonArray rounds = report.value(QLatin1String{ "rounds" }).toArray();
        QCOMPARE(rounds.size(), 2);
        double spent = 0;
        for (const QJsonValue& value : rounds) {
            const QJsonObject round = value.toObject();
            QCOMPARE(round.value(QLatin1String{ "lane" }).toString(), QStringLiteral("private"));
            QVERIFY(round.value(QLatin1String{ "practice" }).toBool());
            QCOMPARE(round.value(QLatin1String{ "accepted" }).toArray().size(), 4);
            QVERIFY(round.value(QLatin1String{ "refused" }).toArray().isEmpty());
            // Flat: everybody earns the same.
            const QJsonObject earned = round.value(QLatin1String{ "earned" }).toObject();
            QCOMPARE(earned.size(), 4);
            QSet<QString> amounts;
            for (const QJsonValue& amount : earned) {
                amounts << amount.toString();
            }
            QCOMPARE(amounts.size(), 1);
            // By hand: rho = rounds / (2 x 4^2).
            const double rho = round.value(QLatin1String{ "rho" }).toDouble();
            const double number = round.value(QLatin1String{ "rounds_spent" }).toDouble();
            QVERIFY(qAbs(rho - number / 32) < 1e-12);
            QVERIFY(round.value(QLatin1String{ "epsilon" }).toDouble() > spent);
            spent = round.value(QLatin1String{ "epsilon" }).toDouble();
        }
        // Two rounds with noise 4 at delta 1e-6: 1.660 by the formula of zCDP, and hardly more.
        QVERIFY2(spent > 1.6 && spent < 1.75, qPrintable(QString::number(spent)));
        QSet<QString> roots;
        QSet<QString> params;
        for (const QJsonValue& value : report.value(QLatin1String{ "nodes" }).toArray()) {
            const QJsonObject node = value.toObject();
            roots << node.value(QLatin1String{ "audit_root" }).toString();
            params << node.value(QLatin1String{ "params_hash" }).toString();
        }
        QCOMPARE(roots.size(), 1);
        QCOMPARE(params.size(), 1);
        QCOMPARE(params.begin()->size(), 64);
    }

    void threeNodesAreTooFew()
    {
        const test::Finished finished = test::ctl(
            { QStringLiteral("practice"), QStringLiteral("--json"), QStringLiteral("--lane"),
                QStringLiteral("private"), QStringLiteral("--nodes"), QStringLiteral("3") });
        QVERIFY(finished.code != 0);
        QVERIFY2(finished.err.contains("at least 4"), finished.err.constData());
    }

    void accountantAnswersOnTheCommandLine()
    {
        const QTemporaryDir folder;
        test::NodeProcess node{ folder.path(), 1 };
        node.start();
        const QJsonObject answer = node.call({ QStringLiteral("data"), QStringLiteral("epsilon"),
            QStringLiteral("--noise"), QStringLiteral("1.5"), QStringLiteral("--rate"),
            QStringLiteral("0.04"), QStringLiteral("--steps"), QStringLiteral("2250"),
            QStringLiteral("--delta"), QStringLiteral("1e-5") });
        QVERIFY(qAbs(answer.value(QLatin1String{ "epsilon" }).toDouble() - 7.32911117143) < 1e-8);
        QCOMPARE(answer.value(QLatin1String{ "method" }).toString(), QStringLiteral("rdp"));
    }
};

QTEST_GUILESS_MAIN(TestPrivate)
#include "tst_private.moc"
