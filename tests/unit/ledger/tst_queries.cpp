// SPDX-License-Identifier: GPL-3.0-or-later
#include "../support.h"
#include "base/bech32m.h"
#include "ledger/mempool.h"
#include "network.h"

#include <QTest>

using namespace loam;
using namespace loam::ledger;
using namespace loam::test;
using namespace std::chrono_literals;

namespace {

/// Five final blocks with a run, an accepted and a refused update, and a transfer.
void live(Network& net)
{
    const RunId run = net.openRun(Network::terms(2), 2);
    net.commit({ net.submission(run, 0), net.submission(run, 1) });
    net.commit(net.tx(net.validator(0), net.closure(run, { { net.userKey(1), "norm_clip" } })));
    net.commit(net.tx(net.user(0), Transfer{ net.userKey(2), coins(1), "for 100% \"bread\"" }));
}

} // namespace

class TestQueries : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void auditProofsHold()
    {
        Network net;
        live(net);
        AuditLog& audit = net.ledger->audit();
        const std::uint64_t size = audit.size();
        QVERIFY(size > 10);
        for (std::uint64_t i = 0; i < size; ++i) {
            const base::Hash256 leaf = crypto::merkleLeaf(must(audit.entryBytes(i)));
            QVERIFY(crypto::verifyInclusion(
                leaf, i, size, must(audit.inclusionProof(i, size)), audit.root()));
            QCOMPARE(must(audit.entry(i)).index, i);
        }
        for (std::uint64_t from = 1; from <= size; ++from) {
            QVERIFY(crypto::verifyConsistency(from, size, must(audit.checkpoint(from)).root,
                audit.root(), must(audit.consistencyProof(from, size))));
        }
        LOAM_OK(audit.verify());
        LOAM_FAILS(audit.entry(size), base::Errc::NotFound);
    }

    void auditPagesAndSearch()
    {
        Network net;
        live(net);
        AuditLog& audit = net.ledger->audit();
        const auto newest = must(audit.entries({ .offset = 1, .limit = 3, .search = {} }));
        QCOMPARE(newest.size(), std::size_t{ 3 });
        QCOMPARE(newest.front().index, audit.size() - 2);
        const auto oldest = must(audit.entries(
            { .offset = 0, .limit = 2, .search = {}, .order = AuditOrder::OldestFirst }));
        QVERIFY(oldest.front().kind == AuditKind::Genesis);
        QVERIFY(must(audit.entries({ .offset = audit.size(), .limit = 9, .search = {} })).empty());
        const auto refused
            = must(audit.entries({ .offset = 0, .limit = 9, .search = "NORM_clip" }));
        QCOMPARE(refused.size(), std::size_t{ 1 });
        QVERIFY(refused.front().subject == net.userKey(1));
        QCOMPARE(must(audit.count("norm_clip")), std::uint64_t{ 1 });
        // Wildcards are letters.
        QCOMPARE(must(audit.count("100%")), std::uint64_t{ 1 });
        QCOMPARE(must(audit.count("1__%")), std::uint64_t{ 0 });
        QVERIFY(must(audit.count(base::toAddress(net.userKey(0)))) >= 4);
        QCOMPARE(must(audit.count("")), audit.size());
    }

    void checkpointsAreCosigned()
    {
        Network net;
        live(net);
        AuditLog& audit = net.ledger->audit();
        const std::uint64_t size = audit.size();
        QVERIFY(!must(audit.bestCheckpoint()));
        LOAM_FAILS(audit.prove(0), base::Errc::Unavailable);
        for (int i = 0; i < 2; ++i) {
            const auto cosignature = must(audit.cosign(size, net.validator(i), net.now));
            LOAM_OK(audit.addCosignature(size, cosignature));
            LOAM_OK(audit.addCosignature(size, cosignature));
        }
        QVERIFY(!must(audit.bestCheckpoint()));
        LOAM_FAILS(audit.addCosignature(size, must(audit.cosign(size, net.user(0), net.now))),
            base::Errc::Denied);
        const auto third = must(audit.cosign(size, net.validator(2), net.now));
        LOAM_FAILS(audit.addCosignature(size - 1, third), base::Errc::Invalid);
        LOAM_FAILS(audit.addCosignature(size + 1, third), base::Errc::Unavailable);
        crypto::NoteSignature forged = third;
        forged.signature.back() ^= std::byte{ 1 };
        LOAM_FAILS(audit.addCosignature(size, forged), base::Errc::Denied);
        LOAM_OK(audit.addCosignature(size, third));
        const auto best = must(audit.bestCheckpoint());
        QVERIFY(best && best->checkpoint.size == size);
        QCOMPARE(best->cosignatures.size(), std::size_t{ 3 });

        const crypto::LogProof proof = must(crypto::LogProof::parse(must(audit.prove(3)).encode()));
        const crypto::Checkpoint checkpoint
            = must(crypto::Checkpoint::parse(proof.checkpoint.text));
        QVERIFY(crypto::verifyInclusion(crypto::merkleLeaf(must(audit.entryBytes(3))), proof.index,
            checkpoint.size, proof.path, checkpoint.root));
        QCOMPARE(checkpoint.origin, "loam/" + base::toHex(net.ledger->networkId().view()));
        for (const crypto::NoteSignature& signature : proof.checkpoint.signatures) {
            const base::PublicKey key = must(base::fromAddress(signature.name));
            QVERIFY(crypto::verifyCosignature(signature, key, proof.checkpoint.text));
        }
        net.commit(net.tx(net.user(0), Transfer{ net.userKey(2), coins(1), "" }));
        LOAM_FAILS(audit.prove(size), base::Errc::Unavailable);
    }

    void historyAndExport()
    {
        Network net;
        live(net);
        const base::PublicKey key = net.userKey(0);
        const auto history = must(net.ledger->history(
            key, { .offset = 0, .limit = 100, .order = AuditOrder::OldestFirst }));
        std::int64_t running = 0;
        for (const AccountChange& change : history) {
            running += change.amount.micro();
            QCOMPARE(change.balance.micro(), running);
            LOAM_OK(net.ledger->audit().entry(change.entry));
        }
        QCOMPARE(running, net.ledger->account(key).balance.micro());
        QVERIFY(history.at(1).kind == ChangeKind::Reward);
        QCOMPARE(history.at(1).reason,
            std::string{ "100 * 1 / 1 = 100; 50 now, 50 over the next 10 rounds" });
        QVERIFY(
            must(net.ledger->audit().entry(history.at(1).entry)).kind == AuditKind::UpdateAccepted);
        const auto page = must(net.ledger->history(key, { .offset = 1, .limit = 1 }));
        QVERIFY(page.front() == history.at(history.size() - 2));
        const std::string csv = must(historyCsv(*net.ledger, key));
        QVERIFY(csv.starts_with("time,kind,amount,locked,balance,peer,memo,reason,entry\r\n"));
        QVERIFY(csv.find("\"for 100% \"\"bread\"\"\"") != std::string::npos);
        QVERIFY(csv.find("2023-11-14T22:13:20.000Z,initial,50,0,50,,") != std::string::npos);
        QCOMPARE(std::count(csv.begin(), csv.end(), '\n'),
            static_cast<std::ptrdiff_t>(history.size()) + 1);
    }

    void mempoolKeepsOrderAndBounds()
    {
        Network net;
        Mempool pool{ *net.ledger, { .transactions = 5, .bytes = 1U << 20, .perSender = 3 } };
        const auto pay = [&net](int from, std::uint64_t sequence, std::int64_t fee) {
            return net.tx(
                net.user(from), Transfer{ net.userKey(5), coins(1), "" }, micro(fee), sequence);
        };
        const auto reason = [](const Outcome<>& outcome) {
            return outcome ? std::optional<Reason>{} : outcome.error().reason;
        };
        QVERIFY(pool.add(pay(0, 1, 1'000), net.now));
        QVERIFY(pool.add(pay(0, 0, 1'000), net.now));
        QVERIFY(pool.add(pay(1, 0, 5'000), net.now));
        QCOMPARE(pool.nextSequence(net.userKey(0)), std::uint64_t{ 2 });
        QVERIFY(reason(pool.add(pay(0, 0, 1'000), net.now)) == Reason::Duplicate);
        QVERIFY(
            reason(pool.add(net.tx(net.user(0), Transfer{ net.userKey(4), coins(1), "" }), net.now))
            == Reason::ReplacementFeeTooLow);
        QVERIFY(reason(pool.add(pay(0, 3, 1'000), net.now)) == Reason::SequenceGap);
        QVERIFY(reason(pool.add(pay(2, 0, 1), net.now)) == Reason::FeeTooLow);
        QVERIFY(reason(pool.add(pay(2, 0, 49'000'001), net.now)) == Reason::InsufficientFunds);
        std::vector<SignedTx> order = pool.candidates();
        QCOMPARE(order.size(), std::size_t{ 3 });
        QVERIFY(order[0].sender() == net.userKey(1));
        QVERIFY(order[1].sequence() == 0 && order[2].sequence() == 1);
        // A higher fee replaces.
        QVERIFY(pool.add(pay(0, 0, 9'000), net.now));
        QCOMPARE(pool.size(), std::size_t{ 3 });
        QVERIFY(pool.candidates().front().fee() == micro(9'000));
        // Full: the cheapest last one of a sender gives way, and only to a better payer.
        QVERIFY(pool.add(pay(2, 0, 2'000), net.now));
        QVERIFY(pool.add(pay(3, 0, 2'000), net.now));
        QVERIFY(reason(pool.add(pay(4, 0, 1'000), net.now)) == Reason::PoolFull);
        QVERIFY(pool.add(pay(4, 0, 3'000), net.now));
        QCOMPARE(pool.size(), std::size_t{ 5 });
        QCOMPARE(pool.nextSequence(net.userKey(0)), std::uint64_t{ 1 });

        const FinalizedInfo info = net.commit(pool.candidates());
        pool.onFinalized(info, net.now);
        QCOMPARE(pool.size(), std::size_t{ 0 });
        QCOMPARE(pool.bytes(), std::size_t{ 0 });
        QVERIFY(reason(pool.add(order[1], net.now)) == Reason::SequenceUsed);
        QVERIFY(pool.add(pay(0, 2, 1'000), net.now));
        QVERIFY(pool.candidates().empty());
        pool.onFinalized(FinalizedInfo{}, net.now + 61min);
        QCOMPARE(pool.size(), std::size_t{ 0 });
    }
};

QTEST_GUILESS_MAIN(TestQueries)
#include "tst_queries.moc"
