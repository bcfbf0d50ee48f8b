// SPDX-License-Identifier: GPL-3.0-or-later
#include "consent/prepared_text.h"

#include "consent/ascii.h"
#include "crypto/hash.h"

#include <algorithm>

namespace loam::consent {

namespace {

    std::string_view trimmed(std::string_view line)
    {
        while (!line.empty() && ascii::isSpace(line.front())) {
            line.remove_prefix(1);
        }
        while (!line.empty() && ascii::isSpace(line.back())) {
            line.remove_suffix(1);
        }
        return line;
    }

    std::vector<std::string_view> splitLines(std::string_view text)
    {
        std::vector<std::string_view> out;
        while (!text.empty()) {
            const std::size_t feed = text.find('\n');
            std::string_view line = text.substr(0, feed);
            text = feed == std::string_view::npos ? std::string_view{} : text.substr(feed + 1);
            if (line.ends_with('\r')) {
                line.remove_suffix(1);
            }
            out.push_back(line);
        }
        return out;
    }

    /// Writes one line with its spans replaced. A span that began on an earlier line is silent.
    void appendUsed(std::string& out, std::string_view line, const std::vector<Span>& spans,
        bool firstContinues)
    {
        std::size_t at = 0;
        for (std::size_t i = 0; i < spans.size(); ++i) {
            out += line.substr(at, spans[i].begin - at);
            if (!(i == 0 && firstContinues)) {
                out += '[';
                out += spanKindName(spans[i].kind);
                out += ']';
            }
            at = spans[i].end;
        }
        out += line.substr(at);
    }

} // namespace

base::Hash256 TextRules::lineMark(std::string_view line) const
{
    return crypto::Sha256{}.update(salt).update(base::asBytes(trimmed(line))).finish();
}

std::uint64_t estimateTokens(std::string_view text)
{
    return (text.size() + 3) / 4;
}

PreparedText prepare(std::string_view text, DocumentKind kind, const TextRules& rules)
{
    PreparedText out;
    // Over the whole text: a key block spans lines.
    const std::vector<Span> spans = findPrivateSpans(text, rules.own);
    const std::vector<std::string_view> lines = splitLines(text);
    const std::vector<bool> formulas = boilerplateLines(lines, kind);
    std::size_t nextSpan = 0;
    std::size_t left = 0;
    std::size_t whole = 0;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const auto begin = static_cast<std::size_t>(lines[i].data() - text.data());
        const std::size_t end = begin + lines[i].size();
        PreviewLine line{ .text = std::string{ lines[i] }, .spans = {}, .fate = LineFate::Used };
        while (nextSpan < spans.size() && spans[nextSpan].end <= begin) {
            ++nextSpan;
        }
        bool firstContinues = false;
        for (std::size_t k = nextSpan; k < spans.size() && spans[k].begin < end; ++k) {
            firstContinues = firstContinues || (line.spans.empty() && spans[k].begin < begin);
            line.spans.push_back({ std::max(spans[k].begin, begin) - begin,
                std::min(spans[k].end, end) - begin, spans[k].kind });
        }
        if (!rules.struckLines.empty() && !trimmed(lines[i]).empty()
            && rules.struckLines.contains(rules.lineMark(lines[i]))) {
            line.fate = LineFate::Struck;
            ++out.redactions.at(static_cast<std::size_t>(SpanKind::Struck));
        } else if (formulas[i]) {
            line.fate = LineFate::Boilerplate;
        } else {
            appendUsed(out.used, lines[i], line.spans, firstContinues);
            out.used += '\n';
        }
        whole += lines[i].size();
        left += line.fate == LineFate::Boilerplate ? lines[i].size() : 0;
        out.lines.push_back(std::move(line));
    }
    const SpanCounts counts = countSpans(spans);
    for (std::size_t i = 0; i < kSpanKinds; ++i) {
        out.redactions.at(i) += counts.at(i);
    }
    out.quality = judge(out.used, kind);
    if (out.quality.verdict != Verdict::Gibberish && left * 2 > whole) {
        out.quality.verdict = Verdict::Boilerplate;
        out.quality.reason = "more than half of it repeats or is a formula";
    }
    out.sketch = MinHash::of(out.used);
    out.tokens = estimateTokens(out.used);
    out.usedHash = crypto::sha256(base::asBytes(out.used));
    return out;
}

} // namespace loam::consent
