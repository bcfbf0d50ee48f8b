// SPDX-License-Identifier: GPL-3.0-or-later
#include "unit/training/tiny_run.h"

#include "base/require.h"
#include "crypto/hash.h"

#include <random>

namespace loam::test {

TinyRun::TinyRun(std::uint16_t keepPerChunk, unsigned threads)
    : pool{ threads }
{
    manifest.name = "tiny";
    manifest.model.dim = 32;
    manifest.model.layers = 2;
    manifest.model.heads = 2;
    manifest.model.kvHeads = 2;
    manifest.model.ffn = 64;
    manifest.model.vocab = 64;
    manifest.model.context = 16;
    manifest.tokenizerBytes = 1;
    manifest.probeBytes = 1;
    manifest.innerSteps = 12;
    manifest.batch = 4;
    manifest.learningRateMicro = 5000;
    manifest.warmupSteps = 4;
    manifest.keepPerChunk = keepPerChunk;
    manifest.probeTokens = 256;
    ASSERT(manifest.validate().has_value());
    run.data.fill(std::byte{ 7 });
    beacon.data.fill(std::byte{ 5 });
    auto fastBackend = ml::makeFastBackend(pool);
    auto referenceBackend = ml::makeReferenceBackend(pool);
    ASSERT(fastBackend && referenceBackend);
    fast = std::move(*fastBackend);
    reference = std::move(*referenceBackend);
    fast->setInterrupt(control.interrupt());
    auto first = ml::Parameters::initialise(manifest.model, manifest.initSeed);
    ASSERT(first.has_value());
    params = std::make_unique<ml::Parameters>(std::move(*first));
    for (unsigned member = 0; member < kMembers; ++member) {
        texts.push_back(textOf(member, 4000));
        states.push_back(training::TrainerState::fresh(run, params->table()));
    }
    probe = textOf(99, 4000);
}

std::vector<ml::Token> TinyRun::textOf(unsigned member, std::size_t tokens)
{
    std::mt19937 engine{ 1000 + member };
    std::vector<ml::Token> text(tokens);
    std::uint32_t current = 0;
    for (ml::Token& token : text) {
        const auto draw = [&engine] { return static_cast<std::uint32_t>(engine()); };
        const std::uint32_t dice = draw() % 10;
        if (dice < 7) {
            current = (current * 5 + 3) % 64;
        } else if (dice < 9) {
            current = (member * 8 + draw() % 8) % 64;
        } else {
            current = draw() % 64;
        }
        token = static_cast<ml::Token>(current);
    }
    return text;
}

base::PublicKey TinyRun::nodeOf(unsigned member)
{
    base::PublicKey node;
    node.data.fill(static_cast<std::byte>(member + 1));
    return node;
}

training::TrainJob TinyRun::job(unsigned member, std::uint64_t round) const
{
    return { manifest, run, nodeOf(member), beacon, round, *params, texts[member],
        training::Tamper::None };
}

base::Bytes TinyRun::train(unsigned member, std::uint64_t round, training::Tamper tamper)
{
    training::TrainJob work = job(member, round);
    work.tamper = tamper;
    auto report = training::trainRound(work, states[member], *fast, control, {});
    return report ? std::move(report->body) : base::Bytes{};
}

void TinyRun::contribute(unsigned member, base::Bytes body)
{
    m_bodies.push_back(std::move(body));
    training::Contribution contribution;
    contribution.node = nodeOf(member);
    contribution.commitment = crypto::sha256(m_bodies.back());
    contribution.sequence = contributions.size();
    contribution.tokens = manifest.tokensPerRound();
    contribution.body = m_bodies.back();
    contributions.push_back(contribution);
}

base::Result<training::RoundOutcome> TinyRun::aggregate(std::uint64_t round)
{
    return training::aggregateRound(
        { manifest, run, round, beacon, *params, { probe, probe.size() * 4 }, contributions },
        *reference);
}

const training::Verdict* TinyRun::verdictOn(const training::RoundOutcome& outcome, unsigned member)
{
    for (const training::Verdict& verdict : outcome.verdicts) {
        if (verdict.node == nodeOf(member)) {
            return &verdict;
        }
    }
    return nullptr;
}

} // namespace loam::test
