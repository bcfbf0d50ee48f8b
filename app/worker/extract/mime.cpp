// SPDX-License-Identifier: GPL-3.0-or-later
#include "worker/extract/mime.h"

#include "base/utf8.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <optional>

namespace loam::worker::mime {

namespace {

    constexpr std::size_t kMaxLine = 64 * 1024;

    char lower(char c)
    {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }

    std::string lowered(std::string_view text)
    {
        std::string out{ text };
        std::ranges::transform(out, out.begin(), lower);
        return out;
    }

    std::string_view trimmed(std::string_view text)
    {
        const auto isSpace = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
        while (!text.empty() && isSpace(text.front())) {
            text.remove_prefix(1);
        }
        while (!text.empty() && isSpace(text.back())) {
            text.remove_suffix(1);
        }
        return text;
    }

    int hexValue(char c)
    {
        if (c >= '0' && c <= '9') {
            return c - '0';
        }
        const char l = lower(c);
        return l >= 'a' && l <= 'f' ? l - 'a' + 10 : -1;
    }

    std::string fromBase64(std::string_view text)
    {
        std::string out;
        std::uint32_t bits = 0;
        unsigned count = 0;
        for (const char c : text) {
            std::uint32_t value = 64;
            if (c >= 'A' && c <= 'Z') {
                value = static_cast<std::uint32_t>(c - 'A');
            } else if (c >= 'a' && c <= 'z') {
                value = static_cast<std::uint32_t>(c - 'a') + 26;
            } else if (c >= '0' && c <= '9') {
                value = static_cast<std::uint32_t>(c - '0') + 52;
            } else if (c == '+') {
                value = 62;
            } else if (c == '/') {
                value = 63;
            } else if (c == '=') {
                break;
            }
            if (value == 64) {
                continue; // line ends, and what does not belong here
            }
            bits = (bits << 6U) | value;
            count += 6;
            if (count >= 8) {
                count -= 8;
                out += static_cast<char>((bits >> count) & 0xffU);
            }
        }
        return out;
    }

    /// RFC 2045 6.7; `underscoreIsSpace` for the words of RFC 2047.
    std::string fromQuotedPrintable(std::string_view text, bool underscoreIsSpace)
    {
        std::string out;
        for (std::size_t i = 0; i < text.size(); ++i) {
            if (text[i] == '_' && underscoreIsSpace) {
                out += ' ';
            } else if (text[i] != '=') {
                out += text[i];
            } else if (i + 2 < text.size() + 0 && hexValue(text[i + 1]) >= 0
                && hexValue(text[i + 2]) >= 0) {
                out += static_cast<char>(hexValue(text[i + 1]) * 16 + hexValue(text[i + 2]));
                i += 2;
            } else {
                // A soft line break.
                while (i + 1 < text.size() && (text[i + 1] == ' ' || text[i + 1] == '\r')) {
                    ++i;
                }
                if (i + 1 < text.size() && text[i + 1] == '\n') {
                    ++i;
                }
            }
        }
        return out;
    }

    /// `name=value` or `name="value"` after the first semicolon.
    std::string parameterOf(std::string_view field, std::string_view name)
    {
        for (std::size_t at = field.find(';'); at != std::string_view::npos;) {
            std::string_view rest = trimmed(field.substr(at + 1));
            const std::size_t equals = rest.find('=');
            if (equals == std::string_view::npos) {
                return {};
            }
            const std::string key = lowered(trimmed(rest.substr(0, equals)));
            rest = trimmed(rest.substr(equals + 1));
            const bool isQuoted = rest.starts_with('"');
            rest.remove_prefix(isQuoted ? 1 : 0);
            const std::size_t end = isQuoted ? rest.find('"') : rest.find_first_of("; \t\r\n");
            if (key == name) {
                return std::string{ rest.substr(0, end) };
            }
            if (end == std::string_view::npos) {
                return {};
            }
            field = rest.substr(end);
            at = field.find(';');
        }
        return {};
    }

    void appendPoint(std::string& out, std::uint32_t point)
    {
        if (point < 0x80) {
            out += static_cast<char>(point);
        } else if (point < 0x800) {
            out += static_cast<char>(0xc0U | (point >> 6U));
            out += static_cast<char>(0x80U | (point & 0x3fU));
        } else {
            out += static_cast<char>(0xe0U | (point >> 12U));
            out += static_cast<char>(0x80U | ((point >> 6U) & 0x3fU));
            out += static_cast<char>(0x80U | (point & 0x3fU));
        }
    }

    /// 0x80 to 0x9f of Windows-1252; 0 where nothing is defined.
    constexpr std::array<std::uint16_t, 32> kWindows1252{ 0x20ac, 0, 0x201a, 0x0192, 0x201e, 0x2026,
        0x2020, 0x2021, 0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0, 0x017d, 0, 0, 0x2018, 0x2019,
        0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0, 0x017e,
        0x0178 };

} // namespace

Headers Headers::read(std::string_view part)
{
    Headers out;
    std::size_t at = 0;
    while (at < part.size()) {
        const std::size_t feed = part.find('\n', at);
        const std::size_t next = feed == std::string_view::npos ? part.size() : feed + 1;
        const std::string_view line = part.substr(at, std::min(next - at, kMaxLine));
        if (trimmed(line).empty()) {
            at = next;
            break;
        }
        const bool continues = (line[0] == ' ' || line[0] == '\t') && !out.m_fields.empty();
        const std::size_t colon = line.find(':');
        if (continues) {
            std::string& value = out.m_fields.back().second;
            if (value.size() < kMaxLine) {
                value += ' ';
                value += trimmed(line);
            }
        } else if (colon == std::string_view::npos || colon == 0
            || line.substr(0, colon).find_first_of(" \t") != std::string_view::npos) {
            break; // a body without an empty line before it
        } else if (out.m_fields.size() < kMaxHeaders) {
            out.m_fields.emplace_back(
                lowered(line.substr(0, colon)), std::string{ trimmed(line.substr(colon + 1)) });
        }
        at = next;
    }
    out.m_size = at;
    return out;
}

std::string_view Headers::value(std::string_view name) const
{
    const auto found = std::ranges::find(
        m_fields, name, [](const auto& field) -> std::string_view { return field.first; });
    return found == m_fields.end() ? std::string_view{} : std::string_view{ found->second };
}

ContentType contentTypeOf(const Headers& headers)
{
    ContentType out;
    const std::string_view field = headers.value("content-type");
    const std::string name = lowered(trimmed(field.substr(0, field.find(';'))));
    if (!name.empty()) {
        out.name = name;
    }
    out.charset = lowered(parameterOf(field, "charset"));
    out.boundary = parameterOf(field, "boundary");
    return out;
}

bool isAttachment(const Headers& headers)
{
    return lowered(headers.value("content-disposition")).starts_with("attachment");
}

std::string decodeBody(std::string_view body, std::string_view encoding)
{
    const std::string name = lowered(trimmed(encoding));
    if (name == "base64") {
        return fromBase64(body);
    }
    return name == "quoted-printable" ? fromQuotedPrintable(body, false) : std::string{ body };
}

std::string toUtf8(std::string bytes, std::string_view charset)
{
    const bool isLatin = charset == "iso-8859-1" || charset == "iso-8859-15"
        || charset == "windows-1252" || charset == "latin1";
    const bool isUnknown = charset.empty() || charset == "us-ascii";
    if (!isLatin && !(isUnknown && !base::isUtf8(bytes))) {
        return base::repairUtf8(bytes);
    }
    std::string out;
    for (const char c : bytes) {
        const auto value = static_cast<std::uint32_t>(static_cast<unsigned char>(c));
        if (value >= 0x80 && value < 0xa0) {
            const std::uint16_t point = kWindows1252.at(value - 0x80U);
            appendPoint(out, point == 0 ? 0xfffdU : point);
        } else if (value == 0xa4 && charset == "iso-8859-15") {
            appendPoint(out, 0x20ac);
        } else {
            appendPoint(out, value);
        }
    }
    return base::repairUtf8(out);
}

std::string decodeWords(std::string_view text)
{
    std::string out;
    std::size_t at = 0;
    bool afterWord = false;
    while (at < text.size()) {
        const std::size_t begin = text.find("=?", at);
        const std::size_t charsetEnd
            = begin == std::string_view::npos ? begin : text.find('?', begin + 2);
        if (charsetEnd == std::string_view::npos || charsetEnd + 2 >= text.size()
            || text[charsetEnd + 2] != '?') {
            out += text.substr(at);
            break;
        }
        const std::size_t end = text.find("?=", charsetEnd + 3);
        if (end == std::string_view::npos) {
            out += text.substr(at);
            break;
        }
        const std::string_view between = text.substr(at, begin - at);
        if (!(afterWord && trimmed(between).empty())) {
            out += between;
        }
        const std::string_view word = text.substr(charsetEnd + 3, end - charsetEnd - 3);
        const char encoding = lower(text[charsetEnd + 1]);
        const std::string charset = lowered(text.substr(begin + 2, charsetEnd - begin - 2));
        out += toUtf8(
            encoding == 'b' ? fromBase64(word) : fromQuotedPrintable(word, true), charset);
        at = end + 2;
        afterWord = true;
    }
    return base::repairUtf8(out);
}

} // namespace loam::worker::mime
