// SPDX-License-Identifier: GPL-3.0-or-later
// config.json and tokenizer.json from strangers: read as both; what is accepted is consistent.
#include "fuzz/fuzz.h"
#include "ml/hugging_face.h"
#include "ml/tensor_shelf.h"

using namespace loam;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const auto fields = ml::JsonFields::parse(fuzz::text(data, size), "fuzz");
    if (!fields) {
        return 0;
    }
    const auto config = ml::parseHuggingFaceConfig(*fields);
    ASSERT(!config || ml::checkShape(config->shape).has_value());
    auto vocabulary = ml::parseTokenizerJson(*fields);
    if (!vocabulary) {
        return 0;
    }
    const auto codec = ml::TextCodec::create(std::move(*vocabulary));
    if (codec) {
        const std::string_view text = fuzz::text(data, std::min(size, std::size_t{ 256 }));
        for (const ml::Token token : (*codec)->encode(text, ml::TextCodec::Special::Plain)) {
            ASSERT(token >= 0
                && static_cast<std::size_t>(token) < (*codec)->vocabulary().pieces.size());
        }
    }
    return 0;
}
