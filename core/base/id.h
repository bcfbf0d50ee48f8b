// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <compare>
#include <concepts>
#include <cstddef>
#include <functional>
#include <utility>

namespace loam::base {

/// A value that identifies something, distinct in type from every other identifier:
/// `using Height = Id<struct HeightTag, std::uint64_t>;`
template <class Tag, std::regular Rep> class Id
{
public:
    constexpr explicit Id(Rep value)
        : m_value{ std::move(value) }
    {
    }
    constexpr const Rep& value() const { return m_value; }
    friend constexpr auto operator<=>(const Id&, const Id&) = default;

private:
    Rep m_value;
};

} // namespace loam::base

template <class Tag, class Rep> struct std::hash<loam::base::Id<Tag, Rep>>
{
    std::size_t operator()(const loam::base::Id<Tag, Rep>& id) const noexcept
    {
        return std::hash<Rep>{}(id.value());
    }
};
