// SPDX-License-Identifier: GPL-3.0-or-later
#include "ml/gguf.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <limits>

namespace loam::ml {

using base::Errc;
using base::fail;
using base::Result;

namespace {

    constexpr std::uint32_t kMagic = 0x46554747; // "GGUF"
    constexpr std::uint64_t kDefaultAlignment = 32;
    constexpr std::uint64_t kMaxAlignment = 1U << 16U;

    constexpr std::string_view kCut = "it ends in the middle of its header: download it again";

    struct TypeNumber
    {
        std::uint32_t number;
        WeightType type;
    };
    constexpr std::array<TypeNumber, kWeightTypes> kTypeNumbers{ {
        { 0, WeightType::F32 },
        { 1, WeightType::F16 },
        { 2, WeightType::Q4_0 },
        { 3, WeightType::Q4_1 },
        { 6, WeightType::Q5_0 },
        { 7, WeightType::Q5_1 },
        { 8, WeightType::Q8_0 },
        { 10, WeightType::Q2_K },
        { 11, WeightType::Q3_K },
        { 12, WeightType::Q4_K },
        { 13, WeightType::Q5_K },
        { 14, WeightType::Q6_K },
        { 30, WeightType::BF16 },
    } };

    std::optional<WeightType> typeOfNumber(std::uint32_t number)
    {
        const auto* found = std::ranges::find(kTypeNumbers, number, &TypeNumber::number);
        return found == kTypeNumbers.end() ? std::nullopt : std::optional{ found->type };
    }

    /// Bytes of one element, 0 for those of varying length.
    std::uint64_t elementBytes(GgufType type)
    {
        switch (type) {
        case GgufType::U8:
        case GgufType::I8:
        case GgufType::Bool:
            return 1;
        case GgufType::U16:
        case GgufType::I16:
            return 2;
        case GgufType::U32:
        case GgufType::I32:
        case GgufType::F32:
            return 4;
        case GgufType::U64:
        case GgufType::I64:
        case GgufType::F64:
            return 8;
        case GgufType::Text:
        case GgufType::Array:
            return 0;
        }
        return 0;
    }

} // namespace

std::uint64_t GgufTensor::count() const
{
    std::uint64_t out = 1;
    for (const std::uint64_t extent : shape) {
        out *= extent;
    }
    return out;
}

std::uint32_t ggufTypeNumber(WeightType type)
{
    return std::ranges::find(kTypeNumbers, type, &TypeNumber::type)->number;
}

/// Walks the header once; `m_at` never passes the end.
class GgufParser
{
public:
    GgufParser(base::ByteView file, std::string name)
    {
        m_out.m_file = file;
        m_out.m_name = std::move(name);
    }

    Result<Gguf> parse()
    {
        TRY(preamble());
        for (std::uint64_t i = 0; i < m_keys; ++i) {
            TRY(keyAndValue());
        }
        TRY_ASSIGN(const std::optional<std::uint64_t> wanted, m_out.integer("general.alignment"));
        m_alignment = wanted.value_or(kDefaultAlignment);
        if (!std::has_single_bit(m_alignment) || m_alignment < 8 || m_alignment > kMaxAlignment) {
            return corrupt(fmt::format("an alignment of {} bytes", m_alignment));
        }
        for (std::uint64_t i = 0; i < m_count; ++i) {
            TRY(tensor());
        }
        TRY(place());
        return std::move(m_out);
    }

private:
    tl::unexpected<base::Error> corrupt(std::string_view what) const
    {
        return m_out.error(Errc::Corrupt, what);
    }

    std::uint64_t left() const { return m_out.m_file.size() - m_at; }

    template <class T> Result<T> read()
    {
        if (left() < sizeof(T)) {
            return corrupt(kCut);
        }
        T value{};
        std::memcpy(&value, m_out.m_file.data() + m_at, sizeof value);
        m_at += sizeof value;
        return value;
    }

    Result<std::string_view> text(std::uint64_t most)
    {
        TRY_ASSIGN(const std::uint64_t length, read<std::uint64_t>());
        if (length > left() || length > most) {
            return corrupt(fmt::format("a text of {} bytes in its header", length));
        }
        const std::string_view out = base::asText(m_out.m_file.subspan(m_at, length));
        m_at += length;
        return out;
    }

    Result<> preamble()
    {
        TRY_ASSIGN(const std::uint32_t magic, read<std::uint32_t>());
        if (magic != kMagic) {
            return corrupt("not a GGUF file");
        }
        TRY_ASSIGN(const std::uint32_t version, read<std::uint32_t>());
        if (version != 2 && version != 3) {
            return m_out.error(Errc::Invalid,
                (version & 0xFFFFU) == 0
                    ? "big-endian GGUF is not read"
                    : fmt::format("GGUF version {} is not read, only 2 and 3", version));
        }
        TRY_ASSIGN(m_count, read<std::uint64_t>());
        TRY_ASSIGN(m_keys, read<std::uint64_t>());
        if (m_count > Gguf::kMaxTensors || m_keys > Gguf::kMaxKeys) {
            return corrupt(fmt::format("{} tensors and {} keys are too many", m_count, m_keys));
        }
        return {};
    }

    Result<GgufType> type()
    {
        TRY_ASSIGN(const std::uint32_t number, read<std::uint32_t>());
        if (number > static_cast<std::uint32_t>(GgufType::F64)) {
            return corrupt(fmt::format("a value of the unknown type {}", number));
        }
        return static_cast<GgufType>(number);
    }

    Result<> keyAndValue()
    {
        TRY_ASSIGN(const std::string_view key, text(Gguf::kMaxNameBytes));
        GgufValue value;
        TRY_ASSIGN(value.type, type());
        if (value.type == GgufType::Array) {
            value.isArray = true;
            TRY_ASSIGN(value.type, type());
            TRY_ASSIGN(value.count, read<std::uint64_t>());
            if (value.type == GgufType::Array) {
                return m_out.error(
                    Errc::Invalid, fmt::format("arrays inside an array ({}) are not read", key));
            }
        }
        const std::size_t begin = m_at;
        if (value.type == GgufType::Text) {
            // Each costs at least its length field, so the loop ends with the file.
            for (std::uint64_t i = 0; i < value.count; ++i) {
                TRY(text(std::numeric_limits<std::uint64_t>::max()));
            }
        } else {
            const std::uint64_t size = elementBytes(value.type);
            if (value.count > left() / size) {
                return corrupt(!value.isArray ? std::string{ kCut }
                                              : fmt::format("{} elements of {}", value.count, key));
            }
            m_at += value.count * size;
        }
        value.bytes = m_out.m_file.subspan(begin, m_at - begin);
        if (!m_out.m_values.emplace(key, value).second) {
            return corrupt(fmt::format("the key {} occurs twice", key));
        }
        return {};
    }

    Result<> tensor()
    {
        GgufTensor tensor;
        TRY_ASSIGN(tensor.name, text(Gguf::kMaxNameBytes));
        TRY_ASSIGN(const std::uint32_t rank, read<std::uint32_t>());
        if (rank == 0 || rank > Gguf::kMaxRank) {
            return corrupt(fmt::format("the tensor {} has {} dimensions", tensor.name, rank));
        }
        std::uint64_t count = 1;
        for (std::uint32_t i = 0; i < rank; ++i) {
            TRY_ASSIGN(const std::uint64_t extent, read<std::uint64_t>());
            if (extent == 0 || __builtin_mul_overflow(count, extent, &count)) {
                return corrupt(fmt::format("the tensor {} has an impossible shape", tensor.name));
            }
            tensor.shape.push_back(extent);
        }
        TRY_ASSIGN(const std::uint32_t number, read<std::uint32_t>());
        const std::optional<WeightType> type = typeOfNumber(number);
        if (!type) {
            return m_out.error(Errc::Invalid,
                fmt::format("the tensor {} has weights of type {}, which is not read: get the file "
                            "in Q4_K, Q8_0 or F16",
                    tensor.name, number));
        }
        tensor.type = *type;
        const BlockFormat block = blockFormat(*type);
        if (tensor.shape[0] % block.columns != 0) {
            return corrupt(fmt::format("the rows of {} are not whole blocks", tensor.name));
        }
        std::uint64_t bytes = 0;
        TRY_ASSIGN(const std::uint64_t offset, read<std::uint64_t>());
        if (__builtin_mul_overflow(count / block.columns, block.bytes, &bytes)) {
            return corrupt(fmt::format("the tensor {} has an impossible shape", tensor.name));
        }
        if (!m_out.m_tensorByName.emplace(tensor.name, m_out.m_tensors.size()).second) {
            return corrupt(fmt::format("the tensor {} occurs twice", tensor.name));
        }
        m_ranges.push_back({ offset, bytes, m_out.m_tensors.size() });
        m_out.m_tensors.push_back(std::move(tensor));
        return {};
    }

    /// Gives the tensors their bytes once the end of the header is known.
    Result<> place()
    {
        if (m_ranges.empty()) {
            return {};
        }
        const std::uint64_t begin = (m_at + m_alignment - 1) / m_alignment * m_alignment;
        const std::uint64_t size = m_out.m_file.size();
        std::ranges::sort(m_ranges, {}, &Range::offset);
        std::uint64_t used = 0;
        for (const Range& range : m_ranges) {
            GgufTensor& tensor = m_out.m_tensors[range.tensor];
            if (range.offset % m_alignment != 0) {
                return corrupt(fmt::format("the tensor {} is not aligned", tensor.name));
            }
            if (range.offset < used) {
                return corrupt(fmt::format("the tensor {} overlaps another", tensor.name));
            }
            if (begin > size || range.offset > size - begin
                || range.bytes > size - begin - range.offset) {
                return corrupt(fmt::format("the tensor {} reaches beyond the end of the file: "
                                           "download it again",
                    tensor.name));
            }
            tensor.bytes = m_out.m_file.subspan(begin + range.offset, range.bytes);
            used = range.offset + range.bytes;
        }
        return {};
    }

    struct Range
    {
        std::uint64_t offset;
        std::uint64_t bytes;
        std::size_t tensor;
    };

    Gguf m_out;
    std::size_t m_at{ 0 };
    std::uint64_t m_count{ 0 };
    std::uint64_t m_keys{ 0 };
    std::uint64_t m_alignment{ kDefaultAlignment };
    std::vector<Range> m_ranges;
};

Result<Gguf> Gguf::parse(base::ByteView file, std::string name)
{
    return GgufParser{ file, std::move(name) }.parse();
}

Result<Gguf> Gguf::open(const std::filesystem::path& path)
{
    TRY_ASSIGN(MappedFile mapped, MappedFile::open(path));
    TRY_ASSIGN(Gguf out, parse(mapped.bytes(), path.filename().string()));
    out.m_mapping = std::move(mapped);
    return out;
}

} // namespace loam::ml
