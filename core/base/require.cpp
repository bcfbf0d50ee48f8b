// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/require.h"

#include <cstdio>
#include <cstdlib>

namespace loam::base {

void invariantBroken(const char* expression, const char* file, int line)
{
    std::fprintf(stderr, "loam: broken invariant %s at %s:%d\n", expression, file, line);
    std::abort();
}

} // namespace loam::base
