// SPDX-License-Identifier: GPL-3.0-or-later
// SentencePiece vocabularies from strangers: what is accepted comes back equal when written.
#include "fuzz/fuzz.h"
#include "ml/sentencepiece_model.h"

using namespace loam;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const auto vocabulary = ml::parseSentencePieceModel(fuzz::bytes(data, size));
    if (!vocabulary) {
        return 0;
    }
    const auto written = ml::writeSentencePieceModel(*vocabulary);
    ASSERT(written.has_value());
    const auto again = ml::parseSentencePieceModel(*written);
    ASSERT(again.has_value() && again->pieces.size() == vocabulary->pieces.size());
    ASSERT(again->unknown == vocabulary->unknown && again->eos == vocabulary->eos);
    return 0;
}
