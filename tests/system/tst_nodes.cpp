// SPDX-License-Identifier: GPL-3.0-or-later
#include "network.h"

#include <QtTest>

using namespace loam;

/// Three nodes started by hand form a network by invitation; one of them is killed in mid-round.
class TestNodes : public QObject
{
    Q_OBJECT

private:
    using Words = QStringList;

    static QString field(const QJsonObject& object, const char* name)
    {
        return object.value(QLatin1String{ name }).toString();
    }

    /// All nodes go down at once and one disk loses half of the model; they find one another again
    /// without an invitation, and the model is whole again.
    static void comeBackAfterAPowerCut(
        const std::vector<std::unique_ptr<test::NodeProcess>>& nodes, const QString& run)
    {
        for (const auto& node : nodes) {
            node->kill9();
        }
        test::NodeProcess& damaged = *nodes[1];
        QDir files{ damaged.home() + QStringLiteral("/models/run-") + run.left(16) };
        const QStringList kept
            = files.entryList({ QStringLiteral("*-round-2.safetensors") }, QDir::Files);
        QCOMPARE(kept.size(), 1);
        const QString path = files.filePath(kept.front());
        const qint64 size = QFileInfo{ path }.size();
        QVERIFY(QFile::resize(path, size / 2));
        for (const auto& node : nodes) {
            node->start();
        }
        QTRY_COMPARE_WITH_TIMEOUT(QFileInfo{ path }.size(), size, 60'000);
        const auto answer = [&] {
            return damaged.call(Words{ QStringLiteral("generate"), run, QStringLiteral("--prompt"),
                QStringLiteral("the"), QStringLiteral("--max-tokens"), QStringLiteral("4") });
        };
        QTRY_COMPARE_WITH_TIMEOUT(answer().value(QLatin1String{ "tokens" }).toInt(), 4, 60'000);
        // What the run has reached is any program's to use.
        const QString out = damaged.home() + QStringLiteral("/run.gguf");
        const QJsonObject exported = damaged.call(Words{
            QStringLiteral("model"), QStringLiteral("export"), run, QStringLiteral("--out"), out });
        QVERIFY(exported.value(QLatin1String{ "bytes" }).toInteger() > size / 2);
        const QJsonObject imported
            = damaged.call(Words{ QStringLiteral("model"), QStringLiteral("import"), out });
        QCOMPARE(field(imported, "architecture"), QStringLiteral("llama"));
    }

private Q_SLOTS:
    void trainThroughAKill()
    {
        const QTemporaryDir folder;
        std::vector<std::unique_ptr<test::NodeProcess>> nodes;
        for (int i = 0; i < 3; ++i) {
            nodes.push_back(std::make_unique<test::NodeProcess>(folder.path(), i));
            test::writeText(nodes.back()->corpus() + QStringLiteral("/a.txt"),
                static_cast<unsigned>(i), 200'000);
            nodes.back()->start();
        }
        test::NodeProcess& founder = *nodes[0];
        test::NodeProcess& victim = *nodes[2];
        const QJsonObject created = founder.call(Words{ QStringLiteral("net"),
            QStringLiteral("create"), QStringLiteral("--name"), QStringLiteral("garden") });
        const QString invitation = field(created, "invitation");
        QVERIFY(invitation.startsWith(QLatin1String{ "loam:join?" }));
        for (int i = 1; i < 3; ++i) {
            const QJsonObject joined = nodes[static_cast<std::size_t>(i)]->call(
                Words{ QStringLiteral("net"), QStringLiteral("join"), invitation });
            QCOMPARE(field(joined, "network"), field(created, "network"));
        }
        const QJsonObject run = founder.call(
            Words{ QStringLiteral("run"), QStringLiteral("open"), QStringLiteral("--name"),
                QStringLiteral("garden"), QStringLiteral("--corpus"), founder.corpus(),
                QStringLiteral("--rounds"), QStringLiteral("2"), QStringLiteral("--members"),
                QStringLiteral("3"), QStringLiteral("--quorum"), QStringLiteral("2") },
            180'000);
        const QString id = field(run, "id");
        QCOMPARE(id.size(), 64);
        for (const auto& node : nodes) {
            QTRY_VERIFY_WITH_TIMEOUT(
                field(
                    node->call(Words{ QStringLiteral("run"), QStringLiteral("status"), id }), "id")
                    == id,
                20'000);
            QVERIFY(!node->call(Words{ QStringLiteral("run"), QStringLiteral("join"), id,
                                    QStringLiteral("--corpus"), node->corpus() })
                         .isEmpty());
            node->call(Words{ QStringLiteral("contribute"), QStringLiteral("on") });
        }
        const auto round = [&id](const test::NodeProcess& node) {
            return node.call(Words{ QStringLiteral("run"), QStringLiteral("status"), id })
                .value(QLatin1String{ "round" })
                .toInt();
        };
        QTRY_VERIFY_WITH_TIMEOUT(round(founder) >= 1, 180'000);
        victim.kill9();
        victim.start();
        QTRY_VERIFY_WITH_TIMEOUT(
            field(
                founder.call(Words{ QStringLiteral("run"), QStringLiteral("status"), id }), "state")
                == QLatin1String{ "finished" },
            300'000);

        // One log, one model and the same money everywhere, the killed node included.
        const QJsonObject reference = founder.status();
        QCOMPARE(field(reference, "audit_root").size(), 64);
        for (const auto& node : nodes) {
            QTRY_COMPARE_WITH_TIMEOUT(
                field(node->status(), "audit_root"), field(reference, "audit_root"), 60'000);
            QTRY_COMPARE_WITH_TIMEOUT(
                field(node->status(), "params_hash"), field(reference, "params_hash"), 60'000);
            const QJsonObject verified
                = node->call(Words{ QStringLiteral("audit"), QStringLiteral("verify") });
            QVERIFY(verified.value(QLatin1String{ "verified" }).toBool());
        }
        // Each round paid each member once at most.
        const QJsonObject history
            = victim.call(Words{ QStringLiteral("wallet"), QStringLiteral("history") });
        int rewards = 0;
        for (const QJsonValue& entry : history.value(QLatin1String{ "entries" }).toArray()) {
            rewards += field(entry.toObject(), "kind") == QLatin1String{ "reward" } ? 1 : 0;
        }
        QVERIFY2(rewards >= 1 && rewards <= 2, qPrintable(QString::number(rewards)));
        comeBackAfterAPowerCut(nodes, id);
    }
};

QTEST_GUILESS_MAIN(TestNodes)
#include "tst_nodes.moc"
