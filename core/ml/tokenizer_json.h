// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ml/text_codec.h"

namespace loam::ml {

/// A SentencePiece vocabulary as Hugging Face's tokenizer.json: the same tokens by merges with byte
/// fallback.
std::string tokenizerJson(const Vocabulary& vocabulary);

} // namespace loam::ml
