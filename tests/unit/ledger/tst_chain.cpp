// SPDX-License-Identifier: GPL-3.0-or-later
#include "../support.h"
#include "ledger/schema.h"
#include "network.h"
#include "store/database.h"

#include <QTemporaryDir>
#include <QTest>

#include <csignal>
#include <sys/wait.h>
#include <unistd.h>

using namespace loam;
using namespace loam::ledger;
using namespace loam::test;
using namespace std::chrono_literals;

namespace {

std::filesystem::path in(const QTemporaryDir& folder)
{
    return folder.filePath(QStringLiteral("ledger.db")).toStdString();
}

/// Five final blocks with a run, an accepted and a refused update, and a transfer.
void live(Network& net)
{
    const RunId run = net.openRun(Network::terms(2), 2);
    net.commit({ net.submission(run, 0), net.submission(run, 1) });
    net.commit(net.tx(net.validator(0), net.closure(run, { { net.userKey(1), "norm_clip" } })));
    net.commit(net.tx(net.user(0), Transfer{ net.userKey(2), coins(1), "for 100% \"bread\"" }));
}

/// Changes a closed ledger behind its back.
void tamper(const std::filesystem::path& path, const char* sql)
{
    auto database = must(store::Database::open(path,
        { .applicationId = Ledger::kApplicationId,
            .migrations = kSchema,
            .durability = store::Durability::Full }));
    must(database->execute(sql));
}

} // namespace

class TestChain : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void reopensWithTheSameRoots()
    {
        const QTemporaryDir folder;
        Network net{ in(folder) };
        live(net);
        const base::Hash256 state = net.ledger->stateRoot();
        const base::Hash256 audit = net.ledger->auditRoot();
        const base::Hash256 tip = net.ledger->tip();
        const std::uint64_t size = net.ledger->audit().size();
        net.reopen(in(folder));
        QVERIFY(net.ledger->stateRoot() == state);
        QVERIFY(net.ledger->auditRoot() == audit);
        QVERIFY(net.ledger->tip() == tip);
        QCOMPARE(net.ledger->audit().size(), size);
        LOAM_OK(net.ledger->replay());
        net.commit(net.tx(net.user(0), Transfer{ net.userKey(2), coins(1), "" }));
        const base::Result<consensus::Recovered> recovered = net.ledger->recovered();
        LOAM_OK(recovered);
        QCOMPARE(recovered->finalizedHeight, net.ledger->height());
        QVERIFY(recovered->finalizedBy && recovered->finalizedBy->block == net.ledger->tip());
        net.ledger.reset();
        LOAM_OK(Ledger::readGenesis(in(folder)));
        LOAM_FAILS(Ledger::readGenesis(in(folder) / "none"), base::Errc::NotFound);
    }

    void anotherNodeReachesTheSameRoots()
    {
        Network net;
        live(net);
        Network other;
        const base::Result<FinalRecords> records = net.ledger->finalRecords(1);
        LOAM_OK(records);
        QCOMPARE(records->blocks.size(), std::size_t(net.ledger->height()));
        for (const consensus::BlockPtr& block : records->blocks) {
            LOAM_OK(other.ledger->execute(*block, net.now));
        }
        LOAM_OK(other.ledger->finalize(*records->blocks.back(), *records->certificate));
        QVERIFY(other.ledger->stateRoot() == net.ledger->stateRoot());
        QVERIFY(other.ledger->auditRoot() == net.ledger->auditRoot());
        // There, all came as one record; a part of it is not served alone.
        const base::Result<FinalRecords> whole = other.ledger->finalRecords(2, 1);
        LOAM_OK(whole);
        QCOMPARE(whole->blocks.size(), records->blocks.size());
        QVERIFY(must(other.ledger->certificate(1)).height == net.ledger->height());
        const base::Result<FinalRecords> one = net.ledger->finalRecords(2, 1);
        LOAM_OK(one);
        QCOMPARE(one->blocks.size(), std::size_t{ 1 });
        QCOMPARE(one->blocks.front()->height, consensus::Height{ 2 });
        QVERIFY(must(net.ledger->finalRecords(net.ledger->height() + 1)).blocks.empty());
    }

    void foreignGenesisIsRefused()
    {
        const QTemporaryDir folder;
        Network net{ in(folder) };
        net.ledger.reset();
        Genesis other = net.genesis;
        other.name = "elsewhere";
        const auto opened = Ledger::open(in(folder), other);
        LOAM_FAILS(opened, base::Errc::Invalid);
        QVERIFY(opened.error().message.find("testing ground") != std::string::npos);
    }

    void tamperedDatabaseIsRefused_data()
    {
        QTest::addColumn<QByteArray>("sql");
        QTest::newRow("state") << QByteArray{
            "UPDATE state SET value = x'8400000080' WHERE key = (SELECT max(key) FROM state WHERE "
            "key < x'62')"
        };
        QTest::newRow("state row missing")
            << QByteArray{ "DELETE FROM state WHERE key = (SELECT min(key) FROM state)" };
        QTest::newRow("audit entry")
            << QByteArray{ "UPDATE audit SET bytes = x'00' WHERE entry = 2" };
        QTest::newRow("audit entry missing")
            << QByteArray{ "DELETE FROM audit WHERE entry = (SELECT max(entry) FROM audit)" };
        QTest::newRow("block") << QByteArray{ "UPDATE blocks SET bytes = x'80' WHERE height = 2" };
        QTest::newRow("block missing") << QByteArray{ "DELETE FROM blocks WHERE height = 3" };
    }

    void tamperedDatabaseIsRefused()
    {
        QFETCH(const QByteArray, sql);
        const QTemporaryDir folder;
        Network net{ in(folder) };
        live(net);
        net.ledger.reset();
        tamper(in(folder), sql.constData());
        LOAM_FAILS(Ledger::open(in(folder), net.genesis), base::Errc::Corrupt);
    }

    void overlaysCompete()
    {
        Network net;
        const base::Hash256 root = net.ledger->tip();
        const base::UnixTime time = net.now + 1s;
        const SignedTx toOne = net.tx(net.user(0), Transfer{ net.userKey(1), coins(1), "one" });
        const SignedTx toTwo = net.tx(net.user(0), Transfer{ net.userKey(2), coins(2), "two" });
        const consensus::Block first = net.block(root, 1, { toOne }, time);
        const consensus::Block second = net.block(root, 1, { toTwo }, time);
        LOAM_OK(net.ledger->execute(first, time));
        LOAM_OK(net.ledger->execute(first, time));
        LOAM_OK(net.ledger->execute(second, time));
        const consensus::Block child = net.block(second.hash(), 3, {}, time + 1s);
        const consensus::Block orphan = net.block(first.hash(), 2, {}, time + 1s);
        LOAM_OK(net.ledger->execute(child, time));
        LOAM_OK(net.ledger->execute(orphan, time));
        QVERIFY(net.ledger->tip() == root);
        QVERIFY(net.ledger->account(net.userKey(1)).balance == coins(50));

        LOAM_FAILS(net.ledger->finalize(second, net.certificate(first)), base::Errc::Invalid);
        consensus::Certificate thin = net.certificate(second);
        thin.voters.pop_back();
        thin.signatures.pop_back();
        LOAM_FAILS(net.ledger->finalize(second, thin), base::Errc::Invalid);
        LOAM_FAILS(
            net.ledger->finalize(second, net.certificate(second, consensus::VoteKind::Notarize)),
            base::Errc::Invalid);

        // The child's certificate makes its parent final too.
        const auto info = net.ledger->finalize(child, net.certificate(child));
        LOAM_OK(info);
        QCOMPARE(info->blocks.size(), std::size_t{ 2 });
        QVERIFY(net.ledger->account(net.userKey(1)).balance == coins(50));
        QVERIFY(net.ledger->account(net.userKey(2)).balance == coins(52));
        QVERIFY(!net.ledger->isExecuted(first.hash()) && !net.ledger->isExecuted(orphan.hash()));
        LOAM_FAILS(net.ledger->execute(orphan, time), base::Errc::Unavailable);
        LOAM_FAILS(net.ledger->finalize(first, net.certificate(first)), base::Errc::Corrupt);
        const auto again = net.ledger->finalize(second, net.certificate(second));
        LOAM_OK(again);
        QVERIFY(again->blocks.empty() && again->entries.empty());
        QVERIFY(must(net.ledger->certificate(1)).height == 3);
        LOAM_OK(net.ledger->replay());
    }

    void wrongBlocksAreRefused()
    {
        Network net;
        live(net);
        const base::UnixTime time = net.now + 1s;
        const SignedTx tx = net.tx(net.user(0), Transfer{ net.userKey(1), coins(1), "" });
        const consensus::Block good
            = net.block(net.ledger->tip(), net.ledger->height() + 1, { tx }, time);
        const auto spoiled = [&good](auto change) {
            BlockPayload payload = must(BlockPayload::decode(good.payload));
            change(payload);
            consensus::Block out = good;
            out.payload = payload.encode();
            return out;
        };
        const auto isRefused = [&](const consensus::Block& block) {
            const auto executed = net.ledger->execute(block, time);
            return !executed && executed.error().code == base::Errc::Invalid;
        };
        QVERIFY(isRefused(spoiled([](BlockPayload& p) { p.stateRoot = hashOf("x"); })));
        QVERIFY(isRefused(spoiled([](BlockPayload& p) { p.auditRoot = hashOf("x"); })));
        QVERIFY(isRefused(spoiled([](BlockPayload& p) { ++p.auditSize; })));
        QVERIFY(isRefused(spoiled([](BlockPayload& p) { p.transactions.clear(); })));
        QVERIFY(isRefused(spoiled([](BlockPayload& p) { p.time -= 1h; })));
        QVERIFY(isRefused(
            spoiled([](BlockPayload& p) { p.transactions.push_back(p.transactions.front()); })));
        QVERIFY(isRefused(spoiled([](BlockPayload& p) { p.transactions.front().pop_back(); })));
        consensus::Block block = good;
        block.height = net.ledger->height();
        QVERIFY(isRefused(block));
        block = good;
        block.payload.clear();
        QVERIFY(isRefused(block));
        block = good;
        block.parent = hashOf("nowhere");
        LOAM_FAILS(net.ledger->execute(block, time), base::Errc::Unavailable);
        LOAM_FAILS(net.ledger->execute(good, time - 11min), base::Errc::Invalid);
        LOAM_OK(net.ledger->execute(good, time - 9min));
    }

    void closuresAreNamed()
    {
        Network net;
        const RunId run = net.openRun(Network::terms(1), 1);
        net.commit(net.submission(run, 0));
        const SignedTx close = net.tx(net.validator(0), net.closure(run));
        const consensus::Block block
            = net.block(net.ledger->tip(), net.ledger->height() + 1, { close }, net.now);
        const auto executed = net.ledger->execute(block, net.now);
        LOAM_OK(executed);
        QCOMPARE(executed->closures.size(), std::size_t{ 1 });
        QVERIFY(executed->closures.front().transaction == close.id());
        QCOMPARE(executed->closures.front().before.round, std::uint64_t{ 0 });
        QCOMPARE(executed->closures.front().members.size(), std::size_t{ 1 });
        QVERIFY(executed->closures.front().members.front().hasSubmitted(0));
    }

    void payloadIsBounded()
    {
        Network net;
        std::vector<SignedTx> many;
        RunTerms terms = Network::terms(1);
        terms.emissionPerRound = micro(0);
        for (std::uint64_t i = 0; i < 10; ++i) {
            many.push_back(net.tx(
                net.user(0), OpenRun{ "big", base::Bytes(64 * 1024, std::byte{ 7 }), terms }, i));
        }
        const auto built = net.ledger->buildPayload(net.ledger->tip(), 1, net.now, many);
        LOAM_OK(built);
        QCOMPARE(built->transactions, std::size_t{ 7 });
        QVERIFY(built->payload.size() <= BlockPayload::kMaxBytes);
        LOAM_OK(BlockPayload::decode(built->payload));
    }

    void killLosesNothing()
    {
        const QTemporaryDir folder;
        const std::filesystem::path path = in(folder);
        std::uint64_t acknowledged = 0;
        for (int attempt = 1; attempt <= 3; ++attempt) {
            int ends[2];
            QCOMPARE(::pipe(ends), 0);
            const pid_t child = ::fork();
            QVERIFY(child >= 0);
            if (child == 0) {
                Network net{ path };
                for (;;) {
                    net.ledger->persistVote(net.vote(
                        0, consensus::VoteKind::Notarize, net.ledger->height() + 1, hashOf("b")));
                    net.commit(net.tx(net.user(0), Transfer{ net.userKey(1), micro(1), "" }));
                    const char done = 1;
                    if (::write(ends[1], &done, 1) != 1) {
                        ::_exit(1);
                    }
                }
            }
            ::close(ends[1]);
            char done = 0;
            for (int i = 0; i < 4 + attempt; ++i) {
                QCOMPARE(::read(ends[0], &done, 1), ssize_t{ 1 });
                ++acknowledged;
            }
            ::kill(child, SIGKILL);
            int status = 0;
            ::waitpid(child, &status, 0);
            while (::read(ends[0], &done, 1) == 1) {
                ++acknowledged;
            }
            ::close(ends[0]);
            Network net{ path };
            const std::uint64_t height = net.ledger->height();
            QVERIFY(height == acknowledged || height == acknowledged + 1);
            acknowledged = height;
            QCOMPARE(net.ledger->account(net.userKey(0)).nextSequence, height);
            QCOMPARE(net.ledger->account(net.userKey(1)).balance.micro(),
                coins(50).micro() + static_cast<std::int64_t>(height));
            QCOMPARE(must(net.ledger->historySize(net.userKey(1))), height + 1);
            LOAM_OK(net.ledger->replay());
            LOAM_OK(net.ledger->audit().verify());
        }
    }

    void journalOutlivesARestart()
    {
        const QTemporaryDir folder;
        Network net{ in(folder) };
        net.commit(net.tx(net.user(0), Transfer{ net.userKey(1), coins(1), "" }));
        const consensus::Block block = net.block(net.ledger->tip(), 2, {}, net.now);
        const consensus::Vote notarize
            = net.vote(0, consensus::VoteKind::Notarize, 2, block.hash());
        JournalBatch batch;
        batch.votes = { notarize, net.vote(0, consensus::VoteKind::Nullify, 3, {}) };
        batch.blocks = { block };
        batch.certificates = { net.certificate(block, consensus::VoteKind::Notarize) };
        LOAM_OK(net.ledger->persist(batch));
        LOAM_OK(net.ledger->persist(batch));
        net.reopen(in(folder));
        const auto recovered = net.ledger->recovered();
        LOAM_OK(recovered);
        QVERIFY(recovered->votes == batch.votes);
        QVERIFY(recovered->certificates == batch.certificates);
        QCOMPARE(recovered->blocks.size(), std::size_t{ 1 });
        QVERIFY(net.ledger->isExecuted(block.hash()));
        LOAM_FAILS(
            net.ledger->persistVote(net.vote(0, consensus::VoteKind::Notarize, 2, hashOf("rival"))),
            base::Errc::Denied);
        LOAM_FAILS(
            net.ledger->persistVote(net.vote(0, consensus::VoteKind::Finalize, 3, hashOf("x"))),
            base::Errc::Denied);
        LOAM_OK(net.ledger->persistVote(net.vote(0, consensus::VoteKind::Nullify, 2, {})));
        LOAM_OK(net.ledger->finalize(block, net.certificate(block)));
        const auto pruned = net.ledger->recovered();
        LOAM_OK(pruned);
        QCOMPARE(pruned->votes.size(), std::size_t{ 1 });
        QVERIFY(pruned->blocks.empty() && pruned->certificates.empty());
    }
};

QTEST_GUILESS_MAIN(TestChain)
#include "tst_chain.moc"
