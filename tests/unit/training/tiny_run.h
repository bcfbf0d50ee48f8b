// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ml/backend.h"
#include "ml/thread_pool.h"
#include "training/aggregation.h"
#include "training/trainer.h"

#include <deque>
#include <memory>
#include <string>
#include <vector>

namespace loam::test {

/// A model of some ten thousand parameters and texts made by a rule that it can learn, so that a
/// whole round takes milliseconds.
class TinyRun
{
public:
    explicit TinyRun(std::uint16_t keepPerChunk = 64, unsigned threads = 1);

    /// Text of one member: mostly a common rule, a part of its own.
    static std::vector<ml::Token> textOf(unsigned member, std::size_t tokens);
    static base::PublicKey nodeOf(unsigned member);

    training::TrainJob job(unsigned member, std::uint64_t round) const;
    /// Trains one round from the present parameters; the body, empty after a failure.
    base::Bytes train(
        unsigned member, std::uint64_t round, training::Tamper tamper = training::Tamper::None);
    /// Adds a body to the list that aggregate() takes, with the hash it really has.
    void contribute(unsigned member, base::Bytes body);
    base::Result<training::RoundOutcome> aggregate(std::uint64_t round);
    /// The verdict on a member's contribution of the last list.
    static const training::Verdict* verdictOn(
        const training::RoundOutcome& outcome, unsigned member);

    training::RunManifest manifest;
    base::Hash256 run;
    base::Hash256 beacon;
    ml::ThreadPool pool;
    std::unique_ptr<ml::Backend> fast;
    std::unique_ptr<ml::Backend> reference;
    std::unique_ptr<ml::Parameters> params;
    std::vector<std::vector<ml::Token>> texts;
    std::vector<ml::Token> probe;
    std::vector<training::TrainerState> states;
    std::vector<training::Contribution> contributions;
    training::WorkControl control;

    static constexpr unsigned kMembers = 8;

private:
    std::deque<base::Bytes> m_bodies;
};

} // namespace loam::test
