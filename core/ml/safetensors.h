// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/bytes.h"
#include "ml/mapped_file.h"

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace loam::ml {

/// Element types of the format that Loam reads; others are refused.
enum class DType { F32, F16, BF16, I32, I64, U8 };

/// Bytes of one element.
std::size_t dtypeSize(DType type);

struct SafetensorsEntry
{
    std::string name;
    DType dtype{ DType::F32 };
    std::vector<std::size_t> shape;
    std::size_t begin{ 0 }; ///< byte range inside the data section
    std::size_t end{ 0 };
};

/// A tensor to be written; `values` must outlive the call.
struct SafetensorsTensor
{
    std::string_view name;
    std::span<const std::size_t> shape;
    std::span<const float> values;
};

/// Read side of the safetensors format (header length, JSON header, data), strict: the tensors
/// cover the data section exactly, without overlap, gap or overflow; names are unique. A hostile
/// header costs at most a small multiple of its own size, which is limited.
class Safetensors
{
public:
    static constexpr std::size_t kMaxHeaderBytes = std::size_t{ 8 } << 20U;
    static constexpr std::size_t kMaxTensors = 65'536;
    static constexpr std::size_t kMaxRank = 8;

    /// Reads a header in memory; `file` must outlive the object. Corrupt on any violation.
    static base::Result<Safetensors> parse(base::ByteView file);
    /// Maps the file read-only; the mapping lives as long as the object.
    static base::Result<Safetensors> open(const std::filesystem::path& path);

    std::span<const SafetensorsEntry> entries() const { return m_entries; }
    std::span<const std::pair<std::string, std::string>> metadata() const { return m_metadata; }
    const SafetensorsEntry* find(std::string_view name) const;
    /// The raw bytes of a tensor, little-endian.
    base::ByteView bytes(const SafetensorsEntry& entry) const;

private:
    Safetensors() = default;

    std::optional<MappedFile> m_mapping;
    base::ByteView m_data;
    std::vector<SafetensorsEntry> m_entries;
    std::vector<std::pair<std::string, std::string>> m_metadata;
};

/// The header of tensors of any type: `begin` and `end` are not read but follow from types and
/// shapes in the given order.
base::Bytes safetensorsHeader(std::span<const SafetensorsEntry> tensors);

/// The header alone, padded with spaces so that the data begins at a multiple of 64 bytes;
/// tensors in the given order, metadata {"format":"pt"}. Equal input gives equal bytes.
base::Bytes safetensorsHeader(std::span<const SafetensorsTensor> tensors);

/// Header and data.
base::Bytes writeSafetensors(std::span<const SafetensorsTensor> tensors);

} // namespace loam::ml
