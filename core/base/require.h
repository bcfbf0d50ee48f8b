// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace loam::base {

/// Prints the broken invariant to stderr and aborts; on in release builds too.
[[noreturn]] void invariantBroken(const char* expression, const char* file, int line);

} // namespace loam::base

/// Checks an invariant of our own code. Never for input from disk, network, user or GPU.
#define ASSERT(expr)                                                                               \
    (static_cast<bool>(expr) ? static_cast<void>(0)                                                \
                             : ::loam::base::invariantBroken(#expr, __FILE__, __LINE__))
