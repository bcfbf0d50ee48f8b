// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/require.h"

#include <concepts>
#include <utility>

namespace loam::base {

/// Integer conversion that aborts when the value does not fit: for values we computed ourselves.
template <std::integral To, std::integral From> constexpr To narrow(From value)
{
    ASSERT(std::in_range<To>(value));
    return static_cast<To>(value);
}

} // namespace loam::base
