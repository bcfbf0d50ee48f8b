// SPDX-License-Identifier: GPL-3.0-or-later
#include "../support.h"
#include "codec/cbor.h"
#include "crypto/hash.h"
#include "ledger/block_payload.h"
#include "ledger/merkle_frontier.h"
#include "ledger/registration.h"
#include "network.h"

#include <QTest>

#include <random>

using namespace loam;
using namespace loam::ledger;
using namespace loam::test;

namespace {

std::vector<TransactionBody> everyBody()
{
    const base::PublicKey peer = keyOf(7).publicKey();
    const base::Hash256 run = hashOf("run");
    consensus::Evidence evidence;
    evidence.first.height = 3;
    evidence.second.height = 3;
    evidence.first.block = hashOf("a");
    evidence.second.block = hashOf("b");
    CloseRound close{ .run = run,
        .round = 3,
        .result = RoundResult::Aggregated,
        .rule = "nnm+cclip",
        .contributions = { { peer, hashOf("c"), Verdict::Accepted, "ok", 500'000, 12 } },
        .paramsHash = hashOf("p"),
        .lossBefore = 3,
        .lossAfter = -2,
        .checkpoint = base::toBytes(base::asBytes("infohash")) };
    return { Transfer{ peer, coins(3), "for the bread" }, Bond{ coins(1) }, Unbond{ micro(1) },
        RegisterNode{ "Ännchen", 77 },
        OpenRun{ "run", base::toBytes(base::asBytes("{}")), Network::terms(2) }, JoinRun{ run },
        LeaveRun{ run }, SubmitUpdate{ run, 1, hashOf("u"), 10, 20 }, close,
        ReportEvidence{ evidence } };
}

} // namespace

class TestObjects : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void genesisRoundTrip()
    {
        const Genesis genesis = Network::founding();
        LOAM_OK(genesis.validate());
        const base::Result<Genesis> again = Genesis::decode(genesis.encode());
        LOAM_OK(again);
        QVERIFY(*again == genesis);
        QCOMPARE(again->supply().toString(), std::string{ "4300" });
        Genesis other = genesis;
        other.transactionFee = micro(1'001);
        QVERIFY(other.networkId() != genesis.networkId());
    }

    void genesisRefusesContradictions()
    {
        const std::vector<std::function<void(Genesis&)>> spoilers{
            [](Genesis& g) { g.name.clear(); },
            [](Genesis& g) { g.name = "line\nfeed"; },
            [](Genesis& g) { g.protocolVersion = 2; },
            [](Genesis& g) { g.validators.clear(); },
            [](Genesis& g) { g.validators.push_back(g.validators.front()); },
            [](Genesis& g) { g.delta = std::chrono::milliseconds{ 0 }; },
            [](Genesis& g) { g.registrationDifficulty = 21; },
            [](Genesis& g) { g.validatorBond = coins(1'001); },
            [](Genesis& g) { g.transactionFee = micro(-1); },
            [](Genesis& g) { g.vestingRounds = 0; },
            [](Genesis& g) { g.initialBalances[keyOf(20).publicKey()] = micro(-1); },
            [](Genesis& g) { g.initialBalances[keyOf(20).publicKey()] = micro(INT64_MAX); },
        };
        for (const auto& spoil : spoilers) {
            Genesis genesis = Network::founding();
            spoil(genesis);
            LOAM_FAILS(genesis.validate(), base::Errc::Invalid);
            LOAM_FAILS(Genesis::decode(genesis.encode()), base::Errc::Invalid);
        }
    }

    void truncatedInputIsRefused()
    {
        const base::Bytes genesis = Network::founding().encode();
        const Network network;
        const base::Bytes tx
            = network.tx(network.user(0), Transfer{ network.userKey(1), coins(1), "x" }).bytes();
        for (std::size_t size = 0; size < genesis.size(); ++size) {
            QVERIFY(!Genesis::decode(base::ByteView{ genesis }.first(size)));
        }
        for (std::size_t size = 0; size < tx.size(); ++size) {
            QVERIFY(!SignedTx::decode(base::ByteView{ tx }.first(size)));
        }
    }

    void transactionRoundTrip()
    {
        const base::NetworkId network = Network::founding().networkId();
        const crypto::KeyPair key = keyOf(1);
        for (const TransactionBody& body : everyBody()) {
            const SignedTx tx = must(SignedTx::sign(key, network, 5, micro(9), body));
            const SignedTx again = must(SignedTx::decode(tx.bytes()));
            QVERIFY(again.id() == tx.id());
            QVERIFY(again.id() == crypto::sha256(tx.bytes()));
            QVERIFY(again.sender() == key.publicKey());
            QCOMPARE(again.sequence(), std::uint64_t{ 5 });
            QVERIFY(again.fee() == micro(9));
            QCOMPARE(again.body().index(), body.index());
            QVERIFY(encodeBody(again.body()) == encodeBody(body));
            QVERIFY(again.hasValidSignature(network));
            Genesis other = Network::founding();
            other.name = "elsewhere";
            QVERIFY(!again.hasValidSignature(other.networkId()));
        }
    }

    void transactionBoundsAreEnforced()
    {
        const base::NetworkId network = Network::founding().networkId();
        const crypto::KeyPair key = keyOf(1);
        const base::PublicKey peer = keyOf(2).publicKey();
        const auto isRefused = [&](const TransactionBody& body) {
            const Outcome<SignedTx> tx = SignedTx::sign(key, network, 0, micro(0), body);
            return !tx && tx.error().reason == Reason::Malformed;
        };
        QVERIFY(!isRefused(Transfer{ peer, coins(1), std::string(140, 'm') }));
        QVERIFY(isRefused(Transfer{ peer, coins(1), std::string(141, 'm') }));
        QVERIFY(isRefused(Transfer{ peer, coins(1), "bell\a" }));
        QVERIFY(isRefused(Transfer{ peer, coins(1), "\xff\xfe" }));
        QVERIFY(isRefused(RegisterNode{ "", 0 }));
        QVERIFY(isRefused(OpenRun{ "run", base::Bytes(64 * 1024 + 1), {} }));
        QVERIFY(!SignedTx::sign(key, network, 0, micro(-1), Bond{ coins(1) }));
        CloseRound close;
        close.contributions.resize(1'001);
        QVERIFY(isRefused(close));
    }

    void payloadAndEntryRoundTrip()
    {
        BlockPayload payload{ .time = base::UnixTime{ std::chrono::milliseconds{ 12 } },
            .transactions = { base::toBytes(base::asBytes("a")), {} },
            .stateRoot = hashOf("s"),
            .auditRoot = hashOf("t"),
            .auditSize = 9 };
        const base::Result<BlockPayload> again = BlockPayload::decode(payload.encode());
        LOAM_OK(again);
        QVERIFY(*again == payload);
        base::Bytes longer = payload.encode();
        longer.push_back(std::byte{ 0 });
        LOAM_FAILS(BlockPayload::decode(longer), base::Errc::Invalid);

        AuditEntry entry;
        entry.index = 4;
        entry.height = 3;
        entry.time = payload.time;
        entry.kind = AuditKind::UpdateRefused;
        entry.subject = keyOf(3).publicKey();
        entry.run = hashOf("run");
        entry.round = 0;
        entry.amount = micro(-5);
        entry.reason = "norm_clip";
        entry.details = { { "norm", "2.5" } };
        const base::Result<AuditEntry> entryAgain = AuditEntry::decode(entry.encode());
        LOAM_OK(entryAgain);
        QVERIFY(*entryAgain == entry);
        QVERIFY(entry.searchText().find("norm_clip") != std::string::npos);
    }

    void treeDependsOnContentsAlone()
    {
        std::mt19937_64 random{ 7 };
        std::map<base::Bytes, base::Bytes> model;
        StateTree tree;
        for (int step = 0; step < 200; ++step) {
            StateChanges changes;
            for (int i = 0; i < 5; ++i) {
                const base::Bytes key = base::toBytes(base::asBytes(std::to_string(random() % 60)));
                if (random() % 3 == 0) {
                    changes[key] = std::nullopt;
                    model.erase(key);
                } else {
                    const base::Bytes value
                        = base::toBytes(base::asBytes(std::to_string(random())));
                    changes[key] = value;
                    model[key] = value;
                }
            }
            const StateTree before = tree;
            const base::Hash256 rootBefore = before.root();
            tree = tree.with(changes);
            QVERIFY(before.root() == rootBefore);
            StateChanges all;
            for (const auto& [key, value] : model) {
                all[key] = value;
                const base::Bytes* found = tree.find(key);
                QVERIFY(found && *found == value);
            }
            QVERIFY(StateTree{}.with(all).root() == tree.root());
            QCOMPARE(tree.size(), model.size());
        }
        StateChanges none;
        for (const auto& [key, value] : model) {
            none[key] = std::nullopt;
        }
        QVERIFY(tree.with(none).root() == base::Hash256{});
        QVERIFY(!tree.with(none).find(base::asBytes("1")));
    }

    void frontierEqualsTree()
    {
        MerkleFrontier frontier;
        crypto::MerkleTree tree;
        QVERIFY(frontier.root() == tree.root());
        for (int i = 0; i < 130; ++i) {
            const base::Hash256 leaf = hashOf(std::to_string(i));
            frontier.append(leaf);
            tree.append(leaf);
            QVERIFY(frontier.root() == tree.root());
            QCOMPARE(frontier.size(), tree.size());
        }
    }

    void registrationWork()
    {
        const base::NetworkId network = Network::founding().networkId();
        const base::PublicKey node = keyOf(3).publicKey();
        base::CancelSource cancel;
        const base::Result<std::uint64_t> nonce
            = solveRegistrationWork(network, node, 2, cancel.token());
        LOAM_OK(nonce);
        QVERIFY(verifyRegistrationWork(network, node, *nonce, 2));
        int transferable = 0;
        for (int other = 4; other < 10; ++other) {
            transferable
                += verifyRegistrationWork(network, keyOf(other).publicKey(), *nonce, 2) ? 1 : 0;
        }
        QVERIFY(transferable < 6);
        cancel.cancel();
        LOAM_FAILS(solveRegistrationWork(network, node, 20, cancel.token()), base::Errc::Cancelled);
        QVERIFY(verifyRegistrationWork(network, node, 0, 0));
    }
};

QTEST_GUILESS_MAIN(TestObjects)
#include "tst_objects.moc"
