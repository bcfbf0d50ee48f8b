// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace loam::ml {

/// The text of one answer on its way out: whole characters only, and nothing that may still turn
/// out to be the beginning of a stop text.
class AnswerText
{
public:
    explicit AnswerText(std::vector<std::string> stop);
    /// Takes the bytes of one token; returns what may be shown now.
    std::string push(std::string_view bytes);
    /// What is left at the end; an unfinished character becomes U+FFFD.
    std::string finish();
    bool isStopped() const { return m_isStopped; }

private:
    std::vector<std::string> m_stop;
    std::string m_held;
    bool m_isStopped{ false };
};

} // namespace loam::ml
