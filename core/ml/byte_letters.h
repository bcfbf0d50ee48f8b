// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace loam::ml {

/// GPT-2 shows each byte as a letter: printable Latin-1 stands for itself, the other 68 bytes are
/// U+0100 onwards in their order. UTF-8.
std::string_view letterOfByte(std::uint8_t byte);
std::string lettersOfBytes(std::string_view bytes);
/// The inverse; characters that stand for no byte are kept.
std::string bytesOfLetters(std::string_view letters);

} // namespace loam::ml
