// SPDX-License-Identifier: GPL-3.0-or-later
#include "consent/quality.h"

#include "consent/ascii.h"

#include <algorithm>
#include <array>
#include <unordered_map>
#include <unordered_set>

namespace loam::consent {

namespace {

    constexpr std::size_t kMinBytes = 40;
    constexpr std::size_t kLooked = 256 * 1024; ///< bytes judged; the rest is like them

    struct Language
    {
        std::string_view code;
        std::unordered_set<std::string_view> words;
    };

    const std::vector<Language>& languages()
    {
        static const std::vector<Language> kLanguages{
            { "en",
                { "the", "and", "of", "to", "is", "that", "it", "was", "for", "with", "as", "this",
                    "but", "not", "have", "are", "you", "from", "they", "which" } },
            { "de",
                { "der", "die", "und", "das", "ist", "nicht", "den", "von", "mit", "ein", "eine",
                    "sich", "auf", "dem", "auch", "für", "ich", "wir", "werden", "dass" } },
            { "fr",
                { "le", "la", "les", "et", "des", "est", "une", "que", "dans", "pour", "qui", "pas",
                    "sur", "avec", "vous", "nous", "il", "du", "au", "mais" } },
            { "es",
                { "el", "los", "las", "que", "y", "en", "una", "por", "con", "para", "del", "se",
                    "su", "como", "pero", "más", "este", "muy", "fue", "lo" } },
            { "it",
                { "il", "che", "di", "per", "una", "non", "con", "sono", "della", "del", "gli",
                    "anche", "alla", "questo", "più", "nel", "ha", "si", "ma", "lo" } },
            { "pt",
                { "o", "os", "que", "uma", "não", "para", "com", "por", "mais", "dos", "como",
                    "mas", "foi", "ao", "ele", "das", "tem", "seu", "sua", "ou" } },
            { "nl",
                { "de", "het", "een", "van", "en", "niet", "dat", "zijn", "op", "te", "met", "voor",
                    "ook", "maar", "wij", "naar", "bij", "door", "wordt", "deze" } },
        };
        return kLanguages;
    }

    bool isWordSign(char c)
    {
        return ascii::isAlpha(c) || ascii::isHigh(c) || c == '\'';
    }

    /// Calls `visit` with each word; the view is into `text`.
    template <class Visit> void eachWord(std::string_view text, Visit visit)
    {
        for (std::size_t at = 0; at < text.size();) {
            if (!isWordSign(text[at])) {
                ++at;
                continue;
            }
            const std::size_t begin = at;
            while (at < text.size() && isWordSign(text[at])) {
                ++at;
            }
            visit(text.substr(begin, at - begin));
        }
    }

    /// Letters of scripts that name a language, by their leading UTF-8 bytes.
    std::string languageOfScript(std::string_view text)
    {
        std::size_t cyrillic = 0;
        std::size_t greek = 0;
        std::size_t hebrew = 0;
        std::size_t arabic = 0;
        std::size_t kana = 0;
        std::size_t han = 0;
        std::size_t hangul = 0;
        std::size_t latin = 0;
        for (std::size_t i = 0; i < text.size(); ++i) {
            const auto c = static_cast<unsigned char>(text[i]);
            latin += ascii::isAlpha(text[i]) ? 1U : 0U;
            cyrillic += c == 0xd0 || c == 0xd1 ? 1U : 0U;
            greek += c == 0xce || c == 0xcf ? 1U : 0U;
            hebrew += c == 0xd7 ? 1U : 0U;
            arabic += c == 0xd8 || c == 0xd9 ? 1U : 0U;
            if (c == 0xe3) {
                ++kana;
            } else if (c >= 0xe4 && c <= 0xe9) {
                ++han;
            } else if (c >= 0xea && c <= 0xed) {
                ++hangul;
            }
        }
        const std::size_t most = std::max({ cyrillic, greek, hebrew, arabic, kana + han, hangul });
        if (most * 2 < latin || most < 8) {
            return {};
        }
        if (most == cyrillic) {
            return "ru";
        }
        if (most == greek) {
            return "el";
        }
        if (most == hebrew) {
            return "he";
        }
        if (most == arabic) {
            return "ar";
        }
        if (most == hangul) {
            return "ko";
        }
        return kana * 8 > han ? "ja" : "zh";
    }

    bool isVowel(char c)
    {
        return std::string_view{ "aeiouyAEIOUY" }.find(c) != std::string_view::npos
            || ascii::isHigh(c);
    }

    /// What the words of a text look like.
    struct WordFigures
    {
        std::size_t words{ 0 };
        std::size_t letters{ 0 };
        std::size_t vowelless{ 0 }; ///< four letters or more without a vowel
        std::size_t monsters{ 0 }; ///< longer than 28 letters
        std::size_t distinct{ 0 };
    };

    WordFigures figuresOf(std::string_view text)
    {
        WordFigures out;
        std::unordered_set<std::string_view> seen;
        eachWord(text, [&](std::string_view word) {
            ++out.words;
            out.letters += word.size();
            out.vowelless += word.size() >= 4 && std::ranges::none_of(word, isVowel) ? 1U : 0U;
            out.monsters += word.size() > 28 && !ascii::isHigh(word[0]) ? 1U : 0U;
            if (seen.size() < 4096) {
                seen.insert(word);
            }
        });
        out.distinct = seen.size();
        return out;
    }

} // namespace

std::string_view verdictName(Verdict verdict)
{
    switch (verdict) {
    case Verdict::Good:
        return "good";
    case Verdict::TooShort:
        return "too_short";
    case Verdict::Gibberish:
        return "gibberish";
    case Verdict::Boilerplate:
        return "boilerplate";
    case Verdict::Duplicate:
        return "duplicate";
    }
    return "good";
}

std::string guessLanguage(std::string_view text)
{
    text = text.substr(0, kLooked);
    std::string script = languageOfScript(text);
    if (!script.empty()) {
        return script;
    }
    std::vector<std::size_t> hits(languages().size());
    std::size_t words = 0;
    eachWord(text, [&](std::string_view word) {
        ++words;
        const std::string folded = ascii::lowered(word);
        for (std::size_t i = 0; i < hits.size(); ++i) {
            hits[i] += languages()[i].words.contains(folded) ? 1U : 0U;
        }
    });
    const auto best = std::ranges::max_element(hits);
    // Every prose of these languages has more than one such word in fifteen.
    if (words < 5 || *best < 2 || *best * 15 < words) {
        return {};
    }
    return std::string{ languages()[static_cast<std::size_t>(best - hits.begin())].code };
}

Quality judge(std::string_view text, DocumentKind kind)
{
    Quality out;
    if (text.size() < kMinBytes) {
        out.verdict = Verdict::TooShort;
        out.reason = "fewer than 40 characters of text";
        return out;
    }
    if (kind == DocumentKind::Code) {
        out.language = "code";
        return out;
    }
    text = text.substr(0, kLooked);
    out.language = guessLanguage(text);
    const std::size_t visible = static_cast<std::size_t>(
        std::ranges::count_if(text, [](char c) { return !ascii::isSpace(c); }));
    const WordFigures figures = figuresOf(text);
    const auto gibberish = [&out](std::string reason) {
        out.verdict = Verdict::Gibberish;
        out.reason = std::move(reason);
    };
    const bool isAlphabetic = out.language != "zh" && out.language != "ja" && out.language != "ko";
    if (figures.letters * 2 < visible) {
        gibberish("less than half of it is letters");
    } else if (figures.words > 0 && figures.vowelless * 4 > figures.words) {
        gibberish("more than a quarter of the words have no vowel");
    } else if (isAlphabetic && figures.monsters * 20 > figures.words) {
        gibberish("many words are longer than any language's");
    } else if (figures.words > 400
        && figures.distinct * 40 < std::min<std::size_t>(figures.words, 4096)) {
        gibberish("the same few words over and over");
    }
    return out;
}

std::vector<bool> boilerplateLines(const std::vector<std::string_view>& lines, DocumentKind kind)
{
    constexpr std::size_t kRepeated = 3;
    constexpr std::size_t kMinLength = 12;
    static constexpr std::array<std::string_view, 14> kFormulas{ "sent from my ",
        "von meinem iphone gesendet", "all rights reserved", "alle rechte vorbehalten",
        "unsubscribe", "newsletter abbestellen", "this e-mail and any attachments",
        "this email and any attachments", "this message is confidential", "cookie policy",
        "we use cookies", "wir verwenden cookies", "terms of service",
        "view this email in your browser" };
    std::vector<bool> out(lines.size());
    if (kind == DocumentKind::Code) {
        return out;
    }
    std::unordered_map<std::string_view, std::size_t> seen;
    for (const std::string_view line : lines) {
        if (line.size() >= kMinLength) {
            ++seen[line];
        }
    }
    for (std::size_t i = 0; i < lines.size(); ++i) {
        if (lines[i].size() < kMinLength) {
            continue;
        }
        const auto found = seen.find(lines[i]);
        const std::string folded = ascii::lowered(lines[i].substr(0, 200));
        out[i] = (found != seen.end() && found->second >= kRepeated)
            || std::ranges::any_of(kFormulas, [&folded](std::string_view formula) {
                   return folded.find(formula) != std::string::npos;
               });
    }
    return out;
}

} // namespace loam::consent
