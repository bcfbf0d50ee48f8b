// SPDX-License-Identifier: GPL-3.0-or-later
#include "network.h"

#include "crypto/hash.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace loam::test {

using namespace std::chrono_literals;

crypto::KeyPair keyOf(int number)
{
    std::array<std::byte, 32> seed{};
    seed.fill(static_cast<std::byte>(number + 1));
    return crypto::KeyPair{ crypto::Seed{ seed } };
}

base::Hash256 hashOf(std::string_view text)
{
    return crypto::sha256(base::asBytes(text));
}

void stop(const std::string& message)
{
    std::fprintf(stderr, "test network: %s\n", message.c_str());
    std::abort();
}

Genesis Network::founding()
{
    Genesis genesis;
    genesis.name = "testing ground";
    genesis.time = base::UnixTime{ std::chrono::milliseconds{ 1'700'000'000'000 } };
    genesis.validatorBond = coins(100);
    genesis.transactionFee = micro(1'000);
    genesis.vestingRounds = 10;
    genesis.purpose = NetworkPurpose::Practice;
    for (int i = 0; i < kValidators + kUsers; ++i) {
        const base::PublicKey key = keyOf(i).publicKey();
        if (i < kValidators) {
            genesis.validators.push_back(key);
        }
        genesis.initialBalances.emplace(key, coins(i < kValidators ? 1'000 : 50));
    }
    return genesis;
}

Network::Network(const std::filesystem::path& path, const Genesis& founded)
    : genesis{ founded }
    , now{ founded.time }
{
    for (int i = 0; i < kValidators + kUsers; ++i) {
        m_keys.push_back(keyOf(i));
    }
    ledger = must(path.empty() ? Ledger::openInMemory(genesis) : Ledger::open(path, genesis));
    now = ledger->tipTime();
}

void Network::reopen(const std::filesystem::path& path)
{
    ledger.reset();
    ledger = must(Ledger::open(path, genesis));
}

SignedTx Network::tx(
    const crypto::KeyPair& key, const TransactionBody& body, std::uint64_t ahead) const
{
    return tx(key, body, requiredFee(body, genesis),
        ledger->account(key.publicKey()).nextSequence + ahead);
}

SignedTx Network::tx(const crypto::KeyPair& key, const TransactionBody& body, base::Amount fee,
    std::uint64_t sequence) const
{
    return must(SignedTx::sign(key, ledger->networkId(), sequence, fee, body));
}

consensus::Block Network::block(const base::Hash256& parent, consensus::Height height,
    const std::vector<SignedTx>& txs, base::UnixTime time) const
{
    BuiltPayload built = must(ledger->buildPayload(parent, height, time, txs));
    if (!built.refused.empty()) {
        stop(built.refused.front().refusal.toError().message);
    }
    return { .height = height, .epoch = 0, .parent = parent, .payload = std::move(built.payload) };
}

consensus::Vote Network::vote(
    int voter, consensus::VoteKind kind, consensus::Height height, const base::Hash256& block) const
{
    consensus::Vote out;
    out.kind = kind;
    out.height = height;
    out.block = block;
    out.voter = static_cast<consensus::ValidatorIndex>(voter);
    out.signature = validator(voter).sign(out.signedBytes(ledger->networkId()));
    return out;
}

consensus::Certificate Network::certificate(
    const consensus::Block& block, consensus::VoteKind kind) const
{
    consensus::Certificate out;
    out.kind = kind;
    out.height = block.height;
    out.block = block.hash();
    for (int i = 0; i < 3; ++i) {
        const consensus::Vote signedVote = vote(i, kind, block.height, out.block);
        out.voters.push_back(signedVote.voter);
        out.signatures.push_back(signedVote.signature);
    }
    return out;
}

FinalizedInfo Network::commit(const std::vector<SignedTx>& txs)
{
    now += 1s;
    const consensus::Block next = block(ledger->tip(), ledger->height() + 1, txs, now);
    must(ledger->execute(next, now));
    return must(ledger->finalize(next, certificate(next)));
}

std::optional<Reason> Network::refusal(const SignedTx& tx) const
{
    const SignedTx* const one = &tx;
    const Outcome<> outcome = ledger->check({ &one, 1 }, now);
    return outcome ? std::nullopt : std::optional{ outcome.error().reason };
}

RunTerms Network::terms(std::uint32_t quorum)
{
    RunTerms terms;
    terms.emissionPerRound = coins(100);
    terms.quorum = quorum;
    terms.window = 60s;
    terms.grace = 10s;
    terms.maxMembers = 5;
    terms.initialParams = hashOf("initial");
    return terms;
}

RunId Network::openRun(const RunTerms& wanted, int members)
{
    RunTerms terms = wanted;
    if (terms.startMembers == 0) {
        terms.startMembers = static_cast<std::uint32_t>(members);
    }
    const SignedTx opening
        = tx(validator(0), OpenRun{ .name = "a run", .manifest = {}, .terms = terms });
    commit(opening);
    for (int i = 0; i < members; ++i) {
        if (!ledger->node(userKey(i))) {
            commit(tx(user(i), RegisterNode{ .name = "node " + std::to_string(i), .nonce = 0 }));
        }
        commit(tx(user(i), JoinRun{ opening.id() }));
    }
    return opening.id();
}

SignedTx Network::submission(const RunId& run, int i) const
{
    const std::uint64_t round = ledger->run(run)->round;
    return tx(user(i),
        SubmitUpdate{ .run = run,
            .round = round,
            .commitment = hashOf(std::to_string(i) + "/" + std::to_string(round)),
            .bytes = 100,
            .tokens = 1'000 });
}

CloseRound Network::closure(
    const RunId& id, const std::map<base::PublicKey, std::string>& refused) const
{
    const Run run = *ledger->run(id);
    CloseRound out;
    out.run = id;
    out.round = run.round;
    out.rule = "mean";
    bool hasAccepted = false;
    std::uint32_t eligible = 0;
    for (const Member& member : ledger->members(id)) {
        if (!member.hasSubmitted(run.round)) {
            continue;
        }
        Contribution contribution{ .node = member.node,
            .commitment = member.last->commitment,
            .verdict = Verdict::Accepted,
            .reason = "ok",
            .weightMillionths = 1'000'000,
            .normMillionths = 2'500'000 };
        eligible += member.status == Membership::Excluded ? 0U : 1U;
        if (const auto reason = refused.find(member.node); reason != refused.end()) {
            contribution.verdict = Verdict::Refused;
            contribution.reason = reason->second;
            contribution.weightMillionths = 0;
        }
        hasAccepted = hasAccepted || contribution.verdict == Verdict::Accepted;
        out.contributions.push_back(std::move(contribution));
    }
    if (eligible < run.terms.quorum) {
        out.result = RoundResult::Void;
        for (Contribution& contribution : out.contributions) {
            contribution.verdict = Verdict::Refused;
            contribution.reason = "below_quorum";
            contribution.weightMillionths = 0;
        }
        hasAccepted = false;
    }
    out.paramsHash = hasAccepted ? hashOf("params " + std::to_string(run.round)) : run.params;
    out.lossBefore = 2'000'000;
    out.lossAfter = hasAccepted ? 1'900'000 : 2'000'000;
    return out;
}

} // namespace loam::test
