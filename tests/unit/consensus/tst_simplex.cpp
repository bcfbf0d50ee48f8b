// SPDX-License-Identifier: GPL-3.0-or-later
#include "bench.h"
#include "unit/support.h"

#include <QtTest>

using namespace loam;
using namespace loam::consensus;
using namespace loam::consensus::test;
using namespace std::chrono_literals;
using base::Errc;

class TestSimplex : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void refusesBadConfig();
    void aloneDecidesAtOnce();
    void leaderProposes();
    void followsAProposal();
    void refusedPayloadGetsNoVote();
    void noFinalizeAfterTimeout();
    void timerGrowsAndResets();
    void sleepsUntilSomethingHappens();
    void missingParentIsFetched();
    void followerNeverVotes();
    void lateBlockAfterTimeout();
};

void TestSimplex::refusesBadConfig()
{
    const Validators v{ 4 };
    const auto create = [](ValidatorSet set, std::chrono::milliseconds delta) {
        return Simplex::create({ std::move(set), {}, nullptr, delta, {} }, {});
    };
    LOAM_OK(create(v.set, 1ms));
    LOAM_FAILS(create({}, 1ms), Errc::Invalid);
    LOAM_FAILS(create(v.set, 0ms), Errc::Invalid);
    ValidatorSet twice = v.set;
    twice.members[3] = twice.members[0];
    LOAM_FAILS(create(twice, 1ms), Errc::Invalid);
    ValidatorSet large;
    large.members.resize(kMaxValidators + 1);
    LOAM_FAILS(create(large, 1ms), Errc::Invalid);
}

void TestSimplex::aloneDecidesAtOnce()
{
    const Validators v{ 1 };
    Recovered recovered;
    recovered.finalizedBlock = v.genesis;
    auto simplex
        = *Simplex::create({ v.set, v.network, &v.keys[0], 100ms, {} }, std::move(recovered));
    simplex->start();
    const auto asked = only<RequestProposal>(simplex->wake());
    QCOMPARE(asked.size(), 1U);
    const Actions actions = simplex->proposalReady(1, asked[0].parent, base::Bytes(3));
    const auto final = only<Finalized>(actions);
    QCOMPARE(final.size(), 1U);
    LOAM_OK(final[0].certificate.verify(v.set, v.network));
    QCOMPARE(simplex->finalizedHeight(), Height{ 1 });
    QVERIFY(!simplex->isAwake());
}

void TestSimplex::leaderProposes()
{
    Bench bench{ 1 };
    const auto asked = only<RequestProposal>(bench.simplex->wake());
    QCOMPARE(asked.size(), 1U);
    QCOMPARE(asked[0].height, Height{ 1 });
    QVERIFY(asked[0].parent == bench.v.genesis);
    QVERIFY(asked[0].ancestors.empty());
    QVERIFY(bench.simplex->proposalReady(1, hashOf("other parent"), {}).empty());
    QVERIFY(bench.simplex->proposalReady(2, bench.v.genesis, {}).empty());
    QVERIFY(bench.simplex->proposalReady(1, bench.v.genesis, base::Bytes(kMaxPayload + 1)).empty());
    const Actions actions = bench.simplex->proposalReady(1, bench.v.genesis, base::Bytes(3));
    QVERIFY(isPersisted(actions, VoteKind::Notarize, 1));
    QVERIFY(votesFollowTheirPersistence(actions));
    QCOMPARE(sent<Proposal>(actions).size(), 1U);
    // A second answer must not make a second block.
    QVERIFY(bench.simplex->proposalReady(1, bench.v.genesis, base::Bytes(4)).empty());
}

void TestSimplex::followsAProposal()
{
    Bench bench{ 0 };
    const Proposal proposal = bench.v.proposal(1, bench.v.genesis, "one");
    Actions actions = bench.hear(1, proposal);
    const auto checks = only<ValidateBlock>(actions);
    QCOMPARE(checks.size(), 1U);
    QVERIFY(sent<Vote>(actions).empty());
    actions = bench.simplex->validated(checks[0].hash, true);
    QVERIFY(isPersisted(actions, VoteKind::Notarize, 1));
    QVERIFY(votesFollowTheirPersistence(actions));

    // Third vote: notarised; the block is stored before the promise to finalise it.
    actions = bench.hearVotes(VoteKind::Notarize, 1, proposal.block.hash, { 2 });
    QCOMPARE(bench.simplex->height(), Height{ 2 });
    QVERIFY(isPersisted(actions, VoteKind::Finalize, 1));
    QVERIFY(votesFollowTheirPersistence(actions));
    const auto position = [&](auto* type) {
        using T = std::remove_pointer_t<decltype(type)>;
        return std::find_if(actions.begin(), actions.end(), [](const Action& a) {
            return std::holds_alternative<T>(a);
        }) - actions.begin();
    };
    QVERIFY(position(static_cast<PersistBlock*>(nullptr))
        < position(static_cast<PersistVote*>(nullptr)));
    QCOMPARE(sent<Certificate>(actions).size(), 1U);

    actions = bench.hearVotes(VoteKind::Finalize, 1, proposal.block.hash, { 1, 2 });
    const auto final = only<Finalized>(actions);
    QCOMPARE(final.size(), 1U);
    QCOMPARE(final[0].blocks.size(), 1U);
    LOAM_OK(final[0].certificate.verify(bench.v.set, bench.v.network));
    QCOMPARE(bench.simplex->finalizedHeight(), Height{ 1 });
    // Everything below is forgotten.
    QCOMPARE(bench.simplex->itemsHeld(), 0U);
}

void TestSimplex::refusedPayloadGetsNoVote()
{
    Bench bench{ 0 };
    const Proposal proposal = bench.v.proposal(1, bench.v.genesis, "bad");
    bench.hear(1, proposal);
    QVERIFY(sent<Vote>(bench.simplex->validated(proposal.block.hash, false)).empty());
    QVERIFY(sent<Vote>(bench.simplex->validated(proposal.block.hash, true)).empty());
    QVERIFY(bench.simplex->validated(hashOf("never asked"), true).empty());
}

void TestSimplex::noFinalizeAfterTimeout()
{
    Bench bench{ 0 };
    const auto timers = only<SetTimer>(bench.simplex->wake());
    QCOMPARE(timers.size(), 1U);
    QCOMPARE(timers[0].duration, 300ms);
    Actions actions = bench.simplex->timerFired(timers[0].token);
    QVERIFY(isPersisted(actions, VoteKind::Nullify, 1));
    QVERIFY(votesFollowTheirPersistence(actions));
    const Proposal proposal = bench.v.proposal(1, bench.v.genesis, "late");
    bench.hear(1, proposal);
    actions = bench.hearVotes(VoteKind::Notarize, 1, proposal.block.hash, { 2, 3 });
    QCOMPARE(bench.simplex->height(), Height{ 2 });
    QVERIFY(!isPersisted(actions, VoteKind::Finalize, 1));
    // The others' promises suffice.
    actions = bench.hearVotes(VoteKind::Finalize, 1, proposal.block.hash, { 1, 2, 3 });
    QCOMPARE(only<Finalized>(actions).size(), 1U);
}

void TestSimplex::timerGrowsAndResets()
{
    Bench bench{ 3 };
    auto timers = only<SetTimer>(bench.simplex->wake());
    std::vector<std::chrono::milliseconds> durations;
    for (Height height = 1; height <= 8; ++height) {
        durations.push_back(timers.back().duration);
        if (height == 3 || height == 7) {
            bench.simplex->proposalReady(height, bench.v.genesis, {});
        }
        bench.simplex->timerFired(timers.back().token);
        timers = only<SetTimer>(bench.hearVotes(VoteKind::Nullify, height, {}, { 0, 1, 2 }));
        QCOMPARE(bench.simplex->height(), height + 1);
        QVERIFY(bench.simplex->isAwake());
    }
    QCOMPARE(durations[0], 300ms);
    QCOMPARE(durations[1], 450ms);
    QCOMPARE(durations[2], 675ms);
    QVERIFY(durations[5] < 2400ms);
    QCOMPARE(durations[6], 2400ms);
    QCOMPARE(durations[7], 2400ms);

    // A final block resets it; the old token does nothing any more.
    const TimerToken stale = timers.back().token;
    const Proposal proposal = bench.v.proposal(9, bench.v.genesis, "good");
    bench.hear(1, proposal);
    bench.hearVotes(VoteKind::Notarize, 9, proposal.block.hash, { 0, 2 });
    bench.hearVotes(VoteKind::Finalize, 9, proposal.block.hash, { 0, 1, 2 });
    QCOMPARE(bench.simplex->finalizedHeight(), Height{ 9 });
    QVERIFY(bench.simplex->timerFired(stale).empty());
    timers = only<SetTimer>(bench.simplex->wake());
    QCOMPARE(timers.back().duration, 300ms);
}

void TestSimplex::sleepsUntilSomethingHappens()
{
    {
        Bench bench{ 0 };
        QVERIFY(!bench.simplex->isAwake());
        const Actions actions = bench.simplex->wake();
        QVERIFY(bench.simplex->isAwake());
        // The leader, and only the leader, is told.
        const auto directed = only<SendTo>(actions);
        QCOMPARE(directed.size(), 1U);
        QVERIFY(directed[0].peer == bench.v.key(1));
        QCOMPARE(sent<WakeHint>(actions).size(), 1U);
        QVERIFY(bench.simplex->wake().empty());
    }
    {
        Bench bench{ 1 };
        // Only a validator's hint, and only for this height, counts.
        const base::Bytes hint = encodeMessage(WakeHint{ bench.v.set.epoch, 1 });
        QVERIFY(bench.simplex->received(keyPair(99).publicKey(), hint).empty());
        QVERIFY(bench.hear(0, WakeHint{ bench.v.set.epoch, 2 }).empty());
        QCOMPARE(only<RequestProposal>(bench.hear(0, WakeHint{ bench.v.set.epoch, 1 })).size(), 1U);
    }
    {
        Bench bench{ 0 };
        bench.hear(2, bench.v.vote(2, VoteKind::Nullify, 1, {}));
        QVERIFY(bench.simplex->isAwake());
    }
}

void TestSimplex::missingParentIsFetched()
{
    Bench bench{ 0 };
    const Proposal first = bench.v.proposal(1, bench.v.genesis, "one");
    const Certificate certificate
        = bench.v.certificate(VoteKind::Notarize, 1, first.block.hash, { 1, 2, 3 });
    const Proposal second = bench.v.proposal(2, first.block.hash, "two", { certificate });
    Actions actions = bench.hear(2, second);
    QCOMPARE(bench.simplex->height(), Height{ 2 });
    QVERIFY(only<ValidateBlock>(actions).empty());
    const auto asked = sent<Fetch>(actions);
    QCOMPARE(asked.size(), 1U);
    QCOMPARE(asked[0].wanted.size(), 1U);
    QVERIFY(asked[0].wanted[0] == first.block.hash);

    // An answer nobody asked for is not looked at; a block nobody certified is not taken.
    const Answer answer{ bench.v.set.epoch, true, { first.block }, {} };
    QVERIFY(only<PersistBlock>(bench.hear(3, answer)).empty());
    const Answer wrong{ bench.v.set.epoch, false,
        { bench.v.proposal(1, bench.v.genesis, "other").block }, {} };
    QVERIFY(only<PersistBlock>(bench.hear(2, wrong)).empty());
    actions = bench.hear(2, answer);
    QCOMPARE(only<PersistBlock>(actions).size(), 1U);
    const auto checks = only<ValidateBlock>(actions);
    QCOMPARE(checks.size(), 1U);
    QCOMPARE(checks[0].ancestors.size(), 1U);
    QVERIFY(checks[0].ancestors[0]->hash() == first.block.hash);
}

void TestSimplex::followerNeverVotes()
{
    Bench bench{ 99 };
    QVERIFY(!bench.simplex->isValidator());
    const Proposal proposal = bench.v.proposal(1, bench.v.genesis, "one");
    QVERIFY(bench.hear(1, proposal).empty());
    QVERIFY(bench.hear(1, bench.v.vote(1, VoteKind::Nullify, 1, {})).empty());
    Actions actions = bench.hear(
        2, bench.v.certificate(VoteKind::Finalize, 1, proposal.block.hash, { 0, 1, 2 }));
    const auto asked = sent<Fetch>(actions);
    QCOMPARE(asked.size(), 1U);
    QCOMPARE(asked[0].from, Height{ 1 });
    actions = bench.hear(2, Answer{ bench.v.set.epoch, true, { proposal.block }, {} });
    QCOMPARE(only<Finalized>(actions).size(), 1U);
    QVERIFY(only<PersistVote>(actions).empty());

    // It serves what it has, through its own disk.
    actions = bench.hear(3, Fetch{ bench.v.set.epoch, 0, 1, {} });
    QCOMPARE(only<ReadFinalized>(actions).size(), 1U);
    QVERIFY(bench.hear(3, Fetch{ bench.v.set.epoch, 0, 1, {} }).empty());
    const std::vector<BlockPtr> stored{ proposal.block.block };
    const auto answers = sent<Answer>(
        bench.simplex->finalizedRead(bench.v.key(3), stored, bench.simplex->finalizedBy()));
    QCOMPARE(answers.size(), 1U);
    QCOMPARE(answers[0].blocks.size(), 1U);
    QCOMPARE(answers[0].certificates.size(), 1U);
    QVERIFY(bench.simplex->finalizedRead(bench.v.key(3), stored, std::nullopt).empty());
}

void TestSimplex::lateBlockAfterTimeout()
{
    // A vote for the block may follow the vote for the dummy: slow checks still notarise.
    Bench bench{ 0 };
    const Proposal proposal = bench.v.proposal(1, bench.v.genesis, "slow");
    const Actions actions = bench.hear(1, proposal);
    bench.simplex->timerFired(only<SetTimer>(actions).back().token);
    QVERIFY(
        isPersisted(bench.simplex->validated(proposal.block.hash, true), VoteKind::Notarize, 1));
}

QTEST_GUILESS_MAIN(TestSimplex)
#include "tst_simplex.moc"
