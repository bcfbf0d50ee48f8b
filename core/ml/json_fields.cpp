// SPDX-License-Identifier: GPL-3.0-or-later
#include "ml/json_fields.h"

#include "base/file.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>

namespace loam::ml {

using base::Errc;
using base::fail;
using base::Result;

namespace {

    /// Deepest nesting of brackets outside of strings, without building anything.
    std::size_t depthOf(std::string_view text)
    {
        std::size_t depth = 0;
        std::size_t most = 0;
        bool inString = false;
        for (std::size_t i = 0; i < text.size(); ++i) {
            const char c = text[i];
            if (inString) {
                i += c == '\\' ? 1 : 0;
                inString = c != '"';
            } else if (c == '"') {
                inString = true;
            } else if (c == '{' || c == '[') {
                most = std::max(most, ++depth);
            } else if ((c == '}' || c == ']') && depth > 0) {
                --depth;
            }
        }
        return most;
    }

} // namespace

JsonFields::JsonFields(nlohmann::json json, std::string file)
    : m_json(std::move(json))
    , m_file{ std::move(file) }
{
}

Result<JsonFields> JsonFields::parse(std::string_view text, std::string file)
{
    if (depthOf(text) > kMostDepth) {
        return fail(Errc::Corrupt, fmt::format("{}: nested too deep", file));
    }
    nlohmann::json json = nlohmann::json::parse(text, nullptr, false);
    if (!json.is_object()) {
        return fail(Errc::Corrupt, fmt::format("{} is no JSON object", file));
    }
    return JsonFields{ std::move(json), std::move(file) };
}

Result<JsonFields> JsonFields::read(const std::filesystem::path& path, std::size_t limit)
{
    TRY_ASSIGN(const base::Bytes bytes, base::readFile(path, limit));
    return parse(base::asText(bytes), path.filename().string());
}

tl::unexpected<base::Error> JsonFields::error(Errc code, std::string_view what) const
{
    return fail(code, fmt::format("{}: {}", m_file, what));
}

const nlohmann::json* JsonFields::find(std::string_view key) const
{
    const auto found = m_json.find(key);
    return found == m_json.end() || found->is_null() ? nullptr : &*found;
}

Result<std::optional<JsonFields>> JsonFields::object(std::string_view key) const
{
    const nlohmann::json* found = find(key);
    if (found == nullptr) {
        return std::optional<JsonFields>{};
    }
    if (!found->is_object()) {
        return error(Errc::Invalid, fmt::format("{} is no object", key));
    }
    return std::optional{ JsonFields{ *found, fmt::format("{}, {}", m_file, key) } };
}

Result<std::optional<std::uint32_t>> JsonFields::size(std::string_view key) const
{
    const nlohmann::json* found = find(key);
    if (found == nullptr) {
        return std::optional<std::uint32_t>{};
    }
    if (!found->is_number_unsigned()
        || found->get<std::uint64_t>() > std::numeric_limits<std::uint32_t>::max()) {
        return error(Errc::Invalid, fmt::format("{} is no whole number, or too large", key));
    }
    return std::optional{ found->get<std::uint32_t>() };
}

Result<std::uint32_t> JsonFields::needSize(std::string_view key) const
{
    TRY_ASSIGN(const std::optional<std::uint32_t> value, size(key));
    if (!value) {
        return error(Errc::Invalid, fmt::format("{} is missing", key));
    }
    return *value;
}

Result<float> JsonFields::number(std::string_view key, float otherwise) const
{
    const nlohmann::json* found = find(key);
    if (found == nullptr) {
        return otherwise;
    }
    if (!found->is_number() || !std::isfinite(found->get<float>())) {
        return error(Errc::Invalid, fmt::format("{} is no number", key));
    }
    return found->get<float>();
}

Result<bool> JsonFields::flag(std::string_view key, bool otherwise) const
{
    const nlohmann::json* found = find(key);
    if (found == nullptr) {
        return otherwise;
    }
    if (!found->is_boolean()) {
        return error(Errc::Invalid, fmt::format("{} is neither true nor false", key));
    }
    return found->get<bool>();
}

Result<std::string> JsonFields::text(std::string_view key, std::string_view otherwise) const
{
    const nlohmann::json* found = find(key);
    if (found == nullptr) {
        return std::string{ otherwise };
    }
    if (!found->is_string()) {
        return error(Errc::Invalid, fmt::format("{} is no text", key));
    }
    return found->get<std::string>();
}

} // namespace loam::ml
