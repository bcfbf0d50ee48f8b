// SPDX-License-Identifier: GPL-3.0-or-later
#include "network.h"

#include <QDir>
#include <QElapsedTimer>
#include <QSet>
#include <QtTest>

using namespace loam;

class TestPractice : public QObject
{
    Q_OBJECT

private:
    static constexpr int kPatience = 400'000;

    /// Three folders of text of the test's own, so that the test needs no package of texts.
    static QStringList corpora(const QTemporaryDir& folder)
    {
        QStringList options;
        for (unsigned i = 0; i < 4; ++i) {
            const QString corpus = folder.filePath(QStringLiteral("text%1").arg(i));
            test::writeText(corpus + QStringLiteral("/a.txt"), i, 200'000);
            options << QStringLiteral("--corpus") << corpus;
        }
        return options;
    }

    static int leftovers()
    {
        return static_cast<int>(
            QDir::temp().entryList({ QStringLiteral("loam-practice-*") }, QDir::Dirs).size());
    }

private Q_SLOTS:
    void nodesLearnTogetherAndAgree()
    {
        const QTemporaryDir folder;
        const int before = leftovers();
        const test::Finished finished
            = test::ctl(QStringList{ QStringLiteral("practice"), QStringLiteral("--json"),
                            QStringLiteral("--rounds"), QStringLiteral("2") }
                    + corpora(folder),
                kPatience);
        const QJsonObject report = finished.json();
        QVERIFY2(finished.code == 0, finished.err.constData());
        QVERIFY(report.value(QLatin1String{ "ok" }).toBool());
        const QJsonArray rounds = report.value(QLatin1String{ "rounds" }).toArray();
        QCOMPARE(rounds.size(), 2);
        for (const QJsonValue& value : rounds) {
            const QJsonObject round = value.toObject();
            QVERIFY(round.value(QLatin1String{ "loss_after" }).toDouble()
                < round.value(QLatin1String{ "loss_before" }).toDouble());
            QCOMPARE(round.value(QLatin1String{ "accepted" }).toArray().size(), 4);
            QCOMPARE(round.value(QLatin1String{ "earned" }).toObject().size(), 4);
            QCOMPARE(round.value(QLatin1String{ "bytes_sent" }).toObject().size(), 4);
        }
        QSet<QString> roots;
        QSet<QString> params;
        for (const QJsonValue& value : report.value(QLatin1String{ "nodes" }).toArray()) {
            const QJsonObject node = value.toObject();
            roots << node.value(QLatin1String{ "audit_root" }).toString();
            params << node.value(QLatin1String{ "params_hash" }).toString();
            QVERIFY(node.value(QLatin1String{ "balance" }).toString().toDouble() > 0);
        }
        QCOMPARE(roots.size(), 1);
        QCOMPARE(params.size(), 1);
        QCOMPARE(roots.begin()->size(), 64);
        QCOMPARE(leftovers(), before);
    }

    void aCheatIsNamedRefusedAndUnpaid()
    {
        const QTemporaryDir folder;
        const test::Finished finished
            = test::ctl(QStringList{ QStringLiteral("practice"), QStringLiteral("--json"),
                            QStringLiteral("--rounds"), QStringLiteral("2"),
                            QStringLiteral("--byzantine"), QStringLiteral("1") }
                    + corpora(folder),
                kPatience);
        const QJsonObject report = finished.json();
        QVERIFY2(finished.code == 0, finished.err.constData());
        QString cheat;
        for (const QJsonValue& value : report.value(QLatin1String{ "nodes" }).toArray()) {
            const QJsonObject node = value.toObject();
            if (node.value(QLatin1String{ "role" }).toString() == QLatin1String{ "byzantine" }) {
                cheat = node.value(QLatin1String{ "id" }).toString();
            }
        }
        QVERIFY(!cheat.isEmpty());
        for (const QJsonValue& value : report.value(QLatin1String{ "rounds" }).toArray()) {
            const QJsonObject round = value.toObject();
            QVERIFY(!round.value(QLatin1String{ "accepted" }).toArray().contains(cheat));
            QVERIFY(!round.value(QLatin1String{ "earned" }).toObject().contains(cheat));
            QVERIFY(round.value(QLatin1String{ "accepted" }).toArray().size() >= 3);
        }
        const QJsonObject first
            = report.value(QLatin1String{ "rounds" }).toArray().first().toObject();
        const QJsonArray refused = first.value(QLatin1String{ "refused" }).toArray();
        QCOMPARE(refused.size(), 1);
        QCOMPARE(refused.first().toObject().value(QLatin1String{ "node" }).toString(), cheat);
        QVERIFY(!refused.first().toObject().value(QLatin1String{ "reason" }).toString().isEmpty());
    }

    void nothingIsLeftBehindWhenTheCommandIsKilled()
    {
        const QTemporaryDir folder;
        const int before = leftovers();
        QProcess command;
        command.start(test::program("loamctl"),
            QStringList{ QStringLiteral("practice"), QStringLiteral("--json") } + corpora(folder));
        QVERIFY(command.waitForStarted());
        QTRY_VERIFY_WITH_TIMEOUT(leftovers() > before, 20'000);
        command.kill();
        command.waitForFinished();
        QTRY_COMPARE_WITH_TIMEOUT(leftovers(), before, 30'000);
    }
};

QTEST_GUILESS_MAIN(TestPractice)
#include "tst_practice.moc"
