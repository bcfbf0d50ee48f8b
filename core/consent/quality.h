// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "consent/document_kind.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace loam::consent {

/// What a text is worth for training.
enum class Verdict : std::uint8_t {
    Good = 0,
    TooShort = 1,
    Gibberish = 2,
    Boilerplate = 3, ///< mostly lines that repeat or say nothing of their own
    Duplicate = 4, ///< nearly the same as a file seen before; set by the index
};

std::string_view verdictName(Verdict verdict);

struct Quality
{
    Verdict verdict{ Verdict::Good };
    std::string reason; ///< one sentence unless Good
    std::string language; ///< ISO 639-1 code; "code" for source code; "" when unknown
};

/// A guess from frequent short words, or from the script where it names the language. Linear.
std::string guessLanguage(std::string_view text);

/// Judges one text by measures a reader could recompute: letters, vowels, word lengths, variety.
Quality judge(std::string_view text, DocumentKind kind);

/// Which lines repeat or are formulas (signatures, notices, quoted headers): one flag a line.
std::vector<bool> boilerplateLines(const std::vector<std::string_view>& lines, DocumentKind kind);

} // namespace loam::consent
