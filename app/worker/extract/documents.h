// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"
#include "worker/extract/sink.h"

#include <string>
#include <string_view>

/// Text out of documents. Each function may be handed anything; what it cannot read is Invalid with
/// a sentence for the owner, or Denied when a password protects it. Time and memory beyond the
/// bounds named here are the business of the limits on the process.
namespace loam::worker {

/// Text as it stands: UTF-8, UTF-16 with a byte order mark, or Latin-1. Read in pieces.
base::Result<> extractPlainText(int file, TextSink& sink);
/// Visible text of a page: no scripts, styles or markup; blocks end lines.
base::Result<> extractHtml(std::string_view page, TextSink& sink);
/// Text of each page in reading order, at most 5,000 pages.
base::Result<> extractPdf(std::string_view contents, TextSink& sink);

enum class Container { OpenDocument, WordDocument, Epub };
/// The text parts of a ZIP container: each at most 64 MiB unpacked, 256 MiB altogether, 10,000
/// entries.
base::Result<> extractContainer(int file, Container kind, TextSink& sink);

/// Subject and text parts of one message (RFC 5322, MIME); attachments are left out.
base::Result<> extractMail(std::string_view message, TextSink& sink);
/// The messages of an mbox file in turn, each at most 16 MiB.
base::Result<> extractMailbox(int file, TextSink& sink);

/// The whole file up to `limit` bytes.
base::Result<std::string> readAll(int file, std::size_t limit);

} // namespace loam::worker
