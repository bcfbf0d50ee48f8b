// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/bytes.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace loam::worker {

using Json = nlohmann::json;

/// One JSON object from the node, read field by field; errors are Invalid and name the field.
class Request
{
public:
    /// Invalid unless `line` is a JSON object of modest depth.
    static base::Result<Request> parse(std::string_view line);
    explicit Request(Json object)
        : m_object(std::move(object)) // braces would make a list of it
    {
    }

    /// The request's id as it came, or null.
    Json id() const;
    bool has(const char* field) const;
    base::Result<std::string> text(const char* field) const;
    base::Result<std::string> textOr(const char* field, std::string fallback) const;
    base::Result<std::uint64_t> number(const char* field) const;
    base::Result<std::uint64_t> numberOr(const char* field, std::uint64_t fallback) const;
    base::Result<double> realOr(const char* field, double fallback) const;
    base::Result<bool> boolean(const char* field) const;
    /// An absolute path.
    base::Result<std::filesystem::path> path(const char* field) const;
    base::Result<std::vector<std::filesystem::path>> paths(const char* field) const;
    base::Result<std::vector<std::string>> texts(const char* field) const;
    base::Result<std::vector<Request>> objects(const char* field) const;
    template <class Fixed> base::Result<Fixed> hex(const char* field) const
    {
        TRY_ASSIGN(const std::string value, text(field));
        auto fixed = base::fixedFromHex<Fixed>(value);
        if (!fixed) {
            return tl::unexpected{ std::move(fixed).error().context(field) };
        }
        return *fixed;
    }

private:
    const Json* find(const char* field) const;

    Json m_object;
};

} // namespace loam::worker
