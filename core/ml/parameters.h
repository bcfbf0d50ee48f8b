// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/bytes.h"
#include "ml/model_config.h"

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace loam::ml {

/// One named tensor inside the flat buffer.
struct ParameterEntry
{
    std::string name; ///< as in Hugging Face's Llama, e.g. model.layers.0.mlp.up_proj.weight
    std::vector<std::size_t> shape; ///< row-major; linear layers are [out, in]
    std::size_t offset{ 0 }; ///< in floats from the start of the buffer
    std::size_t count{ 0 }; ///< product of the shape

    /// Gains of norms are vectors: the optimiser does not let them decay.
    bool isMatrix() const { return shape.size() == 2; }
    friend bool operator==(const ParameterEntry&, const ParameterEntry&) = default;
};

/// The tensors of a model in their one order, without gaps. Query, key and value projections of a
/// layer follow one another, and so do gate and up, so that each group is one matrix.
class ParameterTable
{
public:
    /// `config` must be valid.
    explicit ParameterTable(const ModelConfig& config);

    std::span<const ParameterEntry> entries() const { return m_entries; }
    /// Floats altogether.
    std::size_t count() const { return m_count; }
    /// nullptr when there is no such tensor.
    const ParameterEntry* find(std::string_view name) const;

private:
    std::vector<ParameterEntry> m_entries;
    std::size_t m_count{ 0 };
};

/// All weights of a model: one flat buffer of fp32, aligned to 64 bytes, and its table.
/// The values are moved, never copied by accident; `clone` copies.
class Parameters
{
public:
    /// All zero. Fails with Invalid on a bad configuration and Unavailable without memory.
    static base::Result<Parameters> zero(const ModelConfig& config);
    /// Fresh weights, bit-equal on every machine for equal `seed`: Philox4x32-10 (Salmon et al.,
    /// SC'11) and Box-Muller with arithmetic that IEEE 754 rounds exactly. Matrices are normal with
    /// deviation sqrt(2 / (5 dim)) (Nguyen and Salazar, IWSLT 2019), those that write into the
    /// residual stream with that / sqrt(2 layers); gains are 1, biases 0.
    static base::Result<Parameters> initialise(const ModelConfig& config, std::uint64_t seed);
    /// From a safetensors file: exactly the tensors of the configuration, F32, nothing else.
    static base::Result<Parameters> load(
        const ModelConfig& config, const std::filesystem::path& path);
    /// The same from memory.
    static base::Result<Parameters> parse(const ModelConfig& config, base::ByteView safetensors);

    base::Result<Parameters> clone() const;

    const ModelConfig& config() const { return m_config; }
    const ParameterTable& table() const { return *m_table; }
    std::span<float> values() { return { m_values.get(), m_table->count() }; }
    std::span<const float> values() const { return { m_values.get(), m_table->count() }; }
    std::span<float> values(const ParameterEntry& entry);
    std::span<const float> values(const ParameterEntry& entry) const;

    /// The canonical safetensors file: header and order fixed by the configuration alone.
    base::Bytes toSafetensors() const;
    base::Result<> save(const std::filesystem::path& path) const;
    /// SHA-256 of toSafetensors(): the name of these weights on the ledger.
    base::Hash256 hash() const;

private:
    struct Free
    {
        void operator()(float* values) const;
    };
    Parameters(const ModelConfig& config, std::shared_ptr<const ParameterTable> table,
        std::unique_ptr<float[], Free> values);

    ModelConfig m_config;
    std::shared_ptr<const ParameterTable> m_table;
    std::unique_ptr<float[], Free> m_values;
};

} // namespace loam::ml
