// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "training/adapter.h"
#include "training/aggregation.h"
#include "training/private_lane.h"
#include "training/trainer.h"

#include <functional>
#include <span>
#include <vector>

namespace loam::training {

/// The adapter that a private run trains: its fixed factor follows from the run alone, so all
/// rounds add to one adapter.
FixedAdapter adapterOf(
    const RunManifest& manifest, const ml::ParameterTable& table, const base::Hash256& run);

struct PrivateJob
{
    const RunManifest& manifest;
    base::Hash256 run;
    base::PublicKey node;
    base::Hash256 beacon;
    std::uint64_t round{ 0 };
    const ml::Parameters& base;
    std::span<const ml::Token> tokens; ///< the owner's own text, at least context + 1
    std::uint64_t memoryBudget{ 0 }; ///< bytes on the device; 0: no limit
};

struct PrivateReport
{
    std::vector<float> update; ///< (adapter), before clipping: never leaves the member as it is
    std::uint64_t tokens{ 0 };
    double lossFirst{ 0 }; ///< nats per token, first step
    double lossLast{ 0 }; ///< nats per token, last step
    double norm{ 0 }; ///< before clipping
};

/// A member's round: H steps of AdamW on the adapter alone, from zero. Cancelled after a cancel.
base::Result<PrivateReport> trainPrivate(const PrivateJob& job, ml::Backend& backend,
    WorkControl& control, const std::function<void(const TrainProgress&)>& onProgress);

struct PrivateRoundInput
{
    const RunManifest& manifest;
    base::NetworkId network;
    base::Hash256 run;
    std::uint64_t round{ 0 };
    base::Hash256 beacon;
    const ml::Parameters& base;
    ProbeText probe;
    /// What members committed to: the body is their group's record, the same for all of a group.
    std::span<const Contribution> contributions;
    /// Members of the round as the ledger knows them now: each must be in a record's cohort.
    std::span<const base::PublicKey> members;
    /// Those who left during the round: they may be in it.
    std::span<const base::PublicKey> leavers;
    std::uint32_t clipMicro{ 0 }; ///< of this round
};

/// Opens the groups' sums and turns them into the next parameters: a function of its arguments
/// alone, the same bits on every machine. Every survivor of an accepted group that committed to its
/// record has the same weight. Errors as aggregateRound.
base::Result<RoundOutcome> aggregatePrivate(const PrivateRoundInput& input, ml::Backend& backend);

} // namespace loam::training
