// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace loam::consent {

/// How text is got out of a file. The numbers are those of the extractor's requests.
enum class DocumentKind : std::uint8_t {
    PlainText = 1, ///< text and Markdown as they stand
    Code = 2, ///< source code: text, but not judged as prose
    Html = 3,
    Pdf = 4,
    OpenDocument = 5, ///< ODF text, spreadsheets, presentations
    WordDocument = 6, ///< DOCX
    Epub = 7,
    Mail = 8, ///< one message (EML)
    Mailbox = 9, ///< many (mbox)
};

std::string_view documentKindName(DocumentKind kind);

/// By the file's name alone; nothing for names Loam does not read.
std::optional<DocumentKind> documentKindOf(std::string_view path);

/// The number of an extractor request; nothing when unknown.
std::optional<DocumentKind> documentKindFrom(std::uint8_t number);

} // namespace loam::consent
