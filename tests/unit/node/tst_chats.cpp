// SPDX-License-Identifier: GPL-3.0-or-later
#include "node/chats.h"
#include "node/node_store.h"
#include "unit/node/model_fixture.h"
#include "unit/support.h"

#include <QSignalSpy>
#include <QTemporaryDir>
#include <QtTest>

using namespace loam;
using base::Errc;
using base::Result;

/// Conversations over a worker that pretends, kept in a real database.
class TestChats : public QObject
{
    Q_OBJECT

private:
    struct Bench
    {
        QTemporaryDir folder;
        std::unique_ptr<node::NodeStore> store;
        node::WorkerProcess librarian{ QStringLiteral(FAKE_MODEL_WORKER),
            node::WorkerProcess::Urgency::Awaited };
        node::AnswerService answers{ QStringLiteral(FAKE_MODEL_WORKER), librarian,
            [this](std::string_view name) -> Result<node::ServedModel> {
                const QString path = folder.path() + QStringLiteral("/model");
                return node::ServedModel{ std::string{ name }, "Model",
                    { { QStringLiteral("path"), path } }, 1000 };
            } };
        std::unique_ptr<node::Chats> chats;

        Bench()
        {
            test::writeFakeModel(folder.path() + QStringLiteral("/model"), QStringLiteral("Model"));
            auto opened = node::NodeStore::open(folder.path().toStdString() + "/node.db");
            store = opened ? std::move(*opened) : nullptr;
            chats = std::make_unique<node::Chats>(store->chats(), answers);
        }
    };

    static qint64 idOf(const QJsonObject& object)
    {
        return object.value(QLatin1String{ "id" }).toInteger();
    }
    static QJsonArray messagesOf(const QJsonObject& object)
    {
        return object.value(QLatin1String{ "messages" }).toArray();
    }
    static QString content(const QJsonValue& message)
    {
        return message.toObject().value(QLatin1String{ "content" }).toString();
    }

private Q_SLOTS:
    void keepsWhatWasSaid()
    {
        Bench bench;
        QSignalSpy delta{ bench.chats.get(), &node::Chats::delta };
        QSignalSpy finished{ bench.chats.get(), &node::Chats::finished };
        const auto sent = bench.chats->send({ 0, "m", "", "say good morning" });
        LOAM_OK(sent);
        const qint64 id = idOf(*sent);
        QVERIFY(sent->contains(QLatin1String{ "answering" }));
        LOAM_FAILS(bench.chats->send({ id, "", "", "too early" }), Errc::Unavailable);
        QTRY_COMPARE_WITH_TIMEOUT(finished.size(), 1, 15'000);
        QCOMPARE(delta.size(), 2);
        const auto shown = bench.chats->show(id);
        LOAM_OK(shown);
        QCOMPARE(messagesOf(*shown).size(), 2);
        QCOMPARE(content(messagesOf(*shown).at(1)), QStringLiteral("good morning"));
        QCOMPARE(
            shown->value(QLatin1String{ "title" }).toString(), QStringLiteral("say good morning"));
        QVERIFY(messagesOf(*shown)
                    .at(1)
                    .toObject()
                    .value(QLatin1String{ "tokens_per_second" })
                    .toDouble()
            > 0);

        LOAM_OK(bench.chats->send({ id, "", "", "say and good night" }));
        QTRY_COMPARE_WITH_TIMEOUT(finished.size(), 2, 15'000);
        LOAM_OK(bench.chats->regenerate({ id, "", "", "" }));
        QTRY_COMPARE_WITH_TIMEOUT(finished.size(), 3, 15'000);
        const auto again = bench.chats->show(id);
        LOAM_OK(again);
        QCOMPARE(messagesOf(*again).size(), 4);
        QCOMPARE(content(messagesOf(*again).at(3)), QStringLiteral("and good night"));
    }

    void keepsAStoppedAnswerAndAnError()
    {
        Bench bench;
        QSignalSpy finished{ bench.chats.get(), &node::Chats::finished };
        QSignalSpy delta{ bench.chats.get(), &node::Chats::delta };
        const auto sent = bench.chats->send({ 0, "m", "", "endless" });
        LOAM_OK(sent);
        const qint64 id = idOf(*sent);
        QTRY_VERIFY_WITH_TIMEOUT(delta.size() > 3, 15'000);
        bench.chats->stop(id);
        QTRY_COMPARE(finished.size(), 1);
        QJsonObject last = messagesOf(*bench.chats->show(id)).last().toObject();
        QCOMPARE(last.value(QLatin1String{ "end" }).toString(), QStringLiteral("cancelled"));
        QVERIFY(content(last).startsWith(QStringLiteral("0 1 2")));

        LOAM_OK(bench.chats->send({ id, "", "", "die" }));
        QTRY_COMPARE_WITH_TIMEOUT(finished.size(), 2, 15'000);
        last = messagesOf(*bench.chats->show(id)).last().toObject();
        QCOMPARE(last.value(QLatin1String{ "end" }).toString(), QStringLiteral("error"));
        QVERIFY(
            last.value(QLatin1String{ "error" }).toString().contains(QLatin1String{ "worker" }));
        QCOMPARE(content(last), QStringLiteral("0 1"));
    }

    void listsSearchesAndDeletes()
    {
        Bench bench;
        QSignalSpy finished{ bench.chats.get(), &node::Chats::finished };
        const auto first = bench.chats->send({ 0, "m", "", "say apples are 100% fruit" });
        LOAM_OK(first);
        QTRY_COMPARE_WITH_TIMEOUT(finished.size(), 1, 15'000);
        const auto second = bench.chats->send({ 0, "m", "", "say pears" });
        LOAM_OK(second);
        QTRY_COMPARE_WITH_TIMEOUT(finished.size(), 2, 15'000);
        const auto all = bench.chats->list("");
        LOAM_OK(all);
        QCOMPARE(all->size(), 2);
        QCOMPARE(idOf(all->first().toObject()), idOf(*second));
        QCOMPARE(bench.chats->list("APPLES")->size(), 1);
        QCOMPARE(bench.chats->list("100%")->size(), 1);
        QCOMPARE(bench.chats->list("1%0")->size(), 0);
        LOAM_OK(bench.chats->rename(idOf(*first), "Fruit"));
        QCOMPARE(bench.chats->list("fruit")->size(), 1);
        LOAM_FAILS(bench.chats->rename(idOf(*first), "  "), Errc::Invalid);
        LOAM_OK(bench.chats->remove(idOf(*first)));
        LOAM_FAILS(bench.chats->show(idOf(*first)), Errc::NotFound);
        QCOMPARE(bench.chats->list("apples")->size(), 0);
        LOAM_OK(bench.chats->removeAll());
        QCOMPARE(bench.chats->list("")->size(), 0);
        LOAM_FAILS(bench.chats->send({ 0, "", "", "no model" }), Errc::Invalid);
        LOAM_FAILS(bench.chats->send({ 0, "m", "", " \n " }), Errc::Invalid);
        LOAM_FAILS(bench.chats->send({ 99, "m", "", "nobody" }), Errc::NotFound);
    }

    /// The first version of node.db, with something in it, opens with its contents.
    void upgradesTheFirstDatabase()
    {
        const QTemporaryDir folder;
        const std::string path = folder.path().toStdString() + "/node.db";
        constexpr store::Migration kFirst[] = { { 1,
            "CREATE TABLE endpoints (address TEXT NOT NULL, port INTEGER NOT NULL, seen INTEGER NOT"
            " NULL, PRIMARY KEY (address, port)) STRICT, WITHOUT ROWID;"
            "CREATE TABLE joined_runs (run BLOB PRIMARY KEY, corpora TEXT NOT NULL)"
            " STRICT, WITHOUT ROWID;"
            "CREATE TABLE metrics (name TEXT NOT NULL, time INTEGER NOT NULL, value INTEGER NOT"
            " NULL) STRICT;"
            "CREATE INDEX metrics_by_time ON metrics (name, time);"
            "INSERT INTO endpoints VALUES ('192.0.2.1', 6881, 5);" } };
        {
            const auto old = store::Database::open(path,
                { .applicationId = 0x4c6f4e64,
                    .migrations = kFirst,
                    .durability = store::Durability::Normal });
            LOAM_OK(old);
        }
        const auto opened = node::NodeStore::open(path);
        LOAM_OK(opened);
        const auto endpoints = (*opened)->endpoints(10);
        LOAM_OK(endpoints);
        QCOMPARE(endpoints->size(), 1U);
        LOAM_OK((*opened)->chats().create("Hello", "m", base::UnixTime{}));
        QVERIFY(std::filesystem::exists(path + ".v1.bak"));
    }
};

QTEST_GUILESS_MAIN(TestChats)
#include "tst_chats.moc"
