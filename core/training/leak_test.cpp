// SPDX-License-Identifier: GPL-3.0-or-later
#include "training/leak_test.h"

#include "crypto/hash.h"
#include "training/sampler.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <string_view>

namespace loam::training {
namespace {

    using base::Errc;
    using base::fail;
    using base::Result;
    using Sequences = std::vector<std::vector<ml::Token>>;

    constexpr std::size_t kWindowTokens = 32;
    constexpr std::size_t kLeastWindows = 20; ///< as measureMembership asks
    constexpr std::size_t kMostWindows = 512;
    constexpr std::size_t kPieceBytes = std::size_t{ 8 } << 10U;
    constexpr std::size_t kLeastDigits = 5; ///< a year is no secret
    constexpr std::size_t kMostDigits = 12;
    constexpr std::size_t kMostNumbers = 4;
    constexpr std::size_t kPrefixBytes = 48;
    constexpr std::size_t kCandidates = 2047; ///< 11 bits with the number itself

    bool isDigit(char c)
    {
        return c >= '0' && c <= '9';
    }

    std::vector<ml::Token> tokensOf(const ml::TextCodec& codec, std::string_view text)
    {
        std::vector<ml::Token> out;
        while (!text.empty()) {
            const std::size_t line = text.find('\n', std::min(kPieceBytes, text.size()));
            const std::size_t end = line == std::string_view::npos ? text.size() : line + 1;
            const auto tokens = codec.encode(text.substr(0, end), ml::TextCodec::Special::Plain);
            out.insert(out.end(), tokens.begin(), tokens.end());
            text.remove_prefix(end);
        }
        return out;
    }

    /// Windows side by side, at most kMostWindows, evenly over all the texts.
    Sequences windowsOf(
        const ml::TextCodec& codec, std::span<const std::string> texts, std::size_t length)
    {
        Sequences all;
        for (const std::string& text : texts) {
            const auto tokens = tokensOf(codec, text);
            for (std::size_t at = 0; at + length < tokens.size(); at += length + 1) {
                const auto begin = tokens.begin() + static_cast<std::ptrdiff_t>(at);
                all.emplace_back(begin, begin + static_cast<std::ptrdiff_t>(length + 1));
            }
        }
        if (all.size() <= kMostWindows) {
            return all;
        }
        Sequences out;
        for (std::size_t i = 0; i < kMostWindows; ++i) {
            out.push_back(std::move(all[i * all.size() / kMostWindows]));
        }
        return out;
    }

    /// How many nats less each sequence costs the subject than the reference; lengths may differ.
    Result<std::vector<double>> gains(
        const LeakTest& test, ml::Backend& backend, const Sequences& sequences)
    {
        std::map<std::size_t, std::vector<std::size_t>> byLength;
        for (std::size_t i = 0; i < sequences.size(); ++i) {
            byLength[sequences[i].size()].push_back(i);
        }
        std::vector<double> out(sequences.size());
        for (const auto& [length, places] : byLength) {
            Sequences equal;
            for (const std::size_t place : places) {
                equal.push_back(sequences[place]);
            }
            TRY_ASSIGN(const auto before, sequenceNats(test.reference, backend, equal));
            TRY_ASSIGN(const auto after, sequenceNats(test.subject, backend, equal));
            const std::vector<double> scores = ratioScores(before, after);
            for (std::size_t i = 0; i < places.size(); ++i) {
                out[places[i]] = scores[i];
            }
        }
        return out;
    }

    /// A number and what stands before it in its line.
    struct Number
    {
        std::string prefix;
        std::string digits;
        auto operator<=>(const Number&) const = default;
    };

    std::vector<Number> numbersIn(std::span<const std::string> texts)
    {
        std::set<std::string> seen;
        std::vector<Number> out;
        for (const std::string& text : texts) {
            for (std::size_t at = 0; at < text.size() && out.size() < kMostNumbers; ++at) {
                if (!isDigit(text[at])) {
                    continue;
                }
                std::size_t end = at;
                while (end < text.size() && isDigit(text[end])) {
                    ++end;
                }
                const std::string digits = text.substr(at, end - at);
                std::size_t begin = at;
                while (begin > 0 && at - begin < kPrefixBytes && text[begin - 1] != '\n') {
                    --begin;
                }
                // Not in the middle of a character.
                while (begin < at && (static_cast<unsigned char>(text[begin]) & 0xC0U) == 0x80U) {
                    ++begin;
                }
                if (digits.size() >= kLeastDigits && digits.size() <= kMostDigits
                    && seen.insert(digits).second) {
                    out.push_back({ text.substr(begin, at - begin), digits });
                }
                at = end - 1;
            }
        }
        return out;
    }

    /// The number first, then random ones of as many digits in its place.
    std::vector<std::string> candidatesFor(const Number& number)
    {
        SeededDraws draws{ crypto::sha256(base::asBytes(number.prefix + number.digits)) };
        std::vector<std::string> out{ number.prefix + number.digits };
        while (out.size() <= kCandidates) {
            std::string digits = number.digits;
            for (char& digit : digits) {
                digit = static_cast<char>('0' + draws.next() % 10);
            }
            if (digits != number.digits) {
                out.push_back(number.prefix + digits);
            }
        }
        return out;
    }

    /// Nothing when the number does not fit the model's context.
    Result<std::optional<Exposure>> exposureIn(
        const LeakTest& test, ml::Backend& backend, const Number& number)
    {
        Sequences sequences;
        const std::size_t most = std::size_t{ test.subject.config().context } + 1;
        for (const std::string& text : candidatesFor(number)) {
            std::vector<ml::Token> tokens;
            if (test.codec.vocabulary().bos >= 0) {
                tokens.push_back(test.codec.vocabulary().bos);
            }
            const auto encoded = test.codec.encode(text, ml::TextCodec::Special::Plain);
            tokens.insert(tokens.end(), encoded.begin(), encoded.end());
            if (tokens.size() <= most) {
                sequences.push_back(std::move(tokens));
            } else if (sequences.empty()) {
                return std::optional<Exposure>{};
            }
        }
        TRY_ASSIGN(std::vector<double> costs, gains(test, backend, sequences));
        for (double& cost : costs) {
            cost = -cost;
        }
        return std::optional{ exposureOf(costs.front(), std::span{ costs }.subspan(1)) };
    }

} // namespace

Result<LeakReport> testLeak(const LeakTest& test, ml::Backend& backend)
{
    if (test.reference.config() != test.subject.config()) {
        return fail(Errc::Invalid, "the meter compares two states of one model");
    }
    LeakReport out;
    out.windowTokens = std::min<std::size_t>(kWindowTokens, test.subject.config().context);
    const Sequences members = windowsOf(test.codec, test.members, out.windowTokens);
    const Sequences others = windowsOf(test.codec, test.others, out.windowTokens);
    out.members = members.size();
    out.others = others.size();
    if (std::min(out.members, out.others) < kLeastWindows) {
        return fail(Errc::Invalid,
            fmt::format("there is too little text to measure with: {} passages of {} tokens that "
                        "were trained on and {} that were not, {} of each are needed",
                out.members, out.windowTokens, out.others, kLeastWindows));
    }
    TRY_ASSIGN(const auto in, gains(test, backend, members));
    TRY_ASSIGN(const auto left, gains(test, backend, others));
    TRY_ASSIGN(out.membership, measureMembership(in, left, test.delta));
    for (const Number& number : numbersIn(test.members)) {
        TRY_ASSIGN(const auto exposure, exposureIn(test, backend, number));
        if (!exposure) {
            continue;
        }
        ++out.numbers;
        if (!out.exposure || exposure->bits > out.exposure->bits) {
            out.exposure = *exposure;
        }
    }
    return out;
}

Light lightOf(const LeakReport& report)
{
    const Light light = lightOf(report.membership);
    if (!report.exposure) {
        return light;
    }
    // The highest of several numbers is higher by chance: what is green for one is so for it.
    Exposure fair = *report.exposure;
    fair.bits -= std::log2(static_cast<double>(report.numbers));
    const bool isChance = lightOf(fair) == Light::Green;
    return isChance ? light : std::max(light, lightOf(*report.exposure));
}

} // namespace loam::training
