// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "consent/pattern.h"

#include <optional>

namespace loam::consent {

/// Which files of a source are looked at: what neither Loam's own list nor the owner excludes and,
/// if the owner gave include patterns, one of them covers.
class PathRules
{
public:
    /// Invalid, naming the pattern, when one is malformed.
    static base::Result<PathRules> make(
        const std::vector<std::string>& include, const std::vector<std::string>& exclude);

    /// Why the file or folder at this relative path is left out, or nothing. Folders are not
    /// judged by the include patterns.
    enum class Entry { File, Folder };
    std::optional<std::string> reasonToSkip(std::string_view path, Entry entry) const;

    /// What nobody has to think of: hidden files, keys, password stores, version control, browser
    /// profiles, programs' own folders.
    static const std::vector<std::string>& defaultExclusions();

private:
    PathRules() = default;
    std::vector<PathPattern> m_include;
    std::vector<PathPattern> m_exclude;
};

} // namespace loam::consent
