// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/utf8.h"
#include "worker/extract/documents.h"

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <unistd.h>

namespace loam::worker {

using base::Errc;
using base::fail;
using base::Result;

namespace {

    constexpr std::size_t kPiece = 65536;

    Result<std::size_t> readSome(int file, char* into, std::size_t size)
    {
        for (;;) {
            const ssize_t got = ::read(file, into, size);
            if (got >= 0) {
                return static_cast<std::size_t>(got);
            }
            if (errno != EINTR) {
                return fail(Errc::Io, std::string{ "it cannot be read: " } + std::strerror(errno));
            }
        }
    }

    void appendUtf8(std::string& out, std::uint32_t point)
    {
        const auto byte = [&out](std::uint32_t value) { out += static_cast<char>(value); };
        if (point < 0x80) {
            byte(point);
        } else if (point < 0x800) {
            byte(0xc0U | (point >> 6U));
            byte(0x80U | (point & 0x3fU));
        } else if (point < 0x10000) {
            byte(0xe0U | (point >> 12U));
            byte(0x80U | ((point >> 6U) & 0x3fU));
            byte(0x80U | (point & 0x3fU));
        } else {
            byte(0xf0U | (point >> 18U));
            byte(0x80U | ((point >> 12U) & 0x3fU));
            byte(0x80U | ((point >> 6U) & 0x3fU));
            byte(0x80U | (point & 0x3fU));
        }
    }

    /// UTF-16 in pieces: a surrogate may wait for its other half.
    class Utf16Decoder
    {
    public:
        explicit Utf16Decoder(bool isBigEndian)
            : m_isBigEndian{ isBigEndian }
        {
        }

        std::string decode(std::string_view bytes)
        {
            std::string out;
            for (const char c : bytes) {
                const auto value = static_cast<std::uint32_t>(static_cast<unsigned char>(c));
                if (!m_hasHalf) {
                    m_half = value;
                    m_hasHalf = true;
                    continue;
                }
                m_hasHalf = false;
                unit(m_isBigEndian ? (m_half << 8U) | value : (value << 8U) | m_half, out);
            }
            return out;
        }

    private:
        void unit(std::uint32_t value, std::string& out)
        {
            constexpr std::uint32_t kReplacement = 0xfffd;
            if (value >= 0xd800 && value < 0xdc00) {
                m_lead = value;
                return;
            }
            if (value >= 0xdc00 && value < 0xe000) {
                appendUtf8(out,
                    m_lead == 0 ? kReplacement
                                : 0x10000U + ((m_lead - 0xd800U) << 10U) + (value - 0xdc00U));
            } else {
                appendUtf8(out, value);
            }
            m_lead = 0;
        }

        bool m_isBigEndian;
        bool m_hasHalf{ false };
        std::uint32_t m_half{ 0 };
        std::uint32_t m_lead{ 0 };
    };

    std::string fromLatin1(std::string_view bytes)
    {
        std::string out;
        for (const char c : bytes) {
            appendUtf8(out, static_cast<unsigned char>(c));
        }
        return out;
    }

    /// Where a piece may be cut without cutting a character: at most three bytes before the end.
    std::size_t wholeCharacters(std::string_view piece)
    {
        std::size_t end = piece.size();
        while (end > 0 && piece.size() - end < 3
            && (static_cast<unsigned char>(piece[end - 1]) & 0xc0U) == 0x80U) {
            --end;
        }
        if (end > 0 && (static_cast<unsigned char>(piece[end - 1]) & 0xc0U) == 0xc0U) {
            const std::string_view last = piece.substr(end - 1);
            return base::isUtf8(last) ? piece.size() : end - 1;
        }
        return piece.size();
    }

    /// A tenth of zero bytes is not a text in any eight-bit encoding.
    bool looksBinary(std::string_view head)
    {
        std::size_t zeros = 0;
        for (const char c : head) {
            zeros += c == '\0' ? 1U : 0U;
        }
        return zeros * 10 > head.size();
    }

} // namespace

Result<std::string> readAll(int file, std::size_t limit)
{
    std::string out;
    std::array<char, kPiece> buffer{};
    for (;;) {
        TRY_ASSIGN(const std::size_t got, readSome(file, buffer.data(), buffer.size()));
        if (got == 0) {
            return out;
        }
        if (out.size() + got > limit) {
            return fail(Errc::Invalid, "it is larger than Loam reads");
        }
        out.append(buffer.data(), got);
    }
}

Result<> extractPlainText(int file, TextSink& sink)
{
    std::array<char, kPiece> buffer{};
    std::string rest;
    enum class Encoding { Unknown, Utf8, Latin1, Utf16Little, Utf16Big };
    Encoding encoding = Encoding::Unknown;
    Utf16Decoder little{ false };
    Utf16Decoder big{ true };
    for (;;) {
        TRY_ASSIGN(const std::size_t got, readSome(file, buffer.data(), buffer.size()));
        std::string_view piece{ buffer.data(), got };
        if (encoding == Encoding::Unknown) {
            if (piece.starts_with("\xff\xfe")) {
                encoding = Encoding::Utf16Little;
                piece.remove_prefix(2);
            } else if (piece.starts_with("\xfe\xff")) {
                encoding = Encoding::Utf16Big;
                piece.remove_prefix(2);
            } else if (looksBinary(piece)) {
                return fail(Errc::Invalid, "it is not a text, whatever its name says");
            } else {
                const std::size_t whole = wholeCharacters(piece);
                encoding = base::isUtf8(piece.substr(0, whole)) ? Encoding::Utf8 : Encoding::Latin1;
                if (piece.starts_with("\xef\xbb\xbf")) {
                    encoding = Encoding::Utf8;
                    piece.remove_prefix(3);
                }
            }
        }
        if (got == 0) {
            sink.write(rest);
            return {};
        }
        switch (encoding) {
        case Encoding::Utf16Little:
            sink.write(little.decode(piece));
            break;
        case Encoding::Utf16Big:
            sink.write(big.decode(piece));
            break;
        case Encoding::Latin1:
            sink.write(fromLatin1(piece));
            break;
        case Encoding::Utf8:
        case Encoding::Unknown:
            rest += piece;
            const std::size_t whole = wholeCharacters(rest);
            sink.write(std::string_view{ rest }.substr(0, whole));
            rest.erase(0, whole);
            break;
        }
        if (sink.isFull()) {
            return {};
        }
    }
}

} // namespace loam::worker
