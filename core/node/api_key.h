// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/bytes.h"

#include <string>
#include <string_view>

namespace loam::node {

/// The key that programs show to the local HTTP interface. Only its SHA-256 is kept: it is as
/// random as a cipher's key, so nothing slower is needed.
class ApiKey
{
public:
    /// "loam-" and 43 letters that may stand in a URL: 256 random bits.
    static std::string make();
    /// Lower-case hex, for the settings.
    static std::string hashOf(std::string_view key);
    /// Whether `key` has this hash; takes as long for a wrong key as for the right one. A hash that
    /// is no hash fits nothing.
    static bool fits(std::string_view key, std::string_view hash);
};

/// Random lower-case hex, twice as many letters as bytes.
std::string randomHex(std::size_t bytes);

} // namespace loam::node
