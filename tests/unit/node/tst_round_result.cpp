// SPDX-License-Identifier: GPL-3.0-or-later
#include "../ledger/network.h"
#include "../support.h"
#include "node/round_result.h"

#include <QJsonArray>
#include <QTest>

#include <algorithm>

using namespace loam;
using namespace loam::ledger;
using namespace loam::test;
using namespace std::chrono_literals;

namespace {

QString hex(base::ByteView bytes)
{
    return QString::fromStdString(base::toHex(bytes));
}

/// Those who submitted in the open round, ascending by node.
std::vector<Member> submittersOf(const Network& net, const RunId& id)
{
    std::vector<Member> out = net.ledger->members(id);
    const std::uint64_t round = net.ledger->run(id)->round;
    std::erase_if(out, [round](const Member& member) { return !member.hasSubmitted(round); });
    std::ranges::sort(out, {}, &Member::node);
    return out;
}

QJsonObject verdict(const Member& member, bool accepted, const QString& reason)
{
    return { { QStringLiteral("node"), hex(member.node.view()) },
        { QStringLiteral("commitment"), hex(member.last->commitment.view()) },
        { QStringLiteral("accepted"), accepted }, { QStringLiteral("reason"), reason },
        { QStringLiteral("weight"), 750'000 }, { QStringLiteral("norm"), 2'000'000 } };
}

/// The worker's answer that judges each of `members` as told.
QJsonObject answer(const std::vector<Member>& members, bool accepted)
{
    QJsonArray contributions;
    for (const Member& member : members) {
        contributions.append(verdict(
            member, accepted, accepted ? QStringLiteral("ok") : QStringLiteral("norm too large")));
    }
    return { { QStringLiteral("contributions"), contributions },
        { QStringLiteral("loss_before_micro"), 2'000'000 },
        { QStringLiteral("loss_after_micro"), 1'900'000 },
        { QStringLiteral("params_hash"), hex(hashOf("next").view()) } };
}

consensus::Evidence doubleVote(const Network& net, int validator)
{
    return { net.vote(validator, consensus::VoteKind::Notarize, 3, hashOf("one")),
        net.vote(validator, consensus::VoteKind::Notarize, 3, hashOf("other")) };
}

/// A run of the users 0 and 1 and of a validator, who has the first vote and all three updates in.
struct SlashedRound
{
    Network net;
    RunId run;
    std::vector<Member> submitters;

    explicit SlashedRound(std::uint32_t quorum)
    {
        const crypto::KeyPair& cheat = net.validator(3);
        net.commit(net.tx(cheat, RegisterNode{ .name = "cheat", .nonce = 0 }));
        RunTerms terms = Network::terms(quorum);
        terms.startMembers = 3;
        run = net.openRun(terms, 2);
        net.commit(net.tx(cheat, JoinRun{ run }));
        net.commit(net.submission(run, 0));
        net.commit(net.submission(run, 1));
        net.commit(net.tx(cheat,
            SubmitUpdate{ .run = run,
                .round = 0,
                .commitment = hashOf("cheat"),
                .bytes = 100,
                .tokens = 1'000 }));
        net.commit(net.tx(net.user(5), ReportEvidence{ doubleVote(net, 3) }));
        net.now = net.ledger->run(run)->deadline() + 1ms;
        submitters = submittersOf(net, run);
    }
};

} // namespace

/// Each closure is offered to a real ledger: a form it refuses stops the run for good.
class TestRoundResult : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void belowQuorumTheRoundIsVoid()
    {
        Network net;
        const RunId id = net.openRun(Network::terms(2), 2);
        net.commit(net.submission(id, 0));
        net.now = net.ledger->run(id)->deadline() + 1ms;
        const Run run = *net.ledger->run(id);
        const std::vector<Member> submitters = submittersOf(net, id);
        QVERIFY(!node::reachesQuorum(run, submitters));
        const CloseRound closure = node::voidRound(run, submitters);
        QVERIFY(!node::hasAccepted(closure));
        net.commit(net.tx(net.validator(0), closure));
        QCOMPARE(net.ledger->run(id)->round, std::uint64_t{ 1 });
        QVERIFY(net.ledger->run(id)->params == run.params);
    }

    void nothingAcceptedKeepsTheParameters()
    {
        Network net;
        const RunId id = net.openRun(Network::terms(2), 2);
        net.commit(net.submission(id, 0));
        net.commit(net.submission(id, 1));
        const Run run = *net.ledger->run(id);
        const std::vector<Member> submitters = submittersOf(net, id);
        QVERIFY(node::reachesQuorum(run, submitters));
        const CloseRound closure
            = must(node::resultOf(run, submitters, "mean", answer(submitters, false)));
        QVERIFY(!node::hasAccepted(closure));
        QCOMPARE(closure.contributions.front().reason, std::string{ "norm too large" });
        QCOMPARE(closure.contributions.front().weightMillionths, std::int64_t{ 0 });
        net.commit(net.tx(net.validator(0), closure));
        QCOMPARE(net.ledger->run(id)->round, std::uint64_t{ 1 });
        QVERIFY(net.ledger->run(id)->params == run.params);
        QVERIFY(net.ledger->totals().minted == base::Amount{});
    }

    void acceptedUpdatesArePaid()
    {
        Network net;
        const RunId id = net.openRun(Network::terms(2), 2);
        net.commit(net.submission(id, 0));
        net.commit(net.submission(id, 1));
        const std::vector<Member> submitters = submittersOf(net, id);
        QJsonObject found = answer(submitters, true);
        // The worker says nothing of the second: its body never came.
        QJsonArray contributions = found.value(QStringLiteral("contributions")).toArray();
        contributions.removeLast();
        found.insert(QStringLiteral("contributions"), contributions);
        const CloseRound closure
            = must(node::resultOf(*net.ledger->run(id), submitters, "mean", found));
        QVERIFY(node::hasAccepted(closure));
        QCOMPARE(closure.contributions.back().reason, std::string{ "not delivered" });
        net.commit(net.tx(net.validator(0), closure));
        QVERIFY(net.ledger->run(id)->params == hashOf("next"));
        QVERIFY(net.ledger->totals().minted == coins(100));
    }

    void aSlashedUpdateDoesNotMakeAQuorum()
    {
        SlashedRound round{ 3 };
        const Run run = *round.net.ledger->run(round.run);
        QCOMPARE(round.submitters.size(), std::size_t{ 3 });
        QVERIFY(!node::reachesQuorum(run, round.submitters));
        const CloseRound closure = node::voidRound(run, round.submitters);
        QCOMPARE(
            std::ranges::count(closure.contributions, node::kDoubleVote, &Contribution::reason),
            std::ptrdiff_t{ 1 });
        round.net.commit(round.net.tx(round.net.validator(0), closure));
        QCOMPARE(round.net.ledger->run(round.run)->round, std::uint64_t{ 1 });
    }

    void aSlashedUpdateIsRefusedWhateverItIs()
    {
        SlashedRound round{ 2 };
        const Run run = *round.net.ledger->run(round.run);
        QVERIFY(node::reachesQuorum(run, round.submitters));
        const CloseRound closure
            = must(node::resultOf(run, round.submitters, "mean", answer(round.submitters, true)));
        for (const Contribution& one : closure.contributions) {
            const bool isCheat = one.node == round.net.validator(3).publicKey();
            QCOMPARE(one.reason, std::string{ isCheat ? node::kDoubleVote : "ok" });
        }
        round.net.commit(round.net.tx(round.net.validator(0), closure));
        QVERIFY(round.net.ledger->run(round.run)->params == hashOf("next"));
    }

    void malformedAnswersAreErrors()
    {
        Network net;
        const RunId id = net.openRun(Network::terms(1), 1);
        net.commit(net.submission(id, 0));
        const std::vector<Member> submitters = submittersOf(net, id);
        QJsonObject found = answer(submitters, true);
        found.insert(QStringLiteral("params_hash"), QStringLiteral("zz"));
        QVERIFY(!node::resultOf(*net.ledger->run(id), submitters, "mean", found));
        found = answer(submitters, true);
        found.insert(QStringLiteral("contributions"),
            QJsonArray{ verdict(submitters.front(), true, QString{ 500, u'x' }) });
        const CloseRound closure
            = must(node::resultOf(*net.ledger->run(id), submitters, "mean", found));
        QCOMPARE(closure.contributions.front().reason.size(), kMaxReasonBytes);
    }
};

QTEST_APPLESS_MAIN(TestRoundResult)
#include "tst_round_result.moc"
