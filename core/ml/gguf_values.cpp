// SPDX-License-Identifier: GPL-3.0-or-later
#include "ml/gguf.h"

#include <fmt/format.h>

#include <cstring>
#include <type_traits>

namespace loam::ml {

using base::Errc;
using base::fail;
using base::Result;

namespace {

    template <class T> T load(base::ByteView bytes, std::uint64_t index)
    {
        T out{};
        std::memcpy(&out, bytes.data() + index * sizeof(T), sizeof out);
        return out;
    }

    template <class T> std::optional<std::uint64_t> whole(const GgufValue& value)
    {
        const T number = load<T>(value.bytes, 0);
        if constexpr (std::is_signed_v<T>) {
            if (number < 0) {
                return std::nullopt;
            }
        }
        return static_cast<std::uint64_t>(number);
    }

    std::optional<std::uint64_t> asInteger(const GgufValue& value)
    {
        switch (value.type) {
        case GgufType::U8:
            return whole<std::uint8_t>(value);
        case GgufType::I8:
            return whole<std::int8_t>(value);
        case GgufType::U16:
            return whole<std::uint16_t>(value);
        case GgufType::I16:
            return whole<std::int16_t>(value);
        case GgufType::U32:
            return whole<std::uint32_t>(value);
        case GgufType::I32:
            return whole<std::int32_t>(value);
        case GgufType::U64:
            return whole<std::uint64_t>(value);
        case GgufType::I64:
            return whole<std::int64_t>(value);
        case GgufType::F32:
        case GgufType::Bool:
        case GgufType::Text:
        case GgufType::Array:
        case GgufType::F64:
            break;
        }
        return std::nullopt;
    }

} // namespace

tl::unexpected<base::Error> Gguf::error(Errc code, std::string_view what) const
{
    return fail(code, fmt::format("{}: {}", m_name, what));
}

const GgufTensor* Gguf::tensor(std::string_view name) const
{
    const auto found = m_tensorByName.find(name);
    return found == m_tensorByName.end() ? nullptr : &m_tensors[found->second];
}

const GgufValue* Gguf::value(std::string_view key) const
{
    const auto found = m_values.find(key);
    return found == m_values.end() ? nullptr : &found->second;
}

Result<std::optional<std::uint64_t>> Gguf::integer(std::string_view key) const
{
    const GgufValue* found = value(key);
    if (found == nullptr) {
        return std::optional<std::uint64_t>{};
    }
    const auto out = found->isArray ? std::nullopt : asInteger(*found);
    if (!out) {
        return error(Errc::Invalid, fmt::format("{} is not one whole number", key));
    }
    return out;
}

Result<std::optional<double>> Gguf::number(std::string_view key) const
{
    const GgufValue* found = value(key);
    if (found == nullptr) {
        return std::optional<double>{};
    }
    if (!found->isArray && found->type == GgufType::F32) {
        return std::optional{ static_cast<double>(load<float>(found->bytes, 0)) };
    }
    if (!found->isArray && found->type == GgufType::F64) {
        return std::optional{ load<double>(found->bytes, 0) };
    }
    return error(Errc::Invalid, fmt::format("{} is not one number", key));
}

Result<std::optional<bool>> Gguf::flag(std::string_view key) const
{
    const GgufValue* found = value(key);
    if (found == nullptr) {
        return std::optional<bool>{};
    }
    if (found->isArray || found->type != GgufType::Bool) {
        return error(Errc::Invalid, fmt::format("{} is not a truth value", key));
    }
    return std::optional{ load<std::uint8_t>(found->bytes, 0) != 0 };
}

Result<std::optional<std::string_view>> Gguf::text(std::string_view key) const
{
    const GgufValue* found = value(key);
    if (found == nullptr) {
        return std::optional<std::string_view>{};
    }
    if (found->isArray || found->type != GgufType::Text) {
        return error(Errc::Invalid, fmt::format("{} is not a text", key));
    }
    return std::optional{ base::asText(found->bytes).substr(sizeof(std::uint64_t)) };
}

Result<std::optional<std::vector<std::string_view>>> Gguf::texts(std::string_view key) const
{
    const GgufValue* found = value(key);
    if (found == nullptr) {
        return std::optional<std::vector<std::string_view>>{};
    }
    if (!found->isArray || found->type != GgufType::Text) {
        return error(Errc::Invalid, fmt::format("{} is not a list of texts", key));
    }
    std::vector<std::string_view> out;
    out.reserve(found->count);
    std::string_view rest = base::asText(found->bytes);
    for (std::uint64_t i = 0; i < found->count; ++i) {
        const auto length = load<std::uint64_t>(base::asBytes(rest), 0);
        rest.remove_prefix(sizeof length);
        out.push_back(rest.substr(0, length));
        rest.remove_prefix(length);
    }
    return std::optional{ std::move(out) };
}

Result<std::optional<std::vector<float>>> Gguf::numbers(std::string_view key) const
{
    const GgufValue* found = value(key);
    if (found == nullptr) {
        return std::optional<std::vector<float>>{};
    }
    const auto convert = [&]<class T>(T) {
        std::vector<float> out(found->count);
        for (std::uint64_t i = 0; i < found->count; ++i) {
            out[i] = static_cast<float>(load<T>(found->bytes, i));
        }
        return std::optional{ std::move(out) };
    };
    if (found->isArray && found->type == GgufType::F32) {
        return convert(float{});
    }
    if (found->isArray && found->type == GgufType::I32) {
        return convert(std::int32_t{});
    }
    if (found->isArray && found->type == GgufType::U32) {
        return convert(std::uint32_t{});
    }
    return error(Errc::Invalid, fmt::format("{} is not a list of numbers", key));
}

} // namespace loam::ml
