// SPDX-License-Identifier: GPL-3.0-or-later
// Payment cards and bank accounts: numbers that carry their own check.
#include "consent/ascii.h"
#include "consent/detectors.h"

#include <algorithm>
#include <array>

namespace loam::consent::detect {

namespace {

    constexpr std::size_t kMinCard = 13;
    constexpr std::size_t kMaxCard = 19;

    struct Country
    {
        std::string_view code;
        std::size_t length;
    };
    /// Lengths of the registry of ISO 13616.
    constexpr std::array kCountries{ Country{ "AD", 24 }, Country{ "AE", 23 }, Country{ "AL", 28 },
        Country{ "AT", 20 }, Country{ "AZ", 28 }, Country{ "BA", 20 }, Country{ "BE", 16 },
        Country{ "BG", 22 }, Country{ "BH", 22 }, Country{ "BR", 29 }, Country{ "BY", 28 },
        Country{ "CH", 21 }, Country{ "CR", 22 }, Country{ "CY", 28 }, Country{ "CZ", 24 },
        Country{ "DE", 22 }, Country{ "DK", 18 }, Country{ "DO", 28 }, Country{ "EE", 20 },
        Country{ "EG", 29 }, Country{ "ES", 24 }, Country{ "FI", 18 }, Country{ "FO", 18 },
        Country{ "FR", 27 }, Country{ "GB", 22 }, Country{ "GE", 22 }, Country{ "GI", 23 },
        Country{ "GL", 18 }, Country{ "GR", 27 }, Country{ "GT", 28 }, Country{ "HR", 21 },
        Country{ "HU", 28 }, Country{ "IE", 22 }, Country{ "IL", 23 }, Country{ "IQ", 23 },
        Country{ "IS", 26 }, Country{ "IT", 27 }, Country{ "JO", 30 }, Country{ "KW", 30 },
        Country{ "KZ", 20 }, Country{ "LB", 28 }, Country{ "LC", 32 }, Country{ "LI", 21 },
        Country{ "LT", 20 }, Country{ "LU", 20 }, Country{ "LV", 21 }, Country{ "MC", 27 },
        Country{ "MD", 24 }, Country{ "ME", 22 }, Country{ "MK", 19 }, Country{ "MR", 27 },
        Country{ "MT", 31 }, Country{ "MU", 30 }, Country{ "NL", 18 }, Country{ "NO", 15 },
        Country{ "PK", 24 }, Country{ "PL", 28 }, Country{ "PS", 29 }, Country{ "PT", 25 },
        Country{ "QA", 29 }, Country{ "RO", 24 }, Country{ "RS", 22 }, Country{ "SA", 24 },
        Country{ "SC", 31 }, Country{ "SE", 24 }, Country{ "SI", 19 }, Country{ "SK", 24 },
        Country{ "SM", 27 }, Country{ "ST", 25 }, Country{ "SV", 28 }, Country{ "TL", 23 },
        Country{ "TN", 24 }, Country{ "TR", 26 }, Country{ "UA", 29 }, Country{ "VA", 22 },
        Country{ "VG", 24 }, Country{ "XK", 20 } };

    std::size_t ibanLength(std::string_view code)
    {
        const auto* found = std::ranges::find(kCountries, code, &Country::code);
        return found == kCountries.end() ? 0 : found->length;
    }

} // namespace

bool luhnHolds(std::string_view digits)
{
    unsigned sum = 0;
    bool doubles = false;
    for (auto it = digits.rbegin(); it != digits.rend(); ++it) {
        const auto value = static_cast<unsigned>(*it - '0') * (doubles ? 2U : 1U);
        sum += value > 9 ? value - 9 : value;
        doubles = !doubles;
    }
    return sum % 10 == 0;
}

bool ibanHolds(std::string_view iban)
{
    if (iban.size() < 5 || ibanLength(iban.substr(0, 2)) != iban.size()) {
        return false;
    }
    unsigned remainder = 0;
    for (std::size_t i = 0; i < iban.size(); ++i) {
        const char c = iban[(i + 4) % iban.size()]; // the first four move to the end
        if (ascii::isDigit(c)) {
            remainder = (remainder * 10 + static_cast<unsigned>(c - '0')) % 97;
        } else if (ascii::isUpper(c)) {
            remainder = (remainder * 100 + static_cast<unsigned>(c - 'A') + 10) % 97;
        } else {
            return false;
        }
    }
    return remainder == 1;
}

void cards(std::string_view text, std::vector<Span>& out)
{
    for (std::size_t at = 0; at < text.size();) {
        if (!ascii::isDigit(text[at])) {
            ++at;
            continue;
        }
        const bool follows = at > 0 && (ascii::isAlnum(text[at - 1]) || text[at - 1] == '_');
        std::string digits;
        std::size_t end = at;
        std::size_t run = at;
        while (end < text.size() && digits.size() <= kMaxCard) {
            if (ascii::isDigit(text[end])) {
                digits += text[end++];
                run = end;
            } else if ((text[end] == ' ' || text[end] == '-') && end + 1 < text.size()
                && ascii::isDigit(text[end + 1])) {
                ++end;
            } else {
                break;
            }
        }
        const bool goesOn = run < text.size() && (ascii::isAlnum(text[run]) || text[run] == '_');
        const bool varied = digits.find_first_not_of(digits[0]) != std::string::npos;
        if (!follows && !goesOn && digits.size() >= kMinCard && digits.size() <= kMaxCard
            && digits[0] >= '2' && digits[0] <= '6' && varied && luhnHolds(digits)) {
            out.push_back({ at, run, SpanKind::Card });
            at = run;
            continue;
        }
        // On to the next group of digits: it may begin a card of its own.
        ++at;
        while (at < text.size() && ascii::isDigit(text[at]) && ascii::isDigit(text[at - 1])) {
            ++at;
        }
    }
}

void ibans(std::string_view text, std::vector<Span>& out)
{
    for (std::size_t at = 0; at + 15 <= text.size(); ++at) {
        if (!ascii::isAlpha(text[at]) || !ascii::isAlpha(text[at + 1])
            || !ascii::isDigit(text[at + 2]) || !ascii::isDigit(text[at + 3])
            || (at > 0 && ascii::isAlnum(text[at - 1]))) {
            continue;
        }
        std::string iban;
        iban += static_cast<char>(ascii::lower(text[at]) - 'a' + 'A');
        iban += static_cast<char>(ascii::lower(text[at + 1]) - 'a' + 'A');
        const std::size_t wanted = ibanLength(iban);
        std::size_t end = at + 2;
        while (end < text.size() && iban.size() < wanted) {
            const char c = text[end];
            if (ascii::isAlnum(c)) {
                iban += ascii::isLower(c) ? static_cast<char>(c - 'a' + 'A') : c;
                ++end;
            } else if ((c == ' ' || c == '-') && end + 1 < text.size()
                && ascii::isAlnum(text[end + 1])) {
                ++end;
            } else {
                break;
            }
        }
        const bool goesOn = end < text.size() && ascii::isAlnum(text[end]);
        if (wanted != 0 && !goesOn && ibanHolds(iban)) {
            out.push_back({ at, end, SpanKind::Iban });
            at = end;
        }
    }
}

} // namespace loam::consent::detect
