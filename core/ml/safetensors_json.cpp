// SPDX-License-Identifier: GPL-3.0-or-later
#include "ml/safetensors_json.h"

#include <array>
#include <charconv>
#include <limits>
#include <optional>

namespace loam::ml {

using base::Errc;
using base::fail;
using base::Result;

namespace {

    constexpr std::size_t kMaxMetadata = 4'096;
    constexpr std::size_t kMaxNameBytes = 4'096;

    auto corrupt(std::string_view what)
    {
        return fail(Errc::Corrupt, "safetensors header: " + std::string{ what });
    }

    void appendUtf8(std::string& out, std::uint32_t code)
    {
        const auto put = [&out](std::uint32_t byte) { out += static_cast<char>(byte); };
        if (code < 0x80) {
            put(code);
        } else if (code < 0x800) {
            put(0xC0U | code >> 6U);
            put(0x80U | (code & 0x3FU));
        } else if (code < 0x10000) {
            put(0xE0U | code >> 12U);
            put(0x80U | (code >> 6U & 0x3FU));
            put(0x80U | (code & 0x3FU));
        } else {
            put(0xF0U | code >> 18U);
            put(0x80U | (code >> 12U & 0x3FU));
            put(0x80U | (code >> 6U & 0x3FU));
            put(0x80U | (code & 0x3FU));
        }
    }

    class HeaderParser
    {
    public:
        explicit HeaderParser(std::string_view text)
            : m_text{ text }
        {
        }

        Result<SafetensorsHeader> parse()
        {
            SafetensorsHeader header;
            bool sawMetadata = false;
            // The format wants the brace first; white space may only follow.
            TRY(members([&](std::string key) -> Result<> {
                if (key == "__metadata__") {
                    if (sawMetadata) {
                        return corrupt("metadata occurs twice");
                    }
                    sawMetadata = true;
                    return metadata(header.metadata);
                }
                if (header.entries.size() >= Safetensors::kMaxTensors) {
                    return corrupt("too many tensors");
                }
                TRY_ASSIGN(SafetensorsEntry entry, tensor());
                entry.name = std::move(key);
                header.entries.push_back(std::move(entry));
                return {};
            }));
            skipSpace();
            if (m_at != m_text.size()) {
                return corrupt("text after the end");
            }
            return header;
        }

    private:
        void skipSpace()
        {
            while (m_at < m_text.size()
                && (m_text[m_at] == ' ' || m_text[m_at] == '\n' || m_text[m_at] == '\r'
                    || m_text[m_at] == '\t')) {
                ++m_at;
            }
        }

        bool take(char wanted)
        {
            skipSpace();
            if (m_at < m_text.size() && m_text[m_at] == wanted) {
                ++m_at;
                return true;
            }
            return false;
        }

        Result<> expect(char wanted)
        {
            if (!take(wanted)) {
                return corrupt(std::string{ "expected '" } + wanted + "'");
            }
            return {};
        }

        /// { "key": <what onKey reads>, ... }
        template <class OnKey> Result<> members(OnKey onKey)
        {
            TRY(expect('{'));
            if (take('}')) {
                return {};
            }
            do {
                TRY_ASSIGN(std::string key, string());
                TRY(expect(':'));
                TRY(onKey(std::move(key)));
            } while (take(','));
            return expect('}');
        }

        Result<std::uint32_t> hex4()
        {
            std::uint32_t code = 0;
            if (m_text.size() - m_at < 4) {
                return corrupt("a cut escape");
            }
            const char* begin = m_text.data() + m_at;
            const auto [end, error] = std::from_chars(begin, begin + 4, code, 16);
            if (error != std::errc{} || end != begin + 4) {
                return corrupt("a bad escape");
            }
            m_at += 4;
            return code;
        }

        Result<> escape(std::string& out)
        {
            if (m_at >= m_text.size()) {
                return corrupt("a cut escape");
            }
            const char kind = m_text[m_at++];
            constexpr std::string_view kKinds = "\"\\/bfnrt";
            constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
            if (const auto known = kKinds.find(kind); known != std::string_view::npos) {
                out += kMeanings[known];
                return {};
            }
            if (kind != 'u') {
                return corrupt("an unknown escape");
            }
            TRY_ASSIGN(std::uint32_t code, hex4());
            if (code >= 0xD800 && code < 0xDC00) {
                if (m_text.substr(m_at, 2) != "\\u") {
                    return corrupt("half a surrogate pair");
                }
                m_at += 2;
                TRY_ASSIGN(const std::uint32_t low, hex4());
                if (low < 0xDC00 || low > 0xDFFF) {
                    return corrupt("half a surrogate pair");
                }
                code = 0x10000 + ((code - 0xD800) << 10U) + (low - 0xDC00);
            } else if (code >= 0xDC00 && code <= 0xDFFF) {
                return corrupt("half a surrogate pair");
            }
            appendUtf8(out, code);
            return {};
        }

        Result<std::string> string()
        {
            TRY(expect('"'));
            std::string out;
            while (m_at < m_text.size()) {
                const char c = m_text[m_at++];
                if (c == '"') {
                    return out;
                }
                if (static_cast<unsigned char>(c) < 0x20) {
                    return corrupt("a control character in a string");
                }
                if (c == '\\') {
                    TRY(escape(out));
                } else {
                    out += c;
                }
                if (out.size() > kMaxNameBytes) {
                    return corrupt("a string is too long");
                }
            }
            return corrupt("an open string");
        }

        /// Digits without sign, fraction or leading zero.
        Result<std::size_t> number()
        {
            skipSpace();
            const char* begin = m_text.data() + m_at;
            const char* end = m_text.data() + m_text.size();
            std::size_t value = 0;
            const auto [stop, error] = std::from_chars(begin, end, value);
            if (error != std::errc{} || (*begin == '0' && stop != begin + 1)) {
                return corrupt("a number is malformed or too large");
            }
            m_at += static_cast<std::size_t>(stop - begin);
            return value;
        }

        Result<std::vector<std::size_t>> numbers(std::size_t most)
        {
            std::vector<std::size_t> out;
            TRY(expect('['));
            if (take(']')) {
                return out;
            }
            do {
                if (out.size() >= most) {
                    return corrupt("a list is too long");
                }
                TRY_ASSIGN(const std::size_t value, number());
                out.push_back(value);
            } while (take(','));
            TRY(expect(']'));
            return out;
        }

        Result<DType> dtype()
        {
            constexpr std::array<std::pair<std::string_view, DType>, 6> kNames{
                { { "F32", DType::F32 }, { "F16", DType::F16 }, { "BF16", DType::BF16 },
                    { "I32", DType::I32 }, { "I64", DType::I64 }, { "U8", DType::U8 } }
            };
            TRY_ASSIGN(const std::string name, string());
            for (const auto& [known, type] : kNames) {
                if (name == known) {
                    return type;
                }
            }
            return corrupt("an element type that Loam does not read");
        }

        Result<SafetensorsEntry> tensor()
        {
            std::optional<DType> type;
            std::optional<std::vector<std::size_t>> shape;
            std::optional<std::vector<std::size_t>> offsets;
            TRY(members([&](const std::string& key) -> Result<> {
                if (key == "dtype" && !type) {
                    TRY_ASSIGN(type, dtype());
                    return {};
                }
                if (key == "shape" && !shape) {
                    TRY_ASSIGN(shape, numbers(Safetensors::kMaxRank));
                    return {};
                }
                if (key == "data_offsets" && !offsets) {
                    TRY_ASSIGN(offsets, numbers(2));
                    return {};
                }
                return corrupt("an unknown or repeated field");
            }));
            if (!type || !shape || !offsets || offsets->size() != 2) {
                return corrupt("a tensor lacks dtype, shape or data_offsets");
            }
            return SafetensorsEntry{ {}, *type, *std::move(shape), (*offsets)[0], (*offsets)[1] };
        }

        Result<> metadata(std::vector<std::pair<std::string, std::string>>& out)
        {
            return members([&](std::string key) -> Result<> {
                if (out.size() >= kMaxMetadata) {
                    return corrupt("too much metadata");
                }
                TRY_ASSIGN(std::string value, string());
                out.emplace_back(std::move(key), std::move(value));
                return {};
            });
        }

        std::string_view m_text;
        std::size_t m_at{ 0 };
    };

} // namespace

Result<SafetensorsHeader> parseSafetensorsHeader(std::string_view json)
{
    if (!json.starts_with('{')) {
        return corrupt("it does not begin with a brace");
    }
    return HeaderParser{ json }.parse();
}

} // namespace loam::ml
