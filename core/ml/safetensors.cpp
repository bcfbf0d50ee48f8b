// SPDX-License-Identifier: GPL-3.0-or-later
#include "ml/safetensors.h"

#include "ml/safetensors_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <unordered_set>

namespace loam::ml {

using base::Errc;
using base::fail;
using base::Result;

namespace {

    constexpr std::size_t kLengthBytes = 8;
    constexpr std::size_t kDataAlignment = 64;

    /// product(shape) * element size, or nothing when it does not fit into a size_t.
    std::optional<std::size_t> byteCount(const SafetensorsEntry& entry)
    {
        std::size_t bytes = dtypeSize(entry.dtype);
        for (const std::size_t extent : entry.shape) {
            if (__builtin_mul_overflow(bytes, extent, &bytes)) {
                return std::nullopt;
            }
        }
        return bytes;
    }

    /// The tensors must tile the data section: sorted by place, each begins where the last one
    /// ended.
    Result<> checkLayout(std::span<const SafetensorsEntry> entries, std::size_t dataBytes)
    {
        std::vector<const SafetensorsEntry*> sorted;
        sorted.reserve(entries.size());
        std::unordered_set<std::string_view> names;
        for (const SafetensorsEntry& entry : entries) {
            if (!names.insert(entry.name).second) {
                return fail(Errc::Corrupt, "safetensors: a tensor name occurs twice");
            }
            if (entry.end < entry.begin || byteCount(entry) != entry.end - entry.begin) {
                return fail(Errc::Corrupt,
                    "safetensors: a tensor's shape does not agree with its byte range");
            }
            sorted.push_back(&entry);
        }
        std::ranges::sort(sorted, {}, [](const SafetensorsEntry* entry) {
            return std::pair{ entry->begin, entry->end };
        });
        std::size_t expected = 0;
        for (const SafetensorsEntry* entry : sorted) {
            if (entry->begin != expected) {
                return fail(Errc::Corrupt, "safetensors: tensors overlap or leave a gap");
            }
            expected = entry->end;
        }
        if (expected != dataBytes) {
            return fail(Errc::Corrupt,
                fmt::format("safetensors: the header describes {} bytes of data, the file has {}",
                    expected, dataBytes));
        }
        return {};
    }

    std::string_view dtypeName(DType type)
    {
        switch (type) {
        case DType::F32:
            return "F32";
        case DType::F16:
            return "F16";
        case DType::BF16:
            return "BF16";
        case DType::I32:
            return "I32";
        case DType::I64:
            return "I64";
        case DType::U8:
            return "U8";
        }
        return {};
    }

    void appendJsonString(std::string& out, std::string_view text)
    {
        out += '"';
        for (const char c : text) {
            if (c == '"' || c == '\\') {
                out += '\\';
                out += c;
            } else if (static_cast<unsigned char>(c) < 0x20) {
                out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
            } else {
                out += c;
            }
        }
        out += '"';
    }

} // namespace

std::size_t dtypeSize(DType type)
{
    switch (type) {
    case DType::F32:
    case DType::I32:
        return 4;
    case DType::F16:
    case DType::BF16:
        return 2;
    case DType::I64:
        return 8;
    case DType::U8:
        return 1;
    }
    return 0;
}

Result<Safetensors> Safetensors::parse(base::ByteView file)
{
    if (file.size() < kLengthBytes) {
        return fail(Errc::Corrupt, "safetensors: the file is shorter than its length field");
    }
    std::uint64_t headerBytes = 0;
    for (std::size_t i = 0; i < kLengthBytes; ++i) {
        headerBytes |= std::to_integer<std::uint64_t>(file[i]) << (8 * i);
    }
    if (headerBytes > kMaxHeaderBytes || headerBytes > file.size() - kLengthBytes) {
        return fail(Errc::Corrupt, "safetensors: the header is longer than the file or the limit");
    }
    const auto header = file.subspan(kLengthBytes, static_cast<std::size_t>(headerBytes));
    Safetensors out;
    TRY_ASSIGN(SafetensorsHeader parsed, parseSafetensorsHeader(base::asText(header)));
    out.m_entries = std::move(parsed.entries);
    out.m_metadata = std::move(parsed.metadata);
    out.m_data = file.subspan(kLengthBytes + static_cast<std::size_t>(headerBytes));
    TRY(checkLayout(out.m_entries, out.m_data.size()));
    return out;
}

Result<Safetensors> Safetensors::open(const std::filesystem::path& path)
{
    TRY_ASSIGN(MappedFile mapped, MappedFile::open(path));
    TRY_ASSIGN(Safetensors out, parse(mapped.bytes()));
    out.m_mapping = std::move(mapped);
    return out;
}

const SafetensorsEntry* Safetensors::find(std::string_view name) const
{
    const auto found = std::ranges::find(m_entries, name, &SafetensorsEntry::name);
    return found == m_entries.end() ? nullptr : &*found;
}

base::ByteView Safetensors::bytes(const SafetensorsEntry& entry) const
{
    return m_data.subspan(entry.begin, entry.end - entry.begin);
}

base::Bytes safetensorsHeader(std::span<const SafetensorsEntry> tensors)
{
    std::string json = R"({"__metadata__":{"format":"pt"})";
    std::size_t offset = 0;
    for (const SafetensorsEntry& tensor : tensors) {
        json += ',';
        appendJsonString(json, tensor.name);
        const std::size_t end = offset + byteCount(tensor).value_or(0);
        json += fmt::format(R"(:{{"dtype":"{}","shape":[{}],"data_offsets":[{},{}]}})",
            dtypeName(tensor.dtype), fmt::join(tensor.shape, ","), offset, end);
        offset = end;
    }
    json += '}';
    const std::size_t unpadded = kLengthBytes + json.size();
    json.append((kDataAlignment - unpadded % kDataAlignment) % kDataAlignment, ' ');

    base::Bytes out(kLengthBytes);
    for (std::size_t i = 0; i < kLengthBytes; ++i) {
        out[i] = static_cast<std::byte>(json.size() >> (8 * i));
    }
    const base::ByteView text = base::asBytes(json);
    out.insert(out.end(), text.begin(), text.end());
    return out;
}

base::Bytes safetensorsHeader(std::span<const SafetensorsTensor> tensors)
{
    std::vector<SafetensorsEntry> entries;
    for (const SafetensorsTensor& tensor : tensors) {
        entries.push_back({ std::string{ tensor.name }, DType::F32,
            { tensor.shape.begin(), tensor.shape.end() }, 0, 0 });
    }
    return safetensorsHeader(entries);
}

base::Bytes writeSafetensors(std::span<const SafetensorsTensor> tensors)
{
    base::Bytes out = safetensorsHeader(tensors);
    std::size_t total = out.size();
    for (const SafetensorsTensor& tensor : tensors) {
        total += tensor.values.size_bytes();
    }
    out.reserve(total);
    for (const SafetensorsTensor& tensor : tensors) {
        const auto bytes = std::as_bytes(tensor.values);
        out.insert(out.end(), bytes.begin(), bytes.end());
    }
    return out;
}

} // namespace loam::ml
