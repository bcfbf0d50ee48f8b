// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/bytes.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <utility>

namespace loam::consent {

/// A file descriptor that closes itself.
class Descriptor
{
public:
    Descriptor() = default;
    explicit Descriptor(int fd)
        : m_fd{ fd }
    {
    }
    Descriptor(Descriptor&& other) noexcept
        : m_fd{ std::exchange(other.m_fd, -1) }
    {
    }
    Descriptor& operator=(Descriptor&& other) noexcept;
    ~Descriptor();

    int get() const { return m_fd; }
    bool isOpen() const { return m_fd >= 0; }
    void reset();

private:
    int m_fd{ -1 };
};

/// What tells whether a file was changed without reading it.
struct FileStamp
{
    std::uint64_t size{ 0 };
    std::int64_t modifiedNs{ 0 };
    std::uint64_t inode{ 0 };
    friend bool operator==(const FileStamp&, const FileStamp&) = default;
};

struct OpenedFile
{
    Descriptor descriptor;
    FileStamp stamp;
};

enum class EntryType { File, Folder, Other };

/// Opens the root of a source, a folder or a regular file; symbolic links are not followed.
base::Result<Descriptor> openRoot(const std::filesystem::path& root);

/// Opens a regular file below a folder, component by component, following no symbolic link at any
/// of them: whoever can write in the tree cannot lead Loam out of it. NotFound when it is gone,
/// Denied when a component is a link, Invalid when it is no regular file.
base::Result<OpenedFile> openBeneath(const Descriptor& root, std::string_view relative);

/// The same for a folder; "" is the root itself.
base::Result<Descriptor> openFolderBeneath(const Descriptor& root, std::string_view relative);

/// The stamp of an open regular file; Invalid for anything else.
base::Result<FileStamp> stampOf(const Descriptor& file);

/// Calls `visit` with each entry of a folder except "." and "..", links as Other, in the order of
/// the disk; the stamp is filled for files. Stops early when `visit` fails.
base::Result<> listFolder(const Descriptor& folder,
    const std::function<base::Result<>(std::string_view name, EntryType, const FileStamp&)>& visit);

/// SHA-256 of at most `limit` bytes from the start; Invalid when the file is longer.
base::Result<base::Hash256> hashOf(const Descriptor& file, std::uint64_t limit);

} // namespace loam::consent
