// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace loam::ml {

/// Cuts text into the words inside which a byte-pair vocabulary merges: what the regular
/// expressions of the model families say, over Unicode's classes. Broken UTF-8 counts as a
/// character that is neither letter, digit nor space, byte by byte.
class WordSplitter
{
public:
    /// GPT-2's words, and numbers one character at a time: steps that have names of their own.
    static constexpr std::string_view kGpt2Pattern
        = R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";
    static constexpr std::string_view kOneNumberPattern = R"(\p{N})";

    /// By the name that GGUF files use; Invalid for those that Loam does not know.
    static base::Result<WordSplitter> create(std::string_view name);
    /// By what patterns() gives; nothing when no family cuts so.
    static std::optional<WordSplitter> ofPatterns(std::span<const std::string> patterns);

    /// The usual one of the family's names.
    std::string_view name() const;
    /// The regular expressions that say what split() does: each cuts its matches out of the parts
    /// that those before it have made.
    std::vector<std::string_view> patterns() const;
    /// The words in order; together they are `text`.
    std::vector<std::string_view> split(std::string_view text) const;
    /// A word that is a piece as a whole is not made by merges (Llama 3).
    bool wholeWordsFirst() const;

private:
    struct Family;
    explicit WordSplitter(const Family& family)
        : m_family{ &family }
    {
    }
    static std::span<const Family> families();

    const Family* m_family; ///< one of the table, which lives as long as the program
};

} // namespace loam::ml
