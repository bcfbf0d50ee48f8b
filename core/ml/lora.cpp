// SPDX-License-Identifier: GPL-3.0-or-later
#include "ml/lora.h"

#include "base/require.h"
#include "crypto/hash.h"
#include "ml/exact_math.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace loam::ml {

using base::Errc;
using base::fail;
using base::Result;

namespace {

    constexpr std::array<std::string_view, kLinears.size()> kNames{ "q_proj", "k_proj", "v_proj",
        "o_proj", "gate_proj", "up_proj", "down_proj" };

    std::size_t indexOf(Linear linear)
    {
        return static_cast<std::size_t>(linear);
    }

    struct Extent
    {
        std::size_t out;
        std::size_t in;
    };

    Extent extentOf(const ModelConfig& model, Linear linear)
    {
        const std::size_t dim = model.dim;
        const std::size_t kvDim = std::size_t{ model.kvHeads } * model.headDim();
        switch (linear) {
        case Linear::Query:
        case Linear::Output:
            return { dim, dim };
        case Linear::Key:
        case Linear::Value:
            return { kvDim, dim };
        case Linear::Gate:
        case Linear::Up:
            return { model.ffn, dim };
        case Linear::Down:
            return { dim, model.ffn };
        }
        ASSERT(false);
        return {};
    }

    std::string_view blockOf(Linear linear)
    {
        return indexOf(linear) <= indexOf(Linear::Output) ? "self_attn" : "mlp";
    }

    std::string weightName(std::size_t layer, Linear linear)
    {
        return fmt::format(
            "model.layers.{}.{}.{}.weight", layer, blockOf(linear), linearName(linear));
    }

} // namespace

std::string_view linearName(Linear linear)
{
    return kNames[indexOf(linear)];
}

std::optional<Linear> linearOf(std::string_view name)
{
    for (const Linear linear : kLinears) {
        if (linearName(linear) == name) {
            return linear;
        }
    }
    return std::nullopt;
}

bool LoraConfig::isTarget(Linear linear) const
{
    return std::ranges::find(targets, linear) != targets.end();
}

Result<> LoraConfig::validate(const ModelConfig& model) const
{
    TRY(model.validate());
    if (!std::isfinite(alpha) || alpha <= 0.0F) {
        return fail(Errc::Invalid, "an adapter's alpha must be a positive number");
    }
    if (targets.empty()) {
        return fail(Errc::Invalid, "an adapter needs at least one linear layer to adapt");
    }
    for (const Linear linear : targets) {
        if (std::ranges::count(targets, linear) > 1) {
            return fail(Errc::Invalid,
                fmt::format("an adapter names the layer {} twice", linearName(linear)));
        }
        const Extent extent = extentOf(model, linear);
        if (rank == 0 || rank > std::min(extent.out, extent.in)) {
            return fail(Errc::Invalid,
                fmt::format("an adapter's rank must be 1 to {} for the layer {}, not {}",
                    std::min(extent.out, extent.in), linearName(linear), rank));
        }
    }
    return {};
}

LoraTable::LoraTable(const ModelConfig& model, const LoraConfig& config)
{
    for (const Linear linear : kLinears) {
        if (config.isTarget(linear)) {
            m_place[indexOf(linear)] = m_targets++;
        }
    }
    const auto add = [&](std::size_t layer, Linear linear, std::string_view side,
                         std::array<std::size_t, 2> shape) {
        const std::size_t count = shape[0] * shape[1];
        m_entries.push_back({ fmt::format("base_model.model.model.layers.{}.{}.{}.lora_{}.weight",
                                  layer, blockOf(linear), linearName(linear), side),
            { shape[0], shape[1] }, m_count, count });
        m_count += count;
    };
    const auto forEachTarget = [&](auto visit) {
        for (std::size_t layer = 0; layer < model.layers; ++layer) {
            for (const Linear linear : kLinears) {
                if (config.isTarget(linear)) {
                    visit(layer, linear, extentOf(model, linear));
                }
            }
        }
    };
    forEachTarget([&](std::size_t layer, Linear linear, const Extent& extent) {
        add(layer, linear, "A", { config.rank, extent.in });
    });
    m_half = m_entries.size();
    if (config.freezeA) {
        m_trainedBegin = m_count;
    }
    forEachTarget([&](std::size_t layer, Linear linear, const Extent& extent) {
        add(layer, linear, "B", { extent.out, config.rank });
    });
}

std::span<const ParameterEntry> LoraTable::trained() const
{
    return std::span{ m_entries }.subspan(m_trainedBegin > 0 ? m_half : 0);
}

std::size_t LoraTable::position(std::size_t layer, Linear linear) const
{
    return layer * m_targets + m_place[indexOf(linear)];
}

const ParameterEntry& LoraTable::a(std::size_t layer, Linear linear) const
{
    return m_entries[position(layer, linear)];
}

const ParameterEntry& LoraTable::b(std::size_t layer, Linear linear) const
{
    return m_entries[m_half + position(layer, linear)];
}

Lora::Lora(const ModelConfig& model, const LoraConfig& config)
    : m_model{ model }
    , m_config{ config }
    , m_table{ std::make_shared<const LoraTable>(model, config) }
    , m_values(m_table->count(), 0.0F)
{
}

Result<Lora> Lora::initialise(
    const ModelConfig& model, const LoraConfig& config, std::uint64_t seed)
{
    TRY(config.validate(model));
    Lora lora{ model, config };
    // A key of its own beside that of Parameters::initialise, so that equal seeds do not repeat.
    const std::array<std::uint32_t, 2> key{ static_cast<std::uint32_t>(seed) ^ 0x4C6F5241U,
        static_cast<std::uint32_t>(seed >> 32U) };
    std::uint32_t tensor = 0;
    for (const ParameterEntry& entry : lora.table().entries()) {
        if (!entry.name.ends_with("lora_A.weight")) {
            continue;
        }
        const double bound = 1.0 / std::sqrt(static_cast<double>(entry.shape[1]));
        for (std::size_t i = 0; i < entry.count; ++i) {
            const std::uint64_t block = i / 4;
            const auto words
                = exact::philox({ static_cast<std::uint32_t>(block),
                                    static_cast<std::uint32_t>(block >> 32U), tensor, 0 },
                    key);
            const double centred = 2.0 * exact::uniform(words[i % 4]) - 1.0;
            lora.m_values[entry.offset + i] = static_cast<float>(bound * centred);
        }
        ++tensor;
    }
    return lora;
}

base::Hash256 Lora::hash() const
{
    return crypto::sha256(toSafetensors());
}

void Lora::freezeA(bool frozen)
{
    m_config.freezeA = frozen;
    m_table = std::make_shared<const LoraTable>(m_model, m_config);
}

Result<> Lora::mergeInto(Parameters& parameters) const
{
    if (parameters.config() != m_model) {
        return fail(Errc::Invalid, "the adapter belongs to a model of another shape");
    }
    const std::size_t rank = m_config.rank;
    const double scale = m_config.scale();
    for (std::size_t layer = 0; layer < m_model.layers; ++layer) {
        for (const Linear linear : m_config.targets) {
            const ParameterEntry* entry = parameters.table().find(weightName(layer, linear));
            ASSERT(entry != nullptr);
            const std::span<float> weights = parameters.values(*entry);
            const auto a = values().subspan(m_table->a(layer, linear).offset);
            const auto b = values().subspan(m_table->b(layer, linear).offset);
            const auto [out, in] = extentOf(m_model, linear);
            for (std::size_t o = 0; o < out; ++o) {
                for (std::size_t i = 0; i < in; ++i) {
                    // Products of two floats are exact in double, so a contraction changes nothing.
                    double sum = 0.0;
                    for (std::size_t r = 0; r < rank; ++r) {
                        sum += static_cast<double>(b[o * rank + r])
                            * static_cast<double>(a[r * in + i]);
                    }
                    const auto change = static_cast<float>(scale * sum);
                    weights[o * in + i] += change;
                }
            }
        }
    }
    return {};
}

} // namespace loam::ml
