// SPDX-License-Identifier: GPL-3.0-or-later
#include "worker/extract/documents.h"

#include <algorithm>
#include <memory>
#include <poppler/cpp/poppler-document.h>
#include <poppler/cpp/poppler-global.h>
#include <poppler/cpp/poppler-page.h>
#include <string_view>

namespace loam::worker {

namespace {

    constexpr int kMaxPages = 5000;
    constexpr std::size_t kMaxBytes = std::size_t{ 64 } << 20U;

} // namespace

base::Result<> extractPdf(std::string_view contents, TextSink& sink)
{
    using base::Errc;
    using base::fail;
    poppler::set_debug_error_function([](const std::string&, void*) {}, nullptr);
    if (contents.size() > kMaxBytes) {
        return fail(Errc::Invalid, "it is larger than Loam reads");
    }
    const std::unique_ptr<poppler::document> document{ poppler::document::load_from_raw_data(
        contents.data(), static_cast<int>(contents.size())) };
    if (!document) {
        return fail(Errc::Invalid, "it is damaged, or no PDF");
    }
    if (document->is_locked()) {
        return fail(Errc::Denied, "it is protected by a password");
    }
    const int pages = std::min(document->pages(), kMaxPages);
    for (int i = 0; i < pages && !sink.isFull(); ++i) {
        const std::unique_ptr<poppler::page> page{ document->create_page(i) };
        if (!page) {
            continue;
        }
        const poppler::byte_array bytes = page->text().to_utf8();
        std::string_view text{ bytes.data(), bytes.size() };
        while (text.ends_with('\f') || text.ends_with('\n')) {
            text.remove_suffix(1);
        }
        sink.write(text);
        sink.endLine();
    }
    return {};
}

} // namespace loam::worker
