// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"

#include <string>
#include <string_view>
#include <vector>

namespace loam::consent {

/// A pattern for names inside a source. Without a slash it is compared with each component of the
/// path ("*.tex", "drafts"); with one, with the path from the source's root ("letters/2019/**").
/// `*` and `?` stay within a component, `**` crosses them. A pattern that fits a folder covers all
/// below it. ASCII letters compare without case, so that "ID_RSA" is as private as "id_rsa".
class PathPattern
{
public:
    static constexpr std::size_t kMaxLength = 256;

    /// Invalid for an empty, too long or not well-formed text.
    static base::Result<PathPattern> parse(std::string_view text);

    /// `path` is relative, without a leading slash.
    bool covers(std::string_view path) const;
    const std::string& text() const { return m_text; }

private:
    enum class Shape { Literal, Suffix, Component, Path };
    PathPattern() = default;

    std::string m_text; ///< as given
    std::string m_folded; ///< lower case; for Suffix without the star
    Shape m_shape{ Shape::Literal };
};

/// What the owner never wants to give away: a piece of text, compared without case of ASCII
/// letters, in which `#` stands for a digit, `?` for any character and `*` for a run of up to 64
/// characters without white space.
class TextPattern
{
public:
    static constexpr std::size_t kMaxLength = 128;

    /// Invalid for fewer than three signs besides `*` and `?`, or when too long.
    static base::Result<TextPattern> parse(std::string_view text);

    struct Match
    {
        std::size_t begin{ 0 };
        std::size_t end{ 0 };
    };
    /// All matches from left to right, not overlapping. Takes at most 64 steps per byte of text;
    /// when that is not enough, what has not been looked at counts as matched.
    std::vector<Match> find(std::string_view text) const;
    const std::string& text() const { return m_text; }

private:
    TextPattern() = default;
    std::string m_text;
    std::string m_folded;
};

} // namespace loam::consent
