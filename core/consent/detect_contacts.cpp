// SPDX-License-Identifier: GPL-3.0-or-later
// Mail addresses, telephone numbers and network addresses.
#include "consent/ascii.h"
#include "consent/detectors.h"

#include <algorithm>
#include <array>

namespace loam::consent::detect {

namespace {

    constexpr std::size_t kMaxLocal = 64; // RFC 5321 4.5.3.1.1
    constexpr std::size_t kMaxDomain = 255;
    constexpr std::size_t kMaxPhoneDigits = 15; // ITU-T E.164
    constexpr std::size_t kCueReach = 24;

    bool isLocalPart(char c)
    {
        return ascii::isAlnum(c) || ascii::isHigh(c)
            || std::string_view{ "._%+-'" }.find(c) != std::string_view::npos;
    }

    bool isDomainPart(char c)
    {
        return ascii::isAlnum(c) || ascii::isHigh(c) || c == '-' || c == '.';
    }

    /// Length of "[at]", "(at)", " at "-like stand-ins for a sign at this place, or 0.
    std::size_t standIn(std::string_view text, std::size_t at, std::string_view word)
    {
        std::size_t end = at;
        while (end < text.size() && end - at < 2 && text[end] == ' ') {
            ++end;
        }
        if (end >= text.size() || (text[end] != '[' && text[end] != '(' && text[end] != '{')) {
            return 0;
        }
        ++end;
        if (!ascii::startsAt(text, end, word)) {
            return 0;
        }
        end += word.size();
        if (end >= text.size() || (text[end] != ']' && text[end] != ')' && text[end] != '}')) {
            return 0;
        }
        ++end;
        while (end < text.size() && text[end] == ' ' && end - at < word.size() + 6) {
            ++end;
        }
        return end - at;
    }

    /// End of the domain that starts at `begin`, or `begin` when there is none.
    std::size_t domainEnd(std::string_view text, std::size_t begin)
    {
        std::size_t end = begin;
        std::size_t label = begin;
        std::size_t lastDot = std::string_view::npos;
        std::size_t best = begin;
        const auto accept = [&](std::size_t to) {
            // The last label is a name of at least two letters.
            if (lastDot == std::string_view::npos || to < label + 2
                || !std::ranges::all_of(text.substr(label, to - label),
                    [](char c) {
                        return ascii::isAlpha(c) || ascii::isHigh(c) || c == '-'
                            || ascii::isDigit(c);
                    })
                || !(ascii::isAlpha(text[label]) || ascii::isHigh(text[label]))) {
                return;
            }
            best = to;
        };
        while (end < text.size() && end - begin < kMaxDomain) {
            const std::size_t dotLength = text[end] == '.' ? 1 : standIn(text, end, "dot");
            if (dotLength != 0) {
                accept(end);
                if (end == label) {
                    return best;
                }
                lastDot = end;
                end += dotLength;
                label = end;
            } else if (isDomainPart(text[end])) {
                ++end;
            } else {
                break;
            }
        }
        accept(end);
        return best;
    }

    void mailAround(
        std::string_view text, std::size_t sign, std::size_t after, std::vector<Span>& out)
    {
        std::size_t begin = sign;
        while (begin > 0 && sign - begin < kMaxLocal && isLocalPart(text[begin - 1])) {
            --begin;
        }
        while (begin < sign && (text[begin] == '.' || text[begin] == '\'' || text[begin] == '-')) {
            ++begin;
        }
        const std::size_t end = domainEnd(text, after);
        if (begin < sign && end > after) {
            out.push_back({ begin, end, SpanKind::Mail });
        }
    }

    /// A number as it is written: digits with single separators.
    struct Digits
    {
        std::size_t begin{ 0 };
        std::size_t end{ 0 };
        std::array<std::size_t, 8> groups{};
        std::size_t groupCount{ 0 };
        std::string digits;
        std::string separators;
    };

    Digits readPhone(std::string_view text, std::size_t begin)
    {
        Digits out;
        out.begin = begin;
        std::size_t at = begin;
        if (at < text.size() && text[at] == '+') {
            ++at;
        }
        std::size_t gap = 0;
        bool inGroup = false;
        std::size_t gapStart = at;
        for (; at < text.size(); ++at) {
            const char c = text[at];
            if (ascii::isDigit(c)) {
                if (!inGroup) {
                    if (out.groupCount == out.groups.size()) {
                        break;
                    }
                    if (out.groupCount > 0) {
                        out.separators += text.substr(gapStart, at - gapStart);
                    }
                    ++out.groupCount;
                    inGroup = true;
                }
                ++out.groups.at(out.groupCount - 1);
                out.digits += c;
                out.end = at + 1;
                gap = 0;
                if (out.digits.size() > kMaxPhoneDigits) {
                    break;
                }
            } else if (std::string_view{ " -./()" }.find(c) != std::string_view::npos && gap < 3) {
                if (inGroup) {
                    gapStart = at;
                }
                inGroup = false;
                ++gap;
            } else {
                break;
            }
        }
        return out;
    }

    bool hasCue(std::string_view text, std::size_t begin)
    {
        const std::size_t from = begin > kCueReach ? begin - kCueReach : 0;
        const std::string before = ascii::lowered(text.substr(from, begin - from));
        return std::ranges::any_of(
            std::array{ "tel", "phone", "fon", "mobil", "fax", "call", "cell", "whatsapp", "anruf",
                "handy", "ring me", "sms", "text me", "number is" },
            [&before](std::string_view cue) { return before.find(cue) != std::string::npos; });
    }

    /// 01.02.2003, 2003-02-01, 1/2/2003: three groups that are a day.
    bool looksLikeDate(const Digits& number)
    {
        if (number.groupCount < 3) {
            return false;
        }
        const bool sameSeparator
            = number.separators.size() >= 2 && number.separators[0] == number.separators[1];
        const auto& g = number.groups;
        const bool dayFirst = g[0] <= 2 && g[1] <= 2 && (g[2] == 4 || g[2] == 2);
        const bool yearFirst = g[0] == 4 && g[1] <= 2 && g[2] <= 2;
        return sameSeparator && number.separators[0] != ' ' && (dayFirst || yearFirst);
    }

    bool isPhone(std::string_view text, const Digits& number)
    {
        const std::size_t count = number.digits.size();
        if (count < 7 || count > kMaxPhoneDigits || looksLikeDate(number)) {
            return false;
        }
        const bool international = text[number.begin] == '+' || number.digits.starts_with("00");
        if (international) {
            return count >= 8 && number.digits.find_first_not_of('0') != std::string::npos;
        }
        if (hasCue(text, number.begin)) {
            return true;
        }
        const auto& g = number.groups;
        // North America: 555-010-1234, (555) 010-1234.
        if (count == 10 && number.groupCount == 3 && g[0] == 3 && g[1] == 3 && g[2] == 4) {
            return true;
        }
        // National with trunk prefix: 030 901820, 07700 900123, 0151/23456789.
        return number.digits[0] == '0' && number.digits[1] != '0' && count >= 9
            && number.groupCount >= 2 && g[0] >= 3
            && number.separators.find('.') == std::string::npos;
    }

    /// Four numbers up to 255.
    std::size_t ipv4End(std::string_view text, std::size_t begin, bool& isLoopback)
    {
        std::size_t at = begin;
        for (int part = 0; part < 4; ++part) {
            unsigned value = 0;
            const std::size_t start = at;
            while (at < text.size() && ascii::isDigit(text[at]) && at - start < 4) {
                value = value * 10 + static_cast<unsigned>(text[at] - '0');
                ++at;
            }
            if (at == start || at - start > 3 || value > 255
                || (at - start > 1 && text[start] == '0')) {
                return begin;
            }
            if (part == 0) {
                isLoopback = value == 127 || value == 0 || value == 255;
            }
            if (part < 3 && (at >= text.size() || text[at++] != '.')) {
                return begin;
            }
        }
        const bool goesOn = at < text.size()
            && (ascii::isAlnum(text[at])
                || (text[at] == '.' && at + 1 < text.size() && ascii::isDigit(text[at + 1])));
        return goesOn ? begin : at;
    }

    bool afterVersion(std::string_view text, std::size_t begin)
    {
        const std::size_t from = begin > 12 ? begin - 12 : 0;
        const std::string before = ascii::lowered(text.substr(from, begin - from));
        return before.ends_with("version ") || before.ends_with(" v")
            || before.ends_with("section ") || before.ends_with("release ")
            || before.ends_with("chapter ");
    }

    /// A run of hexadecimal groups and colons that is an address (RFC 4291 2.2, without the
    /// embedded IPv4 form).
    bool isIpv6(std::string_view run)
    {
        std::size_t groups = 0;
        std::size_t gaps = 0;
        std::size_t at = 0;
        while (at < run.size()) {
            if (run.substr(at).starts_with("::")) {
                ++gaps;
                at += 2;
                continue;
            }
            if (run[at] == ':') {
                if (at == 0 || at + 1 == run.size()) {
                    return false;
                }
                ++at;
                continue;
            }
            std::size_t length = 0;
            while (at < run.size() && ascii::isHex(run[at])) {
                ++at;
                ++length;
            }
            if (length > 4) {
                return false;
            }
            ++groups;
        }
        return (gaps == 0 && groups == 8) || (gaps == 1 && groups >= 2 && groups <= 7);
    }

} // namespace

void mails(std::string_view text, std::vector<Span>& out)
{
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] == '@') {
            mailAround(text, at, at + 1, out);
        } else if (at > 0 && (text[at] == ' ' || text[at] == '[' || text[at] == '(')
            && isLocalPart(text[at - 1])) {
            const std::size_t length = standIn(text, at, "at");
            if (length != 0) {
                mailAround(text, at, at + length, out);
            }
        }
    }
}

void phones(std::string_view text, std::vector<Span>& out)
{
    for (std::size_t at = 0; at < text.size();) {
        const char c = text[at];
        const char before = at > 0 ? text[at - 1] : ' ';
        const bool opens = c == '(' && at + 1 < text.size() && ascii::isDigit(text[at + 1]);
        const bool starts = ascii::isDigit(c) || opens
            || (c == '+' && at + 1 < text.size()
                && (ascii::isDigit(text[at + 1]) || text[at + 1] == '('));
        if (!starts || ascii::isAlnum(before) || ascii::isHigh(before) || before == '_'
            || before == '#' || before == '$' || (before == '.' && c != '+')
            || (before == '-' && c != '+')) {
            ++at;
            while (ascii::isDigit(c) && at < text.size() && ascii::isDigit(text[at])) {
                ++at;
            }
            continue;
        }
        const Digits number = readPhone(text, at);
        const bool goesOn = number.end < text.size()
            && (ascii::isAlnum(text[number.end]) || text[number.end] == '_'
                || text[number.end] == '%');
        if (!goesOn && isPhone(text, number)) {
            out.push_back({ number.begin, number.end, SpanKind::Phone });
            at = number.end;
            continue;
        }
        ++at;
        while (at < text.size() && ascii::isDigit(text[at])) {
            ++at;
        }
    }
}

void ipAddresses(std::string_view text, std::vector<Span>& out)
{
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char before = at > 0 ? text[at - 1] : ' ';
        if (ascii::isAlnum(before) || before == '.' || before == ':' || before == '_') {
            continue;
        }
        if (ascii::isDigit(text[at])) {
            bool isLoopback = false;
            const std::size_t end = ipv4End(text, at, isLoopback);
            if (end > at && !isLoopback && !afterVersion(text, at)) {
                out.push_back({ at, end, SpanKind::IpAddress });
            }
        }
        if (ascii::isHex(text[at]) || text[at] == ':') {
            std::size_t end = at;
            while (end < text.size() && end - at < 40
                && (ascii::isHex(text[end]) || text[end] == ':')) {
                ++end;
            }
            const bool goesOn
                = end < text.size() && (ascii::isAlnum(text[end]) || text[end] == '_');
            std::string_view run = text.substr(at, end - at);
            if (run.ends_with(':') && !run.ends_with("::")) {
                run.remove_suffix(1);
            }
            if (!goesOn && isIpv6(run)) {
                out.push_back({ at, at + run.size(), SpanKind::IpAddress });
            }
        }
    }
}

} // namespace loam::consent::detect
