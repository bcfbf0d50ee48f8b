// SPDX-License-Identifier: GPL-3.0-or-later
// Adapters as PEFT keeps them: adapter_config.json beside adapter_model.safetensors.
#include "base/file.h"
#include "ml/lora.h"
#include "ml/safetensors.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstring>

namespace loam::ml {

using base::Errc;
using base::fail;
using base::Result;

namespace {

    using Json = nlohmann::json;

    constexpr std::size_t kMaxConfigBytes = std::size_t{ 64 } << 10U;
    constexpr int kMaxDepth = 8;
    constexpr const char* kConfigFile = "adapter_config.json";
    constexpr const char* kWeightsFile = "adapter_model.safetensors";

    tl::unexpected<base::Error> unusable(std::string_view field, std::string_view wanted)
    {
        return fail(
            Errc::Invalid, fmt::format("adapter_config.json: {} must be {}", field, wanted));
    }

    /// Absent, null, false, or an empty container: the feature is off.
    bool isOff(const Json& object, const char* field)
    {
        const auto found = object.find(field);
        return found == object.end() || found->is_null() || *found == false
            || ((found->is_array() || found->is_object()) && found->empty());
    }

    Result<std::vector<Linear>> targetsOf(const Json& object)
    {
        const auto names = object.find("target_modules");
        if (names == object.end() || !names->is_array()) {
            return unusable("target_modules", "a list of names");
        }
        std::vector<Linear> targets;
        for (const Json& name : *names) {
            const auto linear = name.is_string() ? linearOf(name.get_ref<const std::string&>())
                                                 : std::optional<Linear>{};
            if (!linear || std::ranges::find(targets, *linear) != targets.end()) {
                return unusable("target_modules",
                    "a list of different names out of q_proj, k_proj, v_proj, o_proj, gate_proj, "
                    "up_proj and down_proj");
            }
            targets.push_back(*linear);
        }
        std::ranges::sort(targets);
        return targets;
    }

    template <class Value> Result<Value> inFile(Result<Value> result, const char* file)
    {
        if (!result) {
            return tl::unexpected{ std::move(result).error().context(file) };
        }
        return result;
    }

} // namespace

Result<LoraConfig> parseAdapterConfig(base::ByteView json)
{
    if (json.size() > kMaxConfigBytes) {
        return fail(Errc::Invalid, "adapter_config.json is larger than 64 KiB");
    }
    const auto shallow
        = [](int depth, Json::parse_event_t, const Json&) { return depth <= kMaxDepth; };
    const Json object = Json::parse(base::asText(json), shallow, false);
    if (!object.is_object()) {
        return fail(Errc::Invalid, "adapter_config.json is not a JSON object");
    }
    if (object.value("peft_type", Json{}) != "LORA") {
        return unusable("peft_type", "LORA");
    }
    for (const char* field : { "use_dora", "use_rslora", "fan_in_fan_out", "modules_to_save",
             "rank_pattern", "alpha_pattern", "layers_to_transform", "layer_replication",
             "lora_bias", "megatron_config", "trainable_token_indices", "target_parameters" }) {
        if (!isOff(object, field)) {
            return unusable(field, "off");
        }
    }
    if (object.value("bias", Json("none")) != "none") {
        return unusable("bias", "none");
    }
    LoraConfig config;
    const auto rank = object.find("r");
    if (rank == object.end() || !rank->is_number_unsigned() || *rank == 0 || *rank > 65'536) {
        return unusable("r", "a whole number of 1 to 65536");
    }
    const auto alpha = object.find("lora_alpha");
    if (alpha == object.end() || !alpha->is_number()) {
        return unusable("lora_alpha", "a number");
    }
    config.rank = rank->get<std::uint32_t>();
    config.alpha = alpha->get<float>();
    TRY_ASSIGN(config.targets, targetsOf(object));
    return config;
}

Result<Lora> Lora::parse(
    const ModelConfig& model, base::ByteView configJson, base::ByteView safetensors)
{
    TRY_ASSIGN(const LoraConfig config, parseAdapterConfig(configJson));
    TRY(config.validate(model));
    TRY_ASSIGN(const Safetensors file, Safetensors::parse(safetensors));
    Lora lora{ model, config };
    if (file.entries().size() != lora.table().entries().size()) {
        return fail(Errc::Invalid,
            fmt::format("the adapter holds {} tensors, its configuration and this model ask for {}",
                file.entries().size(), lora.table().entries().size()));
    }
    for (const ParameterEntry& entry : lora.table().entries()) {
        const SafetensorsEntry* found = file.find(entry.name);
        if (found == nullptr) {
            return fail(Errc::Invalid, "the adapter lacks the tensor " + entry.name);
        }
        if (found->dtype != DType::F32 || found->shape != entry.shape) {
            return fail(Errc::Invalid,
                "the adapter's tensor " + entry.name + " has another shape or element type");
        }
        const base::ByteView bytes = file.bytes(*found);
        std::memcpy(lora.m_values.data() + entry.offset, bytes.data(), bytes.size());
    }
    return lora;
}

Result<Lora> Lora::load(const ModelConfig& model, const std::filesystem::path& folder)
{
    // Nothing is read beyond what an adapter of every layer at full rank could hold.
    constexpr std::size_t kMostBytes = std::size_t{ 8 } << 30U;
    TRY_ASSIGN(const base::Bytes config,
        inFile(base::readFile(folder / kConfigFile, kMaxConfigBytes), kConfigFile));
    TRY_ASSIGN(const base::Bytes weights,
        inFile(base::readFile(folder / kWeightsFile, kMostBytes), kWeightsFile));
    auto lora = parse(model, config, weights);
    if (!lora) {
        return tl::unexpected{ std::move(lora).error().context(folder.string()) };
    }
    return lora;
}

std::string Lora::configJson(std::string_view baseName) const
{
    Json targets = Json::array();
    for (const Linear linear : kLinears) {
        if (m_config.isTarget(linear)) {
            targets.push_back(linearName(linear));
        }
    }
    const Json object{ { "base_model_name_or_path", baseName }, { "bias", "none" },
        { "fan_in_fan_out", false }, { "inference_mode", true }, { "lora_alpha", m_config.alpha },
        { "lora_dropout", 0.0 }, { "modules_to_save", nullptr }, { "peft_type", "LORA" },
        { "r", m_config.rank }, { "target_modules", std::move(targets) },
        { "task_type", "CAUSAL_LM" } };
    return object.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

base::Bytes Lora::toSafetensors() const
{
    std::vector<SafetensorsTensor> tensors;
    for (const ParameterEntry& entry : m_table->entries()) {
        tensors.push_back({ entry.name, entry.shape, values().subspan(entry.offset, entry.count) });
    }
    return writeSafetensors(tensors);
}

Result<> Lora::save(const std::filesystem::path& folder, std::string_view baseName) const
{
    TRY(base::makeFolder(folder));
    // The weights first: a configuration without them would announce what is not there.
    TRY(base::writeFileAtomically(folder / kWeightsFile, toSafetensors()));
    return base::writeFileAtomically(folder / kConfigFile, base::asBytes(configJson(baseName)));
}

} // namespace loam::ml
