// SPDX-License-Identifier: GPL-3.0-or-later
#include "network.h"

#include <QDir>
#include <QFile>
#include <QtTest>

using namespace loam;

/// Each kind of trouble an owner can run into has a message that names the thing and the remedy,
/// and costs nothing.
class TestBadInput : public QObject
{
    Q_OBJECT

private:
    /// Runs loamd until it refuses to start.
    static test::Finished refused(const QString& home)
    {
        QProcess process;
        process.start(test::program("loamd"), { QStringLiteral("--home"), home });
        test::Finished finished;
        finished.code = process.waitForFinished(20'000) ? process.exitCode() : -1;
        if (finished.code == -1) {
            process.kill();
            process.waitForFinished();
        }
        finished.err = process.readAllStandardError();
        return finished;
    }

private Q_SLOTS:
    void aSecondNodeOnTheSameHome()
    {
        const QTemporaryDir folder;
        test::NodeProcess node{ folder.path(), 0 };
        node.start();
        const test::Finished second = refused(node.home());
        QCOMPARE(second.code, 1);
        QVERIFY2(second.err.contains(node.home().toUtf8()), second.err.constData());
        QVERIFY(!node.status().isEmpty());
    }

    void aCorruptKeystore()
    {
        const QTemporaryDir folder;
        QString address;
        {
            test::NodeProcess node{ folder.path(), 0 };
            node.start();
            address = node.status().value(QLatin1String{ "id" }).toString();
        }
        const QString path = folder.path() + QStringLiteral("/node0/keystore.json");
        QFile file{ path };
        QVERIFY(file.open(QIODevice::ReadOnly));
        const QByteArray whole = file.readAll();
        file.close();
        QVERIFY(file.open(QIODevice::WriteOnly | QIODevice::Truncate));
        file.write(whole.left(whole.size() / 2));
        file.close();
        const test::Finished broken = refused(folder.path() + QStringLiteral("/node0"));
        QCOMPARE(broken.code, 1);
        QVERIFY2(broken.err.contains("keystore") && broken.err.contains("24 words"),
            broken.err.constData());
        // The damaged file was left as it is, and the whole one still opens.
        QVERIFY(file.open(QIODevice::ReadOnly));
        QCOMPARE(file.readAll(), whole.left(whole.size() / 2));
        file.close();
        QVERIFY(file.open(QIODevice::WriteOnly | QIODevice::Truncate));
        file.write(whole);
        file.close();
        test::NodeProcess node{ folder.path(), 0 };
        node.start();
        QCOMPARE(node.status().value(QLatin1String{ "id" }).toString(), address);
    }

    void aWrongPassphrase()
    {
        const QTemporaryDir folder;
        test::NodeProcess node{ folder.path(), 0 };
        const QString right = folder.filePath(QStringLiteral("right"));
        const QString wrong = folder.filePath(QStringLiteral("wrong"));
        for (const auto& [path, text] :
            { std::pair{ right, "blue door" }, std::pair{ wrong, "red" } }) {
            QFile file{ path };
            QVERIFY(file.open(QIODevice::WriteOnly));
            file.write(text);
        }
        node.start();
        const QString words = node.call({ QStringLiteral("wallet"), QStringLiteral("create"),
                                            QStringLiteral("--passphrase-file"), right })
                                  .value(QLatin1String{ "words" })
                                  .toString();
        QCOMPARE(words.split(u' ').size(), 24);
        node.call({ QStringLiteral("wallet"), QStringLiteral("lock") });
        const test::Finished denied
            = test::ctl({ QStringLiteral("--home"), node.home(), QStringLiteral("wallet"),
                QStringLiteral("unlock"), QStringLiteral("--passphrase-file"), wrong });
        QCOMPARE(denied.code, 1);
        QVERIFY2(denied.err.contains("passphrase"), denied.err.constData());
        QVERIFY(!node.call({ QStringLiteral("wallet"), QStringLiteral("unlock"),
                               QStringLiteral("--passphrase-file"), right })
                     .isEmpty());
    }

    void anEmptyCorpusFolder()
    {
        const QTemporaryDir folder;
        const QString empty = folder.filePath(QStringLiteral("empty"));
        QVERIFY(QDir{}.mkpath(empty));
        const test::Finished finished = test::ctl({ QStringLiteral("practice"),
            QStringLiteral("--json"), QStringLiteral("--corpus"), empty });
        QCOMPARE(finished.code, 1);
        QVERIFY2(finished.err.contains(empty.toUtf8()) && finished.err.contains("more text"),
            finished.err.constData());
    }

    void aDamagedInvitation()
    {
        const QTemporaryDir folder;
        test::NodeProcess node{ folder.path(), 0 };
        node.start();
        const test::Finished finished
            = test::ctl({ QStringLiteral("--home"), node.home(), QStringLiteral("net"),
                QStringLiteral("join"), QStringLiteral("loam:join?network=abc&at=127.0.0.1:1") });
        QCOMPARE(finished.code, 1);
        QVERIFY2(finished.err.contains("network id"), finished.err.constData());
    }

    void aMistypedAddress()
    {
        const QTemporaryDir folder;
        test::NodeProcess node{ folder.path(), 0 };
        node.start();
        QVERIFY(!node.call({ QStringLiteral("net"), QStringLiteral("create"),
                               QStringLiteral("--name"), QStringLiteral("alone") })
                     .isEmpty());
        QString address = node.status().value(QLatin1String{ "address" }).toString();
        address[20] = address.at(20) == u'q' ? u'p' : u'q';
        const test::Finished finished = test::ctl({ QStringLiteral("--home"), node.home(),
            QStringLiteral("wallet"), QStringLiteral("send"), address, QStringLiteral("1") });
        // Found before it reaches the node: a mistake in the command itself.
        QCOMPARE(finished.code, 2);
        QVERIFY2(finished.err.contains("typing error"), finished.err.constData());
    }

    void brokenSettings()
    {
        const QTemporaryDir folder;
        QFile file{ folder.filePath(QStringLiteral("settings.json")) };
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write("{\"contribution\":");
        file.close();
        const test::Finished finished = refused(folder.path());
        QCOMPARE(finished.code, 1);
        QVERIFY2(finished.err.contains("settings.json") && finished.err.contains("delete it"),
            finished.err.constData());
    }
};

QTEST_GUILESS_MAIN(TestBadInput)
#include "tst_bad_input.moc"
