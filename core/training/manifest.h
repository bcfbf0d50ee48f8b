// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/bytes.h"
#include "ml/model_config.h"
#include "training/private_terms.h"

#include <cstdint>
#include <optional>
#include <string>

namespace loam::training {

/// Which of the two ways of training together a run takes; they never mix in a round.
enum class Lane : std::uint8_t {
    Open = 1, ///< public or licensed data; updates are signed, visible, scored
    Private = 2, ///< the owners' own text; only noisy sums of groups are ever visible
};

/// How accepted updates become one step.
enum class Rule : std::uint8_t {
    Mean = 1, ///< weighted mean, for comparison
    NnmCenteredClip = 2, ///< nearest-neighbour mixing, then centered clipping
};

/// Everything about a run that its members must agree on, fixed when it is opened. Real numbers
/// are integers in millionths ("Micro"), so that every machine reads the same value.
struct RunManifest
{
    std::string name; ///< 1..64 bytes of UTF-8
    std::string dataset; ///< what the text is and where it is from
    std::string licence; ///< of the text and of the trained weights
    Lane lane{ Lane::Open };
    ml::ModelConfig model;
    std::uint64_t initSeed{ 1 }; ///< of the first parameters
    base::Hash256 tokenizerHash; ///< SHA-256 of the SentencePiece model
    std::uint64_t tokenizerBytes{ 0 };
    base::Hash256 probeHash; ///< SHA-256 of the held-out text that scores
    std::uint64_t probeBytes{ 0 };

    std::uint32_t innerSteps{ 30 }; ///< H: local steps of one round
    std::uint32_t batch{ 8 }; ///< sequences of model.context tokens a step
    std::uint32_t learningRateMicro{ 2000 }; ///< inner AdamW
    std::uint32_t warmupSteps{ 20 }; ///< global steps of linear warm-up
    std::uint32_t weightDecayMicro{ 100'000 };
    std::uint32_t beta1Micro{ 900'000 };
    std::uint32_t beta2Micro{ 950'000 };
    std::uint32_t gradientClipMicro{ 1'000'000 }; ///< Euclidean norm; 0 = none

    std::uint16_t keepPerChunk{ 512 }; ///< of each 4,096 values; 0 = all, as binary16
    std::uint32_t errorFeedbackMicro{ 950'000 }; ///< decay of what was not sent

    std::uint32_t outerRateMicro{ 1'000'000 }; ///< of the outer SGD
    std::uint32_t normClipMicro{ 1'500'000 }; ///< times the median norm
    Rule rule{ Rule::NnmCenteredClip };
    std::uint32_t probeTokens{ 1024 }; ///< drawn anew from the probe text each round
    std::uint32_t probeMarginMicro{ 100'000 }; ///< nats per byte that an update may cost there
    std::uint32_t windowSeconds{ 1200 }; ///< from the start of a round to its deadline

    std::optional<PrivateTerms> privacy; ///< given exactly in the private lane

    bool operator==(const RunManifest&) const = default;

    /// Deterministic CBOR: a map with keys 1..27: the version of the format,
    /// then the fields in the order above; in the private lane key 28, the terms of privacy.
    base::Bytes encode() const;
    /// Strict; Invalid names the field that is missing or out of bounds.
    static base::Result<RunManifest> decode(base::ByteView bytes);
    /// SHA-256 of encode().
    base::Hash256 hash() const;
    /// Invalid names the field and its bounds.
    base::Result<> validate() const;

    /// Global index of a local step, the time of the learning rate's schedule.
    std::uint64_t globalStep(std::uint64_t round, std::uint32_t step) const
    {
        return round * innerSteps + step;
    }
    /// Linear warm-up over the first `warmupSteps`, constant behind them.
    double learningRate(std::uint64_t globalStep) const;
    /// Tokens that one contribution trains on.
    std::uint64_t tokensPerRound() const
    {
        return std::uint64_t{ innerSteps } * batch * model.context;
    }
};

/// SHA-256, by which a run names its tokenizer, its texts and the bodies of its updates.
base::Hash256 contentHash(base::ByteView bytes);

/// A value in millionths as a real number.
constexpr double fromMicro(std::uint32_t micro)
{
    return static_cast<double>(micro) / 1e6;
}

} // namespace loam::training
