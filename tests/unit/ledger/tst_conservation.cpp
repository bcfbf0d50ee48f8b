// SPDX-License-Identifier: GPL-3.0-or-later
#include "../support.h"
#include "network.h"

#include <QTest>

#include <random>

using namespace loam;
using namespace loam::ledger;
using namespace loam::test;

namespace {

/// Transactions that are mostly, but not always, valid: what is refused must change nothing.
class Chooser
{
public:
    Chooser(Network& network, std::uint64_t seed)
        : m_network{ network }
        , m_random{ seed }
    {
    }

    std::size_t below(std::size_t bound) { return static_cast<std::size_t>(m_random() % bound); }
    bool oneIn(std::size_t n) { return below(n) == 0; }
    const crypto::KeyPair& user()
    {
        return m_network.user(static_cast<int>(below(Network::kUsers)));
    }
    const crypto::KeyPair& validator()
    {
        return m_network.validator(static_cast<int>(below(Network::kValidators)));
    }
    const crypto::KeyPair& anyone() { return oneIn(4) ? validator() : user(); }

    TransactionBody body()
    {
        const base::Amount amount = micro(static_cast<std::int64_t>(below(20'000'000)));
        const std::vector<Run> runs = must(m_network.ledger->runs());
        const RunId run = runs.empty() ? hashOf("none") : runs[below(runs.size())].id;
        switch (runs.empty() && oneIn(2) ? 5 : below(12)) {
        case 0:
        case 1:
            return Transfer{ anyone().publicKey(), amount, "x" };
        case 2:
            return Bond{ amount };
        case 3:
            return Unbond{ amount };
        case 4:
            return RegisterNode{ "n", 0 };
        case 5: {
            RunTerms terms = Network::terms(1 + static_cast<std::uint32_t>(below(2)));
            terms.emissionPerRound = micro(static_cast<std::int64_t>(below(1'000'000)));
            terms.roundsTotal = 1 + below(15);
            return OpenRun{ "r", {}, terms };
        }
        case 6:
        case 7:
            return JoinRun{ run };
        case 8:
            return LeaveRun{ run };
        default: {
            const std::optional<Run> found = m_network.ledger->run(run);
            if (!found) {
                return JoinRun{ run };
            }
            return SubmitUpdate{ run, found->round, hashOf(std::to_string(m_random())), 1, 1 };
        }
        }
    }

    /// The closing of a run's round, with random verdicts and weights.
    std::optional<SignedTx> closing()
    {
        for (const Run& run : must(m_network.ledger->runs())) {
            if (run.phase != RunPhase::Open || !oneIn(2)) {
                continue;
            }
            std::map<base::PublicKey, std::string> refused;
            for (const Member& member : m_network.ledger->members(run.id)) {
                if (oneIn(4) || member.status == Membership::Excluded) {
                    refused.emplace(member.node, "chance");
                }
            }
            CloseRound close = m_network.closure(run.id, refused);
            for (Contribution& contribution : close.contributions) {
                if (contribution.verdict == Verdict::Accepted) {
                    contribution.weightMillionths = 1 + static_cast<std::int64_t>(below(1'000'000));
                }
            }
            return m_network.tx(validator(), close);
        }
        return std::nullopt;
    }

    std::optional<SignedTx> evidence()
    {
        consensus::Evidence out;
        const int offender = static_cast<int>(below(Network::kValidators));
        out.first = m_network.vote(offender, consensus::VoteKind::Notarize, 3, hashOf("one"));
        out.second = m_network.vote(offender, consensus::VoteKind::Notarize, 3, hashOf("two"));
        return m_network.tx(user(), ReportEvidence{ out });
    }

private:
    Network& m_network;
    std::mt19937_64 m_random;
};

/// Every account that ever existed here.
std::vector<base::PublicKey> everybody(const Network& network)
{
    std::vector<base::PublicKey> out;
    for (const auto& [key, amount] : network.genesis.initialBalances) {
        out.push_back(key);
    }
    return out;
}

} // namespace

class TestConservation : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void moneyIsConserved_data()
    {
        QTest::addColumn<quint64>("seed");
        for (quint64 seed = 1; seed <= 6; ++seed) {
            QTest::addRow("seed %llu", static_cast<unsigned long long>(seed)) << seed;
        }
    }

    /// balances + bonds + vesting = initial + minted - burned, after every block; and the
    /// histories' last lines and sums agree with the accounts.
    void moneyIsConserved()
    {
        QFETCH(const quint64, seed);
        Network net;
        Chooser choose{ net, seed };
        std::map<base::PublicKey, std::int64_t> free;
        std::map<base::PublicKey, std::int64_t> locked;
        for (const base::PublicKey& key : everybody(net)) {
            free[key] = net.ledger->account(key).balance.micro();
            locked[key] = net.ledger->account(key).bonded.micro();
        }
        std::size_t taken = 0;
        for (int step = 0; step < 150; ++step) {
            net.now += std::chrono::seconds{ 1 + choose.below(30) };
            std::vector<SignedTx> wanted;
            std::optional<SignedTx> special = choose.oneIn(3) ? choose.closing() : std::nullopt;
            if (choose.oneIn(60)) {
                special = choose.evidence();
            }
            if (special) {
                wanted.push_back(*special);
            }
            for (int i = 0; i < 4; ++i) {
                wanted.push_back(net.tx(choose.anyone(), choose.body()));
            }
            const consensus::Height height = net.ledger->height() + 1;
            BuiltPayload built
                = must(net.ledger->buildPayload(net.ledger->tip(), height, net.now, wanted));
            const consensus::Block block{ .height = height,
                .epoch = 0,
                .parent = net.ledger->tip(),
                .payload = std::move(built.payload) };
            must(net.ledger->execute(block, net.now));
            const FinalizedInfo info = must(net.ledger->finalize(block, net.certificate(block)));
            taken += info.transactions.size();
            for (const AccountChange& change : info.changes) {
                free[change.account] += change.amount.micro();
                locked[change.account] += change.locked.micro();
                QCOMPARE(change.balance.micro(), free[change.account]);
            }
            std::int64_t sum = 0;
            for (const base::PublicKey& key : everybody(net)) {
                const Account account = net.ledger->account(key);
                QCOMPARE(account.balance.micro(), free[key]);
                const std::int64_t kept = account.bonded.micro() + account.vestingTotal().micro();
                QCOMPARE(kept, locked[key]);
                QVERIFY(account.balance >= base::Amount{} && account.bonded >= base::Amount{});
                sum += account.balance.micro() + kept;
            }
            const Totals totals = net.ledger->totals();
            QCOMPARE(sum, totals.initial.micro() + totals.minted.micro() - totals.burned.micro());
        }
        QVERIFY2(taken > 100, std::to_string(taken).c_str());
        LOAM_OK(net.ledger->replay());
        LOAM_OK(net.ledger->audit().verify());
    }
};

QTEST_GUILESS_MAIN(TestConservation)
#include "tst_conservation.moc"
