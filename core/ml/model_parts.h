// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ml/gguf.h"
#include "ml/model_file.h"

namespace loam::ml {

/// What readers of the several formats put together.
struct ModelParts
{
    ModelDescription description;
    ModelTensors tensors;
    std::unique_ptr<TextCodec> text;
    std::shared_ptr<const void> files; ///< keeps the mappings that the tensors point into
};

base::Result<ModelParts> partsFromGguf(std::shared_ptr<const Gguf> file);
base::Result<Vocabulary> vocabularyFromGguf(const Gguf& file);
std::unique_ptr<ModelFile> modelFileOf(ModelParts parts);

} // namespace loam::ml
