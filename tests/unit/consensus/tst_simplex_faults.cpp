// SPDX-License-Identifier: GPL-3.0-or-later
#include "bench.h"
#include "unit/support.h"

#include <QtTest>

using namespace loam;
using namespace loam::consensus;
using namespace loam::consensus::test;
using namespace std::chrono_literals;
using base::Errc;

class TestSimplexFaults : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void equivocationIsEvidence();
    void restartKeepsPromises();
    void restartRefusesForeignVotes();
    void faultsAreNamed();
    void otherEpochIsIgnored();
    void futureVotesAreBounded();
};

void TestSimplexFaults::equivocationIsEvidence()
{
    Bench bench{ 0 };
    bench.hear(1, bench.v.proposal(1, bench.v.genesis, "one"));
    const Proposal twin = bench.v.proposal(1, bench.v.genesis, "twin");
    Actions actions = bench.hear(1, twin);
    const auto found = only<EvidenceFound>(actions);
    QCOMPARE(found.size(), 1U);
    LOAM_OK(found[0].evidence.verify(bench.v.set, bench.v.network));
    QVERIFY(only<ValidateBlock>(actions).empty());
    QVERIFY(only<EvidenceFound>(bench.hear(1, twin)).empty());

    bench.hear(2, bench.v.vote(2, VoteKind::Nullify, 1, {}));
    actions = bench.hear(2, bench.v.vote(2, VoteKind::Finalize, 1, twin.block.hash));
    QCOMPARE(only<EvidenceFound>(actions).size(), 1U);
}

void TestSimplexFaults::restartKeepsPromises()
{
    const Validators v{ 4 };
    const Proposal first = v.proposal(1, v.genesis, "one");
    {
        // It had voted for another block of this height.
        Recovered recovered;
        recovered.votes = { v.vote(0, VoteKind::Notarize, 1, hashOf("another")) };
        Bench bench{ 0, recovered };
        QVERIFY(bench.simplex->isAwake());
        bench.hear(1, first);
        QVERIFY(
            !isPersisted(bench.simplex->validated(first.block.hash, true), VoteKind::Notarize, 1));
    }
    {
        // It had promised to finalise: no dummy, whatever the timers say.
        Recovered recovered;
        recovered.votes = { v.vote(0, VoteKind::Notarize, 1, first.block.hash),
            v.vote(0, VoteKind::Finalize, 1, first.block.hash) };
        recovered.blocks = { *first.block.block };
        recovered.certificates
            = { v.certificate(VoteKind::Notarize, 1, first.block.hash, { 0, 1, 2 }) };
        recovered.finalizedBlock = v.genesis;
        auto simplex = *Simplex::create({ v.set, v.network, &v.keys[0], 100ms, {} }, recovered);
        QCOMPARE(simplex->height(), Height{ 2 });
        Actions actions = simplex->start();
        // Its vote is said again, since it may never have arrived.
        const auto votes = sent<Vote>(actions);
        QCOMPARE(votes.size(), 1U);
        QVERIFY(votes[0] == recovered.votes[1]);
        actions = simplex->timerFired(only<SetTimer>(actions).back().token);
        QVERIFY(only<PersistVote>(actions).empty());
        // The second time it wants a block on top, which would make the first one final.
        actions = simplex->timerFired(only<SetTimer>(actions).back().token);
        QVERIFY(simplex->isAwake());
        QCOMPARE(sent<WakeHint>(actions).size(), 1U);
    }
    {
        // It had voted for the dummy: no finalize vote any more.
        Recovered recovered;
        recovered.votes = { v.vote(0, VoteKind::Nullify, 1, {}) };
        Bench bench{ 0, recovered };
        bench.hear(1, first);
        const Actions actions = bench.hearVotes(VoteKind::Notarize, 1, first.block.hash, { 2, 3 });
        QCOMPARE(bench.simplex->height(), Height{ 2 });
        QVERIFY(!isPersisted(actions, VoteKind::Finalize, 1));
    }
}

void TestSimplexFaults::restartRefusesForeignVotes()
{
    const Validators v{ 4 };
    const auto create = [&](const Recovered& recovered) {
        return Simplex::create({ v.set, v.network, &v.keys[0], 100ms, {} }, recovered);
    };
    Recovered recovered;
    recovered.votes = { v.vote(1, VoteKind::Nullify, 1, {}) };
    LOAM_FAILS(create(recovered), Errc::Corrupt);
    recovered.votes = { v.vote(0, VoteKind::Notarize, 1, hashOf("a")),
        v.vote(0, VoteKind::Notarize, 1, hashOf("b")) };
    LOAM_FAILS(create(recovered), Errc::Corrupt);
    recovered.votes.clear();
    recovered.certificates = { v.certificate(VoteKind::Nullify, 1, {}, { 1, 2 }) };
    LOAM_FAILS(create(recovered), Errc::Corrupt);
}

void TestSimplexFaults::faultsAreNamed()
{
    Bench bench{ 0 };
    const auto blamed = [](const Actions& actions) {
        return only<PeerFault>(actions).size() == 1U && only<PersistVote>(actions).empty();
    };
    QVERIFY(blamed(bench.simplex->received(bench.v.key(1), {})));
    QVERIFY(blamed(bench.simplex->received(bench.v.key(1), base::asBytes("noise"))));
    Vote vote = bench.v.vote(1, VoteKind::Nullify, 1, {});
    vote.signature.data[0] ^= std::byte{ 1 };
    QVERIFY(blamed(bench.hear(1, vote)));
    vote = bench.v.vote(1, VoteKind::Nullify, 1, {});
    vote.voter = 200;
    QVERIFY(blamed(bench.hear(1, vote)));
    Proposal proposal = bench.v.proposal(1, bench.v.genesis, "one");
    proposal.vote = bench.v.vote(2, VoteKind::Notarize, 1, proposal.block.hash);
    QVERIFY(blamed(bench.hear(2, proposal)));
    Certificate certificate = bench.v.certificate(VoteKind::Nullify, 50, {}, { 0, 1 });
    QVERIFY(blamed(bench.hear(1, certificate)));
    QVERIFY(!bench.simplex->isAwake());
    QCOMPARE(bench.simplex->height(), Height{ 1 });
}

void TestSimplexFaults::otherEpochIsIgnored()
{
    Bench bench{ 0 };
    Validators other{ 4 };
    other.set.epoch = 6;
    for (const Message& message :
        std::initializer_list<Message>{ other.vote(1, VoteKind::Nullify, 1, {}),
            other.certificate(VoteKind::Nullify, 1, {}, { 0, 1, 2 }),
            other.proposal(1, other.genesis, "x"), Status{ 6, 5, 6, 0 }, Fetch{ 6, 0, 1, {} },
            Answer{ 6, true, {}, {} }, WakeHint{ 6, 1 } }) {
        QVERIFY(bench.hear(1, message).empty());
    }
    QVERIFY(!bench.simplex->isAwake());
}

void TestSimplexFaults::futureVotesAreBounded()
{
    Bench bench{ 0 };
    for (Height height = 1; height < 400; ++height) {
        bench.hear(1, bench.v.vote(1, VoteKind::Nullify, height, {}));
        bench.hear(1, bench.v.vote(1, VoteKind::Notarize, height, hashOf("a")));
        bench.hear(1, bench.v.vote(1, VoteKind::Finalize, height, hashOf("a")));
        if (height % 4 == 1) {
            bench.hear(1, bench.v.proposal(height, bench.v.genesis, "x"));
        }
    }
    QVERIFY2(bench.simplex->itemsHeld() < 80, std::to_string(bench.simplex->itemsHeld()).c_str());
    QCOMPARE(bench.simplex->height(), Height{ 1 });
}

QTEST_GUILESS_MAIN(TestSimplexFaults)
#include "tst_simplex_faults.moc"
