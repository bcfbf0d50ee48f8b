// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/bytes.h"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <optional>
#include <string>

namespace loam::ml {

/// The fields of one JSON object from a model's folder; all errors name the file and the field.
/// A field that is null counts as absent.
class JsonFields
{
public:
    static constexpr std::size_t kMostDepth = 64;

    /// Corrupt when `text` is no JSON object, or nested absurdly deep.
    static base::Result<JsonFields> parse(std::string_view text, std::string file);
    /// The same from a file of at most `limit` bytes.
    static base::Result<JsonFields> read(const std::filesystem::path& path, std::size_t limit);

    /// nullptr when absent.
    const nlohmann::json* find(std::string_view key) const;
    base::Result<std::optional<JsonFields>> object(std::string_view key) const;
    base::Result<std::optional<std::uint32_t>> size(std::string_view key) const;
    base::Result<std::uint32_t> needSize(std::string_view key) const;
    base::Result<float> number(std::string_view key, float otherwise) const;
    base::Result<bool> flag(std::string_view key, bool otherwise) const;
    base::Result<std::string> text(std::string_view key, std::string_view otherwise) const;

    const nlohmann::json& json() const { return m_json; }
    tl::unexpected<base::Error> error(base::Errc code, std::string_view what) const;

private:
    JsonFields(nlohmann::json json, std::string file);

    nlohmann::json m_json;
    std::string m_file;
};

} // namespace loam::ml
