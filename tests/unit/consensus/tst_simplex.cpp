// SPDX-License-Identifier: GPL-3.0-or-later
#include "fixture.h"
#include "unit/support.h"

#include <QtTest>

#include <algorithm>

using namespace loam;
using namespace loam::consensus;
using namespace loam::consensus::test;
using namespace std::chrono_literals;
using base::Errc;

namespace {

template <class T> std::vector<T> only(const Actions& actions)
{
    std::vector<T> out;
    for (const Action& action : actions) {
        if (const auto* found = std::get_if<T>(&action)) {
            out.push_back(*found);
        }
    }
    return out;
}

/// Broadcast and directed messages of one type.
template <class T> std::vector<T> sent(const Actions& actions)
{
    std::vector<T> out;
    const auto take = [&](const base::Bytes& bytes) {
        const auto message = decodeMessage(bytes);
        if (message && std::holds_alternative<T>(*message)) {
            out.push_back(std::get<T>(*message));
        }
    };
    for (const Action& action : actions) {
        if (const auto* broadcast = std::get_if<Broadcast>(&action)) {
            take(broadcast->message);
        } else if (const auto* directed = std::get_if<SendTo>(&action)) {
            take(directed->message);
        }
    }
    return out;
}

/// One validator of four under test, the others played by hand. Height h is led by h % 4.
struct Bench
{
    explicit Bench(std::size_t index, Recovered recovered = {})
        : self{ index }
    {
        if (recovered.finalizedHeight == 0) {
            recovered.finalizedBlock = v.genesis;
        }
        simplex = *Simplex::create(config(), std::move(recovered));
        simplex->start();
    }

    Config config() const
    {
        return { v.set, v.network, self < v.keys.size() ? &v.keys[self] : nullptr, 100ms, {} };
    }
    Actions hear(std::size_t from, const Message& message)
    {
        return simplex->received(v.key(from), encodeMessage(message));
    }
    Actions hearVotes(VoteKind kind, Height height, const base::Hash256& block,
        const std::vector<std::size_t>& voters)
    {
        Actions all;
        for (const std::size_t voter : voters) {
            Actions more = hear(voter, v.vote(voter, kind, height, block));
            std::move(more.begin(), more.end(), std::back_inserter(all));
        }
        return all;
    }

    Validators v{ 4 };
    std::size_t self;
    std::unique_ptr<Simplex> simplex;
};

bool isPersisted(const Actions& actions, VoteKind kind, Height height)
{
    const auto votes = only<PersistVote>(actions);
    return std::any_of(votes.begin(), votes.end(), [&](const PersistVote& persisted) {
        return persisted.vote.kind == kind && persisted.vote.height == height;
    });
}

/// No vote leaves before it stands on the disk.
bool votesFollowTheirPersistence(const Actions& actions)
{
    std::vector<Vote> persisted;
    for (const Action& action : actions) {
        if (const auto* write = std::get_if<PersistVote>(&action)) {
            persisted.push_back(write->vote);
        }
        for (const Vote& vote : sent<Vote>({ action })) {
            if (std::find(persisted.begin(), persisted.end(), vote) == persisted.end()) {
                return false;
            }
        }
        for (const Proposal& proposal : sent<Proposal>({ action })) {
            if (std::find(persisted.begin(), persisted.end(), proposal.vote) == persisted.end()) {
                return false;
            }
        }
    }
    return true;
}

} // namespace

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
    void equivocationIsEvidence();
    void restartKeepsPromises();
    void restartRefusesForeignVotes();
    void faultsAreNamed();
    void otherEpochIsIgnored();
    void futureVotesAreBounded();
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

void TestSimplex::equivocationIsEvidence()
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

void TestSimplex::restartKeepsPromises()
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

void TestSimplex::restartRefusesForeignVotes()
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

void TestSimplex::faultsAreNamed()
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

void TestSimplex::otherEpochIsIgnored()
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

void TestSimplex::futureVotesAreBounded()
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
