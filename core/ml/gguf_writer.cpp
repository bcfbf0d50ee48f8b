// SPDX-License-Identifier: GPL-3.0-or-later
#include "ml/gguf_writer.h"

namespace loam::ml {

using base::Result;

namespace {

    constexpr std::uint32_t kMagic = 0x46554747; // "GGUF"
    constexpr std::uint32_t kVersion = 3;
    constexpr std::uint64_t kAlignment = 32;

    std::uint64_t aligned(std::uint64_t bytes)
    {
        return (bytes + kAlignment - 1) / kAlignment * kAlignment;
    }

    template <class T> void append(base::Bytes& out, T value)
    {
        const auto bytes = std::as_bytes(std::span{ &value, 1 });
        out.insert(out.end(), bytes.begin(), bytes.end());
    }

    void append(base::Bytes& out, std::string_view text)
    {
        append(out, std::uint64_t{ text.size() });
        const base::ByteView bytes = base::asBytes(text);
        out.insert(out.end(), bytes.begin(), bytes.end());
    }

    template <class T> void appendAll(base::Bytes& out, std::span<const T> values)
    {
        const auto bytes = std::as_bytes(values);
        out.insert(out.end(), bytes.begin(), bytes.end());
    }

} // namespace

void GgufWriter::key(std::string_view key, GgufType type)
{
    append(m_keys, key);
    append(m_keys, static_cast<std::uint32_t>(type));
    ++m_keyCount;
}

void GgufWriter::list(std::string_view name, GgufType type, std::uint64_t count)
{
    key(name, GgufType::Array);
    append(m_keys, static_cast<std::uint32_t>(type));
    append(m_keys, count);
}

void GgufWriter::text(std::string_view name, std::string_view value)
{
    key(name, GgufType::Text);
    append(m_keys, value);
}

void GgufWriter::number(std::string_view name, std::uint32_t value)
{
    key(name, GgufType::U32);
    append(m_keys, value);
}

void GgufWriter::real(std::string_view name, float value)
{
    key(name, GgufType::F32);
    append(m_keys, value);
}

void GgufWriter::flag(std::string_view name, bool value)
{
    key(name, GgufType::Bool);
    append(m_keys, std::uint8_t{ value });
}

void GgufWriter::texts(std::string_view name, std::span<const std::string> values)
{
    list(name, GgufType::Text, values.size());
    for (const std::string& value : values) {
        append(m_keys, std::string_view{ value });
    }
}

void GgufWriter::reals(std::string_view name, std::span<const float> values)
{
    list(name, GgufType::F32, values.size());
    appendAll(m_keys, values);
}

void GgufWriter::integers(std::string_view name, std::span<const std::int32_t> values)
{
    list(name, GgufType::I32, values.size());
    appendAll(m_keys, values);
}

void GgufWriter::tensor(
    std::string_view name, std::span<const std::uint64_t> shape, WeightType type, Body body)
{
    append(m_infos, name);
    append(m_infos, static_cast<std::uint32_t>(shape.size()));
    std::uint64_t rows = 1;
    for (const std::uint64_t extent : shape) {
        append(m_infos, extent);
        rows *= extent;
    }
    rows /= shape[0];
    append(m_infos, ggufTypeNumber(type));
    append(m_infos, m_offset);
    const std::uint64_t bytes = rows * rowBytes(type, shape[0]);
    m_offset += aligned(bytes);
    m_tensors.push_back({ bytes, std::move(body) });
}

Result<> GgufWriter::write(const std::filesystem::path& path) const
{
    TRY_ASSIGN(OutputFile out, OutputFile::create(path));
    base::Bytes header;
    append(header, kMagic);
    append(header, kVersion);
    append(header, std::uint64_t{ m_tensors.size() });
    append(header, m_keyCount);
    header.insert(header.end(), m_keys.begin(), m_keys.end());
    header.insert(header.end(), m_infos.begin(), m_infos.end());
    header.resize(aligned(header.size()));
    TRY(out.write(header));
    for (const Tensor& tensor : m_tensors) {
        TRY(tensor.body(out));
        TRY(out.write(base::Bytes(aligned(tensor.bytes) - tensor.bytes)));
    }
    return out.finish();
}

} // namespace loam::ml
