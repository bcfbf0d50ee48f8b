// SPDX-License-Identifier: GPL-3.0-or-later
#include "consent/redaction.h"

#include "consent/ascii.h"
#include "consent/detectors.h"

#include <algorithm>
#include <tuple>

namespace loam::consent {

std::string_view spanKindName(SpanKind kind)
{
    switch (kind) {
    case SpanKind::Struck:
        return "struck";
    case SpanKind::Own:
        return "own";
    case SpanKind::PrivateKey:
        return "private_key";
    case SpanKind::Secret:
        return "secret";
    case SpanKind::UrlPassword:
        return "url_password";
    case SpanKind::Mail:
        return "mail";
    case SpanKind::Iban:
        return "iban";
    case SpanKind::Card:
        return "card";
    case SpanKind::IpAddress:
        return "ip_address";
    case SpanKind::Phone:
        return "phone";
    }
    return "own";
}

std::vector<Span> joinSpans(std::vector<Span> spans)
{
    std::ranges::sort(spans, {}, [](const Span& span) {
        return std::tuple{ span.begin, span.kind, span.end };
    });
    std::vector<Span> out;
    for (const Span& span : spans) {
        if (span.begin >= span.end) {
            continue;
        }
        if (!out.empty() && span.begin < out.back().end) {
            out.back().end = std::max(out.back().end, span.end);
            out.back().kind = std::min(out.back().kind, span.kind);
        } else {
            out.push_back(span);
        }
    }
    return out;
}

std::vector<Span> findPrivateSpans(std::string_view text, std::span<const TextPattern> own)
{
    std::vector<Span> spans;
    for (const TextPattern& pattern : own) {
        for (const TextPattern::Match& match : pattern.find(text)) {
            spans.push_back({ match.begin, match.end, SpanKind::Own });
        }
    }
    detect::privateKeys(text, spans);
    detect::secrets(text, spans);
    detect::urlPasswords(text, spans);
    detect::mails(text, spans);
    detect::ibans(text, spans);
    detect::cards(text, spans);
    detect::ipAddresses(text, spans);
    detect::phones(text, spans);
    return joinSpans(std::move(spans));
}

SpanCounts countSpans(std::span<const Span> spans)
{
    SpanCounts counts{};
    for (const Span& span : spans) {
        ++counts.at(static_cast<std::size_t>(span.kind));
    }
    return counts;
}

} // namespace loam::consent
