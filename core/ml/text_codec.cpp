// SPDX-License-Identifier: GPL-3.0-or-later
#include "ml/text_codec.h"

#include "ml/token_table.h"

namespace loam::ml {

base::Result<std::unique_ptr<TextCodec>> TextCodec::create(Vocabulary vocabulary)
{
    const Vocabulary::Algorithm algorithm = vocabulary.algorithm;
    TRY_ASSIGN(TokenTable table, TokenTable::create(std::move(vocabulary)));
    switch (algorithm) {
    case Vocabulary::Algorithm::SentencePiece:
        return makeSentencePieceCodec(std::move(table));
    case Vocabulary::Algorithm::Bpe:
        return makeBpeCodec(std::move(table));
    }
    return base::fail(base::Errc::Invalid, "an unknown kind of vocabulary");
}

std::string TextCodec::decode(std::span<const Token> tokens) const
{
    std::string out;
    for (const Token token : tokens) {
        out += piece(token);
    }
    return out;
}

} // namespace loam::ml
