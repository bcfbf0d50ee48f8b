// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace loam::worker {

/// Reads newline-ended text from a file descriptor with bounded memory. One thread.
class LineReader
{
public:
    static constexpr std::size_t kMaxLine = std::size_t{ 1 } << 20U;

    struct Line
    {
        std::string text;
        bool isTooLong{ false }; ///< the rest of the line was thrown away
    };

    explicit LineReader(int descriptor)
        : m_descriptor{ descriptor }
    {
    }
    /// The next line without its newline; nothing at the end of input.
    std::optional<Line> next();

private:
    int m_descriptor;
    std::string m_buffer;
    std::size_t m_scanned{ 0 };
    bool m_isSkipping{ false };
};

/// Writes whole lines to a file descriptor from any thread.
class LineWriter
{
public:
    explicit LineWriter(int descriptor)
        : m_descriptor{ descriptor }
    {
    }
    /// False when the other end is gone.
    bool write(std::string_view line);

private:
    int m_descriptor;
    std::mutex m_mutex;
};

} // namespace loam::worker
