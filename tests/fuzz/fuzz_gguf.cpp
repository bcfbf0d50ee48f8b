// SPDX-License-Identifier: GPL-3.0-or-later
// Models from strangers: what is accepted stays inside the file, and its text codec works.
#include "fuzz/fuzz.h"
#include "ml/model_parts.h"

#include <algorithm>

using namespace loam;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    auto file = ml::Gguf::parse(fuzz::bytes(data, size), "fuzz");
    if (!file) {
        ASSERT(file.error().message.starts_with("fuzz: "));
        return 0;
    }
    std::size_t covered = 0;
    for (const ml::GgufTensor& tensor : file->tensors()) {
        ASSERT(file->tensor(tensor.name) == &tensor);
        covered += tensor.bytes.size();
    }
    ASSERT(covered <= size);
    const auto parts = ml::partsFromGguf(std::make_shared<const ml::Gguf>(std::move(*file)));
    if (!parts) {
        return 0;
    }
    const ml::ModelShape& shape = parts->description.shape;
    const ml::ModelTensors& tensors = parts->tensors;
    ASSERT(tensors.layers.size() == shape.layers && tensors.outputNorm.size() == shape.dim);
    ASSERT(tensors.head.bytes.size() == shape.vocab * ml::rowBytes(tensors.head.type, shape.dim));
    const std::string_view text = fuzz::text(data, std::min(size, std::size_t{ 256 }));
    for (const ml::Token token : parts->text->encode(text, ml::TextCodec::Special::Parse)) {
        ASSERT(token >= 0 && token < static_cast<ml::Token>(shape.vocab));
    }
    return 0;
}
