// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/bytes.h"
#include "ml/parameters.h"

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace loam::ml {

/// The linear layers of a decoder block, in the order of ParameterTable.
enum class Linear { Query, Key, Value, Output, Gate, Up, Down };
inline constexpr std::array kLinears{ Linear::Query, Linear::Key, Linear::Value, Linear::Output,
    Linear::Gate, Linear::Up, Linear::Down };

/// "q_proj" ... "down_proj", as Hugging Face names them.
std::string_view linearName(Linear linear);
std::optional<Linear> linearOf(std::string_view name);

/// Low-rank adapters after Hu et al. (arXiv:2106.09685): a chosen linear layer y = x W^T becomes
/// y = x W^T + (alpha / rank) x A^T B^T with A[rank, in] and B[out, rank].
struct LoraConfig
{
    std::uint32_t rank{ 8 };
    float alpha{ 16.0F };
    std::vector<Linear> targets{ Linear::Query, Linear::Value };
    /// FFA-LoRA (Sun et al., arXiv:2403.12313): A keeps its first values and only B is trained, so
    /// that a mean of adapters is the adapter of the mean.
    bool freezeA{ false };

    float scale() const { return alpha / static_cast<float>(rank); }
    bool isTarget(Linear linear) const;
    /// Invalid: a rank of 0 or above the model's narrowest layer, an alpha that is no positive
    /// number, no target or one twice.
    base::Result<> validate(const ModelConfig& model) const;

    friend bool operator==(const LoraConfig&, const LoraConfig&) = default;
};

/// The tensors of an adapter in their one order, without gaps: all A's, then all B's, each by layer
/// and then in the order of Linear. A frozen A is thus the buffer's first part.
class LoraTable
{
public:
    /// Both configurations must be valid.
    LoraTable(const ModelConfig& model, const LoraConfig& config);

    std::span<const ParameterEntry> entries() const { return m_entries; }
    /// Those that are trained: everything, or the B's.
    std::span<const ParameterEntry> trained() const;
    /// Floats altogether, and where the trained ones begin.
    std::size_t count() const { return m_count; }
    std::size_t trainedBegin() const { return m_trainedBegin; }
    /// Where A and B of the layer's target lie; it must be one.
    const ParameterEntry& a(std::size_t layer, Linear linear) const;
    const ParameterEntry& b(std::size_t layer, Linear linear) const;

private:
    std::size_t position(std::size_t layer, Linear linear) const;

    std::vector<ParameterEntry> m_entries;
    std::array<std::size_t, kLinears.size()> m_place{}; ///< of a linear among the targets
    std::size_t m_targets{ 0 };
    std::size_t m_half{ 0 }; ///< entries that are A's
    std::size_t m_count{ 0 };
    std::size_t m_trainedBegin{ 0 };
};

/// The weights of an adapter on the host.
class Lora
{
public:
    /// A uniform in +-1 / sqrt(in) by Philox4x32-10, the same bits on every machine for an equal
    /// seed; B zero: the adapted model begins as the base.
    static base::Result<Lora> initialise(
        const ModelConfig& model, const LoraConfig& config, std::uint64_t seed);

    /// Reads a PEFT folder: adapter_config.json and adapter_model.safetensors (F32). Invalid when
    /// it is made for another shape or uses what Loam does not compute (DoRA, rank patterns,
    /// biases, further modules). The result trains A and B; see freezeA.
    static base::Result<Lora> load(const ModelConfig& model, const std::filesystem::path& folder);
    /// The same from memory.
    static base::Result<Lora> parse(
        const ModelConfig& model, base::ByteView configJson, base::ByteView safetensors);
    /// Writes both files, each in one step; `baseName` is what PEFT shows as the base model.
    base::Result<> save(const std::filesystem::path& folder, std::string_view baseName) const;
    std::string configJson(std::string_view baseName) const;
    base::Bytes toSafetensors() const;
    /// SHA-256 of toSafetensors().
    base::Hash256 hash() const;

    const ModelConfig& model() const { return m_model; }
    const LoraConfig& config() const { return m_config; }
    const LoraTable& table() const { return *m_table; }
    /// Which half is trained from now on.
    void freezeA(bool frozen);

    std::span<float> values() { return m_values; }
    std::span<const float> values() const { return m_values; }
    /// The part that training changes, and what an update of a round consists of.
    std::span<float> trained() { return values().subspan(m_table->trainedBegin()); }
    std::span<const float> trained() const { return values().subspan(m_table->trainedBegin()); }

    /// W += scale B A for every target; the same bits on every machine. Invalid when the base has
    /// another shape.
    base::Result<> mergeInto(Parameters& parameters) const;

private:
    Lora(const ModelConfig& model, const LoraConfig& config);

    ModelConfig m_model;
    LoraConfig m_config;
    std::shared_ptr<const LoraTable> m_table;
    std::vector<float> m_values;
};

/// What adapter_config.json says, as far as Loam can compute it. Invalid otherwise, naming the
/// field. Costs at most a small multiple of its 64 KiB limit.
base::Result<LoraConfig> parseAdapterConfig(base::ByteView json);

} // namespace loam::ml
