// SPDX-License-Identifier: GPL-3.0-or-later
#include "consent/document_kind.h"

#include "consent/ascii.h"

#include <algorithm>
#include <array>
#include <string>

namespace loam::consent {

namespace {

    struct Ending
    {
        std::string_view text;
        DocumentKind kind;
    };

    constexpr std::array kEndings{ Ending{ "txt", DocumentKind::PlainText },
        Ending{ "text", DocumentKind::PlainText }, Ending{ "md", DocumentKind::PlainText },
        Ending{ "markdown", DocumentKind::PlainText }, Ending{ "rst", DocumentKind::PlainText },
        Ending{ "org", DocumentKind::PlainText }, Ending{ "adoc", DocumentKind::PlainText },
        Ending{ "tex", DocumentKind::PlainText }, Ending{ "srt", DocumentKind::PlainText },
        Ending{ "html", DocumentKind::Html }, Ending{ "htm", DocumentKind::Html },
        Ending{ "xhtml", DocumentKind::Html }, Ending{ "pdf", DocumentKind::Pdf },
        Ending{ "odt", DocumentKind::OpenDocument }, Ending{ "ods", DocumentKind::OpenDocument },
        Ending{ "odp", DocumentKind::OpenDocument }, Ending{ "ott", DocumentKind::OpenDocument },
        Ending{ "docx", DocumentKind::WordDocument }, Ending{ "epub", DocumentKind::Epub },
        Ending{ "eml", DocumentKind::Mail }, Ending{ "mbox", DocumentKind::Mailbox },
        Ending{ "mbx", DocumentKind::Mailbox } };

    constexpr std::array<std::string_view, 40> kCode{ "c", "h", "cc", "cpp", "cxx", "hpp", "cs",
        "java", "kt", "js", "ts", "jsx", "tsx", "py", "rb", "go", "rs", "swift", "m", "php", "pl",
        "lua", "sh", "bash", "zsh", "sql", "r", "jl", "hs", "ml", "scala", "clj", "el", "lisp",
        "qml", "cmake", "css", "f90", "pas", "asm" };

} // namespace

std::string_view documentKindName(DocumentKind kind)
{
    switch (kind) {
    case DocumentKind::PlainText:
        return "text";
    case DocumentKind::Code:
        return "code";
    case DocumentKind::Html:
        return "html";
    case DocumentKind::Pdf:
        return "pdf";
    case DocumentKind::OpenDocument:
        return "odf";
    case DocumentKind::WordDocument:
        return "docx";
    case DocumentKind::Epub:
        return "epub";
    case DocumentKind::Mail:
        return "mail";
    case DocumentKind::Mailbox:
        return "mbox";
    }
    return "text";
}

std::optional<DocumentKind> documentKindOf(std::string_view path)
{
    const std::size_t slash = path.rfind('/');
    const std::string_view name = slash == std::string_view::npos ? path : path.substr(slash + 1);
    const std::size_t dot = name.rfind('.');
    if (dot == std::string_view::npos || dot == 0) {
        return std::nullopt;
    }
    const std::string ending = ascii::lowered(name.substr(dot + 1));
    const auto* found = std::ranges::find(kEndings, ending, &Ending::text);
    if (found != kEndings.end()) {
        return found->kind;
    }
    return std::ranges::find(kCode, ending) != kCode.end() ? std::optional{ DocumentKind::Code }
                                                           : std::nullopt;
}

std::optional<DocumentKind> documentKindFrom(std::uint8_t number)
{
    const bool isKnown = number >= static_cast<std::uint8_t>(DocumentKind::PlainText)
        && number <= static_cast<std::uint8_t>(DocumentKind::Mailbox);
    return isKnown ? std::optional{ static_cast<DocumentKind>(number) } : std::nullopt;
}

} // namespace loam::consent
