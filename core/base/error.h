// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace loam::base {

/// What kind of failure happened. Callers branch on it; people read the message.
enum class Errc {
    Invalid, ///< malformed or out-of-range input
    NotFound, ///< the named thing does not exist
    Io, ///< disk, pipe or socket failed
    Corrupt, ///< stored or received bytes fail their checksum or structure
    Denied, ///< wrong passphrase, missing right or refused by policy
    Unavailable, ///< cannot be done now; later may succeed
    Cancelled, ///< the caller asked to stop
    Timeout, ///< the deadline passed
};

/// Lower-case name of a code, stable across versions ("invalid", "not_found", ...).
std::string_view errcName(Errc code);

/// A failure as a value: a code and one English sentence that names the thing and the remedy.
struct Error
{
    Errc code{ Errc::Invalid };
    std::string message;

    /// Prepends "context: " to the message.
    Error context(std::string_view what) &&;
};

} // namespace loam::base
