// SPDX-License-Identifier: GPL-3.0-or-later
#include "ml/parameters.h"

#include "base/file.h"
#include "crypto/hash.h"
#include "ml/exact_math.h"
#include "ml/safetensors.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <new>

namespace loam::ml {

using base::Errc;
using base::fail;
using base::Result;

static_assert(std::endian::native == std::endian::little,
    "weights are mapped and hashed as they lie in memory");

namespace {

    constexpr std::align_val_t kAlignment{ 64 };

    std::vector<SafetensorsTensor> tensorsOf(const Parameters& parameters)
    {
        std::vector<SafetensorsTensor> tensors;
        for (const ParameterEntry& entry : parameters.table().entries()) {
            tensors.push_back({ entry.name, entry.shape, parameters.values(entry) });
        }
        return tensors;
    }

    bool writesIntoResidual(std::string_view name)
    {
        return name.ends_with("o_proj.weight") || name.ends_with("down_proj.weight");
    }

    void fillNormal(
        std::span<float> values, double deviation, std::uint64_t seed, std::uint32_t tensor)
    {
        const std::array<std::uint32_t, 2> key{ static_cast<std::uint32_t>(seed),
            static_cast<std::uint32_t>(seed >> 32U) };
        for (std::size_t block = 0; block * 4 < values.size(); ++block) {
            const std::uint64_t counter = block;
            const auto words
                = exact::philox({ static_cast<std::uint32_t>(counter),
                                    static_cast<std::uint32_t>(counter >> 32U), tensor, 0 },
                    key);
            const auto low = exact::normalPair(words[0], words[1]);
            const auto high = exact::normalPair(words[2], words[3]);
            const std::array<double, 4> four{ low[0], low[1], high[0], high[1] };
            const std::size_t begin = block * 4;
            for (std::size_t i = begin; i < std::min(begin + 4, values.size()); ++i) {
                values[i] = static_cast<float>(deviation * four[i - begin]);
            }
        }
    }

    Result<Parameters> fromFile(const ModelConfig& config, const Safetensors& file)
    {
        TRY_ASSIGN(Parameters parameters, Parameters::zero(config));
        if (file.entries().size() != parameters.table().entries().size()) {
            return fail(Errc::Invalid,
                fmt::format("the file holds {} tensors, this model has {}", file.entries().size(),
                    parameters.table().entries().size()));
        }
        for (const ParameterEntry& entry : parameters.table().entries()) {
            const SafetensorsEntry* found = file.find(entry.name);
            if (found == nullptr) {
                return fail(Errc::Invalid, "the file lacks the tensor " + entry.name);
            }
            if (found->dtype != DType::F32 || found->shape != entry.shape) {
                return fail(Errc::Invalid,
                    "the tensor " + entry.name + " has another shape or element type");
            }
            const base::ByteView bytes = file.bytes(*found);
            std::memcpy(parameters.values(entry).data(), bytes.data(), bytes.size());
        }
        return parameters;
    }

} // namespace

ParameterTable::ParameterTable(const ModelConfig& config)
{
    const std::size_t dim = config.dim;
    const std::size_t kvDim = std::size_t{ config.kvHeads } * config.headDim();
    const auto add = [this](std::string name, std::vector<std::size_t> shape) {
        std::size_t count = 1;
        for (const std::size_t extent : shape) {
            count *= extent;
        }
        m_entries.push_back({ std::move(name), std::move(shape), m_count, count });
        m_count += count;
    };
    add("model.embed_tokens.weight", { config.vocab, dim });
    for (std::uint32_t layer = 0; layer < config.layers; ++layer) {
        const std::string prefix = fmt::format("model.layers.{}.", layer);
        add(prefix + "input_layernorm.weight", { dim });
        add(prefix + "self_attn.q_proj.weight", { dim, dim });
        add(prefix + "self_attn.k_proj.weight", { kvDim, dim });
        add(prefix + "self_attn.v_proj.weight", { kvDim, dim });
        if (config.qkvBias) {
            add(prefix + "self_attn.q_proj.bias", { dim });
            add(prefix + "self_attn.k_proj.bias", { kvDim });
            add(prefix + "self_attn.v_proj.bias", { kvDim });
        }
        add(prefix + "self_attn.o_proj.weight", { dim, dim });
        add(prefix + "post_attention_layernorm.weight", { dim });
        add(prefix + "mlp.gate_proj.weight", { config.ffn, dim });
        add(prefix + "mlp.up_proj.weight", { config.ffn, dim });
        add(prefix + "mlp.down_proj.weight", { dim, config.ffn });
    }
    add("model.norm.weight", { dim });
    if (!config.tied) {
        add("lm_head.weight", { config.vocab, dim });
    }
}

const ParameterEntry* ParameterTable::find(std::string_view name) const
{
    const auto found = std::ranges::find(m_entries, name, &ParameterEntry::name);
    return found == m_entries.end() ? nullptr : &*found;
}

void Parameters::Free::operator()(float* values) const
{
    ::operator delete[](values, kAlignment);
}

Parameters::Parameters(const ModelConfig& config, std::shared_ptr<const ParameterTable> table,
    std::unique_ptr<float[], Free> values)
    : m_config{ config }
    , m_table{ std::move(table) }
    , m_values{ std::move(values) }
{
}

Result<Parameters> Parameters::zero(const ModelConfig& config)
{
    TRY(config.validate());
    auto table = std::make_shared<const ParameterTable>(config);
    const std::size_t bytes = table->count() * sizeof(float);
    void* memory = ::operator new[](bytes, kAlignment, std::nothrow);
    if (memory == nullptr) {
        return fail(
            Errc::Unavailable, fmt::format("no memory for {} bytes of model weights", bytes));
    }
    std::memset(memory, 0, bytes);
    return Parameters{ config, std::move(table),
        std::unique_ptr<float[], Free>{ static_cast<float*>(memory) } };
}

Result<Parameters> Parameters::initialise(const ModelConfig& config, std::uint64_t seed)
{
    const double usual = std::sqrt(2.0 / (5.0 * config.dim));
    TRY_ASSIGN(Parameters parameters, zero(config));
    std::uint32_t tensor = 0;
    for (const ParameterEntry& entry : parameters.table().entries()) {
        const std::span<float> values = parameters.values(entry);
        if (!entry.isMatrix()) {
            std::ranges::fill(values, entry.name.ends_with(".bias") ? 0.0F : 1.0F);
        } else {
            const double deviation
                = writesIntoResidual(entry.name) ? usual / std::sqrt(2.0 * config.layers) : usual;
            fillNormal(values, deviation, seed, tensor);
        }
        ++tensor;
    }
    return parameters;
}

Result<Parameters> Parameters::load(const ModelConfig& config, const std::filesystem::path& path)
{
    TRY_ASSIGN(const Safetensors file, Safetensors::open(path));
    return fromFile(config, file);
}

Result<Parameters> Parameters::parse(const ModelConfig& config, base::ByteView safetensors)
{
    TRY_ASSIGN(const Safetensors file, Safetensors::parse(safetensors));
    return fromFile(config, file);
}

Result<Parameters> Parameters::clone() const
{
    TRY_ASSIGN(Parameters copy, zero(m_config));
    std::ranges::copy(values(), copy.values().begin());
    return copy;
}

std::span<float> Parameters::values(const ParameterEntry& entry)
{
    return values().subspan(entry.offset, entry.count);
}

std::span<const float> Parameters::values(const ParameterEntry& entry) const
{
    return values().subspan(entry.offset, entry.count);
}

base::Bytes Parameters::toSafetensors() const
{
    return writeSafetensors(tensorsOf(*this));
}

Result<> Parameters::save(const std::filesystem::path& path) const
{
    return base::writeFileAtomically(path, toSafetensors());
}

base::Hash256 Parameters::hash() const
{
    crypto::Sha256 sha;
    sha.update(safetensorsHeader(tensorsOf(*this)));
    // The tensors lie in the buffer as they lie in the file.
    sha.update(std::as_bytes(values()));
    return sha.finish();
}

} // namespace loam::ml
