// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/bytes.h"

#include <filesystem>
#include <memory>

namespace loam::ml {

/// A file mapped read-only. Copies share the mapping; the bytes live as long as any of them.
class MappedFile
{
public:
    /// NotFound or Io naming the file. An empty file has no bytes.
    static base::Result<MappedFile> open(const std::filesystem::path& path);

    base::ByteView bytes() const { return m_bytes; }

private:
    MappedFile() = default;

    std::shared_ptr<const void> m_mapping;
    base::ByteView m_bytes;
};

} // namespace loam::ml
