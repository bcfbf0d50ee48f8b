// SPDX-License-Identifier: GPL-3.0-or-later
// Keys, tokens and passwords.
#include "consent/ascii.h"
#include "consent/detectors.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace loam::consent::detect {

namespace {

    constexpr std::size_t kMaxKeyBlock = 64 * 1024;
    constexpr std::size_t kMaxUrlPart = 256;
    constexpr std::size_t kMaxToken = 4096;

    struct Prefix
    {
        std::string_view text;
        std::size_t minimumRest; ///< token characters after it
    };
    /// As documented by those who issue them.
    constexpr std::array kPrefixes{ Prefix{ "AKIA", 16 }, Prefix{ "ASIA", 16 },
        Prefix{ "AIza", 35 }, Prefix{ "ghp_", 20 }, Prefix{ "gho_", 20 }, Prefix{ "ghu_", 20 },
        Prefix{ "ghs_", 20 }, Prefix{ "ghr_", 20 }, Prefix{ "github_pat_", 20 },
        Prefix{ "glpat-", 16 }, Prefix{ "xoxb-", 10 }, Prefix{ "xoxp-", 10 }, Prefix{ "xoxa-", 10 },
        Prefix{ "xoxs-", 10 }, Prefix{ "sk_live_", 16 }, Prefix{ "rk_live_", 16 },
        Prefix{ "pk_live_", 16 }, Prefix{ "sk_test_", 16 }, Prefix{ "sk-", 20 },
        Prefix{ "SG.", 30 }, Prefix{ "npm_", 30 }, Prefix{ "pypi-", 30 }, Prefix{ "hf_", 30 },
        Prefix{ "dop_v1_", 40 }, Prefix{ "ya29.", 20 }, Prefix{ "AGE-SECRET-KEY-1", 40 },
        Prefix{ "EAACEdEose0cBA", 10 }, Prefix{ "shpat_", 20 } };

    constexpr std::array<std::string_view, 20> kNames{ "password", "passwd", "passphrase",
        "passwort", "kennwort", "secret", "api_key", "api-key", "apikey", "access_token",
        "auth_token", "token", "client_secret", "private_key", "secret_key", "access_key", "pwd",
        "bearer", "pin", "credential" };

    bool isTokenSign(char c)
    {
        return ascii::isAlnum(c) || c == '_' || c == '-' || c == '+' || c == '/' || c == '='
            || c == '.';
    }

    std::size_t tokenEnd(std::string_view text, std::size_t begin)
    {
        std::size_t end = begin;
        while (end < text.size() && end - begin < kMaxToken && isTokenSign(text[end])) {
            ++end;
        }
        return end;
    }

    /// How the signs of a token are mixed.
    struct Mixture
    {
        std::size_t upper{ 0 };
        std::size_t lower{ 0 };
        std::size_t digits{ 0 };
        std::size_t changes{ 0 }; ///< neighbours of different class
        std::size_t slashes{ 0 };
        std::size_t dots{ 0 };
        std::size_t dashes{ 0 };
    };

    Mixture mixtureOf(std::string_view token)
    {
        Mixture out;
        int last = -1;
        for (const char c : token) {
            int kind = 3;
            if (ascii::isUpper(c)) {
                ++out.upper;
                kind = 0;
            } else if (ascii::isLower(c)) {
                ++out.lower;
                kind = 1;
            } else if (ascii::isDigit(c)) {
                ++out.digits;
                kind = 2;
            }
            out.slashes += c == '/' ? 1U : 0U;
            out.dots += c == '.' ? 1U : 0U;
            out.dashes += c == '-' || c == '_' ? 1U : 0U;
            out.changes += last >= 0 && kind != last ? 1U : 0U;
            last = kind;
        }
        return out;
    }

    /// Random signs rather than words, names or a hash somebody quotes: all three classes, mixed
    /// often, and nearly as many bits a sign as chance would give.
    bool looksRandom(std::string_view token)
    {
        while (token.ends_with('=') || token.ends_with('.')) {
            token.remove_suffix(1);
        }
        if (token.size() < 20 || token.size() > 512) {
            return false;
        }
        const Mixture mix = mixtureOf(token);
        if (mix.upper < 2 || mix.lower < 2 || mix.digits < 2 || mix.dots > 0
            || mix.slashes * 8 > token.size() || mix.dashes * 8 > token.size()) {
            return false;
        }
        return mix.changes * 3 >= token.size() && entropy(token) >= 3.6;
    }

    /// Three base64url parts, the first an encoded '{"'.
    bool isJsonWebToken(std::string_view token)
    {
        return token.starts_with("eyJ") && token.size() >= 40
            && std::ranges::count(token, '.') == 2;
    }

    bool endsName(std::string_view text, std::size_t begin, std::string_view name)
    {
        // "the token of" is prose; "token = x", "DB_PASSWORD: x" and "--password x" are not.
        return ascii::startsAt(text, begin, name);
    }

    /// The value after `name =`, or an empty range.
    Span assignedValue(std::string_view text, std::size_t afterName)
    {
        std::size_t at = afterName;
        if (at < text.size() && (text[at] == '"' || text[at] == '\'' || text[at] == ']')) {
            ++at;
        }
        while (at < text.size() && at - afterName < 12 && text[at] == ' ') {
            ++at;
        }
        const bool english = ascii::startsAt(text, at, "is ");
        if (english || ascii::startsAt(text, at, "ist ")) {
            at += english ? 3 : 4; // "my password is hunter2"
            for (const std::string_view word : { "a ", "the ", "not ", "nicht ", "ein " }) {
                if (ascii::startsAt(text, at, word)) {
                    return {};
                }
            }
        } else if (at < text.size() && (text[at] == '=' || text[at] == ':')) {
            ++at;
            if (at < text.size() && (text[at] == '=' || text[at] == '>')) {
                return {}; // a comparison
            }
        } else {
            return {};
        }
        while (at < text.size() && (text[at] == ' ' || text[at] == '\t')) {
            ++at;
        }
        const char quote = at < text.size() && (text[at] == '"' || text[at] == '\'') ? text[at] : 0;
        at += quote != 0 ? 1 : 0;
        std::size_t end = at;
        while (end < text.size() && end - at < kMaxUrlPart && text[end] != '\n' && text[end] != '\r'
            && (quote != 0 ? text[end] != quote
                           : !ascii::isSpace(text[end]) && text[end] != ',' && text[end] != ';'
                        && text[end] != ')')) {
            ++end;
        }
        while (quote == 0 && end > at && (text[end - 1] == '.' || text[end - 1] == ',')) {
            --end;
        }
        return { at, end, SpanKind::Secret };
    }

    /// Whether what is assigned is a value rather than a word of code or of prose.
    bool isSecretValue(std::string_view value, bool isQuotedOrStrong)
    {
        if (value.size() < 4 || value.find('(') != std::string_view::npos || value.starts_with('<')
            || value.starts_with("${") || value.starts_with('$') || value.starts_with('%')
            || value.find_first_not_of("*xX.•") == std::string_view::npos) {
            return false;
        }
        const std::string folded = ascii::lowered(value);
        for (const std::string_view word :
            { "none", "null", "true", "false", "required", "optional", "string", "self",
                "undefined", "nullptr", "your", "the", "changed", "correct", "wrong", "empty" }) {
            if (folded == word) {
                return false;
            }
        }
        const Mixture mix = mixtureOf(value);
        const bool isWord = mix.digits == 0 && (mix.upper <= 1 || mix.lower == 0)
            && mix.upper + mix.lower + mix.dashes + mix.dots == value.size();
        return !isWord || isQuotedOrStrong;
    }

} // namespace

double entropy(std::string_view token)
{
    std::array<std::size_t, 256> counts{};
    for (const char c : token) {
        ++counts.at(static_cast<unsigned char>(c));
    }
    double bits = 0;
    for (const std::size_t count : counts) {
        if (count > 0) {
            const double p = static_cast<double>(count) / static_cast<double>(token.size());
            bits -= p * std::log2(p);
        }
    }
    return bits;
}

void privateKeys(std::string_view text, std::vector<Span>& out)
{
    constexpr std::string_view kBegin = "-----BEGIN ";
    for (std::size_t at = text.find(kBegin); at != std::string_view::npos;
         at = text.find(kBegin, at)) {
        const std::string_view label = text.substr(at + kBegin.size(), 64);
        const std::size_t dashes = label.find("-----");
        if (dashes == std::string_view::npos
            || label.substr(0, dashes).find("PRIVATE KEY") == std::string_view::npos) {
            at += kBegin.size();
            continue;
        }
        // Without an end the rest is taken: too much rather than half a key.
        const std::string_view body = text.substr(at, kMaxKeyBlock);
        const std::size_t tail = body.find("-----END ");
        std::size_t end = at + body.size();
        if (tail != std::string_view::npos) {
            const std::size_t close = body.find("-----", tail + 9);
            end = close == std::string_view::npos ? end : at + close + 5;
        }
        out.push_back({ at, end, SpanKind::PrivateKey });
        at = end;
    }
}

void urlPasswords(std::string_view text, std::vector<Span>& out)
{
    for (std::size_t at = text.find("://"); at != std::string_view::npos;
         at = text.find("://", at + 3)) {
        const std::size_t begin = at + 3;
        std::size_t colon = 0;
        for (std::size_t end = begin; end < text.size() && end - begin < kMaxUrlPart; ++end) {
            const char c = text[end];
            // '#' and '?' do not belong there unescaped, but people write them.
            if (ascii::isSpace(c) || c == '/' || c == '"' || c == '<') {
                break;
            }
            if (c == ':' && colon == 0) {
                colon = end;
            } else if (c == '@' && colon != 0 && end > colon + 1) {
                out.push_back({ colon + 1, end, SpanKind::UrlPassword });
                break;
            }
        }
    }
}

void secrets(std::string_view text, std::vector<Span>& out)
{
    for (std::size_t at = 0; at < text.size();) {
        if (!isTokenSign(text[at])) {
            ++at;
            continue;
        }
        std::size_t end = tokenEnd(text, at);
        const std::size_t next = end;
        while (end > at + 1 && text[end - 1] == '.') {
            --end; // of the sentence
        }
        std::string_view token = text.substr(at, end - at);
        // A value may follow its name without a space, as in URL parameters.
        const std::size_t equals = token.find_last_not_of('=');
        const std::size_t sign
            = equals == std::string_view::npos ? equals : token.rfind('=', equals);
        if (sign != std::string_view::npos) {
            token.remove_prefix(sign + 1);
        }
        const bool isKnown = std::ranges::any_of(kPrefixes, [token](const Prefix& prefix) {
            return token.starts_with(prefix.text)
                && token.size() >= prefix.text.size() + prefix.minimumRest;
        });
        if (isKnown || isJsonWebToken(token) || looksRandom(token)) {
            out.push_back({ end - token.size(), end, SpanKind::Secret });
        }
        at = next;
    }
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (!ascii::isAlpha(text[at])) {
            continue;
        }
        for (const std::string_view name : kNames) {
            if (!endsName(text, at, name)) {
                continue;
            }
            const std::size_t after = at + name.size();
            const bool longer = after < text.size() && ascii::isAlnum(text[after]);
            const bool inWord = name == "pin" && at > 0 && ascii::isAlnum(text[at - 1]);
            if (longer || inWord) {
                continue;
            }
            const Span value = assignedValue(text, after);
            const bool isStrong = value.begin > 0 && value.end > value.begin
                && (text[value.begin - 1] == '"' || text[value.begin - 1] == '\''
                    || name.starts_with("pass") || name == "kennwort" || name == "pwd");
            if (isSecretValue(text.substr(value.begin, value.end - value.begin), isStrong)) {
                out.push_back(value);
                at = value.end - 1;
            }
            break;
        }
    }
}

} // namespace loam::consent::detect
