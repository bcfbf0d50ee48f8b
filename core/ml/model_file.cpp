// SPDX-License-Identifier: GPL-3.0-or-later
#include "ml/model_file.h"

#include "ml/hugging_face.h"
#include "ml/model_parts.h"

namespace loam::ml {

using base::Result;

namespace {

    class OpenedModel final : public ModelFile
    {
    public:
        explicit OpenedModel(ModelParts parts)
            : m_parts{ std::move(parts) }
        {
        }

        const ModelDescription& description() const override { return m_parts.description; }
        const ModelTensors& tensors() const override { return m_parts.tensors; }
        const TextCodec& text() const override { return *m_parts.text; }

    private:
        ModelParts m_parts;
    };

} // namespace

std::string_view architectureName(Architecture architecture)
{
    switch (architecture) {
    case Architecture::Llama:
        return "llama";
    case Architecture::Qwen2:
        return "qwen2";
    case Architecture::Gemma3:
        return "gemma3";
    }
    return {};
}

std::unique_ptr<ModelFile> modelFileOf(ModelParts parts)
{
    return std::make_unique<OpenedModel>(std::move(parts));
}

Result<std::unique_ptr<ModelFile>> ModelFile::open(const std::filesystem::path& path)
{
    std::error_code ignored;
    if (std::filesystem::is_directory(path, ignored)) {
        TRY_ASSIGN(ModelParts parts, partsFromFolder(std::filesystem::absolute(path)));
        return modelFileOf(std::move(parts));
    }
    if (path.extension() == ".safetensors") {
        TRY_ASSIGN(ModelParts parts, partsFromSafetensors(path));
        return modelFileOf(std::move(parts));
    }
    TRY_ASSIGN(Gguf file, Gguf::open(path));
    TRY_ASSIGN(ModelParts parts, partsFromGguf(std::make_shared<const Gguf>(std::move(file))));
    return modelFileOf(std::move(parts));
}

} // namespace loam::ml
