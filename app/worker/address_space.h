// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <sys/resource.h>

namespace loam::worker {

/// Limits the process's address space; false when the system refuses. Under a sanitizer, whose
/// shadow memory takes terabytes of addresses, nothing is limited.
inline bool limitAddressSpace([[maybe_unused]] std::uint64_t bytes)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    return true;
#else
    const rlimit limit{ bytes, bytes };
    return ::setrlimit(RLIMIT_AS, &limit) == 0;
#endif
}

} // namespace loam::worker
