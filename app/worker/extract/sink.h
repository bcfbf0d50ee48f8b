// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace loam::worker {

/// Where an extractor writes its text: a pipe that takes so many bytes and no more. Output that
/// exceeds the limit is cut; extractors ask isFull() in their loops and stop.
class TextSink
{
public:
    TextSink(int descriptor, std::uint64_t limit)
        : m_descriptor{ descriptor }
        , m_left{ limit }
    {
    }
    /// Keeps the text in memory, for tests and for the parsers' fuzzers.
    explicit TextSink(std::uint64_t limit)
        : m_left{ limit }
    {
    }

    void write(std::string_view text);
    /// Ends the current line unless it is empty already.
    void endLine();
    /// Passes on what is buffered.
    void flush();
    bool isFull() const { return m_isFull; }
    const std::string& text() const { return m_buffer; }

private:
    int m_descriptor{ -1 };
    std::uint64_t m_left;
    std::string m_buffer;
    char m_last{ '\n' };
    bool m_isFull{ false };
};

} // namespace loam::worker
