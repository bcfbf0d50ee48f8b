// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"

#include <cstdint>
#include <string_view>

/// Parsing that the textual formats of transparency logs share.
namespace loam::crypto::text {

/// The text before the next line feed, which is consumed with it; fails when there is none.
base::Result<std::string_view> line(std::string_view& rest, const char* what);
/// Decimal number without sign or leading zeros.
base::Result<std::uint64_t> decimal(std::string_view digits, const char* what);

} // namespace loam::crypto::text
