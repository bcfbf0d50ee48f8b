// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/bytes.h"

#include <filesystem>

namespace loam::base {

/// Who may read a file that we write.
enum class FileAccess { Everyone, OwnerOnly };

/// The whole file; fails with Invalid when it is larger than `limit` bytes.
Result<Bytes> readFile(const std::filesystem::path& path, std::size_t limit);

/// Replaces the file in one step (temporary file, fsync, rename, fsync of the folder): after a
/// crash or on a full disk either the old or the new contents are there, never a mixture.
Result<> writeFileAtomically(
    const std::filesystem::path& path, ByteView contents, FileAccess access = FileAccess::Everyone);

/// Creates the folder and its parents if need be.
Result<> makeFolder(const std::filesystem::path& path);

} // namespace loam::base
