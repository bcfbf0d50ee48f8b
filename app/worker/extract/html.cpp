// SPDX-License-Identifier: GPL-3.0-or-later
#include "worker/extract/documents.h"

#include <algorithm>
#include <array>
#include <gumbo.h>
#include <memory>
#include <vector>

namespace loam::worker {

namespace {

    constexpr std::size_t kMaxNodes = 5'000'000;

    bool isSkipped(GumboTag tag)
    {
        static constexpr std::array kTags{ GUMBO_TAG_SCRIPT, GUMBO_TAG_STYLE, GUMBO_TAG_HEAD,
            GUMBO_TAG_NOSCRIPT, GUMBO_TAG_TEMPLATE, GUMBO_TAG_SVG, GUMBO_TAG_NAV, GUMBO_TAG_IFRAME,
            GUMBO_TAG_OBJECT, GUMBO_TAG_SELECT, GUMBO_TAG_BUTTON };
        return std::ranges::find(kTags, tag) != kTags.end();
    }

    bool isBlock(GumboTag tag)
    {
        static constexpr std::array kTags{ GUMBO_TAG_P, GUMBO_TAG_DIV, GUMBO_TAG_BR, GUMBO_TAG_LI,
            GUMBO_TAG_TR, GUMBO_TAG_H1, GUMBO_TAG_H2, GUMBO_TAG_H3, GUMBO_TAG_H4, GUMBO_TAG_H5,
            GUMBO_TAG_H6, GUMBO_TAG_PRE, GUMBO_TAG_BLOCKQUOTE, GUMBO_TAG_SECTION, GUMBO_TAG_ARTICLE,
            GUMBO_TAG_TABLE, GUMBO_TAG_UL, GUMBO_TAG_OL, GUMBO_TAG_DT, GUMBO_TAG_DD,
            GUMBO_TAG_HEADER, GUMBO_TAG_FOOTER, GUMBO_TAG_ASIDE, GUMBO_TAG_HR, GUMBO_TAG_TITLE };
        return std::ranges::find(kTags, tag) != kTags.end();
    }

    void writeCollapsed(std::string_view text, bool& owesSpace, TextSink& sink)
    {
        std::string out;
        for (const char c : text) {
            if (c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f') {
                owesSpace = true;
                continue;
            }
            if (owesSpace && !(out.empty() && sink.isFull())) {
                out += ' ';
            }
            owesSpace = false;
            out += c;
        }
        sink.write(out);
    }

} // namespace

base::Result<> extractHtml(std::string_view page, TextSink& sink)
{
    GumboOptions options = kGumboDefaultOptions;
    options.max_errors = 0;
    const auto destroy
        = [&options](GumboOutput* output) { gumbo_destroy_output(&options, output); };
    const std::unique_ptr<GumboOutput, decltype(destroy)> output{
        gumbo_parse_with_options(&options, page.data(), page.size()), destroy
    };
    if (!output || output->root == nullptr) {
        return base::fail(base::Errc::Invalid, "it is no page Loam can read");
    }
    // A page may be nested deeper than a stack of calls could follow.
    struct Visit
    {
        const GumboNode* node;
        bool isLeaving;
    };
    std::vector<Visit> todo{ { output->root, false } };
    bool owesSpace = false;
    std::size_t nodes = 0;
    while (!todo.empty() && !sink.isFull() && ++nodes < kMaxNodes) {
        const Visit visit = todo.back();
        todo.pop_back();
        const GumboNode& node = *visit.node;
        if (node.type == GUMBO_NODE_TEXT || node.type == GUMBO_NODE_CDATA) {
            writeCollapsed(node.v.text.text, owesSpace, sink);
            continue;
        }
        if (node.type == GUMBO_NODE_WHITESPACE) {
            owesSpace = true;
            continue;
        }
        if (node.type != GUMBO_NODE_ELEMENT || isSkipped(node.v.element.tag)) {
            continue;
        }
        if (isBlock(node.v.element.tag)) {
            sink.endLine();
            owesSpace = false;
        }
        if (visit.isLeaving) {
            continue;
        }
        todo.push_back({ &node, true });
        const GumboVector& children = node.v.element.children;
        for (unsigned i = children.length; i > 0; --i) {
            todo.push_back({ static_cast<const GumboNode*>(children.data[i - 1]), false });
        }
    }
    sink.endLine();
    return {};
}

} // namespace loam::worker
