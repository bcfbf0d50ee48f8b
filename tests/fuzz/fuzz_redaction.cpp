// SPDX-License-Identifier: GPL-3.0-or-later
// Patterns and detectors: spans are sorted, apart and inside the text; nothing of them is used.
#include "consent/path_rules.h"
#include "consent/prepared_text.h"
#include "fuzz/fuzz.h"

using namespace loam;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string_view input = base::asText(fuzz::bytes(data, size));
    // The first line is a pattern, the rest a text.
    const std::size_t feed = input.find('\n');
    const std::string_view first = input.substr(0, feed);
    const std::string_view text
        = feed == std::string_view::npos ? std::string_view{} : input.substr(feed + 1);
    if (const auto path = consent::PathPattern::parse(first)) {
        static_cast<void>(path->covers(text.substr(0, 4096)));
    }
    consent::TextRules rules;
    if (auto own = consent::TextPattern::parse(first)) {
        rules.own.push_back(std::move(*own));
    }
    const auto spans = consent::findPrivateSpans(text, rules.own);
    std::size_t at = 0;
    for (const consent::Span& span : spans) {
        ASSERT(span.begin >= at && span.begin < span.end && span.end <= text.size());
        at = span.end;
    }
    const auto prepared = consent::prepare(text, consent::DocumentKind::PlainText, rules);
    for (const consent::PreviewLine& line : prepared.lines) {
        for (const consent::Span& span : line.spans) {
            ASSERT(span.end <= line.text.size());
        }
    }
    return 0;
}
