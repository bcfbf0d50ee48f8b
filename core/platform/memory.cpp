// SPDX-License-Identifier: GPL-3.0-or-later
#include "platform/memory.h"

#include <charconv>
#include <fstream>
#include <sstream>

namespace loam::platform {
namespace {

    /// Bytes of a "Name:   123 kB" line; zero without one.
    std::uint64_t field(std::string_view text, std::string_view name)
    {
        const std::size_t found = text.find(name);
        if (found == std::string_view::npos) {
            return 0;
        }
        const std::size_t digits = text.find_first_of("0123456789", found + name.size());
        if (digits == std::string_view::npos) {
            return 0;
        }
        std::uint64_t kibibytes = 0;
        std::from_chars(text.data() + digits, text.data() + text.size(), kibibytes);
        return kibibytes <= UINT64_MAX / 1024 ? kibibytes * 1024 : 0;
    }

} // namespace

MemoryState parseMeminfo(std::string_view text)
{
    return { field(text, "MemTotal:"), field(text, "MemAvailable:") };
}

MemoryState readMemory()
{
    const std::ifstream file{ "/proc/meminfo" };
    std::ostringstream text;
    text << file.rdbuf();
    return parseMeminfo(text.view());
}

} // namespace loam::platform
