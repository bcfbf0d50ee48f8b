// SPDX-License-Identifier: GPL-3.0-or-later
// How fast blocks of transfers are checked, beside the bare rate of Ed25519 verification in the
// same interleaved run, in processor time. One JSON object a line.
#include "ledger/wallet.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <vector>

using namespace loam;
using namespace loam::ledger;

namespace {

constexpr int kRounds = 7;
constexpr std::size_t kTransfers = 1'500;

template <class T> T must(tl::expected<T, base::Error> result)
{
    if (!result) {
        fmt::print(stderr, "{}\n", result.error().message);
        std::exit(1);
    }
    return std::move(*result);
}

/// Seconds of processor time, so that other programs' load does not count.
double secondsOf(const auto& body)
{
    const auto now = [] {
        timespec time{};
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
        return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
    };
    const double begin = now();
    body();
    return now() - begin;
}

void report(const char* name, std::vector<double> values, const char* unit)
{
    std::sort(values.begin(), values.end());
    fmt::print("{{\"name\": \"{}\", \"value\": {:.6g}, \"unit\": \"{}\", \"device\": \"cpu\", "
               "\"threads\": 1, \"repetitions\": {}, \"minimum\": {:.6g}, \"maximum\": {:.6g}}}\n",
        name, values[values.size() / 2], unit, values.size(), values.front(), values.back());
}

} // namespace

int main()
{
    const crypto::KeyPair key = crypto::KeyPair::generate();
    const crypto::KeyPair peer = crypto::KeyPair::generate();
    Genesis genesis;
    genesis.name = "bench";
    genesis.validators = { key.publicKey() };
    genesis.initialBalances.emplace(key.publicKey(), base::Amount::fromMicro(1'000'000'000'000));
    const Signer signer{ key, genesis };
    std::vector<SignedTx> transfers;
    for (std::size_t i = 0; i < kTransfers; ++i) {
        auto tx = signer.transfer(i, peer.publicKey(), base::Amount::fromMicro(1), "");
        if (!tx) {
            return 1;
        }
        transfers.push_back(std::move(*tx));
    }
    const base::UnixTime time{ std::chrono::milliseconds{ 1 } };
    std::vector<double> verified;
    std::vector<double> checked;
    std::vector<double> ratios;
    std::vector<double> finalised;
    for (int round = 0; round < kRounds; ++round) {
        std::size_t valid = 0;
        const double bare = secondsOf([&] {
            for (const SignedTx& tx : transfers) {
                valid += tx.hasValidSignature(genesis.networkId()) ? 1U : 0U;
            }
        });
        // One ledger proposes, another one sees the block for the first time.
        auto proposer = must(Ledger::openInMemory(genesis));
        auto follower = must(Ledger::openInMemory(genesis));
        BuiltPayload built = must(proposer->buildPayload(proposer->tip(), 1, time, transfers));
        const consensus::Block block{
            .height = 1, .epoch = 0, .parent = proposer->tip(), .payload = std::move(built.payload)
        };
        const double whole = secondsOf([&] { must(follower->execute(block, time)); });
        consensus::Certificate certificate{ .kind = consensus::VoteKind::Finalize,
            .epoch = 0,
            .height = 1,
            .block = block.hash(),
            .voters = { 0 },
            .signatures = {} };
        consensus::Vote vote;
        vote.kind = certificate.kind;
        vote.height = 1;
        vote.block = certificate.block;
        certificate.signatures = { key.sign(vote.signedBytes(genesis.networkId())) };
        finalised.push_back(static_cast<double>(built.transactions)
            / secondsOf([&] { must(follower->finalize(block, certificate)); }));
        const double bareRate = static_cast<double>(valid) / bare;
        const double blockRate = static_cast<double>(built.transactions) / whole;
        verified.push_back(bareRate);
        checked.push_back(blockRate);
        ratios.push_back(blockRate / bareRate);
    }
    report("ledger signatures verified", verified, "1/s");
    report("ledger transfers checked in a block", checked, "1/s");
    report("ledger block against bare signatures", ratios, "ratio");
    report("ledger transfers stored at finalisation (in memory)", finalised, "1/s");
    return 0;
}
