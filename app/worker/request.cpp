// SPDX-License-Identifier: GPL-3.0-or-later
#include "worker/request.h"

#include <algorithm>

namespace loam::worker {
namespace {

    using base::Errc;
    using base::fail;
    using base::Result;

    constexpr int kMaxDepth = 8;

    tl::unexpected<base::Error> expected(const char* field, std::string_view what)
    {
        return fail(Errc::Invalid, std::string{ field } + ": expected " + std::string{ what });
    }

    Result<std::filesystem::path> absolute(const char* field, const Json& value)
    {
        if (!value.is_string()) {
            return expected(field, "a path");
        }
        std::filesystem::path path{ value.get_ref<const std::string&>() };
        if (!path.is_absolute()) {
            return expected(field, "an absolute path");
        }
        return path;
    }

} // namespace

Result<Request> Request::parse(std::string_view line)
{
    // A parser callback that throws away what lies too deep keeps the tree shallow; what it
    // discards shows as a missing field.
    const auto shallow
        = [](int depth, Json::parse_event_t, const Json&) { return depth <= kMaxDepth; };
    Json object = Json::parse(line, shallow, false);
    if (!object.is_object()) {
        return fail(Errc::Invalid, "a request is one JSON object on a line");
    }
    return Request{ std::move(object) };
}

const Json* Request::find(const char* field) const
{
    const auto found = m_object.find(field);
    return found == m_object.end() ? nullptr : &*found;
}

Json Request::id() const
{
    const Json* value = find("id");
    return value != nullptr && (value->is_number_integer() || value->is_string()) ? *value : Json{};
}

bool Request::has(const char* field) const
{
    return find(field) != nullptr;
}

Result<std::string> Request::text(const char* field) const
{
    const Json* value = find(field);
    if (value == nullptr || !value->is_string()) {
        return expected(field, "a text");
    }
    return value->get<std::string>();
}

Result<std::string> Request::textOr(const char* field, std::string fallback) const
{
    return has(field) ? text(field) : Result<std::string>{ std::move(fallback) };
}

Result<std::uint64_t> Request::number(const char* field) const
{
    const Json* value = find(field);
    if (value == nullptr || !value->is_number_unsigned()) {
        return expected(field, "a whole number of at least 0");
    }
    return value->get<std::uint64_t>();
}

Result<std::uint64_t> Request::numberOr(const char* field, std::uint64_t fallback) const
{
    return has(field) ? number(field) : Result<std::uint64_t>{ fallback };
}

Result<double> Request::realOr(const char* field, double fallback) const
{
    const Json* value = find(field);
    if (value == nullptr) {
        return fallback;
    }
    if (!value->is_number()) {
        return expected(field, "a number");
    }
    return value->get<double>();
}

Result<bool> Request::boolean(const char* field) const
{
    const Json* value = find(field);
    if (value == nullptr || !value->is_boolean()) {
        return expected(field, "true or false");
    }
    return value->get<bool>();
}

Result<std::filesystem::path> Request::path(const char* field) const
{
    const Json* value = find(field);
    return value == nullptr ? expected(field, "a path") : absolute(field, *value);
}

Result<std::vector<std::filesystem::path>> Request::paths(const char* field) const
{
    const Json* value = find(field);
    if (value == nullptr || !value->is_array()) {
        return expected(field, "a list of paths");
    }
    std::vector<std::filesystem::path> paths;
    for (const Json& item : *value) {
        TRY_ASSIGN(std::filesystem::path path, absolute(field, item));
        paths.push_back(std::move(path));
    }
    return paths;
}

Result<std::vector<std::string>> Request::texts(const char* field) const
{
    const Json* value = find(field);
    if (value == nullptr || !value->is_array()) {
        return expected(field, "a list of texts");
    }
    std::vector<std::string> texts;
    for (const Json& item : *value) {
        if (!item.is_string()) {
            return expected(field, "a list of texts");
        }
        texts.push_back(item.get<std::string>());
    }
    return texts;
}

Result<std::vector<Request>> Request::objects(const char* field) const
{
    const Json* value = find(field);
    if (value == nullptr || !value->is_array()
        || !std::ranges::all_of(*value, [](const Json& item) { return item.is_object(); })) {
        return expected(field, "a list of objects");
    }
    std::vector<Request> objects;
    for (const Json& item : *value) {
        objects.emplace_back(item);
    }
    return objects;
}

} // namespace loam::worker
