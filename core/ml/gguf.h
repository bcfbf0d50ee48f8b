// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/bytes.h"
#include "ml/mapped_file.h"
#include "ml/weight_type.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace loam::ml {

/// Types of metadata values, with the numbers they have in the file.
enum class GgufType : std::uint32_t {
    U8,
    I8,
    U16,
    I16,
    U32,
    I32,
    F32,
    Bool,
    Text,
    Array,
    U64,
    I64,
    F64
};

/// A metadata value as it lies in the file, its bounds checked.
struct GgufValue
{
    GgufType type{ GgufType::U8 }; ///< of the value, or of an array's elements
    bool isArray{ false };
    std::uint64_t count{ 1 }; ///< elements
    base::ByteView bytes; ///< of all elements; texts carry their lengths
};

struct GgufTensor
{
    std::string_view name; ///< in the file
    std::vector<std::uint64_t> shape; ///< as in the file: the columns first
    WeightType type{ WeightType::F32 };
    base::ByteView bytes;

    std::uint64_t count() const; ///< product of the shape
};

/// The type's number in a file.
std::uint32_t ggufTypeNumber(WeightType type);

/// Read side of GGUF (versions 2 and 3, little-endian), strict: every length is checked against
/// the file, keys and tensor names are unique, tensors are aligned, lie inside the file and do not
/// overlap. Costs at most a small multiple of the header in memory. All errors name the file.
class Gguf
{
public:
    static constexpr std::uint64_t kMaxTensors = 65'536;
    static constexpr std::uint64_t kMaxKeys = 65'536;
    static constexpr std::uint64_t kMaxNameBytes = 1'024;
    static constexpr std::uint64_t kMaxRank = 4;

    /// From memory; `file` must outlive the object, `name` is used in messages. Corrupt when the
    /// bytes break the format, Invalid when they use what Loam does not read.
    static base::Result<Gguf> parse(base::ByteView file, std::string name);
    static base::Result<Gguf> open(const std::filesystem::path& path);

    std::span<const GgufTensor> tensors() const { return m_tensors; }
    /// nullptr when there is no such tensor.
    const GgufTensor* tensor(std::string_view name) const;
    std::uint64_t bytes() const { return m_file.size(); }
    const std::string& name() const { return m_name; }

    bool has(std::string_view key) const { return m_values.contains(key); }
    const GgufValue* value(std::string_view key) const;
    /// Values by kind: nothing when the key is absent, Invalid when it holds something else.
    base::Result<std::optional<std::uint64_t>> integer(std::string_view key) const;
    base::Result<std::optional<double>> number(std::string_view key) const;
    base::Result<std::optional<bool>> flag(std::string_view key) const;
    base::Result<std::optional<std::string_view>> text(std::string_view key) const;
    base::Result<std::optional<std::vector<std::string_view>>> texts(std::string_view key) const;
    base::Result<std::optional<std::vector<float>>> numbers(std::string_view key) const;

    /// An error about this file.
    tl::unexpected<base::Error> error(base::Errc code, std::string_view what) const;

private:
    friend class GgufParser;
    Gguf() = default;

    std::optional<MappedFile> m_mapping;
    std::string m_name;
    base::ByteView m_file;
    std::unordered_map<std::string_view, GgufValue> m_values;
    std::vector<GgufTensor> m_tensors;
    std::unordered_map<std::string_view, std::size_t> m_tensorByName;
};

} // namespace loam::ml
