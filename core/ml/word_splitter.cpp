// SPDX-License-Identifier: GPL-3.0-or-later
#include "ml/word_splitter.h"

#include "ml/text_segments.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

namespace loam::ml {

using base::Errc;
using base::fail;
using base::Result;

namespace {

    enum class Class : std::uint8_t { Other, Letter, Number, Punctuation, Space };

    /// Code << 2 | class, where each run begins; sorted.
    constexpr auto kRuns = std::to_array<std::uint32_t>({
#include "ml/unicode_classes.inc"
    });

    /// White_Space of Unicode.
    bool isSpace(std::uint32_t code)
    {
        return (code >= 0x09 && code <= 0x0D) || code == 0x20 || code == 0x85 || code == 0xA0
            || code == 0x1680 || (code >= 0x2000 && code <= 0x200A) || code == 0x2028
            || code == 0x2029 || code == 0x202F || code == 0x205F || code == 0x3000;
    }

    Class classOf(std::uint32_t code)
    {
        if (isSpace(code)) {
            return Class::Space;
        }
        const auto* next = std::ranges::upper_bound(kRuns, code << 2U | 3U);
        return static_cast<Class>(*std::prev(next) & 3U);
    }

    struct Character
    {
        std::size_t begin{ 0 }; ///< byte in the text
        std::uint32_t code{ 0 };
        Class kind{ Class::Other };

        bool isWord() const { return kind == Class::Letter || kind == Class::Number; }
        bool isMark() const { return !isWord() && kind != Class::Space; }
        bool isLineEnd() const { return code == '\r' || code == '\n'; }
    };

    std::uint32_t decode(std::string_view character)
    {
        constexpr std::array<std::uint32_t, 5> kLeadBits{ 0, 0x7F, 0x1F, 0x0F, 0x07 };
        std::uint32_t code = static_cast<unsigned char>(character[0]) & kLeadBits[character.size()];
        for (const char c : character.substr(1)) {
            code = code << 6U | (static_cast<unsigned char>(c) & 0x3FU);
        }
        return code;
    }

    std::vector<Character> charactersOf(std::string_view text)
    {
        constexpr std::uint32_t kReplacement = 0xFFFD;
        std::vector<Character> out;
        for (std::size_t at = 0; at < text.size();) {
            const std::size_t length = utf8CharacterLength(text.substr(at));
            const std::uint32_t code = length == 0 ? kReplacement : decode(text.substr(at, length));
            out.push_back({ at, code, classOf(code) });
            at += std::max(length, std::size_t{ 1 });
        }
        return out;
    }

    using Characters = std::span<const Character>;
    /// How many characters a word at the beginning has, 0: none begins here.
    using Match = std::size_t (*)(Characters);

    template <class Is> std::size_t run(Characters text, std::size_t from, Is is)
    {
        std::size_t end = from;
        while (end < text.size() && is(text[end])) {
            ++end;
        }
        return end - from;
    }

    bool isLetter(const Character& c)
    {
        return c.kind == Class::Letter;
    }
    bool isNumber(const Character& c)
    {
        return c.kind == Class::Number;
    }
    bool isSpaceCharacter(const Character& c)
    {
        return c.kind == Class::Space;
    }
    bool isMarkCharacter(const Character& c)
    {
        return c.isMark();
    }

    enum class Case { Lower, Any };

    /// 's 't 're 've 'm 'll 'd
    std::size_t contraction(Characters text, Case which)
    {
        const auto letter = [&](std::size_t i) -> std::uint32_t {
            const std::uint32_t code = i < text.size() ? text[i].code : 0;
            return which == Case::Any && code >= 'A' && code <= 'Z' ? code + ('a' - 'A') : code;
        };
        if (text[0].code != '\'') {
            return 0;
        }
        const std::uint32_t first = letter(1);
        if (first == 's' || first == 't' || first == 'm' || first == 'd') {
            return 2;
        }
        const std::uint32_t second = letter(2);
        const bool two = (first == 'r' && second == 'e') || (first == 'v' && second == 'e')
            || (first == 'l' && second == 'l');
        return two ? 3 : 0;
    }

    /// A run of white space, less its last character when a word follows and something remains.
    std::size_t spaces(Characters text)
    {
        const std::size_t length = run(text, 0, isSpaceCharacter);
        return length > 1 && length < text.size() ? length - 1 : length;
    }

    /// GPT-2: contractions, then a space at most before letters, numbers or other marks.
    std::size_t gpt2(Characters text)
    {
        if (const std::size_t length = contraction(text, Case::Lower)) {
            return length;
        }
        const std::size_t skip = text[0].code == ' ' ? 1 : 0;
        for (const auto is : { isLetter, isNumber, isMarkCharacter }) {
            if (const std::size_t length = run(text, skip, is)) {
                return skip + length;
            }
        }
        return spaces(text);
    }

    /// Llama 3 and Qwen 2, which differ in how many digits stay together.
    template <std::size_t kDigits> std::size_t llama3(Characters text)
    {
        if (const std::size_t length = contraction(text, Case::Any)) {
            return length;
        }
        // Any one character but a line end, letter or number may lead a run of letters.
        const std::size_t lead = text[0].isWord() || text[0].isLineEnd() ? 0 : 1;
        if (const std::size_t length = run(text, lead, isLetter)) {
            return lead + length;
        }
        if (const std::size_t length = run(text, 0, isNumber)) {
            return std::min(length, kDigits);
        }
        const std::size_t skip = text[0].code == ' ' ? 1 : 0;
        if (const std::size_t length = run(text, skip, isMarkCharacter)) {
            const std::size_t end = skip + length;
            return end + run(text, end, [](const Character& c) { return c.isLineEnd(); });
        }
        // White space up to its last line end is one word.
        for (std::size_t end = run(text, 0, isSpaceCharacter); end > 0; --end) {
            if (text[end - 1].isLineEnd()) {
                return end;
            }
        }
        return spaces(text);
    }

    std::size_t punctuation(Characters text)
    {
        return run(text, 0, [](const Character& c) {
            constexpr std::string_view kAlso = "$+<=>^~|";
            return c.kind == Class::Punctuation
                || (c.code < 0x80
                    && kAlso.find(static_cast<char>(c.code)) != std::string_view::npos);
        });
    }

    std::size_t numbers(Characters text)
    {
        return run(text, 0, isNumber);
    }

    std::size_t oneNumber(Characters text)
    {
        return isNumber(text[0]) ? 1 : 0;
    }

    std::size_t threeDigits(Characters text)
    {
        const auto isDigit = [](const Character& c) { return c.code >= '0' && c.code <= '9'; };
        return run(text.first(std::min(text.size(), std::size_t{ 3 })), 0, isDigit) == 3 ? 3 : 0;
    }

    /// Cuts each part at the matches; what lies between matches stays together.
    std::vector<Characters> cutParts(const std::vector<Characters>& parts, Match match)
    {
        std::vector<Characters> out;
        for (Characters rest : parts) {
            std::size_t gap = 0;
            while (gap < rest.size()) {
                const std::size_t length = match(rest.subspan(gap));
                if (length == 0) {
                    ++gap;
                    continue;
                }
                if (gap > 0) {
                    out.push_back(rest.first(gap));
                }
                out.push_back(rest.subspan(gap, length));
                rest = rest.subspan(gap + length);
                gap = 0;
            }
            if (!rest.empty()) {
                out.push_back(rest);
            }
        }
        return out;
    }

    /// A regular expression of Oniguruma, and the function that finds the same words.
    struct Cut
    {
        std::string_view pattern;
        Match match;
    };
    constexpr Cut kGpt2{ WordSplitter::kGpt2Pattern, gpt2 };
    constexpr Cut kOneNumber{ WordSplitter::kOneNumberPattern, oneNumber };
    constexpr Cut kLlama3{ R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}|)"
                           R"( ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)",
        llama3<3> };
    constexpr Cut kQwen2{ R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}|)"
                          R"( ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)",
        llama3<1> };
    constexpr Cut kPunctuation{ R"([\p{P}$+<=>^~|]+)", punctuation };
    constexpr Cut kNumbers{ R"(\p{N}+)", numbers };
    constexpr Cut kThreeDigits{ "[0-9]{3}", threeDigits };

    constexpr std::array kGpt2Cuts{ kGpt2 };
    constexpr std::array kLlama3Cuts{ kLlama3 };
    constexpr std::array kQwen2Cuts{ kQwen2 };
    constexpr std::array kSmolLmCuts{ kOneNumber, kGpt2 };
    constexpr std::array kDefaultCuts{ kPunctuation, kGpt2, kNumbers, kThreeDigits };

} // namespace

struct WordSplitter::Family
{
    std::array<std::string_view, 5> names; ///< the usual one first
    std::span<const Cut> cuts;
    bool wholeWordsFirst{ false };
};

std::span<const WordSplitter::Family> WordSplitter::families()
{
    static constexpr std::array<Family, 5> kFamilies{ {
        { { "default" }, kDefaultCuts },
        { { "gpt-2", "phi-2", "olmo", "mpt" }, kGpt2Cuts },
        { { "llama-bpe", "llama3", "llama-v3", "falcon3" }, kLlama3Cuts, true },
        { { "qwen2", "deepseek-r1-qwen" }, kQwen2Cuts },
        { { "smollm", "starcoder", "refact" }, kSmolLmCuts },
    } };
    return kFamilies;
}

Result<WordSplitter> WordSplitter::create(std::string_view name)
{
    for (const Family& family : families()) {
        if (!name.empty() && std::ranges::find(family.names, name) != family.names.end()) {
            return WordSplitter{ family };
        }
    }
    return fail(Errc::Invalid,
        fmt::format("the tokenizer cuts words in the manner \"{}\", which is not known: choose "
                    "a llama, qwen2 or gemma3 model",
            name));
}

std::optional<WordSplitter> WordSplitter::ofPatterns(std::span<const std::string> patterns)
{
    for (const Family& family : families()) {
        if (std::ranges::equal(patterns, family.cuts, {}, {}, &Cut::pattern)) {
            return WordSplitter{ family };
        }
    }
    return std::nullopt;
}

std::string_view WordSplitter::name() const
{
    return m_family->names.front();
}

std::vector<std::string_view> WordSplitter::patterns() const
{
    std::vector<std::string_view> out;
    for (const Cut& cut : m_family->cuts) {
        out.push_back(cut.pattern);
    }
    return out;
}

bool WordSplitter::wholeWordsFirst() const
{
    return m_family->wholeWordsFirst;
}

std::vector<std::string_view> WordSplitter::split(std::string_view text) const
{
    const std::vector<Character> characters = charactersOf(text);
    std::vector<Characters> parts{ characters };
    for (const Cut& cut : m_family->cuts) {
        parts = cutParts(parts, cut.match);
    }
    std::vector<std::string_view> words;
    words.reserve(parts.size());
    for (const Characters part : parts) {
        if (part.empty()) {
            continue;
        }
        const std::size_t begin = part.front().begin;
        const auto after = static_cast<std::size_t>(&part.back() - characters.data()) + 1;
        const std::size_t end = after < characters.size() ? characters[after].begin : text.size();
        words.push_back(text.substr(begin, end - begin));
    }
    return words;
}

} // namespace loam::ml
