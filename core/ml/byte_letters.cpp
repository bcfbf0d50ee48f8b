// SPDX-License-Identifier: GPL-3.0-or-later
#include "ml/byte_letters.h"

#include "ml/text_segments.h"

#include <algorithm>
#include <array>
#include <unordered_map>

namespace loam::ml {

namespace {

    bool isPrintable(unsigned byte)
    {
        return (byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte != 0xAD);
    }

    struct Letters
    {
        std::array<std::string, 256> ofByte;
        std::unordered_map<std::string_view, char> byteOf;

        Letters()
        {
            unsigned next = 0x100;
            for (unsigned byte = 0; byte < ofByte.size(); ++byte) {
                const unsigned code = isPrintable(byte) ? byte : next++;
                ofByte[byte] = code < 0x80 ? std::string(1, static_cast<char>(code))
                                           : std::string{ static_cast<char>(0xC0U | code >> 6U),
                                                 static_cast<char>(0x80U | (code & 0x3FU)) };
                byteOf.emplace(ofByte[byte], static_cast<char>(byte));
            }
        }
    };

    const Letters& letters()
    {
        static const Letters table;
        return table;
    }

} // namespace

std::string_view letterOfByte(std::uint8_t byte)
{
    return letters().ofByte[byte];
}

std::string lettersOfBytes(std::string_view bytes)
{
    std::string out;
    for (const char byte : bytes) {
        out += letterOfByte(static_cast<std::uint8_t>(byte));
    }
    return out;
}

std::string bytesOfLetters(std::string_view text)
{
    std::string out;
    while (!text.empty()) {
        const std::size_t length = std::max(utf8CharacterLength(text), std::size_t{ 1 });
        const auto found = letters().byteOf.find(text.substr(0, length));
        if (found != letters().byteOf.end()) {
            out += found->second;
        } else {
            out += text.substr(0, length);
        }
        text.remove_prefix(length);
    }
    return out;
}

} // namespace loam::ml
