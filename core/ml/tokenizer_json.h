// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ml/text_codec.h"

namespace loam::ml {

/// A vocabulary as Hugging Face's tokenizer.json, which makes the same tokens of the same text.
/// Invalid when a byte-pair vocabulary has a token or merge that the format cannot hold.
base::Result<std::string> tokenizerJson(const Vocabulary& vocabulary);

/// tokenizer_config.json beside it: what its tokens are for, how a conversation is written and how
/// many tokens fit into the `context`.
std::string tokenizerConfigJson(const Vocabulary& vocabulary, std::uint32_t context);

/// What stands for row `id` of an embedding that has more rows than there are tokens.
std::string fillerText(std::size_t id);

} // namespace loam::ml
