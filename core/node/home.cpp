// SPDX-License-Identifier: GPL-3.0-or-later
#include "node/home.h"

#include "base/file.h"

#include <sys/stat.h>

namespace loam::node {

base::Result<> Home::create() const
{
    for (const auto& folder : { root, models(), updates(), adapters(), logs() }) {
        TRY(base::makeFolder(folder));
    }
    if (::chmod(root.c_str(), 0700) != 0) {
        return base::fail(
            base::Errc::Denied, "cannot make " + root.string() + " private to its owner");
    }
    return {};
}

} // namespace loam::node
