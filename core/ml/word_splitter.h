// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"

#include <string_view>
#include <vector>

namespace loam::ml {

/// Cuts text into the words inside which a byte-pair vocabulary merges: what the regular
/// expressions of the model families say, over Unicode's classes. Broken UTF-8 counts as a
/// character that is neither letter, digit nor space, byte by byte.
class WordSplitter
{
public:
    /// By the name that GGUF files use; Invalid for those that Loam does not know.
    static base::Result<WordSplitter> create(std::string_view name);

    /// The words in order; together they are `text`.
    std::vector<std::string_view> split(std::string_view text) const;
    /// A word that is a piece as a whole is not made by merges (Llama 3).
    bool wholeWordsFirst() const { return m_family == Family::Llama3; }

private:
    enum class Family { Gpt2, Llama3, Qwen2, SmolLm, Default };
    explicit WordSplitter(Family family)
        : m_family{ family }
    {
    }

    Family m_family;
};

} // namespace loam::ml
