// SPDX-License-Identifier: GPL-3.0-or-later
#include "consent/pattern.h"

#include "base/utf8.h"
#include "consent/ascii.h"

#include <bitset>

namespace loam::consent {

using base::Errc;
using base::fail;
using base::Result;

namespace {

    constexpr std::size_t kMaxStarRun = 64;
    constexpr std::size_t kMaxMatch = 512;
    constexpr std::size_t kStepsPerByte = 64;

    /// Glob of one component (no slash in either), with the usual return to the last star.
    bool globMatches(std::string_view pattern, std::string_view name)
    {
        std::size_t p = 0;
        std::size_t n = 0;
        std::size_t star = std::string_view::npos;
        std::size_t resume = 0;
        while (n < name.size()) {
            if (p < pattern.size() && pattern[p] == '*') {
                star = p++;
                resume = n;
            } else if (p < pattern.size()
                && (pattern[p] == '?' || pattern[p] == ascii::lower(name[n]))) {
                ++p;
                ++n;
            } else if (star != std::string_view::npos) {
                p = star + 1;
                n = ++resume;
            } else {
                return false;
            }
        }
        while (p < pattern.size() && pattern[p] == '*') {
            ++p;
        }
        return p == pattern.size();
    }

    std::string_view takeComponent(std::string_view& path)
    {
        const std::size_t slash = path.find('/');
        const std::string_view component = path.substr(0, slash);
        path = slash == std::string_view::npos ? std::string_view{} : path.substr(slash + 1);
        return component;
    }

    /// The components of a pattern against the first components of a path, `**` taking any number.
    bool pathMatches(std::string_view pattern, std::string_view path)
    {
        std::string_view starPattern;
        std::string_view starPath;
        bool hasStar = false;
        for (;;) {
            if (pattern.empty()) {
                return true; // a folder covers what is below it
            }
            std::string_view restOfPattern = pattern;
            std::string_view restOfPath = path;
            const std::string_view wanted = takeComponent(restOfPattern);
            if (wanted == "**") {
                if (restOfPattern.empty()) {
                    return !path.empty();
                }
                hasStar = true;
                starPattern = restOfPattern;
                starPath = path;
                pattern = restOfPattern;
                continue;
            }
            if (!path.empty() && globMatches(wanted, takeComponent(restOfPath))) {
                pattern = restOfPattern;
                path = restOfPath;
                continue;
            }
            if (!hasStar || starPath.empty()) {
                return false;
            }
            takeComponent(starPath);
            pattern = starPattern;
            path = starPath;
        }
    }

    bool equalFolded(std::string_view folded, std::string_view text)
    {
        if (folded.size() != text.size()) {
            return false;
        }
        for (std::size_t i = 0; i < text.size(); ++i) {
            if (folded[i] != ascii::lower(text[i])) {
                return false;
            }
        }
        return true;
    }

} // namespace

Result<PathPattern> PathPattern::parse(std::string_view text)
{
    while (text.ends_with('/')) {
        text.remove_suffix(1);
    }
    if (text.starts_with('/')) {
        text.remove_prefix(1);
    }
    if (text.empty() || text.size() > kMaxLength || text.find('\0') != std::string_view::npos
        || !base::isUtf8(text)) {
        return fail(Errc::Invalid,
            "a pattern for files must hold 1 to " + std::to_string(kMaxLength)
                + " characters, such as \"*.tex\" or \"letters/**\"");
    }
    PathPattern out;
    out.m_text = text;
    out.m_folded = ascii::lowered(text);
    const bool hasWildcard = text.find_first_of("*?") != std::string_view::npos;
    if (text.find('/') != std::string_view::npos || text == "**") {
        out.m_shape = Shape::Path;
    } else if (!hasWildcard) {
        out.m_shape = Shape::Literal;
    } else if (text.starts_with('*')
        && text.substr(1).find_first_of("*?") == std::string_view::npos) {
        out.m_shape = Shape::Suffix;
        out.m_folded.erase(0, 1);
    } else {
        out.m_shape = Shape::Component;
    }
    return out;
}

bool PathPattern::covers(std::string_view path) const
{
    if (m_shape == Shape::Path) {
        return pathMatches(m_folded, path);
    }
    while (!path.empty()) {
        const std::string_view component = takeComponent(path);
        switch (m_shape) {
        case Shape::Literal:
            if (equalFolded(m_folded, component)) {
                return true;
            }
            break;
        case Shape::Suffix:
            if (component.size() >= m_folded.size()
                && equalFolded(m_folded, component.substr(component.size() - m_folded.size()))) {
                return true;
            }
            break;
        case Shape::Component:
        case Shape::Path:
            if (globMatches(m_folded, component)) {
                return true;
            }
            break;
        }
    }
    return false;
}

Result<TextPattern> TextPattern::parse(std::string_view text)
{
    std::size_t signs = 0;
    for (const char c : text) {
        signs += c != '*' && c != '?' && !ascii::isSpace(c) ? 1U : 0U;
    }
    if (signs < 3 || text.size() > kMaxLength || !base::isUtf8(text)
        || text.find_first_of("\r\n\0") != std::string_view::npos) {
        return fail(Errc::Invalid,
            "a pattern for text must hold at least three signs besides * and ?, and at most "
                + std::to_string(kMaxLength) + " characters on one line");
    }
    TextPattern out;
    out.m_text = text;
    out.m_folded = ascii::lowered(text);
    return out;
}

std::vector<TextPattern::Match> TextPattern::find(std::string_view text) const
{
    // States are positions in the pattern; a star is a state that may stay (Thompson's simulation).
    using States = std::bitset<kMaxLength + 1>;
    const std::size_t length = m_folded.size();
    const auto close = [this, length](States& states) {
        for (std::size_t p = 0; p < length; ++p) {
            if (states[p] && m_folded[p] == '*') {
                states.set(p + 1);
            }
        }
    };
    const char first = m_folded.front();
    const bool startsLiteral = first != '*' && first != '?' && first != '#';
    std::vector<Match> out;
    std::size_t steps = 0;
    const std::size_t allowed = kStepsPerByte * (text.size() + kMaxMatch);
    for (std::size_t begin = 0; begin < text.size();) {
        if (startsLiteral && ascii::lower(text[begin]) != first) {
            ++begin;
            continue;
        }
        States states;
        states.set(0);
        close(states);
        std::size_t end = 0;
        std::size_t runLength = 0;
        for (std::size_t at = begin; at < text.size() && at - begin < kMaxMatch; ++at) {
            if (++steps > allowed) {
                out.push_back({ begin, text.size() });
                return out;
            }
            const char c = ascii::lower(text[at]);
            runLength = ascii::isSpace(c) ? 0 : runLength + 1;
            States next;
            for (std::size_t p = 0; p < length; ++p) {
                if (!states[p]) {
                    continue;
                }
                const char wanted = m_folded[p];
                if (wanted == '*') {
                    if (!ascii::isSpace(c) && runLength <= kMaxStarRun + length) {
                        next.set(p);
                    }
                } else if (wanted == c || (wanted == '?' && c != '\n')
                    || (wanted == '#' && ascii::isDigit(c))) {
                    next.set(p + 1);
                }
            }
            close(next);
            states = next;
            if (states[length]) {
                end = at + 1;
            }
            if (states.none()) {
                break;
            }
        }
        if (end > begin) {
            out.push_back({ begin, end });
            begin = end;
        } else {
            ++begin;
        }
    }
    return out;
}

} // namespace loam::consent
