// SPDX-License-Identifier: GPL-3.0-or-later
#include "ml/hugging_face.h"
#include "ml/safetensors.h"
#include "ml/tensor_shelf.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

namespace loam::ml {

using base::Errc;
using base::fail;
using base::Result;

namespace {

    constexpr std::size_t kMostConfigBytes = std::size_t{ 16 } << 20U;
    constexpr std::size_t kMostShards = 1'000;

    using Shards = std::vector<Safetensors>;

    Result<WeightType> weightType(const TensorShelf& shelf, const SafetensorsEntry& entry)
    {
        switch (entry.dtype) {
        case DType::F32:
            return WeightType::F32;
        case DType::F16:
            return WeightType::F16;
        case DType::BF16:
            return WeightType::BF16;
        case DType::I32:
        case DType::I64:
        case DType::U8:
            break;
        }
        return shelf.error(
            Errc::Invalid, fmt::format("the tensor {} holds whole numbers", entry.name));
    }

    Result<> shelve(TensorShelf& shelf, const Safetensors& file)
    {
        for (const SafetensorsEntry& entry : file.entries()) {
            // Tables that old files keep though they follow from the configuration.
            if (entry.name.ends_with("rotary_emb.inv_freq")) {
                continue;
            }
            TRY_ASSIGN(const WeightType type, weightType(shelf, entry));
            TRY(shelf.put(entry.name,
                { type, { entry.shape.begin(), entry.shape.end() }, file.bytes(entry) }));
        }
        return {};
    }

    /// The files that an index names, once each.
    Result<std::set<std::string>> shardNames(const std::filesystem::path& index)
    {
        TRY_ASSIGN(const JsonFields file, JsonFields::read(index, kMostConfigBytes));
        const nlohmann::json* map = file.find("weight_map");
        if (map == nullptr || !map->is_object()) {
            return file.error(Errc::Invalid, "weight_map is missing");
        }
        std::set<std::string> out;
        for (const auto& [tensor, shard] : map->items()) {
            const std::string name = shard.is_string() ? shard.get<std::string>() : std::string{};
            // Only files beside the index: no way out of the folder.
            if (!name.ends_with(".safetensors") || name.find('/') != std::string::npos) {
                return file.error(
                    Errc::Invalid, fmt::format("the tensor {} lies in no file beside it", tensor));
            }
            out.insert(name);
        }
        if (out.size() > kMostShards) {
            return file.error(Errc::Invalid, fmt::format("{} files are too many", out.size()));
        }
        return out;
    }

    Result<Shards> openShards(const std::filesystem::path& folder)
    {
        Shards out;
        std::error_code ignored;
        const std::filesystem::path index = folder / "model.safetensors.index.json";
        if (!std::filesystem::exists(index, ignored)) {
            TRY_ASSIGN(Safetensors whole, Safetensors::open(folder / "model.safetensors"));
            out.push_back(std::move(whole));
            return out;
        }
        TRY_ASSIGN(const std::set<std::string> names, shardNames(index));
        for (const std::string& name : names) {
            TRY_ASSIGN(Safetensors shard, Safetensors::open(folder / name));
            out.push_back(std::move(shard));
        }
        return out;
    }

    std::string mostUsed(const TensorShelf& shelf)
    {
        std::map<WeightType, std::size_t> bytes;
        for (const auto& [name, tensor] : shelf.tensors()) {
            bytes[tensor.type] += tensor.bytes.size();
        }
        const auto most
            = std::ranges::max_element(bytes, {}, [](const auto& one) { return one.second; });
        return most == bytes.end() ? std::string{} : std::string{ weightTypeName(most->first) };
    }

    Result<ModelParts> partsOf(
        const std::filesystem::path& folder, std::shared_ptr<const Shards> shards)
    {
        const std::string name = folder.filename().string();
        TRY_ASSIGN(
            const JsonFields fields, JsonFields::read(folder / "config.json", kMostConfigBytes));
        TRY_ASSIGN(const HuggingFaceConfig config, parseHuggingFaceConfig(fields));
        ModelParts parts;
        ModelDescription& about = parts.description;
        about.name = name;
        about.shape = config.shape;
        TensorShelf shelf{ name };
        for (const Safetensors& shard : *shards) {
            TRY(shelve(shelf, shard));
        }
        const TensorNames names = huggingFaceNames(config.shape.architecture);
        const std::string head{ names.head };
        if (!config.isTied && !shelf.has(head)) {
            return shelf.error(Errc::Invalid, fmt::format("the tensor {} is missing", head));
        }
        TRY_ASSIGN(parts.tensors,
            takeTensors(shelf, names, config.shape,
                config.shape.architecture == Architecture::Gemma3 ? NormGains::LessOne
                                                                  : NormGains::AsStored));
        if (config.isTied) {
            parts.tensors.tied = true;
            parts.tensors.head = parts.tensors.embedding;
        }
        TRY(shelf.allTaken());
        for (const auto& [tensorName, tensor] : shelf.tensors()) {
            about.bytes += tensor.bytes.size();
            about.parameters += config.isTied && tensorName == head
                ? 0
                : tensor.bytes.size() / blockFormat(tensor.type).bytes;
        }
        about.quantisation = mostUsed(shelf);
        TRY_ASSIGN(Vocabulary vocabulary, vocabularyFromFolder(folder, config));
        if (vocabulary.pieces.size() != config.shape.vocab) {
            return fail(Errc::Corrupt,
                fmt::format("{}: the vocabulary has {} tokens, the embedding {} rows", name,
                    vocabulary.pieces.size(), config.shape.vocab));
        }
        TRY_ASSIGN(parts.text, TextCodec::create(std::move(vocabulary)));
        parts.files = std::move(shards);
        return parts;
    }

} // namespace

Result<ModelParts> partsFromFolder(const std::filesystem::path& folder)
{
    TRY_ASSIGN(Shards shards, openShards(folder));
    return partsOf(folder, std::make_shared<const Shards>(std::move(shards)));
}

Result<ModelParts> partsFromSafetensors(const std::filesystem::path& file)
{
    Shards shards;
    TRY_ASSIGN(Safetensors whole, Safetensors::open(file));
    shards.push_back(std::move(whole));
    const std::filesystem::path folder = std::filesystem::absolute(file).parent_path();
    return partsOf(folder, std::make_shared<const Shards>(std::move(shards)));
}

} // namespace loam::ml
