// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ml/parameters.h"
#include "training/manifest.h"
#include "training/sampler.h"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace loam::training {

/// One entry of a round's agreed list.
struct Contribution
{
    base::PublicKey node;
    base::Hash256 commitment; ///< SHA-256 of the body, as committed on the ledger
    std::uint64_t sequence{ 0 }; ///< position of the commitment on the ledger: who was first
    std::uint64_t tokens{ 0 }; ///< as announced on the ledger
    base::ByteView body; ///< may be empty when it never arrived
};

/// What became of a contribution, with the reason that the log shows.
struct Verdict
{
    base::PublicKey node;
    base::Hash256 commitment;
    bool accepted{ false };
    std::string reason; ///< "accepted: ..." or why not
    std::uint64_t weightMicro{ 0 }; ///< share of the step, in millionths; 0 when refused
    std::uint64_t normMicro{ 0 }; ///< Euclidean norm of the update, in millionths
};

/// The held-out text that updates are scored on.
struct ProbeText
{
    std::span<const ml::Token> tokens;
    std::uint64_t bytes{ 0 }; ///< of the text the tokens stand for
};

struct RoundInput
{
    const RunManifest& manifest;
    base::Hash256 run;
    std::uint64_t round{ 0 };
    base::Hash256 beacon; ///< drawn after the commitments
    const ml::Parameters& base;
    ProbeText probe;
    std::span<const Contribution> contributions;
};

struct RoundOutcome
{
    ml::Parameters params;
    base::Hash256 paramsHash;
    std::int64_t lossBeforeMicro{ 0 }; ///< on the round's probe sample, 10^-6 nats per byte
    std::int64_t lossAfterMicro{ 0 };
    std::vector<Verdict> verdicts; ///< ordered by commitment, then node
    std::uint32_t nextClipMicro{ 0 }; ///< of the private lane's next round; 0 in the open lane
};

/// Limits of the checks, chosen by measurement (docs/protocol-training.md).
inline constexpr double kMaxNormOfMedian = 10.0;
inline constexpr double kMinNormOfMedian = 0.05;
inline constexpr double kMaxOverlap = 0.9; ///< of chosen positions
inline constexpr double kMaxCosine = 0.99; ///< where there is no choice of positions
/// Cosine with the others below which an update gets only a part of the margin on the probe.
inline constexpr double kLeastAgreement = -0.1;
inline constexpr std::int64_t kStricterMargin = 10; ///< the part: one tenth
/// An update is scored with its share of the step, but at least this much, or its effect would
/// drown in a large cohort.
inline constexpr double kMinProbeShare = 0.25;
/// Above this many members the quadratic mixing is left out.
inline constexpr std::size_t kMaxMixed = 40;

/// Turns a round's list into the next parameters: a function of its arguments alone, the same bits
/// on every machine for any number of threads, whatever the order of the list. `backend` must be
/// deterministic. A bad contribution is a verdict, not an error; errors are Invalid arguments,
/// Cancelled, Unavailable. With nothing accepted the parameters stay.
base::Result<RoundOutcome> aggregateRound(const RoundInput& input, ml::Backend& backend);

/// Mean loss of `parameters` in nats per byte over all complete windows of the text.
base::Result<double> evaluateText(
    const ml::Parameters& parameters, const ProbeText& text, ml::Backend& backend);

} // namespace loam::training
