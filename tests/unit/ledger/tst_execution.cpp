// SPDX-License-Identifier: GPL-3.0-or-later
#include "../support.h"
#include "ledger/registration.h"
#include "network.h"

#include <QTest>

using namespace loam;
using namespace loam::ledger;
using namespace loam::test;
using namespace std::chrono_literals;

namespace {

/// Names in failures instead of numbers.
QString nameOf(std::optional<Reason> reason)
{
    return reason ? QString::fromStdString(std::string{ reasonName(*reason) })
                  : QStringLiteral("taken");
}

std::vector<AuditEntry> ofKind(const FinalizedInfo& info, AuditKind kind)
{
    std::vector<AuditEntry> out;
    for (const AuditEntry& entry : info.entries) {
        if (entry.kind == kind) {
            out.push_back(entry);
        }
    }
    return out;
}

consensus::Evidence doubleVote(const Network& network, int validator)
{
    consensus::Evidence out;
    out.first = network.vote(validator, consensus::VoteKind::Notarize, 3, hashOf("one"));
    out.second = network.vote(validator, consensus::VoteKind::Notarize, 3, hashOf("other"));
    return out;
}

} // namespace

#define REFUSED(expression, expected)                                                              \
    QCOMPARE(nameOf(expression), nameOf(std::optional{ Reason::expected }))
#define TAKEN(expression) QCOMPARE(nameOf(expression), QStringLiteral("taken"))

class TestExecution : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void transferMovesMoneyAndFee()
    {
        Network net;
        const base::PublicKey from = net.userKey(0);
        const FinalizedInfo info
            = net.commit(net.tx(net.user(0), Transfer{ net.userKey(1), coins(5), "thanks" }));
        QCOMPARE(net.ledger->account(from).balance.toString(), std::string{ "44.999" });
        QCOMPARE(net.ledger->account(net.userKey(1)).balance.toString(), std::string{ "55" });
        QCOMPARE(net.ledger->account(from).nextSequence, std::uint64_t{ 1 });
        // Height 1 is led by validator 1.
        QVERIFY(net.ledger->account(net.validator(1).publicKey()).balance
            == *coins(900).add(micro(1'000)));
        QCOMPARE(info.entries.size(), std::size_t{ 2 });
        QCOMPARE(info.entries.front().reason, std::string{ "thanks" });
        QVERIFY(info.entries.back().kind == AuditKind::FeesCollected);
    }

    void moneyRefusals()
    {
        Network net;
        const crypto::KeyPair& user = net.user(0);
        const base::PublicKey peer = net.userKey(1);
        REFUSED(net.refusal(user, Transfer{ peer, coins(0), "" }), AmountInvalid);
        REFUSED(net.refusal(user, Transfer{ peer, coins(-1), "" }), AmountInvalid);
        REFUSED(net.refusal(user, Transfer{ net.userKey(0), coins(1), "" }), SelfTransfer);
        REFUSED(net.refusal(user, Transfer{ peer, coins(50), "" }), InsufficientFunds);
        REFUSED(net.refusal(user, Transfer{ peer, micro(INT64_MAX), "" }), InsufficientFunds);
        REFUSED(
            net.refusal(net.tx(user, Transfer{ peer, coins(1), "" }, micro(999), 0)), FeeTooLow);
        REFUSED(net.refusal(net.tx(user, Transfer{ peer, coins(1), "" }, 1)), SequenceGap);
        REFUSED(net.refusal(user, Unbond{ coins(1) }), InsufficientBond);
        REFUSED(net.refusal(user, Bond{ coins(0) }), AmountInvalid);
        REFUSED(net.refusal(net.validator(0), Unbond{ coins(1) }), BondRequired);
        Genesis foreign = net.genesis;
        foreign.name = "elsewhere";
        const SignedTx wrong = must(SignedTx::sign(
            user, foreign.networkId(), 0, micro(1'000), Transfer{ peer, coins(1), "" }));
        REFUSED(net.refusal(wrong), BadSignature);
        const SignedTx paid = net.tx(user, Transfer{ peer, coins(1), "" });
        net.commit(paid);
        REFUSED(net.refusal(paid), SequenceUsed);
    }

    void bondAndUnbond()
    {
        Network net;
        net.commit(net.tx(net.user(0), Bond{ coins(10) }));
        QVERIFY(net.ledger->account(net.userKey(0)).bonded == coins(10));
        QCOMPARE(net.ledger->account(net.userKey(0)).balance.toString(), std::string{ "39.999" });
        net.commit(net.tx(net.user(0), Unbond{ coins(4) }));
        QVERIFY(net.ledger->account(net.userKey(0)).bonded == coins(6));
        net.commit(net.tx(net.validator(0), Bond{ coins(1) }));
        TAKEN(net.refusal(net.validator(0), Unbond{ coins(1) }));
    }

    void registrationNeedsWork()
    {
        Genesis genesis = Network::founding();
        genesis.registrationDifficulty = 1;
        Network net{ {}, genesis };
        const base::NetworkId id = genesis.networkId();
        std::uint64_t bad = 0;
        while (verifyRegistrationWork(id, net.userKey(0), bad, 1)) {
            ++bad;
        }
        REFUSED(net.refusal(net.user(0), RegisterNode{ "n", bad }), WorkTooWeak);
        base::CancelSource cancel;
        std::vector<SignedTx> many;
        std::vector<crypto::KeyPair> keys;
        for (int i = 0; i < 9; ++i) {
            keys.push_back(keyOf(i + 30));
            const std::uint64_t nonce
                = must(solveRegistrationWork(id, keys.back().publicKey(), 1, cancel.token()));
            many.push_back(net.tx(keys.back(), RegisterNode{ "n", nonce }));
        }
        const BuiltPayload built
            = must(net.ledger->buildPayload(net.ledger->tip(), 1, net.now, many));
        QCOMPARE(built.transactions, std::size_t{ 8 });
        QCOMPARE(built.refused.size(), std::size_t{ 1 });
        REFUSED(std::optional{ built.refused.front().refusal.reason }, TooManyRegistrations);
        many.pop_back();
        net.commit(many);
        REFUSED(net.refusal(keys.front(), RegisterNode{ "again", 0 }), AlreadyRegistered);
        QCOMPARE(must(net.ledger->nodes()).size(), std::size_t{ 8 });
    }

    void termsAreChecked()
    {
        Network net;
        const auto open = [&net](const crypto::KeyPair& key, auto change) {
            RunTerms terms = Network::terms(2);
            change(terms);
            return net.refusal(key, OpenRun{ "run", {}, terms });
        };
        const crypto::KeyPair& validator = net.validator(0);
        TAKEN(open(validator, [](RunTerms&) {}));
        REFUSED(open(validator, [](RunTerms& t) { t.quorum = 0; }), TermsInvalid);
        REFUSED(open(validator, [](RunTerms& t) { t.quorum = 6; }), TermsInvalid);
        REFUSED(open(validator, [](RunTerms& t) { t.startMembers = 6; }), TermsInvalid);
        REFUSED(open(validator, [](RunTerms& t) { t.maxMembers = 1'001; }), TermsInvalid);
        REFUSED(open(validator, [](RunTerms& t) { t.window = 0ms; }), TermsInvalid);
        REFUSED(open(validator, [](RunTerms& t) { t.emissionPerRound = coins(-1); }), TermsInvalid);
        REFUSED(open(validator, [](RunTerms& t) { t.emissionPerRound = coins(1'001); }),
            EmissionNotAllowed);
        REFUSED(open(net.user(0), [](RunTerms&) {}), EmissionNotAllowed);
        TAKEN(open(net.user(0), [](RunTerms& t) { t.emissionPerRound = coins(0); }));
    }

    void joiningAndLeaving()
    {
        Network net;
        RunTerms terms = Network::terms(2);
        terms.maxMembers = 3;
        terms.startMembers = 3;
        REFUSED(net.refusal(net.user(0), JoinRun{ hashOf("none") }), NotRegistered);
        const RunId run = net.openRun(terms, 2);
        REFUSED(net.refusal(net.user(0), JoinRun{ hashOf("none") }), UnknownRun);
        REFUSED(net.refusal(net.user(0), JoinRun{ run }), AlreadyMember);
        REFUSED(net.refusal(net.user(2), LeaveRun{ run }), NotMember);
        // Two of three are there: the first round waits.
        QVERIFY(net.ledger->run(run)->phase == RunPhase::Waiting);
        REFUSED(net.refusal(net.submission(run, 0)), RoundNotOpen);
        net.commit(net.tx(net.user(2), RegisterNode{ "c", 0 }));
        const FinalizedInfo joined = net.commit(net.tx(net.user(2), JoinRun{ run }));
        QCOMPARE(ofKind(joined, AuditKind::RoundOpened).size(), std::size_t{ 1 });
        QVERIFY(net.ledger->run(run)->phase == RunPhase::Open);
        QCOMPARE(net.ledger->run(run)->expected, 3U);
        net.commit(net.tx(net.user(3), RegisterNode{ "d", 0 }));
        REFUSED(net.refusal(net.user(3), JoinRun{ run }), RunFull);
        net.commit(net.tx(net.user(1), LeaveRun{ run }));
        QCOMPARE(net.ledger->run(run)->expected, 2U);
        REFUSED(net.refusal(net.user(1), JoinRun{ run }), RejoinTooSoon);
        REFUSED(net.refusal(net.submission(run, 1)), NotMember);
        net.commit(net.tx(net.user(3), JoinRun{ run }));
        REFUSED(net.refusal(net.submission(run, 3)), NotInRound);
        QVERIFY(net.ledger->node(net.userKey(1))->runs.empty());
        // One submits and leaves: it counts until the round closes.
        net.commit(net.submission(run, 0));
        net.commit(net.tx(net.user(0), LeaveRun{ run }));
        QVERIFY(net.ledger->member(run, net.userKey(0))->status == Membership::Leaving);
        net.commit(net.submission(run, 2));
        net.commit(net.tx(net.validator(0), net.closure(run)));
        QVERIFY(net.ledger->member(run, net.userKey(0))->status == Membership::Left);
        QVERIFY(net.ledger->account(net.userKey(0)).balance > coins(50));
        QCOMPARE(net.ledger->run(run)->round, std::uint64_t{ 1 });
        QVERIFY(net.ledger->run(run)->phase == RunPhase::Open);
        net.commit(net.tx(net.user(1), JoinRun{ run }));
    }

    void beaconDependsOnParentRunAndRound()
    {
        Network net;
        const RunId run = net.openRun(Network::terms(1), 0);
        net.commit(net.tx(net.user(0), RegisterNode{ "a", 0 }));
        const base::Hash256 parent = net.ledger->tip();
        net.commit(net.tx(net.user(0), JoinRun{ run }));
        base::Bytes input = base::toBytes(parent.view());
        input.insert(input.end(), run.data.begin(), run.data.end());
        input.resize(input.size() + 8);
        QVERIFY(net.ledger->run(run)->beacon == hashOf(base::asText(input)));
    }

    void roundRefusals()
    {
        Network net;
        const RunId run = net.openRun(Network::terms(2), 3);
        const crypto::KeyPair& validator = net.validator(2);
        SubmitUpdate wrong{ run, 1, hashOf("x"), 1, 1 };
        REFUSED(net.refusal(net.user(0), wrong), WrongRound);
        net.commit(net.submission(run, 0));
        REFUSED(net.refusal(net.submission(run, 0)), AlreadySubmitted);
        REFUSED(net.refusal(net.user(0), net.closure(run)), NotValidator);
        REFUSED(net.refusal(validator, net.closure(run)), TooEarly);
        CloseRound later = net.closure(run);
        later.round = 1;
        REFUSED(net.refusal(validator, later), WrongRound);
        net.commit(net.submission(run, 1));
        // The last moment of the grace still counts, the next does not.
        net.now = net.ledger->run(run)->deadline();
        TAKEN(net.refusal(net.submission(run, 2)));
        REFUSED(net.refusal(validator, net.closure(run)), TooEarly);
        net.now += 1ms;
        REFUSED(net.refusal(net.submission(run, 2)), TooLate);
        const CloseRound right = net.closure(run);
        TAKEN(net.refusal(validator, right));

        CloseRound close = right;
        close.contributions.pop_back();
        REFUSED(net.refusal(validator, close), WrongContributions);
        close = right;
        std::swap(close.contributions[0], close.contributions[1]);
        REFUSED(net.refusal(validator, close), WrongContributions);
        close = right;
        close.contributions[0].commitment = hashOf("another");
        REFUSED(net.refusal(validator, close), WrongContributions);
        close = right;
        close.result = RoundResult::Void;
        REFUSED(net.refusal(validator, close), WrongVoid);
        close = right;
        close.contributions[0].weightMillionths = 0;
        REFUSED(net.refusal(validator, close), WeightInvalid);
        close.contributions[0].weightMillionths = kMaxWeightMillionths + 1;
        REFUSED(net.refusal(validator, close), WeightInvalid);
        close = right;
        close.contributions[0].verdict = Verdict::Refused;
        REFUSED(net.refusal(validator, close), WeightInvalid);
        close = net.closure(
            run, { { net.userKey(0), "norm_clip" }, { net.userKey(1), "norm_clip" } });
        TAKEN(net.refusal(validator, close));
        close.paramsHash = hashOf("changed");
        REFUSED(net.refusal(validator, close), UnexpectedParams);
    }

    void rewardIsSplitPaidAndVested()
    {
        Network net;
        RunTerms terms = Network::terms(2);
        terms.emissionPerRound = micro(100);
        const RunId run = net.openRun(terms, 3);
        for (int i = 0; i < 3; ++i) {
            net.commit(net.submission(run, i));
        }
        CloseRound close = net.closure(run, { { net.userKey(2), "norm_clip" } });
        for (Contribution& contribution : close.contributions) {
            if (contribution.node == net.userKey(0)) {
                contribution.weightMillionths = 2'000'000;
            }
        }
        const FinalizedInfo info = net.commit(net.tx(net.validator(1), close));
        // 100 * 2/3 = 66 and 100 * 1/3 = 33: the odd micro-LOAM is never minted.
        const Account first = net.ledger->account(net.userKey(0));
        const Account second = net.ledger->account(net.userKey(1));
        QCOMPARE(first.balance.micro(), coins(50).micro() + 33);
        QCOMPARE(first.vestingTotal().micro(), std::int64_t{ 33 });
        QCOMPARE(second.balance.micro(), coins(50).micro() + 17);
        QCOMPARE(second.vestingTotal().micro(), std::int64_t{ 16 });
        QVERIFY(net.ledger->account(net.userKey(2)).balance == coins(50));
        QCOMPARE(net.ledger->totals().minted.micro(), std::int64_t{ 99 });
        const std::vector<AuditEntry> refused = ofKind(info, AuditKind::UpdateRefused);
        QCOMPARE(refused.size(), std::size_t{ 1 });
        QVERIFY(refused.front().subject == net.userKey(2));
        QCOMPARE(refused.front().reason, std::string{ "norm_clip" });
        QCOMPARE(ofKind(info, AuditKind::UpdateAccepted).size(), std::size_t{ 2 });
        QVERIFY(net.ledger->run(run)->params == close.paramsHash);

        // Ten later rounds, each void, free the vesting half completely.
        std::int64_t before = net.ledger->account(net.userKey(0)).balance.micro();
        for (int round = 1; round <= 10; ++round) {
            net.now = net.ledger->run(run)->deadline();
            const FinalizedInfo closed = net.commit(net.tx(net.validator(1), net.closure(run)));
            QCOMPARE(ofKind(closed, AuditKind::RoundVoided).size(), std::size_t{ 1 });
            const std::int64_t after = net.ledger->account(net.userKey(0)).balance.micro();
            QCOMPARE(after - before,
                std::int64_t{ 33 } * round / 10 - std::int64_t{ 33 } * (round - 1) / 10);
            before = after;
        }
        QVERIFY(net.ledger->account(net.userKey(0)).vesting.empty());
        QCOMPARE(net.ledger->account(net.userKey(0)).balance.micro(), coins(50).micro() + 66);
        QVERIFY(net.ledger->run(run)->params == close.paramsHash);
        QCOMPARE(net.ledger->run(run)->voidRounds, std::uint64_t{ 10 });
    }

    void splitOfRewardsAddsUp()
    {
        for (const std::int64_t emission : { 0LL, 1LL, 7LL, 99LL, 1'000'000'000'000LL }) {
            for (const std::int64_t weight : { 1LL, 3LL, 999'999LL }) {
                const RewardSplit split = splitReward(micro(emission), weight, 1'000'003, 7);
                std::int64_t sum = split.now.micro();
                for (const base::Amount part : split.parts) {
                    QVERIFY(part >= base::Amount{});
                    sum += part.micro();
                }
                QCOMPARE(sum, split.total.micro());
                QVERIFY(split.total.micro() <= emission);
                QVERIFY(split.now.micro() - split.total.micro() / 2 <= 1);
            }
        }
    }

    void voidRoundPaysNobody()
    {
        Network net;
        const RunId run = net.openRun(Network::terms(2), 2);
        net.commit(net.submission(run, 0));
        net.now = net.ledger->run(run)->deadline() + 1ms;
        CloseRound close = net.closure(run);
        QVERIFY(close.result == RoundResult::Void);
        close.result = RoundResult::Aggregated;
        REFUSED(net.refusal(net.validator(0), close), WrongVoid);
        const FinalizedInfo info = net.commit(net.tx(net.validator(0), net.closure(run)));
        QCOMPARE(ofKind(info, AuditKind::RoundVoided).size(), std::size_t{ 1 });
        QVERIFY(net.ledger->totals().minted == base::Amount{});
        QVERIFY(net.ledger->run(run)->params == hashOf("initial"));
        QCOMPARE(net.ledger->run(run)->round, std::uint64_t{ 1 });
        QVERIFY(net.ledger->run(run)->phase == RunPhase::Open);
    }

    void lastRoundEndsTheRun()
    {
        Network net;
        RunTerms terms = Network::terms(1);
        terms.roundsTotal = 1;
        const RunId run = net.openRun(terms, 1);
        net.commit(net.submission(run, 0));
        const FinalizedInfo info = net.commit(net.tx(net.validator(0), net.closure(run)));
        QCOMPARE(ofKind(info, AuditKind::RunEnded).size(), std::size_t{ 1 });
        QVERIFY(net.ledger->account(net.userKey(0)).vesting.empty());
        QVERIFY(net.ledger->account(net.userKey(0)).balance == coins(150));
        REFUSED(net.refusal(net.user(0), LeaveRun{ run }), RunFinished);
        QVERIFY(net.ledger->node(net.userKey(0))->runs.empty());
    }

    void mintingCannotOverflow()
    {
        Genesis genesis = Network::founding();
        genesis.initialBalances[keyOf(40).publicKey()] = micro(INT64_MAX - coins(4'350).micro());
        Network net{ {}, genesis };
        const RunId run = net.openRun(Network::terms(1), 1);
        net.commit(net.submission(run, 0));
        REFUSED(net.refusal(net.validator(0), net.closure(run)), Overflow);
        TAKEN(net.refusal(net.validator(0), net.closure(run, { { net.userKey(0), "bad" } })));
    }

    void doubleVoteIsSlashed()
    {
        Network net;
        const crypto::KeyPair& offender = net.validator(3);
        const base::PublicKey key = offender.publicKey();
        const RunId run = net.openRun(Network::terms(1), 2);
        net.commit(net.tx(offender, RegisterNode{ "bad", 0 }));
        net.commit(net.tx(offender, JoinRun{ run }));
        const auto submitBad = [&] {
            net.commit(net.tx(offender,
                SubmitUpdate{ run, net.ledger->run(run)->round, hashOf("poison"), 1, 1 }));
        };
        net.commit(net.submission(run, 0));
        net.commit(net.submission(run, 1));
        net.commit(net.tx(net.validator(0), net.closure(run)));
        submitBad();
        net.now = net.ledger->run(run)->deadline() + 1ms;
        net.commit(net.tx(net.validator(0), net.closure(run)));
        QVERIFY(net.ledger->account(key).vestingTotal() == coins(50));
        submitBad();

        consensus::Evidence innocent = doubleVote(net, 3);
        innocent.second = innocent.first;
        REFUSED(net.refusal(net.user(5), ReportEvidence{ innocent }), EvidenceInvalid);
        const FinalizedInfo info
            = net.commit(net.tx(net.user(5), ReportEvidence{ doubleVote(net, 3) }));
        REFUSED(net.refusal(net.user(5), ReportEvidence{ doubleVote(net, 3) }), AlreadySlashed);
        const std::vector<AuditEntry> slashed = ofKind(info, AuditKind::NodeSlashed);
        QCOMPARE(slashed.size(), std::size_t{ 1 });
        QVERIFY(slashed.front().subject == key);
        QVERIFY(slashed.front().amount == coins(150));
        QVERIFY(net.ledger->account(key).bonded == base::Amount{});
        QVERIFY(net.ledger->account(key).vesting.empty());
        QVERIFY(net.ledger->totals().burned == coins(150));
        QVERIFY(net.ledger->slash(key).has_value());
        QVERIFY(net.ledger->slash(key)->bond == coins(100));
        REFUSED(net.refusal(offender, Bond{ coins(1) }), SenderSlashed);
        TAKEN(net.refusal(offender, Transfer{ net.userKey(0), coins(1), "" }));

        net.commit(net.submission(run, 0));
        net.now = net.ledger->run(run)->deadline() + 1ms;
        REFUSED(net.refusal(net.validator(0), net.closure(run)), SlashedContribution);
        REFUSED(net.refusal(offender, net.closure(run, { { key, "slashed" } })), SenderSlashed);
        const base::Amount before = net.ledger->account(key).balance;
        net.commit(net.tx(net.validator(0), net.closure(run, { { key, "slashed" } })));
        QVERIFY(net.ledger->account(key).balance == before);
        QVERIFY(net.ledger->member(run, key)->status == Membership::Excluded);
        QCOMPARE(net.ledger->run(run)->members, 2U);
        REFUSED(net.refusal(offender, JoinRun{ run }), SenderSlashed);
    }

    void refusedTransactionLeavesNoTrace()
    {
        Network net;
        const RunId run = net.openRun(Network::terms(1), 1);
        State state = net.ledger->headState();
        BlockContext context{ .genesis = net.genesis,
            .network = net.ledger->networkId(),
            .height = 99,
            .time = net.now,
            .parent = net.ledger->tip(),
            .proposer = net.validator(0).publicKey() };
        BlockExecution execution{ state, context, 5 };
        const base::Hash256 before = execution.state().tree().root();
        // The fee is paid before the bond is found missing; both must be taken back.
        QVERIFY(!execution.apply(net.tx(net.user(0), Unbond{ coins(1) })));
        QVERIFY(!execution.apply(net.tx(net.validator(0), net.closure(run))));
        QVERIFY(execution.state().tree().root() == before);
        QVERIFY(execution.effects().entries.empty());
        QVERIFY(execution.effects().changes.empty());
        QVERIFY(execution.finish());
        QVERIFY(execution.effects().entries.empty());
    }
};

QTEST_GUILESS_MAIN(TestExecution)
#include "tst_execution.moc"
