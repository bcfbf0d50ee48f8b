// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"

#include <sqlite3.h>

#include <string>

/// What the sources of this module share about SQLite; no other module includes it.
namespace loam::store::native {

/// The failure behind a result code, with the remedy where there is one.
tl::unexpected<base::Error> error(sqlite3* handle, int code);

} // namespace loam::store::native
