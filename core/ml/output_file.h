// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/bytes.h"

#include <filesystem>

namespace loam::ml {

/// Writes a large file piece by piece beside its final place and moves it there when it is whole;
/// without `finish` nothing is left.
class OutputFile
{
public:
    static base::Result<OutputFile> create(const std::filesystem::path& path);
    ~OutputFile();
    OutputFile(OutputFile&& other) noexcept;
    OutputFile& operator=(OutputFile&&) = delete;
    OutputFile(const OutputFile&) = delete;
    OutputFile& operator=(const OutputFile&) = delete;

    base::Result<> write(base::ByteView bytes);
    base::Result<> finish();

private:
    OutputFile(std::filesystem::path path, std::filesystem::path part, int file);
    base::Result<> put(base::ByteView rest);
    base::Result<> flush();

    std::filesystem::path m_path;
    std::filesystem::path m_part;
    int m_file{ -1 };
    base::Bytes m_buffer;
};

} // namespace loam::ml
