// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ml/backend.h"
#include "ml/parameters.h"

#include <cstdint>
#include <span>
#include <vector>

namespace loam::training {

/// How much a trained model shows of what it was trained on. The attacks are the known simple ones:
/// what they find is a lower bound of the leak, shown beside the promised epsilon, its upper bound.

enum class Light : std::uint8_t { Green, Amber, Red };

/// Exposure of a canary (Carlini et al., USENIX Security 2019): how many bits closer than a blind
/// guess the model brings one to a secret of the text.
struct Exposure
{
    double bits{ 0 }; ///< log2 of candidates over rank
    std::uint64_t rank{ 0 }; ///< 1 = no candidate is more likely
    std::uint64_t candidates{ 0 }; ///< scored, the canary among them
};
/// From losses; candidates as likely as the canary count half.
Exposure exposureOf(double canaryNats, std::span<const double> candidateNats);
/// Below 3 bits green, above 10 red.
Light lightOf(const Exposure& exposure);

/// How well a score tells members from others; higher = member.
struct MembershipReport
{
    double auc{ 0.5 };
    double truePositives1{ 0 }; ///< rate at 1 % false positives
    double truePositives01{ 0 }; ///< rate at 0.1 % false positives
    double epsilonLow{ 0 }; ///< with 95 % confidence the leak is at least this
};
/// Invalid unless both sides have 20 scores, all finite.
base::Result<MembershipReport> measureMembership(
    std::span<const double> members, std::span<const double> others, double delta);
/// AUC below 0.6 and epsilonLow 0 green; AUC above 0.8 or epsilonLow above 2 red.
Light lightOf(const MembershipReport& report);

/// Clopper and Pearson's bounds of a rate from `successes` of `trials`, each right with
/// `confidence`.
double rateLow(std::uint64_t successes, std::uint64_t trials, double confidence);
double rateHigh(std::uint64_t successes, std::uint64_t trials, double confidence);

/// Lower bound of epsilon at 95 % confidence from one threshold's outcome:
/// ln((TPR_low - delta) / FPR_high), and the same for telling others apart; at least 0.
double epsilonLowerBound(std::uint64_t truePositives, std::uint64_t members,
    std::uint64_t falsePositives, std::uint64_t others, double delta);

/// Audit from one run (Steinke, Nasr, Jagielski, NeurIPS 2023): of canaries put in by fair coins,
/// `guesses` were guessed and `correct` of them rightly. Largest epsilon that a pure guarantee
/// would contradict at 95 % confidence.
double oneRunLowerBound(std::uint64_t guesses, std::uint64_t correct);

/// Loss of each sequence in nats; sequences of equal length, at least 2 tokens, at most the model's
/// context + 1. The first token is only read.
base::Result<std::vector<double>> sequenceNats(const ml::Parameters& parameters,
    ml::Backend& backend, std::span<const std::vector<ml::Token>> sequences);
/// The ratio attack's scores: how much less a text costs the model than it costs the reference that
/// was not trained on it.
std::vector<double> ratioScores(
    std::span<const double> referenceNats, std::span<const double> modelNats);

} // namespace loam::training
