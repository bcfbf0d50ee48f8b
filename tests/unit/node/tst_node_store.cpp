// SPDX-License-Identifier: GPL-3.0-or-later
#include "node/node_store.h"

#include <QTemporaryDir>
#include <QtTest>

using namespace loam;
using namespace std::chrono_literals;

class TestNodeStore : public QObject
{
    Q_OBJECT

private:
    static base::UnixTime at(int second)
    {
        return base::UnixTime{ std::chrono::seconds{ second } };
    }

private Q_SLOTS:
    void remembersAcrossAReopening()
    {
        const QTemporaryDir folder;
        const std::filesystem::path path = folder.filePath(QStringLiteral("node.db")).toStdString();
        base::Hash256 run;
        run.data.fill(std::byte{ 7 });
        {
            auto store = node::NodeStore::open(path);
            QVERIFY(store);
            QVERIFY((*store)->rememberEndpoint({ "127.0.0.3", 1000 }, at(1)));
            QVERIFY((*store)->rememberEndpoint({ "127.0.0.4", 1000 }, at(2)));
            QVERIFY((*store)->rememberEndpoint({ "127.0.0.3", 1000 }, at(3)));
            QVERIFY((*store)->setJoined({ run, { "/one", "/two words" } }));
            for (int i = 0; i < 5; ++i) {
                QVERIFY((*store)->addMetric("loss", { at(10 + i), 2.5 - 0.25 * i }));
            }
        }
        auto store = node::NodeStore::open(path);
        QVERIFY(store);
        const auto endpoints = (*store)->endpoints(10);
        QVERIFY(endpoints);
        QCOMPARE(endpoints->size(), std::size_t{ 2 });
        QCOMPARE(endpoints->front().address, std::string{ "127.0.0.3" });
        const auto joined = (*store)->joinedRuns();
        QVERIFY(joined);
        QCOMPARE(joined->size(), std::size_t{ 1 });
        QVERIFY(joined->front().run == run);
        QCOMPARE(joined->front().corpora, (std::vector<std::string>{ "/one", "/two words" }));
        const auto points = (*store)->metrics("loss", at(11), 3);
        QVERIFY(points);
        QCOMPARE(points->size(), std::size_t{ 3 });
        QCOMPARE(points->front().value, 2.0);
        QCOMPARE(points->back().value, 1.5);
        QVERIFY((*store)->removeJoined(run));
        QVERIFY((*store)->joinedRuns()->empty());
    }
};

QTEST_GUILESS_MAIN(TestNodeStore)
#include "tst_node_store.moc"
