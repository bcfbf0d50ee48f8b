// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/bytes.h"
#include "consent/min_hash.h"
#include "consent/quality.h"
#include "consent/redaction.h"

#include <set>

namespace loam::consent {

/// What the owner decided about one file's text.
struct TextRules
{
    std::vector<TextPattern> own;
    /// Lines struck in this file, by lineMark(): never the lines themselves.
    std::set<base::Hash256> struckLines;
    base::Bytes salt; ///< of the line marks; secret, so that a mark cannot be guessed back

    /// SHA-256 over the salt and the line without surrounding white space.
    base::Hash256 lineMark(std::string_view line) const;
};

/// What becomes of one line.
enum class LineFate : std::uint8_t {
    Used, ///< with its spans taken out
    Struck, ///< left out: the owner said so
    Boilerplate, ///< left out: repeats, or a formula
};

struct PreviewLine
{
    std::string text; ///< as extracted
    std::vector<Span> spans; ///< offsets into `text`
    LineFate fate{ LineFate::Used };
};

/// One file's text as training would see it, and how it came to be. Lives in memory only.
struct PreparedText
{
    std::string used; ///< spans replaced by "[mail]", "[card]", ...; left-out lines gone
    base::Hash256 usedHash; ///< SHA-256 of `used`
    std::vector<PreviewLine> lines; ///< all of them
    SpanCounts redactions{};
    Quality quality;
    std::optional<MinHash> sketch; ///< of `used`
    std::uint64_t tokens{ 0 }; ///< estimateTokens(used)
};

/// A quarter of the bytes, rounded up: what tokenizers of a few thousand words come to. Shown and
/// logged where the model's own tokenizer has not counted yet.
std::uint64_t estimateTokens(std::string_view text);

/// Redacts and judges; `text` is what the extractor gave. Linear in its size.
PreparedText prepare(std::string_view text, DocumentKind kind, const TextRules& rules);

} // namespace loam::consent
