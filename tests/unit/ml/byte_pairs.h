// SPDX-License-Identifier: GPL-3.0-or-later
// Byte-pair vocabularies made for tests.
#pragma once

#include "ml/byte_letters.h"
#include "ml/text_codec.h"
#include "ml/word_splitter.h"

#include <map>
#include <set>

namespace loam::test {

using Strings = std::vector<std::string>;

/// The bytes, then what `merges` make.
inline ml::Vocabulary paired(const Strings& merges, std::string splitter)
{
    ml::Vocabulary out;
    out.algorithm = ml::Vocabulary::Algorithm::Bpe;
    out.splitter = std::move(splitter);
    for (std::size_t byte = 0; byte < 256; ++byte) {
        out.pieces.push_back(
            { std::string{ ml::letterOfByte(static_cast<std::uint8_t>(byte)) }, 0, {} });
    }
    for (const std::string& merge : merges) {
        std::string joined = merge;
        joined.erase(joined.find(' '), 1);
        out.pieces.push_back({ joined, 0, {} });
    }
    out.merges = merges;
    return out;
}

/// The merges that join the most frequent neighbours of `text`, one after another; none that makes
/// a text which another has made.
inline Strings learnedMerges(std::string_view text, std::string_view splitter, std::size_t most)
{
    std::map<Strings, std::size_t> words;
    for (const std::string_view word : ml::WordSplitter::create(splitter).value().split(text)) {
        Strings letters;
        for (const char byte : word) {
            letters.emplace_back(ml::letterOfByte(static_cast<std::uint8_t>(byte)));
        }
        ++words[letters];
    }
    Strings out;
    std::set<std::string> made;
    while (out.size() < most) {
        std::map<std::pair<std::string, std::string>, std::size_t> pairs;
        std::pair<std::string, std::string> best;
        std::size_t count = 0;
        for (const auto& [letters, times] : words) {
            for (std::size_t i = 1; i < letters.size(); ++i) {
                const std::pair pair{ letters[i - 1], letters[i] };
                pairs[pair] += made.contains(pair.first + pair.second) ? 0 : times;
                best = pairs[pair] > count ? pair : best;
                count = std::max(count, pairs[pair]);
            }
        }
        if (count == 0) {
            break;
        }
        out.push_back(best.first + ' ' + best.second);
        made.insert(best.first + best.second);
        std::map<Strings, std::size_t> joined;
        for (const auto& [letters, times] : words) {
            Strings now;
            for (const std::string& letter : letters) {
                const bool isPair
                    = !now.empty() && now.back() == best.first && letter == best.second;
                isPair ? void(now.back() += letter) : now.push_back(letter);
            }
            joined[now] += times;
        }
        words = std::move(joined);
    }
    return out;
}

/// What the merges of a vocabulary, its splitter and its control tokens decide about.
inline Strings tellingTexts()
{
    return { "", " ", "  leading spaces", "trailing  ", "\n\n\ttabs\t\t x\r\n\r\n y",
        "I'm you're we'VE they'll he'd It'S 'tis don't  stop\n  now 12ab 34",
        "1234567890 12 3.14159 1,000,000 \u0661\u0662\u0663 \u2177 \u00B2",
        "na\u00EFve caf\u00E9 \u2014 \u201Cquotes\u201D \u2026", "\u6F22\u5B57\u3068\u4EEE\u540D",
        "\u041F\u0440\u0438\u0432\u0435\u0442 \u0645\u0631\u062D\u0628\u0627 "
        "\u0939\u093F\u0928\u094D\u0926\u0940",
        "\U0001F642\U0001F469\u200D\U0001F469\u200D\U0001F467 \U0001F1E9\U0001F1EA",
        "a\u00A0b\u2003c\u3000d\u0085e", "$+<=>^~| !!!???...---*** x_y",
        "def f(x):\n    return x**2  # what\n", "The GNU General Public License, version 3.",
        "<|begin|>user\nhello<|im_end|>\n<tag>  <tag><|begin|", "low low lowlow" };
}

} // namespace loam::test
