// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/bytes.h"
#include "ml/text_codec.h"

namespace loam::ml {

/// The vocabulary in the bytes of a SentencePiece .model file (a protocol buffer). Corrupt when
/// they are none, Invalid for another algorithm than BPE.
base::Result<Vocabulary> parseSentencePieceModel(base::ByteView model);

/// The same the other way, for programs that want such a file. Invalid for a byte-pair vocabulary.
base::Result<base::Bytes> writeSentencePieceModel(const Vocabulary& vocabulary);

} // namespace loam::ml
